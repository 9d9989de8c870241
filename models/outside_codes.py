"""Where numbers lead as Asterisk sees it: country calling codes that are open, and a number's own.

Both sides of the second lock on fraud are made here, so that it never shuts what a tenant's policy
opens: what Asterisk is told to let pass, and the digits that it compares with that.
"""

from collections.abc import Iterable
from typing import Final

import phonenumbers

from models.outside_policy import EVERYWHERE, NumberClass, OutsidePolicy

NOWHERE: Final = "0"
"""In the place of a calling code: numbers that no country has; no calling code begins with it."""

SHORT: Final = 6
"""Numbers of so many digits are let pass: they are a carrier's or a neighbour's own."""

TRIAL: Final = "trial"
"""The state of a tenant whose calls stay at home, whatever the policy says."""

CODES_OF_NO_COUNTRY: Final = {
    NumberClass.PREMIUM: (979,),
    NumberClass.SHARED_COST: (808,),
    NumberClass.SATELLITE: (870, 881, 882, 883, 888),
    NumberClass.PERSONAL: (878,),
}
"""Calling codes that are no country's (ITU-T E.164, annex): whoever opens the class opens them."""


def open_codes(policy: OutsidePolicy, *, country: str, state: str) -> str:
    """The calling codes that calls may go to, as an alternation (``49|7``), or `EVERYWHERE`.

    Coarser than the policy: countries that share a calling code are open together.

    Args:
        policy: What the tenant's calls out are held to.
        country: ISO 3166 code of the tenant.
        state: Of the tenant.
    """
    if state == TRIAL:
        return _joined({own_code(country)})
    if EVERYWHERE in policy.countries:
        return EVERYWHERE
    codes = {own_code(one) for one in (country, *policy.countries)}
    codes |= {str(code) for one in policy.classes for code in _codes_of_class(one)}
    if NumberClass.UNKNOWN in policy.classes:
        codes.add(NOWHERE)
    return _joined(codes)


def compared_digits(e164: str, *, country: str, number_class: str, is_home: bool) -> str:
    """The digits of a destination that are compared with `open_codes`.

    Args:
        e164: With its plus; the digits as they are sent when it is no number of any country.
        country: ISO 3166 code of the tenant.
        number_class: One of `NumberClass`, or empty for an ordinary number.
        is_home: Whether it lies in the tenant's own country.
    """
    digits = e164.removeprefix("+")
    if len(digits) <= SHORT:
        return digits
    if number_class == NumberClass.UNKNOWN:
        return NOWHERE + digits
    if is_home and not e164.startswith("+"):
        return own_code(country) + digits
    return digits


def own_code(country: str) -> str:
    """The calling code of a country; empty for one that has none, as Antarctica."""
    return str(phonenumbers.country_code_for_region(country) or "")


def _codes_of_class(number_class: str) -> tuple[int, ...]:
    known = {str(one): codes for one, codes in CODES_OF_NO_COUNTRY.items()}
    return known.get(number_class, ())


def _joined(codes: Iterable[str]) -> str:
    return "|".join(sorted(code for code in codes if code)) or "-"
