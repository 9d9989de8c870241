"""Outside numbers as carriers send them and as the world writes them, side by side.

Nothing here refuses a number: what no country knows stays as it came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import phonenumbers

_HIDDEN: Final = frozenset(
    {"", "anonymous", "unknown", "unavailable", "private", "restricted", "withheld"}
)
_DIGITS: Final = frozenset("0123456789")
_PUNCTUATION: Final = str.maketrans("", "", " -.()/\u00a0")


def is_hidden(number: str) -> bool:
    """Whether this says that a caller does not show their number, or stands for none at all."""
    return number.partition("@")[0].strip().casefold() in _HIDDEN


def normalise(number: str, country: str) -> str:
    """Write a number as E.164 with its plus, as somebody in this country means it.

    In Russia ``8 (495) 123-45-67``, ``74951234567``, ``4951234567`` and ``+74951234567`` are the
    same. A short number, one with letters, and one that no country has are left as they came,
    without punctuation where there are only digits.

    Args:
        number: As a carrier or a person wrote it.
        country: ISO 3166 code of the tenant's country.

    Returns:
        The empty text for a hidden number.
    """
    if is_hidden(number):
        return ""
    bare = number.translate(_PUNCTUATION)
    if not bare.removeprefix("+") or set(bare.removeprefix("+")) - _DIGITS:
        return number.strip()
    usual = _read(bare, country)
    return bare if usual is None else _settled(usual, country)


def ways_to_write(number: str, country: str) -> tuple[str, ...]:
    """The number as it came, and then as it would be written otherwise, E.164 first.

    A rule may have been written for any of them: ``+74951234567``, ``74951234567``, and for
    numbers of the tenant's country ``84951234567`` and ``4951234567``.

    Returns:
        None at all for a hidden number; two or more for any other.
    """
    if is_hidden(number):
        return ()
    usual = normalise(number, country)
    if not usual.startswith("+"):
        return (number, usual)
    return (number, usual, usual[1:], *_at_home(usual, country))


def longest_prefix(ways: Iterable[str], prefixes: Collection[str]) -> str | None:
    """The prefix that says most about a number: the one that leaves the fewest of its digits.

    Args:
        ways: The number, in all the ways in which it may be written.
        prefixes: The beginnings of numbers to choose from.

    Returns:
        None when the number begins with none of them.
    """
    wanted = frozenset(prefixes)
    found = [
        (len(way) - length, way[:length])
        for way in ways
        for length in range(len(way), 0, -1)
        if way[:length] in wanted
    ]
    return min(found)[1] if found else None


def _settled(usual: str, country: str) -> str:
    """Read until no digit goes any more: people write zeros where no number has them (+49 0 30)."""
    again = _read(usual, country)
    while again is not None and len(again) < len(usual):
        usual, again = again, _read(again, country)
    return usual


def _read(bare: str, country: str) -> str | None:
    """Read digits with or without a plus; a number of another country may lack its plus."""
    for text in (bare,) if bare.startswith("+") else (bare, f"+{bare}"):
        try:
            found = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        is_meant = text == bare or phonenumbers.is_valid_number(found)
        if is_meant and phonenumbers.is_possible_number(found):
            return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return None


def _at_home(e164: str, country: str) -> tuple[str, ...]:
    """How the number is written inside its own country, if that is the tenant's."""
    code = f"+{phonenumbers.country_code_for_region(country)}"
    if not e164.startswith(code):
        return ()
    trunk_prefix = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
    national = e164.removeprefix(code)
    return (trunk_prefix + national, national)
