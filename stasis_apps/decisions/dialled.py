"""What a phone means by the characters it sends: a number, help, a code of the exchange; pure.

Not here: how an outside number leaves (see outbound).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

LONGEST_NUMBER: Final = 32
"""Digits of a number with all prefixes that anybody dials; no longer one is looked at."""

HIDE_NUMBER: Final = "hide_number"
REDIAL: Final = "redial"

_PLUS: Final = "+"
_DIGITS: Final = frozenset("0123456789")
_MARKS: Final = str.maketrans("", "", " -.()/\u00a0")


class Meaning(StrEnum):
    """What was dialled."""

    OURS = "ours"
    """A number or alias behind which something of the tenant stands."""

    EMERGENCY = "emergency"
    """Help, at a number of the country."""

    OUTSIDE = "outside"
    """Digits that are for a carrier, if the outbound rules find them fit for one."""

    REDIAL = "redial"
    """The code for what the phone dialled last."""

    INVALID = "invalid"
    """It begins as a number and is none."""

    UNKNOWN = "unknown"
    """A name or code that nobody has."""


class Code(Protocol):
    """What has to be known of a code that phones dial."""

    @property
    def name(self) -> str:
        """Which one it is."""

    @property
    def code(self) -> str:
        """What is dialled."""

    @property
    def takes_number(self) -> bool:
        """Whether a number follows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What numbers and codes there are.

    Attributes:
        codes: What phones can dial besides numbers.
        is_ours: Whether something of the tenant stands behind a number or alias.
        is_reserved: Whether help answers at a number whatever stands behind it.
        is_emergency: Whether help answers at a number behind which nothing stands.
    """

    codes: Sequence[Code]
    is_ours: Callable[[str], bool]
    is_reserved: Callable[[str], bool]
    is_emergency: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """What a phone means.

    Attributes:
        number: Without the code before it, and the marks that people read numbers by.
        meaning: What it is.
        hides_number: Whether the called are to see no number.
        note: What is odd about it, for the call's story; empty when it is plain.
    """

    number: str
    meaning: Meaning
    hides_number: bool = False
    note: str = ""

    @property
    def is_number(self) -> bool:
        """Whether somebody is called by it, who can be called by it again."""
        return self.meaning in (Meaning.OURS, Meaning.EMERGENCY, Meaning.OUTSIDE)


def bare_number(written: str) -> str | None:
    """The digits, behind a plus if there is one; None when it is no number.

    People and phones write numbers with marks to read them by: ``8 (916) 123-45-67``.
    """
    bare = written.translate(_MARKS)
    digits = bare.removeprefix(_PLUS)
    is_number = bool(digits) and not set(digits) - _DIGITS and len(digits) <= LONGEST_NUMBER
    return bare if is_number else None


def read_dialled(sent: str, known: Known) -> Dialled:
    """Say what a phone means.

    An emergency number that is reserved outweighs all; then whatever the tenant has, then help,
    then codes; any other digits are for outside.

    Args:
        sent: As it came.
        known: What numbers and codes there are.
    """
    plain = _read_number(sent, known)
    if plain.meaning in (Meaning.OURS, Meaning.EMERGENCY):
        return plain
    for code in sorted(known.codes, key=lambda one: len(one.code), reverse=True):
        if code.takes_number and sent.startswith(code.code):
            return _behind_code(code, sent.removeprefix(code.code), known)
        if sent == code.code:
            meaning = Meaning.REDIAL if code.name == REDIAL else Meaning.UNKNOWN
            return Dialled(number=sent, meaning=meaning)
    return plain


def _behind_code(code: Code, rest: str, known: Known) -> Dialled:
    """The number behind a code; another code there is none."""
    found = _read_number(rest, known)
    if not found.is_number:
        note = f"{rest} behind {code.code} is no number" if rest else f"no number after {code.code}"
        return replace(found, number=rest, meaning=Meaning.INVALID, note=note)
    if code.name != HIDE_NUMBER or found.meaning is Meaning.EMERGENCY:
        return found
    return replace(found, hides_number=True, note=f"{code.code}: the number is hidden outside")


def _read_number(sent: str, known: Known) -> Dialled:
    number = bare_number(sent.partition(";")[0])
    for written in (number, sent):
        if written is not None and (meaning := _ours_or_help(written, known)):
            return Dialled(number=written, meaning=meaning)
    if number is not None:
        bare = number.removeprefix(_PLUS)  # phones put a plus before 112, if a contact has it
        if _ours_or_help(bare, known) is Meaning.EMERGENCY:
            return Dialled(number=bare, meaning=Meaning.EMERGENCY)
        return Dialled(number=number, meaning=Meaning.OUTSIDE)
    if sent[:1] == _PLUS or sent[:1] in _DIGITS:
        return Dialled(number=sent, meaning=Meaning.INVALID, note=f"{sent} is no number")
    return Dialled(number=sent, meaning=Meaning.UNKNOWN)


def _ours_or_help(number: str, known: Known) -> Meaning | None:
    if known.is_reserved(number):
        return Meaning.EMERGENCY
    if known.is_ours(number):
        return Meaning.OURS
    return Meaning.EMERGENCY if known.is_emergency(number) else None
