"""The mask language: which numbers a rule is meant for, and what it makes of them.

========= ==========================================================================
``0``-``9`` the digit itself
``d``     any digit
``p``     the character ``+``
``+``     any count of digits, also none
``?``     the digit or ``d`` before it may be missing
``( )``   what is inside goes to the output in place of ``$``; once in a mask
``{ | }`` any one of the values, which may be empty; at least two of them
========= ==========================================================================

A mask is held against the whole number. Numbers are compared in one pass over their characters,
whatever the mask, so no mask makes a call wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LONGEST_MASK: Final = 250
"""Characters; each of them is looked at once per digit of a number."""

_DIGITS: Final = "0123456789"
_KNOWN: Final = "digits, d, p, +, ?, ( ) and { | }"
_DEEPEST: Final = 2


class MaskFault(ValueError):
    """A text is no mask.

    Attributes:
        position: Where the fault is; the first character is 1.
        rule: What is wrong there.
    """

    def __init__(self, position: int, rule: str) -> None:
        super().__init__(f"character {position}: {rule}")
        self.position = position
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Symbol:
    """One character of a number: a digit, ``d`` for any, ``p`` for a plus; it may be optional."""

    letter: str
    is_optional: bool = False

    def __str__(self) -> str:
        return self.letter + "?" * self.is_optional


@dataclass(frozen=True, slots=True)
class AnyDigits:
    """Any count of digits, also none."""

    def __str__(self) -> str:
        return "+"


@dataclass(frozen=True, slots=True)
class Captured:
    """The part that goes to the output."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return f"({_printed(self.parts)})"


@dataclass(frozen=True, slots=True)
class OneOf:
    """Two or more ways to go on, tried in their order."""

    values: tuple[tuple[Part, ...], ...]

    def __str__(self) -> str:
        return "{" + "|".join(map(_printed, self.values)) + "}"


Part = Symbol | AnyDigits | Captured | OneOf


@dataclass(frozen=True, slots=True)
class _Read:
    """Go on if the next character is one of these."""

    characters: str
    then: int


@dataclass(frozen=True, slots=True)
class _Fork:
    """Go on in each of these ways; earlier ones are preferred."""

    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """The captured part begins (0) or ends (1) here."""

    which: int
    then: int


@dataclass(frozen=True, slots=True)
class _Accept:
    """The mask ends here."""


_Step = _Read | _Fork | _Mark | _Accept
_Marks = tuple[int, int]
_NO_MARKS: Final = (0, 0)


@dataclass(frozen=True, slots=True)
class Mask:
    """A compiled mask.

    Attributes:
        parts: What it consists of; two masks with the same parts are the same.
    """

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        """The text that compiles to this mask."""
        return _printed(self.parts)

    def match(self, number: str) -> str | None:
        """What the number gives to the output, or None when the mask does not fit.

        A mask that says nothing about a plus fits a number with and without one: "any digits" is
        meant for ``+7916...`` too. Where a mask can fit in several ways, each ``+`` and ``?`` takes
        what it can, from the left, and earlier values of an array are preferred.

        Returns:
            What stands in the brackets; the empty text for a mask without brackets.
        """
        captured = self._captured(number)
        if captured is None and number.startswith("+") and not self._says_plus:
            return self._captured(number[1:])
        return captured

    def matches(self, number: str) -> bool:
        """Whether the mask fits the whole number."""
        return self.match(number) is not None

    @property
    def _says_plus(self) -> bool:
        return "p" in str(self)

    def _captured(self, number: str) -> str | None:
        """Walk all ways at once, character by character, the preferred way first."""
        steps, start = _steps_of(self)
        ways = list(_ways_on(steps, start, at=0, marks=_NO_MARKS, seen=set()))
        for at, character in enumerate(number, start=1):
            seen: set[int] = set()
            ways = [
                way
                for place, marks in ways
                if isinstance(step := steps[place], _Read) and character in step.characters
                for way in _ways_on(steps, step.then, at=at, marks=marks, seen=seen)
            ]
        for place, (begin, end) in ways:
            if isinstance(steps[place], _Accept):
                return number[begin:end]
        return None


def compile_mask(text: str) -> Mask:
    """Read a mask.

    Raises:
        MaskFault: It breaks a rule of the language; the position says where.
    """
    if not text:
        raise MaskFault(1, "a mask must not be empty; + fits any number")
    if len(text) > LONGEST_MASK:
        raise MaskFault(LONGEST_MASK + 1, f"a mask has at most {LONGEST_MASK} characters")
    return _compiled(text)


def rewrite(output: str, captured: str) -> str | None:
    """The number that is sent instead: ``$`` in the output stands for what the mask captured.

    Every other character stands for itself.

    Returns:
        None when nothing would be sent, or ``$`` stands for nothing: then the rule does not fit.
    """
    if "$" in output and not captured:
        return None
    return output.replace("$", captured) or None


def is_ban(output: str) -> bool:
    """Whether an output forbids the call: zeros and nothing else are dialled nowhere."""
    return bool(output) and not output.strip("0")


