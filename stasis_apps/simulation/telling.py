"""The way of a call, element by element, read from its journal; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models.call_log import JournalLine
from stasis_apps.call import HowCame
from stasis_apps.journal import What
from stasis_apps.simulation.scenario import Hop


def path_of(journal: Sequence[JournalLine]) -> tuple[Hop, ...]:
    """Each element that a call passed, with what the journal says of why it left."""
    if not journal:
        return ()
    began_at, ended_at = journal[0].at, journal[-1].at
    stays = _stays(journal)
    hops: list[Hop] = []
    for place, stay in enumerate(stays):
        until = stays[place + 1].entered.at if place + 1 < len(stays) else ended_at
        left = stay.left.at if stay.left else until
        hops.append(
            Hop(
                number=stay.entered.element or "",
                kind=str(stay.entered.facts.get("kind", "")),
                how=HowCame(str(stay.entered.facts.get("how", HowCame.DIRECT))),
                after_s=_seconds(began_at, stay.entered.at),
                lasted_s=_seconds(stay.entered.at, left),
                way_out=str(stay.left.exit or "") if stay.left else "",
                target=str(stay.left.facts.get("target", "")) if stay.left else "",
                reasons=tuple(stay.reasons),
            )
        )
    return tuple(hops)


def who_rang(journal: Sequence[JournalLine], number_of: Callable[[str], str]) -> tuple[str, ...]:
    """The numbers of those whose phones rang, each once.

    Args:
        journal: Of the call.
        number_of: The extension of a device; an outside number is its own.
    """
    devices = [str(line.facts["device"]) for line in journal if line.what == What.RANG]
    return tuple(dict.fromkeys(map(number_of, devices)))


def mailbox_in(journal: Sequence[JournalLine]) -> str:
    """The mailbox in which a message was left last, or the empty text."""
    boxes = [str(line.facts["box"]) for line in journal if line.what == What.MESSAGE_KEPT]
    return boxes[-1] if boxes else ""


@dataclass(slots=True)
class _Stay:
    entered: JournalLine
    left: JournalLine | None = None
    reasons: list[str] = field(default_factory=list)


_TELL_WHY = frozenset({What.NOTED, What.FAULT, What.MESSAGE_DROPPED})


def _stays(journal: Sequence[JournalLine]) -> list[_Stay]:
    stays: list[_Stay] = []
    for line in journal:
        if line.what == What.ENTERED:
            stays.append(_Stay(line))
        elif stays and line.what == What.LEFT:
            stays[-1].left = line
            stays[-1].reasons += [line.reason] if line.reason else []
        elif stays and line.what in _TELL_WHY:
            stays[-1].reasons.append(line.reason)
    return stays


def _seconds(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds(), 3)
