"""Numbers in words: what is heard adds up to what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.spoken_numbers import (
    language_of,
    spoken_digits,
    spoken_number,
    spoken_whole,
)

WORDS = {*range(20), *range(20, 100, 10)}
LANGUAGES = st.sampled_from(["en", "ru"])


def meant_by(words: tuple[str, ...]) -> int:
    """The number that these words name, in English or Russian."""
    total = 0
    for word in words:
        said = word.removeprefix("digits/")
        total = max(total, 1) * 100 if said == "hundred" else total + int(said)
    return total


@given(st.integers(0, 10**9), LANGUAGES)
def test_the_words_of_a_number_add_up_to_it(number: int, language: str) -> None:
    words = spoken_number(number, language)
    if spoken_whole(number, language):
        assert meant_by(words) == number
    else:
        assert words == spoken_digits(str(number))


@given(st.integers(0, 10**9), LANGUAGES)
def test_only_words_are_spoken_that_both_languages_have(number: int, language: str) -> None:
    for word in spoken_number(number, language):
        said = word.removeprefix("digits/")
        assert said == "hundred" or int(said) in WORDS


@given(st.integers(100, 199))
def test_a_russian_hundred_has_no_one_before_it(number: int) -> None:
    assert spoken_number(number, "ru")[0] == "digits/hundred"


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


def test_a_russian_does_not_hear_of_money_when_the_pound_key_is_meant() -> None:
    assert [language_of(word, "ru") for word in spoken_digits("1*#")] == ["ru", "ru", "en"]
