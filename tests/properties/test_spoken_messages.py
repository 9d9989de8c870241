"""How many messages there are: what owners hear agrees with the numbers in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.spoken_messages import Form, russian_form, spoken_messages
from stasis_apps.decisions.spoken_numbers import spoken_number

COUNTS = st.integers(0, 9999)
LANGUAGES = st.sampled_from(["en", "ru"])

RUSSIAN = {
    "vm-no": "нет",
    "vm-and": "и",
    "vm-newn": "новое",
    "vm-newx": "новых",
    "vm-oldn": "старое",
    "vm-oldx": "старых",
    "vm-message": "сообщение",
    "vm-messages": "сообщений",
    "vm-messagex1": "сообщения",
    "vm-messagex2": "сообщений",
    "digits/0": "ноль",
    "digits/1": "один",
    "digits/1n": "одно",
    "digits/2": "два",
    "digits/2n": "два",
    "digits/3": "три",
    "digits/4": "четыре",
    "digits/5": "пять",
    "digits/11": "одиннадцать",
    "digits/12": "двенадцать",
    "digits/20": "двадцать",
    "digits/hundred": "сто",
}
"""What is spoken in the sounds, as the list that comes with them tells."""

ONLY_RUSSIAN = {"digits/1n", "digits/2n", "vm-newn", "vm-newx", "vm-oldn", "vm-oldx"} | {
    "vm-messagex1",
    "vm-messagex2",
}


@pytest.mark.parametrize(
    ("new", "old", "heard"),
    [
        (0, 0, "нет сообщений"),
        (1, 0, "одно новое сообщение"),
        (2, 0, "два новых сообщения"),
        (5, 0, "пять новых сообщений"),
        (11, 0, "одиннадцать новых сообщений"),
        (12, 0, "двенадцать новых сообщений"),
        (0, 21, "двадцать одно старое сообщение"),
        (0, 24, "двадцать четыре старых сообщения"),
        (101, 0, "сто одно новое сообщение"),
        (111, 0, "сто одиннадцать новых сообщений"),
        (201, 0, "два ноль один новых сообщений"),
        (1, 2, "одно новое и два старых сообщения"),
        (5, 1, "пять новых и одно старое сообщение"),
    ],
)
def test_a_russian_owner_hears_a_whole_sentence(new: int, old: int, heard: str) -> None:
    you_have, *words = spoken_messages(new, old, "ru")

    assert you_have.sound == "vm-youhave"
    assert " ".join(RUSSIAN[word.sound] for word in words) == heard


@pytest.mark.parametrize(
    ("new", "old", "heard"),
    [
        (0, 0, "vm-youhave vm-no vm-messages"),
        (1, 0, "vm-youhave digits/1 vm-INBOX vm-message"),
        (1, 1, "vm-youhave digits/1 vm-INBOX vm-and digits/1 vm-Old vm-messages"),
        (0, 2, "vm-youhave digits/2 vm-Old vm-messages"),
    ],
)
def test_an_english_owner_hears_a_whole_sentence(new: int, old: int, heard: str) -> None:
    assert " ".join(word.sound for word in spoken_messages(new, old, "en")) == heard


@given(COUNTS, COUNTS, LANGUAGES)
def test_what_english_lacks_has_a_spare_that_it_has(new: int, old: int, language: str) -> None:
    for word in spoken_messages(new, old, language):
        assert bool(word.spare) == (word.sound in ONLY_RUSSIAN)
        assert word.spare not in ONLY_RUSSIAN


@given(COUNTS, COUNTS, LANGUAGES)
def test_both_numbers_are_heard(new: int, old: int, language: str) -> None:
    heard = [word.spare or word.sound for word in spoken_messages(new, old, language)]
    digits = tuple(word for word in heard if word.startswith("digits/"))

    assert digits == tuple(
        word for number in (new, old) if number for word in spoken_number(number, language)
    )


@given(st.integers(0, 199))
def test_the_last_two_digits_decide_the_form(number: int) -> None:
    assert russian_form(number) is russian_form(number % 100)


@given(st.integers(200, 10**6))
def test_what_is_spoken_digit_by_digit_agrees_with_none_of_them(number: int) -> None:
    assert russian_form(number) is Form.MANY
