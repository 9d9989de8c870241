"""The journals of a call that was made and of one that was imagined, as they can be compared."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from models.call_log import JournalLine
from stasis_apps.journal import What


def way_of(journal: Sequence[JournalLine]) -> list[tuple[str, ...]]:
    """The elements of a call, by which exit it left each, and where to."""
    return [
        (str(line.what), line.element or "", line.exit or "", str(line.facts.get("target", "")))
        for line in journal
        if line.what in (What.ENTERED, What.LEFT)
    ]


AT_ONCE = frozenset({What.RANG, What.LEG_ENDED})

TOLD_APART: frozenset[str] = frozenset(
    {"playback", "recording", "message", "duration_s", "sip", "took_s"}
)
"""Facts that no two calls have in common."""


def steps_of(journal: Sequence[JournalLine]) -> list[tuple[object, ...]]:
    """All that happened, without what is written for those who take over a call.

    What phones do that are rung at once comes in no order of its own.
    """
    told = [line for line in journal if line.what != What.PLAYING]
    runs = groupby(told, key=lambda line: line.what in AT_ONCE)
    return [step for is_ringing, run in runs for step in _in_order(run, is_ringing=is_ringing)]


def _in_order(run: Iterable[JournalLine], *, is_ringing: bool) -> list[tuple[object, ...]]:
    steps = [_step(line) for line in run]
    return sorted(steps, key=str) if is_ringing else steps


def _step(line: JournalLine) -> tuple[object, ...]:
    facts = sorted(
        (name, str(value)) for name, value in line.facts.items() if name not in TOLD_APART
    )
    return (str(line.what), line.element, line.exit, str(line.reason), tuple(facts))
