"""Numbers of other countries as people dial them, to try rules with; pure."""

from collections.abc import Iterator
from functools import cache
from typing import Final

import phonenumbers

from models.numbering import normalised, prefixes_abroad

_TRIED: Final = ("US", "GB", "DE", "FR", "RU", "TR", "CN")
"""Countries whose numbers differ much in length and in their first digits."""


@cache
def numbers_abroad(country: str) -> tuple[tuple[str, str], ...]:
    """Numbers of other countries as people of a country dial them, with what each means.

    Args:
        country: ISO 3166; of those who dial.

    Returns:
        With ``00``, the country's own prefix and a plus before each; then E.164 without the plus.
    """
    return tuple(
        (f"{prefix}{number}", number)
        for prefix in prefixes_abroad(country)
        for number in _examples(country)
    )


def becomes_one_of_home(sent: str, means: str, country: str) -> bool:
    """Whether what is sent instead of a number abroad is read as one of the home country.

    Args:
        sent: By a rule.
        means: The number abroad, E.164 without the plus.
        country: ISO 3166; the home country.
    """
    if any(sent == f"{prefix}{means}" for prefix in ("", *prefixes_abroad(country))):
        return False
    home = str(phonenumbers.country_code_for_region(country))
    full = (f"{prefix}{home}" for prefix in prefixes_abroad(country))
    return sent.startswith((home, *full)) or normalised(sent, country).startswith(home)


def _examples(country: str) -> Iterator[str]:
    home = phonenumbers.country_code_for_region(country)
    for one in _TRIED:
        number = phonenumbers.example_number(one)
        if number is not None and number.country_code != home:
            yield f"{number.country_code}{number.national_number}"
