"""What phones can dial besides numbers: codes with a meaning of their own, by country; data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypedDict

import yaml

_STAR: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCode:
    """A code that a phone dials.

    Attributes:
        name: ``hide_number`` (the number follows) or ``redial``.
        code: ``*67``.
        takes_number: Whether a number follows it.
        meaning: What it does, in a sentence.
    """

    name: str
    code: str
    takes_number: bool
    meaning: str


class _Written(TypedDict, total=False):
    """A code as the file has it; ``instead`` has other codes for some countries."""

    code: str
    instead: Mapping[str, str]
    takes_number: bool
    meaning: str


class _File(TypedDict):
    codes: Mapping[str, _Written]
    star_numbers: Mapping[str, int]


def _read() -> _File:
    """Read the file; once, when the program starts."""
    text = Path(__file__).with_name("feature_codes.yaml").read_text(encoding="utf-8")
    written: _File = yaml.safe_load(text)
    return written


_FILE: Final = _read()


@cache
def feature_codes(country: str) -> tuple[FeatureCode, ...]:
    """The codes of a country; those that would hide one of its own numbers are left out.

    Args:
        country: ISO 3166 code.
    """
    codes = tuple(_code(name, one, country) for name, one in _FILE["codes"].items())
    star_digits = _FILE["star_numbers"].get(country)
    return tuple(one for one in codes if not hides_star_number(one, star_digits))


def hides_star_number(code: FeatureCode, star_digits: int | None) -> bool:
    """Whether a code swallows numbers that are a star and so many digits; None: there are none."""
    behind = code.code.removeprefix(_STAR)
    if star_digits is None or not behind.isdecimal():
        return False
    return len(behind) < star_digits if code.takes_number else len(behind) == star_digits


def _code(name: str, written: _Written, country: str) -> FeatureCode:
    return FeatureCode(
        name=name,
        code=written.get("instead", {}).get(country, written["code"]),
        takes_number=written["takes_number"],
        meaning=written["meaning"],
    )
