"""Which number the called see, and how a carrier wants it written."""

from __future__ import annotations

import pytest

from stasis_apps.decisions.caller_id import digits_of, first_owned, written_as


@pytest.mark.parametrize(
    ("number", "form", "country", "written"),
    [
        ("8 (495) 123-45-67", "as_written", "RU", "8 (495) 123-45-67"),
        ("8 (495) 123-45-67", "e164_plus", "RU", "+74951234567"),
        ("+74951234567", "national", "RU", "84951234567"),
        ("+12125550123", "national", "US", "12125550123"),
        ("+442079460958", "national", "GB", "02079460958"),
        ("+390612345678", "national", "IT", "0612345678"),
        ("+4930123456", "national", "RU", "+4930123456"),
        ("+4930123456", "e164", "RU", "4930123456"),
        ("acme", "e164_plus", "RU", "acme"),
        ("102", "national", "RU", "102"),
        ("", "e164_plus", "RU", ""),
    ],
)
def test_a_number_is_written_as_the_carrier_wants_it(
    number: str, form: str, country: str, written: str
) -> None:
    assert written_as(number, form, country) == written


def test_numbers_are_the_same_however_they_are_spelt() -> None:
    spelt = ("+7 495 123-45-67", "84951234567", "74951234567", "4951234567")

    assert {digits_of(one, "RU") for one in spelt} == {"74951234567"}


def test_the_first_number_that_is_ours_is_shown() -> None:
    ours = {"2", "3"}

    assert first_owned(["", "1", "2", "3"], ours.__contains__) == "2"
    assert first_owned(["", "1"], ours.__contains__) == ""
