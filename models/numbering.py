"""Which numbers exist inside a tenant and whom they belong to; pure."""

import re
from enum import StrEnum
from functools import cache
from typing import Final

import phonenumbers

FIRST_EXTENSION: Final = 100
LAST_EXTENSION: Final = 4_999
FIRST_ELEMENT: Final = 5_000
LAST_ELEMENT: Final = 999_999

_INTERNAL = re.compile(r"[1-9][0-9]{2,5}", re.ASCII)
_OUTSIDE = re.compile(r"\+[0-9]{5,15}|[0-9]{7,15}", re.ASCII)
_ONE_PREFIX = re.compile(r"[0-9~]+", re.ASCII)

# In Russia 101 to 104 lead to the fire brigade, the police, the ambulance and the gas service. The
# described products give these very numbers to people all the same (their examples begin at 100,
# 101), and every tenant of theirs that moves here has them; 112 reaches all four services and stays
# reserved.
_GIVEN_TO_PEOPLE: Final = {"RU": frozenset({"101", "102", "103", "104"})}


class TargetKind(StrEnum):
    """Where a wire from an element's exit leads."""

    NOWHERE = "nowhere"
    INTERNAL = "internal"
    OUTSIDE = "outside"
    EMERGENCY = "emergency"
    NO_NUMBER = "no number"


def is_reserved(number: str, country: str) -> bool:
    """Is it an emergency number of the country, which no extension or element may hide?

    Args:
        number: Digits as dialled.
        country: ISO 3166 code.
    """
    if number in _GIVEN_TO_PEOPLE.get(country, frozenset()):
        return False
    return phonenumbers.is_emergency_number(number, country)


def is_emergency(number: str, country: str) -> bool:
    """Does help answer there, where none of the tenant's own numbers stands in its place?

    Reserved numbers are, and those that people may have (101 to 104 in Russia).

    Args:
        number: Digits as dialled.
        country: ISO 3166 code.
    """
    if not (number.isascii() and number.isdecimal()):
        return False
    is_given = number in _GIVEN_TO_PEOPLE.get(country, frozenset())
    return is_given or phonenumbers.is_emergency_number(number, country)


def bare_of(number: str) -> str:
    """The digits alone; phones put a plus before all that their contacts hold, also before 112."""
    return number.removeprefix("+")


def is_extension_number(number: str) -> bool:
    """Is it a number for a person, 100 to 4999, without leading zeros?"""
    return is_internal(number) and FIRST_EXTENSION <= int(number) <= LAST_EXTENSION


def is_element_number(number: str) -> bool:
    """Is it a number for an element, 5000 to 999999?"""
    return is_internal(number) and FIRST_ELEMENT <= int(number) <= LAST_ELEMENT


def is_internal(number: str) -> bool:
    """Does it have the shape of an internal number: three to six digits, no zero in front?"""
    return _INTERNAL.fullmatch(number) is not None


def is_outside(number: str) -> bool:
    """Does it have the shape of an outside number: ``+`` and 5 to 15 digits, or 7 to 15 digits?"""
    return _OUTSIDE.fullmatch(number) is not None


def target_kind(target: str, country: str) -> TargetKind:
    """Tell where a target leads without looking whether anything is there."""
    if not target:
        return TargetKind.NOWHERE
    if is_reserved(target, country) or _is_help_in_full(target, country):
        return TargetKind.EMERGENCY
    if is_outside(target):
        return TargetKind.OUTSIDE
    return TargetKind.INTERNAL if is_internal(target) else TargetKind.NO_NUMBER


def _is_help_in_full(target: str, country: str) -> bool:
    """Is it an emergency number behind a plus, or behind the country's code: ``+49112``?

    Without plus or prefix it is not: an extension may be called 1911 in the United States.
    """
    code = str(phonenumbers.country_code_for_region(country))
    return any(
        is_emergency(target.removeprefix(prefix).removeprefix(code), country)
        or is_emergency(target.removeprefix(prefix), country)
        for prefix in prefixes_abroad(country)
        if target.startswith(prefix)
    )


@cache
def prefixes_abroad(country: str) -> tuple[str, ...]:
    """What people dial before numbers of other countries: a plus, 00, and their country's own.

    Args:
        country: ISO 3166 code.
    """
    known = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    if known is None:
        return ("+", "00")
    written = (known.preferred_international_prefix, known.international_prefix)
    own = (one.replace("~", "") for one in written if one and _ONE_PREFIX.fullmatch(one))
    return tuple(dict.fromkeys(("+", "00", *own)))


def normalised(number: str, country: str) -> str:
    """Write an outside number as E.164 does, without the plus.

    It is read as somebody in the tenant's country means it; what makes no number there stays as it
    is. The number that a carrier sends with a call is written in the same way before it is looked
    for (`stasis_apps.decisions.numbers`, which may not import this).

    Args:
        number: Digits, with or without a plus.
        country: ISO 3166 code of the tenant.
    """
    usual = number
    for _ in number:  # people put zeros where no number has them, and reading drops one at a time
        again = _read(usual, country)
        if again is None:
            break
        if again == usual:
            return usual.removeprefix("+")
        usual = again
    return number.removeprefix("+")


def _read(number: str, country: str) -> str | None:
    """Read digits with or without a plus; a number of another country may lack its plus."""
    for text in (number,) if number.startswith("+") else (number, f"+{number}"):
        try:
            found = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        is_meant = text == number or phonenumbers.is_valid_number(found)
        if is_meant and phonenumbers.is_possible_number(found):
            return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return None
