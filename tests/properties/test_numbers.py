"""Numbers, whoever sends them and however they are written."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stasis_apps.decisions.numbers import is_hidden, longest_prefix, normalise, ways_to_write

COUNTRIES = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
DIGITS = st.text(alphabet="0123456789", max_size=16)
BEGINNINGS = st.sampled_from(["", "+", "8", "+7", "00", "000", "0", "+4900", "+54", "+460"])
NUMBERS = st.builds(str.__add__, BEGINNINGS, DIGITS)
ANY_TEXT = NUMBERS | st.text(max_size=12) | st.text(alphabet="0123456789+-() .", max_size=70)


@pytest.mark.parametrize(
    "written",
    [
        "+74951234567",
        "74951234567",
        "84951234567",
        "4951234567",
        "8 (495) 123-45-67",
        "+7 495 123-45-67",
    ],
)
def test_a_moscow_number_is_the_same_however_it_is_written(written: str) -> None:
    assert normalise(written, "RU") == "+74951234567"
    assert ways_to_write(written, "RU") == (
        written,
        "+74951234567",
        "74951234567",
        "84951234567",
        "4951234567",
    )


@pytest.mark.parametrize(
    ("written", "country", "usual"),
    [
        ("03012345678", "DE", "+493012345678"),
        ("+493012345678", "RU", "+493012345678"),
        ("442071838750", "RU", "+442071838750"),
        ("2024561111", "US", "+12024561111"),
        ("100", "RU", "100"),
        ("112", "RU", "112"),
        ("0", "RU", "0"),
        ("+", "RU", "+"),
        ("9" * 60, "RU", "9" * 60),
        ("+" + "9" * 60, "RU", "+" + "9" * 60),
        ("alice", "RU", "alice"),
        ("+7495CALLNOW", "RU", "+7495CALLNOW"),
        ("٠٤٩٥", "RU", "٠٤٩٥"),
    ],
)
def test_numbers_from_all_sides(written: str, country: str, usual: str) -> None:
    assert normalise(written, country) == usual


@pytest.mark.parametrize(
    "number", ["", " ", "anonymous", "Anonymous", "UNKNOWN", "anonymous@anonymous.invalid"]
)
def test_a_hidden_number_is_no_number(number: str) -> None:
    assert is_hidden(number)
    assert normalise(number, "RU") == ""
    assert ways_to_write(number, "RU") == ()


def test_a_foreign_number_is_not_written_as_one_from_home() -> None:
    assert ways_to_write("+18495551234", "RU") == ("+18495551234", "+18495551234", "18495551234")


@given(ANY_TEXT, COUNTRIES)
@example("+4900947177401", "DE")
@example("0006715597", "MN")
def test_normalising_twice_changes_nothing(number: str, country: str) -> None:
    usual = normalise(number, country)

    assert normalise(usual, country) == usual


@given(ANY_TEXT, COUNTRIES)
def test_a_number_comes_first_as_it_came_and_then_as_the_world_writes_it(
    number: str, country: str
) -> None:
    ways = ways_to_write(number, country)

    assert ways[:2] == (() if is_hidden(number) else (number, normalise(number, country)))


@given(st.from_regex(r"[2-9][0-9]{9}", fullmatch=True))
def test_in_russia_eight_and_plus_seven_are_equal(national: str) -> None:
    assert normalise(f"8{national}", "RU") == normalise(f"+7{national}", "RU") == f"+7{national}"


FEW_DIGITS = st.text(alphabet="12", max_size=5)


@given(FEW_DIGITS, st.frozensets(st.text(alphabet="12", min_size=1, max_size=4), max_size=6))
def test_the_longest_prefix_is_the_one_that_trying_all_finds(
    number: str, prefixes: frozenset[str]
) -> None:
    fitting = [prefix for prefix in prefixes if number.startswith(prefix)]

    assert longest_prefix([number], prefixes) == max(fitting, key=len, default=None)


def test_the_longest_prefix_counts_digits_of_the_number_however_each_is_written() -> None:
    ways = ways_to_write("84951234567", "RU")

    assert longest_prefix(ways, ["+7495", "84951", "495"]) == "84951"
    assert longest_prefix(ways, ["8495", "+74951"]) == "+74951"
    assert longest_prefix(ways, ["8499"]) is None
