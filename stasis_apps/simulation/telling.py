"""The way of a call, element by element, read from its journal; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models.call_log import JournalLine
from stasis_apps.call import HowCame
from stasis_apps.elements.time_rule import TimeRule
from stasis_apps.journal import What
from stasis_apps.plan import NumberPlan
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


def who_rang(journal: Sequence[JournalLine], name_of: Callable[[str], str]) -> tuple[str, ...]:
    """Those whose phones rang, each once.

    Args:
        journal: Of the call.
        name_of: What they are called by; asked with a phone's endpoint, or an outside number.
    """
    devices = [str(line.facts["device"]) for line in journal if line.what == What.RANG]
    return tuple(dict.fromkeys(map(name_of, devices)))


def mailbox_in(journal: Sequence[JournalLine]) -> str:
    """The mailbox in which a message was left last, or the empty text."""
    boxes = [str(line.facts["box"]) for line in journal if line.what == What.MESSAGE_KEPT]
    return boxes[-1] if boxes else ""


def doubts_about(
    plan: NumberPlan, path: Sequence[Hop], journal: Sequence[JournalLine]
) -> tuple[str, ...]:
    """Calendars that the call came by and that say nothing of its day, each told once.

    Args:
        plan: Of the call.
        path: Its way.
        journal: Its steps.
    """
    day = journal[-1].at.astimezone(plan.tenant.timezone).date()
    elements = (plan.elements[hop.number].element for hop in path if hop.number in plan.elements)
    used = {one.holidays: None for one in elements if isinstance(one, TimeRule)}
    ends = ((name, plan.calendar_ends.get(name)) for name in used)
    return tuple(
        f"calendar {name} says nothing about days after {last}: no holiday was seen on {day}"
        for name, last in ends
        if last is not None and last < day
    )


@dataclass(slots=True)
class _Stay:
    entered: JournalLine
    left: JournalLine | None = None
    reasons: list[str] = field(default_factory=list)


_TELL_WHY = frozenset({What.NOTED, What.FAULT, What.MESSAGE_DROPPED, What.REQUESTED})


def _stays(journal: Sequence[JournalLine]) -> list[_Stay]:
    stays: list[_Stay] = []
    for line in journal:
        if line.what == What.ENTERED:
            stays.append(_Stay(line))
        elif stays and line.what == What.LEFT:
            stays[-1].left = line
            stays[-1].reasons += [line.reason] if line.reason else []
        elif stays and line.what in _TELL_WHY and line.reason:
            stays[-1].reasons.append(line.reason)
    return stays


def _seconds(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds(), 3)
