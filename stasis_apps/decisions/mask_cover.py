"""Whether some masks leave anything to another one: rules behind them that can never fire; pure.

All masks are walked at once, over every number there can be, until one is found that is left, or
until no new state turns up. What cannot be decided in a bounded time counts as left, so that no
rule is ever said to be dead that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from stasis_apps.decisions.masks import AnyDigits, Captured, Mask, OneOf, Part, Symbol

MOST_STATES: Final = 3000
"""States that are looked at; masks as people write them need a few dozen."""

_DIGITS: Final = "0123456789"
_PLUS: Final = "+"


@dataclass(frozen=True, slots=True)
class Taker:
    """A rule as far as its mask tells which numbers it takes.

    Attributes:
        mask: Which numbers it is for.
        needs_capture: Whether it passes over numbers of which its brackets hold nothing.
        is_exact: Whether a plus that the mask does not speak of is not passed over.
    """

    mask: Mask
    needs_capture: bool = False
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class _Edge:
    """One way on: by which characters (none: without reading), inside the brackets or not."""

    characters: str
    then: int
    is_captured: bool


_NOTHING: Final = 0
_A_PLUS: Final = 1
_A_DIGIT: Final = 2
"""What the brackets hold so far; of a plus alone, no number may be left to be sent."""

_Place = tuple[int, int]
"""Where in the mask, and what its brackets hold so far."""

_Places = frozenset[_Place]


class _Walk:
    """A mask as a graph; `start` and `after` say where a number can be that is read so far."""

    def __init__(self, taker: Taker) -> None:
        self._needs_capture = taker.needs_capture
        self._edges: list[list[_Edge]] = [[]]
        start = self._before_all(taker.mask.parts, 0, is_captured=False)
        if not taker.is_exact and "p" not in str(taker.mask):
            start = self._add(_Edge(_PLUS, start, False), _Edge("", start, False))
        self.start = self._closed({(start, _NOTHING)})

    def _add(self, *edges: _Edge) -> int:
        self._edges.append(list(edges))
        return len(self._edges) - 1

    def _before_all(self, parts: Sequence[Part], then: int, *, is_captured: bool) -> int:
        for part in reversed(parts):
            then = self._before(part, then, is_captured)
        return then

    def _before(self, part: Part, then: int, is_captured: bool) -> int:
        match part:
            case Symbol(letter, is_optional):
                reads = _Edge(_CHARACTERS.get(letter, letter), then, is_captured)
                skips = [_Edge("", then, False)] * is_optional
                return self._add(reads, *skips)
            case AnyDigits():
                again = self._add(_Edge("", then, False))
                self._edges[again].append(_Edge(_DIGITS, again, is_captured))
                return again
            case Captured(parts):
                return self._before_all(parts, then, is_captured=True)
            case OneOf(values):
                ways = [self._before_all(one, then, is_captured=is_captured) for one in values]
                return self._add(*(_Edge("", way, False) for way in ways))

    def after(self, places: _Places, character: str) -> _Places:
        """Where a number can be after one more character."""
        reads = _A_PLUS if character == _PLUS else _A_DIGIT
        return self._closed(
            {
                (edge.then, max(holds, reads * edge.is_captured))
                for place, holds in places
                for edge in self._edges[place]
                if character in edge.characters
            }
        )

    def _closed(self, places: set[_Place]) -> _Places:
        waiting = list(places)
        while waiting:
            place, holds = waiting.pop()
            for edge in self._edges[place]:
                onward = (edge.then, holds)
                if not edge.characters and onward not in places:
                    places.add(onward)
                    waiting.append(onward)
        return frozenset(places)

    def surely_takes(self, places: _Places) -> bool:
        """Whether a number that is here at its end is taken, however its mask is read."""
        fitting = [holds for place, holds in places if place == 0]
        least = _A_DIGIT if self._needs_capture else _NOTHING
        return bool(fitting) and min(fitting) >= least

    def may_take(self, places: _Places) -> bool:
        """Whether it is taken in some reading of the mask."""
        least = _A_PLUS if self._needs_capture else _NOTHING
        return any(place == 0 and holds >= least for place, holds in places)

    @property
    def letters(self) -> frozenset[str]:
        """The digits that the mask tells apart from others."""
        texts = {edge.characters for edges in self._edges for edge in edges}
        return frozenset(text for text in texts if len(text) == 1)


_CHARACTERS: Final = {"d": _DIGITS, "p": _PLUS}


def leaves_nothing(earlier: Sequence[Taker], later: Taker) -> bool:
    """Whether every number that the later rule could take is surely taken by one of the earlier.

    A number has at least one digit, and may have a plus anywhere, as carriers write what they like.
    """
    own = _walk(later)
    walks = {walk: walk.start for walk in map(_walk, earlier)}
    alphabet = _alphabet([*walks, own])
    first = (own.start, frozenset(walks.items()), False)
    seen, waiting = {first}, [first]
    while waiting:
        mine, theirs, has_digit = waiting.pop()
        for letter in alphabet:
            onward = own.after(mine, letter)
            if not onward:
                continue
            others = frozenset(_still_fitting(theirs, letter))
            state = (onward, others, has_digit or letter != _PLUS)
            if state[2] and _is_left(own, onward, others):
                return False
            if state not in seen:
                seen.add(state)
                waiting.append(state)
        if len(seen) > MOST_STATES:
            return False
    return True


_Others = frozenset[tuple[_Walk, _Places]]
"""The earlier masks that still fit what has been read, and where each of them is."""


def _still_fitting(theirs: _Others, letter: str) -> Iterator[tuple[_Walk, _Places]]:
    for walk, places in theirs:
        onward = walk.after(places, letter)
        if onward:
            yield walk, onward


def _is_left(own: _Walk, mine: _Places, others: _Others) -> bool:
    return own.may_take(mine) and not any(walk.surely_takes(places) for walk, places in others)


def _alphabet(walks: Sequence[_Walk]) -> str:
    """The plus, each digit that some mask names, and one that stands for all others."""
    named = frozenset[str]().union(*(walk.letters for walk in walks)) & set(_DIGITS)
    others = [digit for digit in _DIGITS if digit not in named]
    return "".join([_PLUS, *sorted(named), *others[:1]])


@lru_cache(maxsize=1024)
def _walk(taker: Taker) -> _Walk:
    return _Walk(taker)
