"""Numbers and digits in words: which of Asterisk's sounds, one after the other, speak them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_LARGEST: Final[Mapping[str, int]] = MappingProxyType({"en": 999, "ru": 199})
"""Larger numbers are spoken digit by digit; of Russian's hundreds there is "сто" alone."""

_LARGEST_ELSEWHERE: Final = 99

_KEYS: Final = {"*": "star", "#": "pound"}

_UNSPOKEN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"ru": frozenset({"digits/pound"})}
)


def spoken_number(number: int, language: str) -> tuple[str, ...]:
    """The sounds of a number, such as ``digits/20`` and ``digits/1``.

    A number that is too large for the sounds that the language has is spoken digit by digit.

    Args:
        number: 0 or more.
        language: ``en`` or another.

    Raises:
        ValueError: A negative number.
    """
    if number < 0:
        raise ValueError("only numbers from 0 on can be spoken")
    if not spoken_whole(number, language):
        return spoken_digits(str(number))
    hundreds, rest = divmod(number, 100)
    spoken = _hundreds(hundreds, language)
    return (*spoken, *_up_to_99(rest)) if rest or not hundreds else spoken


def spoken_whole(number: int, language: str) -> bool:
    """Whether a number is spoken as one, not digit by digit."""
    return number <= _LARGEST.get(language, _LARGEST_ELSEWHERE)


def spoken_digits(text: str) -> tuple[str, ...]:
    """The sounds of a number one key after the other; whatever is no key is passed over."""
    return tuple(
        f"digits/{_KEYS.get(key, key)}" for key in text if key in _KEYS or key in "0123456789"
    )


def language_of(word: str, language: str) -> str:
    """In which language a word of a number is spoken; English where another has it wrong.

    Russian's "pound" is money.
    """
    return "en" if word in _UNSPOKEN.get(language, ()) else language


def _hundreds(hundreds: int, language: str) -> tuple[str, ...]:
    if not hundreds:
        return ()
    return ("digits/hundred",) if language == "ru" else (f"digits/{hundreds}", "digits/hundred")


def _up_to_99(number: int) -> tuple[str, ...]:
    tens, ones = divmod(number, 10)
    if tens < 2 or not ones:
        return (f"digits/{number}",)
    return f"digits/{tens * 10}", f"digits/{ones}"