class _Reader:
    """Reads a text from left to right; every fault knows its place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._has_captured = False

    def read_all(self) -> tuple[Part, ...]:
        """Read the whole mask."""
        return self._parts_until("", inside=())

    def _parts_until(self, ends: str, inside: tuple[str, ...]) -> tuple[Part, ...]:
        parts: list[Part] = []
        while self._at < len(self._text):
            letter = self._text[self._at]
            if letter in ends:
                break
            parts.append(self._part(letter, inside))
        return tuple(parts)

    def _part(self, letter: str, inside: tuple[str, ...]) -> Part:
        if letter == "(":
            return self._capture(inside)
        if letter == "{":
            return self._one_of(inside)
        if letter == "+":
            self._at += 1
            return AnyDigits()
        if letter in _DIGITS or letter in "dp":
            self._at += 1
            return Symbol(letter, is_optional=letter != "p" and self._takes("?"))
        raise MaskFault(self._at + 1, _rule_against(letter))

    def _capture(self, inside: tuple[str, ...]) -> Captured:
        opened_at = self._open("(", inside)
        if self._has_captured:
            raise MaskFault(opened_at, "only one part may stand in ( )")
        self._has_captured = True
        parts = self._parts_until(")", (*inside, "("))
        self._close(")", opened_at)
        if not parts:
            raise MaskFault(opened_at, "there is nothing inside ( )")
        return Captured(parts)

    def _one_of(self, inside: tuple[str, ...]) -> OneOf:
        opened_at = self._open("{", inside)
        if "{" in inside:
            raise MaskFault(opened_at, "an array has no array inside")
        values = [self._parts_until("|}", (*inside, "{"))]
        while self._takes("|"):
            values.append(self._parts_until("|}", (*inside, "{")))
        self._close("}", opened_at)
        if len(values) == 1:
            raise MaskFault(opened_at, "an array has two values or more: {7|8}, {7|}")
        return OneOf(tuple(values))

    def _open(self, bracket: str, inside: tuple[str, ...]) -> int:
        self._at += 1
        if len(inside) == _DEEPEST:
            raise MaskFault(self._at, f"{bracket} stands too deep: ( ) in {{ }} or {{ }} in ( )")
        return self._at

    def _close(self, bracket: str, opened_at: int) -> None:
        if not self._takes(bracket):
            opening = self._text[opened_at - 1]
            raise MaskFault(opened_at, f"{opening} is not closed by {bracket}")

    def _takes(self, letter: str) -> bool:
        is_there = self._text.startswith(letter, self._at)
        self._at += is_there
        return is_there


def _rule_against(letter: str) -> str:
    match letter:
        case "?":
            return "? stands only behind a digit or d"
        case "|":
            return "| stands only inside { }"
        case ")" | "}":
            return f"{letter} closes nothing"
        case _:
            return f"{letter!r} is no symbol of a mask; there are {_KNOWN}"


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Mask:
    return Mask(_Reader(text).read_all())


@lru_cache(maxsize=4096)
def _steps_of(mask: Mask) -> tuple[tuple[_Step, ...], int]:
    """The mask as steps to walk, and the first of them; made from its end to its beginning."""
    steps: list[_Step] = [_Accept()]
    start = _prepend_all(steps, mask.parts, 0)
    return tuple(steps), start


def _prepend_all(steps: list[_Step], parts: Sequence[Part], then: int) -> int:
    for part in reversed(parts):
        then = _prepend(steps, part, then)
    return then


def _prepend(steps: list[_Step], part: Part, then: int) -> int:
    match part:
        case Symbol("p"):
            return _add(steps, _Read("+", then))
        case Symbol(letter, is_optional):
            reads = _add(steps, _Read(_DIGITS if letter == "d" else letter, then))
            return _add(steps, _Fork((reads, then))) if is_optional else reads
        case AnyDigits():
            again = len(steps) + 1
            reads = _add(steps, _Read(_DIGITS, again))
            return _add(steps, _Fork((reads, then)))
        case Captured(parts):
            ends = _add(steps, _Mark(1, then))
            return _add(steps, _Mark(0, _prepend_all(steps, parts, ends)))
        case _:
            ways = (_prepend_all(steps, value, then) for value in part.values)
            return _add(steps, _Fork(tuple(ways)))


def _add(steps: list[_Step], step: _Step) -> int:
    steps.append(step)
    return len(steps) - 1


def _ways_on(
    steps: Sequence[_Step], place: int, *, at: int, marks: _Marks, seen: set[int]
) -> Iterator[tuple[int, _Marks]]:
    """Follow everything that reads no character, preferred ways first, no place twice."""
    waiting = [(place, marks)]
    while waiting:
        place, marks = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        match steps[place]:
            case _Fork(ways):
                waiting += [(way, marks) for way in reversed(ways)]
            case _Mark(which, then):
                waiting.append((then, (at, at) if which == 0 else (marks[0], at)))
            case _:
                yield place, marks


def _printed(parts: Sequence[Part]) -> str:
    return "".join(map(str, parts))
