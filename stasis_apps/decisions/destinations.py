"""What kind of place a number that is sent to a carrier leads to: country, and what it costs; pure.

A number is read in every way in which a carrier may read it; the way that costs most counts where
none is certain, for whoever steals a password tries them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ShortNumberCost,
    ValidationResult,
    shortnumberinfo,
)

PREMIUM: Final = "premium"
SHARED_COST: Final = "shared_cost"
SATELLITE: Final = "satellite"
PERSONAL: Final = "personal"
UNKNOWN: Final = "unknown"

_LONGEST_SHORT_NUMBER: Final = 6
_LONGEST_HELPLINE: Final = 3
_SHORTEST_ABROAD: Final = 6
_DIGITS: Final = frozenset("0123456789")

# Directories put callers through to any number, at their price; the library knows it of few.
_HAVE_DIRECTORIES: Final = frozenset({"AT", "DE", "FR", "GB", "GG", "IM", "JE"})
_DIRECTORY: Final = "118"

# 976-xxxx, with or without the code of the town in front, pays whoever is called.
_NORTH_AMERICA: Final = 1
_DEAR_EXCHANGE: Final = "976"

# What begins a call abroad somewhere: a carrier may take it whatever country it is in.
_PREFIXES: Final = ("00", "011", "810", "0011", "010")
_MOST_WAYS: Final = 12

_CLASSES: Final = {
    PhoneNumberType.PREMIUM_RATE: PREMIUM,
    PhoneNumberType.SHARED_COST: SHARED_COST,
    PhoneNumberType.PERSONAL_NUMBER: PERSONAL,
}

_OF_TOWNS: Final = (PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE)

# Codes that are no country's (ITU-T E.164, annex): what the library calls them does not tell what
# they cost. 800 is free for the caller, and so is of no class.
_CLASSES_OF_NO_COUNTRY: Final = {
    808: SHARED_COST,
    870: SATELLITE,
    878: PERSONAL,
    881: SATELLITE,
    882: SATELLITE,
    883: SATELLITE,
    888: SATELLITE,
    979: PREMIUM,
}
_NO_COUNTRY: Final = "001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a number leads.

    Attributes:
        country: ISO 3166 code; empty when it belongs to none (satellites, international premium).
        number_class: One of `models.outside_policy.NumberClass`, or empty for an ordinary number.
        e164: With its plus; the sent digits when they are no number of any country.
        is_home: Whether it lies in the tenant's own country.
    """

    country: str
    number_class: str
    e164: str
    is_home: bool


@lru_cache(maxsize=8192)
def destination_of(sent: str, country: str) -> Destination:
    """Say where a number leads that a carrier in this country is given.

    A number that is a valid one of the tenant's own country, as people there dial it, is that. Any
    other is held against the world: behind a plus, behind what begins a call abroad here or
    elsewhere, and bare. What is left is a number of the town, a short number, or unknown.

    Args:
        sent: Digits with or without a plus.
        country: ISO 3166 code of the tenant.
    """
    digits = sent.removeprefix("+")
    if not digits or set(digits) - _DIGITS:
        return _unknown(sent, country)
    has_plus = sent.startswith("+")
    if not has_plus and len(digits) <= _LONGEST_SHORT_NUMBER:
        return _short(digits, country)
    certain = [digits] if has_plus else _behind_known_prefixes(digits, country)
    return (
        _dearest(certain, country)
        or (None if has_plus else _as_dialled(digits, country))
        or _dearest(_all_ways(digits), country)
        or (None if has_plus else _of_the_town(digits, country))
        or _unknown(sent, country)
    )


