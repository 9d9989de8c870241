"""The steps of a call, put together by the elements in which they happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from models.call_log import JournalLine
from stasis_apps.journal import What


@dataclass(slots=True, kw_only=True)
class Stay:
    """One visit of a call to an element.

    Attributes:
        number: Where.
        kind: What stood there.
        entered_at: When the call came.
        lines: What happened there.
        exit: The exit it left by, or empty.
        target: Where it went on, or empty.
        why_left: Why, where it left by no exit.
    """

    number: str
    kind: str
    entered_at: datetime
    lines: list[JournalLine] = field(default_factory=list)
    exit: str = ""
    target: str = ""
    why_left: str = ""


def stays_in(journal: Iterable[JournalLine]) -> list[Stay]:
    """The way of a call through its plan."""
    stays: list[Stay] = []
    for line in journal:
        if line.what == What.ENTERED:
            kind = str(line.facts.get("kind", ""))
            stays.append(Stay(number=line.element or "", kind=kind, entered_at=line.at))
        elif stays and line.what == What.LEFT:
            last = stays[-1]
            last.exit, last.why_left = line.exit or "", line.reason
            last.target = str(line.facts.get("target", ""))
        elif stays:
            stays[-1].lines.append(line)
    return stays
