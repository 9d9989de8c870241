"""The codes that phones dial hide nobody's number."""

import phonenumbers
import pytest

from models.feature_codes import FeatureCode, feature_codes, hides_star_number

EVERYWHERE = sorted(phonenumbers.SUPPORTED_REGIONS)


def a_code(code: str, *, takes_number: bool) -> FeatureCode:
    return FeatureCode(name="x", code=code, takes_number=takes_number, meaning="Does something.")


def test_people_dial_the_codes_that_are_written_in_the_guide() -> None:
    dialled = {one.name: (one.code, one.takes_number) for one in feature_codes("RU")}
    assert dialled == {"hide_number": ("*67", True), "redial": ("*66", False)}


@pytest.mark.parametrize("country", [*EVERYWHERE, "XX"])
def test_no_code_is_a_number_or_the_beginning_of_another_code(country: str) -> None:
    codes = [one.code for one in feature_codes(country)]
    assert codes
    for code in codes:
        assert code.startswith("*")
        assert not [other for other in codes if other != code and other.startswith(code)]


def test_numbers_that_are_a_star_and_four_digits_stay_free_where_there_are_such() -> None:
    israel = {one.name: one.code for one in feature_codes("IL")}
    assert israel == {"hide_number": "**67", "redial": "*66"}


@pytest.mark.parametrize(
    ("code", "takes_number", "is_hiding"),
    [
        ("*67", True, True),
        ("*67", False, False),
        ("*6789", False, True),
        ("*6789", True, False),
        ("**67", True, False),
    ],
)
def test_a_code_hides_star_numbers_that_it_is_or_begins(
    code: str, takes_number: bool, is_hiding: bool
) -> None:
    assert hides_star_number(a_code(code, takes_number=takes_number), 4) is is_hiding
    assert not hides_star_number(a_code(code, takes_number=takes_number), None)
