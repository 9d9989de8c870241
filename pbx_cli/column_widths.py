"""How wide the columns of a table become on a terminal that has no room for all of it; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

GAP: Final = 2
NARROWEST_GAP: Final = 1
UNBROKEN_WIDTH: Final = 24
"""Numbers, moments and ids this short stay on one line of a terminal that has the room."""

NARROWEST_TEXT: Final = 10
SHORT_TEXT: Final = 12
"""Texts this short (``24 min 09 s``) stay on one line, too, while there is room."""

SHORT_WORD: Final = 6
MOMENT_WIDTH: Final = len("2026-11-21 12:00:00Z")

TYPED_AGAIN: Final = frozenset(
    {"Call", "Dialled", "From", "Message", "Name", "Number", "Preset", "Schema", "Setting"}
)
"""The headings of ids, names and numbers: people copy them into the next command or dial them, so
they break last."""


def column_widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> tuple[int, tuple[int, ...]]:
    """Share the width of a terminal among the columns of a table: the gap between two, and each.

    When not everything fits, texts are broken between words first, moments between day and time,
    and long things of one word; then columns move together, then short words break, and ids and
    names break last of all. Headings break between words.
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
    least = _least(headings, columns, room, breaks_words=False)
    if sum(least) > room:
        gap, room = NARROWEST_GAP, max(width - NARROWEST_GAP * gaps, len(headings))
        least = _least(headings, columns, room, breaks_words=True)
    return gap, tuple(_grown(_squeezed(least, room), whole, room))


def _least(
    headings: Sequence[str], columns: Sequence[Sequence[str]], room: int, *, breaks_words: bool
) -> list[int]:
    """How narrow each column has to be for this room, as far as that goes."""
    least = [
        max(
            _longest_word(heading),
            _longest(cells) if _stays_whole(heading, cells) else _text_width(cells),
        )
        for heading, cells in zip(headings, columns, strict=True)
    ]
    places = range(len(headings))
    others = [place for place in places if headings[place] not in TYPED_AGAIN]
    typed = [place for place in places if headings[place] in TYPED_AGAIN]
    others.sort(key=lambda place: (not _has_moments(columns[place]), -_longest(columns[place])))
    concessions = [(others, _text_width)]
    if breaks_words:
        concessions += [(others, _shortest_part), (typed, _text_width), (typed, _shortest_part)]
    for place, narrowest in ((one, how) for group, how in concessions for one in group):
        if sum(least) <= room:
            break
        narrower = max(_longest_word(headings[place]), narrowest(columns[place]))
        least[place] = min(least[place], narrower)
    return least


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


def _stays_whole(heading: str, cells: Sequence[str]) -> bool:
    """Whether it is a column of things that should stay in one piece."""
    if _longest(cells) > UNBROKEN_WIDTH:
        return False
    has_texts = any(" " in cell for cell in cells) and not _has_moments(cells)
    return not has_texts or heading in TYPED_AGAIN or _longest(cells) <= SHORT_TEXT


def _has_moments(cells: Sequence[str]) -> bool:
    """Whether it is a column of moments, some of which may not have been."""
    spaced = [cell for cell in cells if " " in cell]
    return bool(spaced) and all(len(cell) == MOMENT_WIDTH for cell in spaced)


def _text_width(cells: Sequence[str]) -> int:
    """How narrow a text may become: its words stay whole if they are short ones."""
    words = [len(word) for cell in cells for word in cell.split()]
    short = [length for length in words if length <= SHORT_TEXT]
    return min(_longest(cells), max([NARROWEST_TEXT, *short]))


def _longest(cells: Sequence[str]) -> int:
    return max(map(len, cells), default=0)


def _shortest_part(cells: Sequence[str]) -> int:
    """What stays whole on the narrowest terminal: a day, a short word."""
    if _has_moments(cells):
        return NARROWEST_TEXT
    return _longest(cells) if _longest(cells) <= SHORT_WORD else 1


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=1)
