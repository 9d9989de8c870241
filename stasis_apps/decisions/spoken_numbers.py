"""Numbers and digits in words: which of Asterisk's sounds, one after the other, speak them."""

from __future__ import annotations

from typing import Final

LARGEST: Final = 999
"""Larger numbers are spoken digit by digit."""

_KEYS: Final = {"*": "star", "#": "pound"}


def spoken_number(number: int, language: str) -> tuple[str, ...]:
    """The sounds of a number, such as ``digits/20`` and ``digits/1``.

    The words up to 99 are put together alike in every language of ours. From a hundred on only
    English is; in others the number is spoken digit by digit, as is one that is too large.

    Args:
        number: 0 or more.
        language: ``en`` or another.

    Raises:
        ValueError: A negative number.
    """
    if number < 0:
        raise ValueError("only numbers from 0 on can be spoken")
    if number > LARGEST or (number > 99 and language != "en"):
        return spoken_digits(str(number))
    hundreds, rest = divmod(number, 100)
    spoken = (f"digits/{hundreds}", "digits/hundred") if hundreds else ()
    return (*spoken, *_up_to_99(rest)) if rest or not hundreds else spoken


def spoken_digits(text: str) -> tuple[str, ...]:
    """The sounds of a number one key after the other; whatever is no key is passed over."""
    return tuple(
        f"digits/{_KEYS.get(key, key)}" for key in text if key in _KEYS or key in "0123456789"
    )


def _up_to_99(number: int) -> tuple[str, ...]:
    tens, ones = divmod(number, 10)
    if tens < 2 or not ones:
        return (f"digits/{number}",)
    return f"digits/{tens * 10}", f"digits/{ones}"