@lru_cache(maxsize=8192)
def abroad_as_dialled(dialled: str, captured: str, country: str) -> Destination | None:
    """Where a call leads that was certainly dialled as one abroad, whatever a rule makes of it.

    A carrier that wants neither plus nor zeros in front gets digits that could as well be a number
    at home; that they were dialled behind what begins a call abroad tells that they are not. What
    could merely be read so does not count: people dial a 9 or a 0 to get out.

    Args:
        dialled: Digits with or without a plus.
        captured: The part of it that a rule sends on; empty for none.
        country: ISO 3166 code of the tenant.

    Returns:
        None for what may be an ordinary call at home.
    """
    if dialled.startswith("+"):
        found: Destination | None = destination_of(dialled, country)
    elif len(dialled) <= _LONGEST_SHORT_NUMBER or set(dialled) - _DIGITS:
        return None
    else:
        found = _dearest(_behind_known_prefixes(dialled, country), country)
        found = found or _dearest(_behind_any_prefix(dialled, captured, country), country)
    return found if found and (found.number_class or not found.is_home) else None


def _behind_any_prefix(digits: str, captured: str, country: str) -> list[str]:
    """What follows the beginning of a call abroad of any country, at the front or where it is cut.

    Rules cut off the digit to get out as well (9 011 44...). Nothing for what is a number at home.
    """
    as_dialled = _as_dialled(digits, country)
    if as_dialled is not None and as_dialled.is_home:
        return []
    dropped = digits.removesuffix(captured) if captured else ""
    return _all_ways(digits)[1:] + ([captured] if dropped.endswith(_PREFIXES) else [])


def _behind_known_prefixes(digits: str, country: str) -> list[str]:
    """What follows the beginning of a call abroad, of this country's or the usual two zeros.

    Two zeros are abroad for every carrier, even where the country has numbers that begin so.
    """
    behind_zeros = [digits.removeprefix("00")] if digits.startswith("00") else []
    return behind_zeros + _behind_own_prefix(digits, country)


def _behind_own_prefix(digits: str, country: str) -> list[str]:
    number = _parsed(digits, country)
    if number is None or number.country_code_source != CountryCodeSource.FROM_NUMBER_WITH_IDD:
        return []
    return [phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")]


def _as_dialled(digits: str, country: str) -> Destination | None:
    """A valid number as people in this country dial it, or None."""
    if digits.startswith("00"):
        return None
    number = _parsed(digits, country)
    found = None if number is None else _of_valid(number, country)
    if number is None or found is None or not _is_doubtful(number, digits, country):
        return found
    return dearer(found, _dearest(_all_ways(digits), country))


def _is_doubtful(number: PhoneNumber, digits: str, country: str) -> bool:
    """Whether people of the country would have dialled a zero in front of a number of their own.

    Without it, a carrier may take the digits for another country's, whose plus is missing. Where
    the digit in front is another one, or none, people and carriers do leave it out; but nobody
    dials a long number of a mailbox, which begins as many a number abroad (375... in Italy).
    """
    in_front = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True)
    is_mailbox = phonenumbers.number_type(number) == PhoneNumberType.VOICEMAIL
    return (in_front == "0" or is_mailbox) and not digits.startswith("0")


def _all_ways(digits: str) -> list[str]:
    """The digits, bare and without each beginning of a call abroad, again and again."""
    ways = [digits]
    for text in ways:
        ways += [
            rest
            for prefix in _PREFIXES
            if text.startswith(prefix)
            and len(rest := text.removeprefix(prefix)) >= _SHORTEST_ABROAD
            and rest not in ways
        ]
        if len(ways) >= _MOST_WAYS:
            break
    return ways


def _dearest(ways: Iterable[str], country: str) -> Destination | None:
    """What costs most of these, each read behind a plus: of a class, else abroad; None for none."""
    numbers = (_parsed(f"+{digits}", None) for digits in ways)
    found = (_of_valid(number, country) for number in numbers if number is not None)
    places = [one for one in found if one is not None]
    return min(places, key=_cheapness, default=None)


def dearer(one: Destination, other: Destination | None) -> Destination:
    """Which of two costs more, as far as a class or the way abroad tells; the first of equals."""
    return one if other is None else min(one, other, key=_cheapness)


def _cheapness(place: Destination) -> tuple[bool, bool]:
    return (not place.number_class, place.is_home)


