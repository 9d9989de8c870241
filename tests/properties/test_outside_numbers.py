"""A number that is stored is found again when a carrier sends it."""

from hypothesis import given
from hypothesis import strategies as st

from models.numbering import normalised
from stasis_apps.decisions.numbers import normalise

COUNTRIES = st.sampled_from(["RU", "US", "GB", "DE", "IT", "FR", "KZ"])
NUMBERS = st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True).filter(str.isascii)


@given(NUMBERS, COUNTRIES)
def test_tables_and_calls_write_a_number_in_the_same_way(number: str, country: str) -> None:
    assert normalised(number, country) == normalise(number, country).removeprefix("+")


@given(NUMBERS, COUNTRIES)
def test_what_is_written_as_the_world_does_stays_as_it_is(number: str, country: str) -> None:
    once = normalised(number, country)
    assert once.isdigit()
    if once != number.removeprefix("+"):
        assert normalised(f"+{once}", country) == once
