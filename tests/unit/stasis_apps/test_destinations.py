"""Where numbers lead that people - or thieves - dial."""

from __future__ import annotations

import pytest

from stasis_apps.decisions.destinations import Destination, destination_of


@pytest.mark.parametrize(
    ("home", "sent", "e164"),
    [
        ("RU", "84951234567", "+74951234567"),
        ("RU", "74951234567", "+74951234567"),
        ("RU", "4951234567", "+74951234567"),
        ("RU", "+74951234567", "+74951234567"),
        ("RU", "81074951234567", "+74951234567"),
        ("RU", "88001234567", "+78001234567"),
        ("RU", "1234567", "1234567"),
        ("RU", "112233", "112233"),
        ("US", "2125550123", "+12125550123"),
        ("US", "12125550123", "+12125550123"),
        ("US", "5550123", "5550123"),
        ("CA", "+18002345678", "+18002345678"),
        ("GB", "02079460958", "+442079460958"),
        ("GB", "442079460958", "+442079460958"),
        ("DE", "030123456", "+4930123456"),
        ("IT", "0113456789", "+390113456789"),
    ],
)
def test_numbers_of_the_own_country_are_home(home: str, sent: str, e164: str) -> None:
    found = destination_of(sent, home)

    assert (found.is_home, found.country, found.number_class) == (True, home, "")
    assert found.e164 == e164


@pytest.mark.parametrize(
    ("home", "sent"),
    [
        *(("DE", "118000"), ("DE", "11833"), ("AT", "11811"), ("AT", "118877")),
        *(("GB", "118118"), ("FR", "118218")),
    ],
)
def test_directories_cost_what_they_like(home: str, sent: str) -> None:
    assert destination_of(sent, home) == Destination(
        country=home, number_class="premium", e164=sent, is_home=True
    )


@pytest.mark.parametrize(
    ("home", "sent", "country"),
    [
        ("RU", "810442079460958", "GB"),
        ("RU", "00442079460958", "GB"),
        ("RU", "011442079460958", "GB"),
        ("RU", "+442079460958", "GB"),
        ("RU", "442079460958", "GB"),
        ("RU", "0000442079460958", "GB"),
        ("RU", "00810442079460958", "GB"),
        ("RU", "+00442079460958", "GB"),
        ("RU", "87012345678", "KZ"),
        ("RU", "+77012345678", "KZ"),
        ("RU", "881081312345678", "JP"),
        ("RU", "+781081312345678", "JP"),
        ("KZ", "84951234567", "RU"),
        ("US", "18095551234", "DO"),
        ("US", "8095551234", "DO"),
        ("US", "+18765551234", "JM"),
        ("US", "011442079460958", "GB"),
        ("DE", "442079460958", "GB"),
        ("RU", "6834123", "NU"),
    ],
)
def test_numbers_of_other_countries_are_not(home: str, sent: str, country: str) -> None:
    found = destination_of(sent, home)

    assert not found.is_home
    assert found.country == country


@pytest.mark.parametrize(
    ("home", "sent", "number_class", "is_home"),
    [
        ("RU", "88091234567", "premium", True),
        ("US", "19002345678", "premium", True),
        ("US", "+442079460958", "", False),
        ("GB", "09012345678", "premium", True),
        ("DE", "01801234567", "shared_cost", True),
        ("GB", "07012345678", "personal", True),
        ("RU", "+449012345678", "premium", False),
        ("RU", "810881612345678", "satellite", False),
        ("RU", "+870773111632", "satellite", False),
        ("RU", "+8823456789", "satellite", False),
        ("RU", "+8835100012345", "satellite", False),
        ("RU", "+888123456789", "satellite", False),
        ("RU", "+979123456789", "premium", False),
        ("RU", "+80012345678", "", False),
        ("US", "+8001234567", "unknown", False),
    ],
)
def test_numbers_that_cost_more_are_told_apart(
    home: str, sent: str, number_class: str, is_home: bool
) -> None:
    found = destination_of(sent, home)

    assert (found.number_class, found.is_home) == (number_class, is_home)


@pytest.mark.parametrize(
    "sent",
    ["8000442079460958", "99887766554433221", "+9991234567", "12345678", "+12", "74951234567890"],
)
def test_what_nobody_knows_is_unknown(sent: str) -> None:
    assert destination_of(sent, "RU").number_class == "unknown"


@pytest.mark.parametrize("sent", ["", "+", "++7495", "7495x", "٧٤٩٥١٢٣٤٥٦٧", "*67", "8 495"])
def test_what_is_no_number_is_unknown(sent: str) -> None:
    found = destination_of(sent, "RU")

    assert (found.number_class, found.country, found.is_home) == ("unknown", "", False)


def test_a_short_number_may_cost_as_much_as_a_long_one() -> None:
    assert destination_of("118712", "FR").number_class == "premium"
    assert destination_of("112", "FR").number_class == ""
    assert destination_of("112", "FR").is_home


@pytest.mark.parametrize(
    ("home", "sent", "number_class"),
    [
        ("GB", "118118", "premium"),
        ("DE", "11880", "premium"),
        ("FR", "3639", "premium"),
        ("US", "22000", "unknown"),
        ("NL", "1850", "unknown"),
        ("ES", "1004", "unknown"),
        ("US", "9761234", "premium"),
        ("US", "12129761234", "premium"),
        ("US", "2001", ""),
        ("DE", "2001", ""),
        ("RU", "2001", ""),
        ("RU", "123456", ""),
        ("GB", "123456", ""),
        ("GB", "116123", ""),
        ("GB", "101", ""),
        ("DE", "115", ""),
        ("IT", "187", ""),
        ("US", "5551234", ""),
        ("US", "18009761234", ""),
    ],
)
def test_known_services_may_cost_and_extensions_of_a_neighbour_do_not(
    home: str, sent: str, number_class: str
) -> None:
    found = destination_of(sent, home)

    assert (found.number_class, found.is_home) == (number_class, True)
