"""Numbers in words: what is heard adds up to what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.spoken_numbers import LARGEST, spoken_digits, spoken_number

IN_ENGLISH = {*range(20), *range(20, 100, 10)}


def meant_by(words: tuple[str, ...]) -> int:
    """The number that these words name in English."""
    total = 0
    for word in words:
        said = word.removeprefix("digits/")
        total = total * 100 if said == "hundred" else total + int(said)
    return total


@given(st.integers(0, LARGEST))
def test_the_words_of_a_number_add_up_to_it(number: int) -> None:
    assert meant_by(spoken_number(number, "en")) == number


@given(st.integers(0, 10**9), st.sampled_from(["en", "ru"]))
def test_only_words_are_spoken_that_every_language_has(number: int, language: str) -> None:
    for word in spoken_number(number, language):
        said = word.removeprefix("digits/")
        assert (said == "hundred" and language == "en") or int(said) in IN_ENGLISH


@given(st.text("0123456789*#", max_size=60))
def test_every_key_is_spoken(keys: str) -> None:
    names = {"*": "star", "#": "pound"}
    assert spoken_digits(keys) == tuple(f"digits/{names.get(key, key)}" for key in keys)


@given(st.text(max_size=60))
def test_any_text_can_be_asked_for(text: str) -> None:
    assert len(spoken_digits(text)) <= len(text)


def test_less_than_nothing_cannot_be_spoken() -> None:
    with pytest.raises(ValueError, match="from 0 on"):
        spoken_number(-1, "en")