def _parsed(text: str, country: str | None) -> PhoneNumber | None:
    """A number as it is read in a country; in none, it needs its plus and no second try is made."""
    try:
        return phonenumbers.parse(text, country, keep_raw_input=True)
    except NumberParseException:
        return None


def _of_valid(number: PhoneNumber, country: str) -> Destination | None:
    """Where a number leads that exists; None for one that does not, as far as anybody knows."""
    code = number.country_code or 0
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if code in _CLASSES_OF_NO_COUNTRY:
        number_class = _CLASSES_OF_NO_COUNTRY[code]
        return Destination(country="", number_class=number_class, e164=e164, is_home=False)
    is_home = phonenumbers.is_valid_number_for_region(number, country)
    inside = _held_inside(number, country) if is_home else []
    if inside:
        return _dearest(inside, country)
    region = country if is_home else phonenumbers.region_code_for_number(number)
    if region is None or not phonenumbers.is_valid_number_for_region(number, region):
        return None
    return Destination(
        country="" if region == _NO_COUNTRY else region,
        number_class=_class_of(number),
        e164=e164,
        is_home=is_home,
    )


def _class_of(number: PhoneNumber) -> str:
    kind = phonenumbers.number_type(number)
    of_the_town = phonenumbers.national_significant_number(number)[3:]
    is_of_a_town = number.country_code == _NORTH_AMERICA and kind in _OF_TOWNS
    if is_of_a_town and of_the_town.startswith(_DEAR_EXCHANGE):
        return PREMIUM
    return _CLASSES.get(kind, "")


def _held_inside(number: PhoneNumber, country: str) -> list[str]:
    """The number abroad that a home number holds: 8 8 10 852..., to a carrier that takes the 8.

    Home numbers that begin as calls abroad do exist (free ones in Russia); nobody can tell them
    apart from what a thief dials.
    """
    return _behind_own_prefix(phonenumbers.national_significant_number(number), country)


def _short(digits: str, country: str) -> Destination:
    """A short number is one of the country it is dialled in, and may cost as much as a long one."""
    number = _parsed(digits, country)
    cost = shortnumberinfo.expected_cost_for_region(number, country) if number else None
    is_directory = country in _HAVE_DIRECTORIES and digits.startswith(_DIRECTORY)
    is_dear = is_directory or cost == ShortNumberCost.PREMIUM_RATE
    number_class = PREMIUM if is_dear else ""
    if not is_dear and cost == ShortNumberCost.UNKNOWN_COST and _is_service(digits, country):
        number_class = UNKNOWN
    return Destination(country=country, number_class=number_class, e164=digits, is_home=True)


def _is_service(digits: str, country: str) -> bool:
    """Whether a short number is known as somebody's service, at a price that nobody knows.

    Numbers of three digits are helplines and the like, which nobody can rent to be paid by callers;
    those of one carrier alone (any four digits in the United States) look like any extension.
    """
    number = _parsed(digits, country)
    return (
        number is not None
        and len(digits) > _LONGEST_HELPLINE
        and shortnumberinfo.is_valid_short_number_for_region(number, country)
        and not shortnumberinfo.is_carrier_specific_for_region(number, country)
    )


def _of_the_town(digits: str, country: str) -> Destination | None:
    """What may be a number of the same town, dialled without its code; None when it cannot be."""
    number = _parsed(digits, country)
    if number is None or number.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if digits.startswith(_PREFIXES) or reason != ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return None
    is_dear = number.country_code == _NORTH_AMERICA and digits.startswith(_DEAR_EXCHANGE)
    number_class = PREMIUM if is_dear else ""
    return Destination(country=country, number_class=number_class, e164=digits, is_home=True)


def _unknown(sent: str, country: str) -> Destination:
    """No number as far as anybody knows; behind a plus, its country may still be certain."""
    number = _parsed(sent, None)
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0) if number else ()
    region = regions[0] if len(regions) == 1 and regions[0] != _NO_COUNTRY else ""
    return Destination(
        country=region, number_class=UNKNOWN, e164=sent, is_home=bool(region) and region == country
    )
