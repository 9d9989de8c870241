"""How wide the columns of a table become on a terminal that has no room for all of it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

GAP: Final = 2
NARROWEST_GAP: Final = 1
UNBROKEN_WIDTH: Final = 24
"""Numbers, moments and ids this short stay on one line of a terminal that has the room."""

NARROWEST_TEXT: Final = 10
SHORT_WORD: Final = 6
MOMENT_WIDTH: Final = len("2026-11-21 12:00:00Z")

TYPED_AGAIN: Final = frozenset({"Call", "Message", "Name", "Number"})
"""The headings of ids and names: people copy them into the next command, so they break last."""


def column_widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> tuple[int, tuple[int, ...]]:
    """Share the width of a terminal among the columns of a table: the gap between two, and each.

    When not everything fits, texts are broken first, then moments (between day and time), then
    other things of one word; then columns move together, and ids and names break last of all.
    Headings break between words.
    """
    columns = [[row[place] for row in rows] for place in range(len(headings))]
    whole = [
        max(len(text) for text in (heading, *cells))
        for heading, cells in zip(headings, columns, strict=True)
    ]
    gaps = len(headings) - 1
    if sum(whole) + GAP * gaps <= width:
        return GAP, tuple(whole)
    gap, room = GAP, width - GAP * gaps
    least = _least(headings, columns, room, breaks_ids=False)
    if sum(least) > room:
        gap, room = NARROWEST_GAP, max(width - NARROWEST_GAP * gaps, len(headings))
        least = _least(headings, columns, room, breaks_ids=True)
    return gap, tuple(_grown(_squeezed(least, room), whole, room))


def _least(
    headings: Sequence[str], columns: Sequence[Sequence[str]], room: int, *, breaks_ids: bool
) -> list[int]:
    """How narrow each column has to be for this room, as far as that goes."""
    least = [
        max(_longest_word(heading), _longest(cells) if _is_one_word(cells) else _text_width(cells))
        for heading, cells in zip(headings, columns, strict=True)
    ]
    places = range(len(headings))
    others = [place for place in places if headings[place] not in TYPED_AGAIN]
    typed = [place for place in places if headings[place] in TYPED_AGAIN]
    others.sort(key=lambda place: (not _has_moments(columns[place]), -_longest(columns[place])))
    for place, narrower in _concessions(headings, columns, [others, typed][: 1 + breaks_ids]):
        if sum(least) <= room:
            break
        least[place] = min(least[place], narrower)
    return least


def _concessions(
    headings: Sequence[str], columns: Sequence[Sequence[str]], groups: Sequence[Sequence[int]]
) -> Iterator[tuple[int, int]]:
    """Which column is made how narrow, one after the other, until all fit."""
    for group in groups:
        for place in group:
            yield place, max(_longest_word(headings[place]), _text_width(columns[place]))
        for place in group:
            yield place, max(_longest_word(headings[place]), _shortest_part(columns[place]))


def _squeezed(widths: Sequence[int], room: int) -> list[int]:
    """Take from the widest until all fit, even if it breaks headings."""
    squeezed = list(widths)
    while sum(squeezed) > room:
        squeezed[squeezed.index(max(squeezed))] -= 1
    return squeezed


def _grown(widths: Sequence[int], whole: Sequence[int], room: int) -> list[int]:
    """Give what is left over to those that lack the greatest part of their texts."""
    grown = list(widths)
    for _ in range(room - sum(grown)):
        place = max(range(len(grown)), key=lambda one: whole[one] / grown[one])
        if grown[place] < whole[place]:
            grown[place] += 1
    return grown


def _is_one_word(cells: Sequence[str]) -> bool:
    """Whether it is a column of things that should stay in one piece."""
    return _longest(cells) <= UNBROKEN_WIDTH and all(
        " " not in cell or len(cell) == MOMENT_WIDTH for cell in cells
    )


def _has_moments(cells: Sequence[str]) -> bool:
    return any(" " in cell for cell in cells) and _is_one_word(cells)


def _text_width(cells: Sequence[str]) -> int:
    return min(_longest(cells), NARROWEST_TEXT)


def _longest(cells: Sequence[str]) -> int:
    return max(map(len, cells), default=0)


def _shortest_part(cells: Sequence[str]) -> int:
    """What stays whole on the narrowest terminal: a day, a short word."""
    if _has_moments(cells):
        return NARROWEST_TEXT
    return _longest(cells) if _longest(cells) <= SHORT_WORD else 1


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=1)
