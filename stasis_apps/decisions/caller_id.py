"""Which number a carrier is told, and in which form; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

import phonenumbers

from stasis_apps.decisions.numbers import normalise

AS_WRITTEN: Final = "as_written"
E164_PLUS: Final = "e164_plus"
E164: Final = "e164"
NATIONAL: Final = "national"


def first_owned(candidates: Iterable[str], is_owned: Callable[[str], bool]) -> str:
    """The first number of those that may be shown, or the empty text.

    Args:
        candidates: From the most special (a rule's) to the most common (the tenant's); empty texts
            stand for places where nobody has set one.
        is_owned: Whether a number is the tenant's, still.
    """
    return next((one for one in candidates if one and is_owned(one)), "")


@lru_cache(maxsize=8192)
def digits_of(number: str, country: str) -> str:
    """What numbers are compared by: E.164 without the plus; what is no number, as it is written."""
    return normalise(number, country).removeprefix("+")


@lru_cache(maxsize=8192)
def written_as(number: str, form: str, country: str) -> str:
    """A number in the form that a trunk wants; an account's name stays as it is.

    Args:
        number: As somebody wrote it.
        form: ``as_written``, ``e164_plus`` (+74951234567), ``e164`` (74951234567), ``national``
            (84951234567); a number of another country has no national form and is sent as
            +4930123456.
        country: ISO 3166 code of the tenant.
    """
    if form == AS_WRITTEN:
        return number
    usual = normalise(number, country)
    if not usual.startswith("+"):
        return number
    if form == E164:
        return usual.removeprefix("+")
    return _national(usual, country) if form == NATIONAL else usual


def _national(e164: str, country: str) -> str:
    """As people of the country dial it; E.164 for a number of another one."""
    code = f"+{phonenumbers.country_code_for_region(country)}"
    if code == "+0" or not e164.startswith(code):
        return e164
    trunk_prefix = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
    number = phonenumbers.parse(e164)
    return trunk_prefix + phonenumbers.national_significant_number(number)
