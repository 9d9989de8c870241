"""Walk a call through its tenant's plan, from element to element, until it ends."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import NoReturn, Protocol

import structlog

from models.numbering import TargetKind, target_kind
from stasis_apps.call import (
    FAILED,
    NOWHERE,
    Call,
    CallEnded,
    Exit,
    GoTo,
    HowCame,
    SoundUnplayable,
    Target,
    WayIn,
)
from stasis_apps.call_webhooks import HTTP_REQUEST
from stasis_apps.decisions.ending import CallEnd, Reason, ending_of_exit
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.journal import CallJournal, What
from stasis_apps.outside import Outside
from stasis_apps.plan import NOBODY, REDIAL_KIND, LedBy, NumberPlan, PlannedElement

HOP_LIMIT = 50
"""Elements one call may pass; more is a loop in the plan."""

MOST_RETURNS = 3
"""How often a call comes to the same user while the caller chooses nothing; more is a loop."""

MOST_IN_A_ROW = 5
"""How many servers are asked with nothing between; more is a loop."""

CALLED_BY_RULE = "user"
"""The kind that sends calls on by itself; other kinds go to a number that the caller chose."""

CHOSEN_BY_CALLER = frozenset({*"0123456789*#", "operator", "owner"})
"""Exits that are taken when the caller presses a key."""

log = structlog.get_logger(__name__)


class WalkingCall(Call, Protocol):
    """A call on its way through a plan."""

    def arrive(self, number: str, how: HowCame) -> None:
        """The call reaches the element behind a number."""


async def run_call(
    call: WalkingCall,
    plan: NumberPlan,
    entry: Target,
    journal: CallJournal,
    *,
    how: HowCame = HowCame.DIRECT,
    led_by: LedBy = NOBODY,
) -> CallEnd:
    """Run the plan from the number the call entered at, and say how the call ended.

    Args:
        call: The call.
        plan: The plan it stays on to its end.
        entry: Where it enters.
        journal: Takes what happens.
        how: How it comes there.
        led_by: Who leads it there: whoever dialled it on a phone, or nobody.
    """
    try:
        await _walk(call, plan, (entry, how, led_by), journal)
    except CallEnded as ended:
        return ended.end


async def _walk(
    call: WalkingCall,
    plan: NumberPlan,
    entered: tuple[Target, HowCame, LedBy],
    journal: CallJournal,
) -> NoReturn:
    entry, how, led_by = entered
    planned = plan.at(entry, led_by=led_by)
    if planned is None:
        journal.write(What.NOTED, reason=f"there is no number {entry}")
        await call.hang_up(Reason.NO_SUCH_NUMBER)
    way: list[PlannedElement] = []
    for _ in range(HOP_LIMIT):
        if _goes_round(planned, way):
            passed = " ".join(one.number for one in way)
            journal.write(What.NOTED, reason=f"the call goes round: {passed}")
            await call.hang_up(Reason.LOOP)
        call.arrive(planned.number, how)
        journal.enter(planned.number, planned.kind, how, led_by=_for_whom(planned))
        _tell_who_has_thrown(call, plan, planned, journal)
        way_out = await _run(call, planned, journal)
        if _was_chosen(planned, way_out):
            way.clear()
        target, how = _follow(planned, way_out, journal)
        if target == NOWHERE:
            end = ending_of_exit(_name(way_out))
            await call.hang_up(end.reason, cause=end.cause)
        planned = plan.at(target, led_by=_led_by(call, planned, way_out))
        if planned is None:
            await _refuse(call, plan, target, journal)
    await call.hang_up(Reason.LOOP)


def _tell_who_has_thrown(
    call: Call, plan: NumberPlan, planned: PlannedElement, journal: CallJournal
) -> None:
    """Tell whose doing it is when an element does not go by itself, and for how long."""
    switch = plan.switches.get(planned.number)
    if switch is None or call.position(planned.number) is None:
        return
    zone = plan.tenant.timezone
    until = f", until {_written(switch.until_at, zone)}" if switch.until_at else ""
    by = f"{switch.set_by or 'somebody'} on {_written(switch.set_at, zone)}"
    journal.write(What.NOTED, reason=f"switched to {switch.position} by {by}{until}")


def _written(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _led_by(call: Call, planned: PlannedElement, way_out: Exit | GoTo) -> LedBy:
    """Who leads a call on from an element.

    A user does for their own rules and exits. Whoever names a number at a phone of the tenant acts
    for themselves, by whichever element; for others, for servers and at any exit, the element acts.
    """
    if planned.kind == CALLED_BY_RULE:
        return LedBy(acting=planned.number, purpose=Purpose.FORWARDED)
    facts = call.facts
    if isinstance(way_out, GoTo) and way_out.by_caller and facts.way_in is WayIn.PHONE:
        is_dialling = planned.kind == REDIAL_KIND
        caller = facts.caller.number
        return LedBy(acting=caller, purpose=Purpose.DIALLED, is_dialling=is_dialling)
    return LedBy(acting=planned.number)


def _for_whom(planned: PlannedElement) -> LedBy | None:
    """For whom an outside number is dialled, as the journal tells it; None for anything else."""
    dials = planned.element
    if not isinstance(dials, Outside):
        return None
    return LedBy(
        acting=dials.acting,
        purpose=dials.purpose,
        hides_number=dials.hides_number,
        is_dialling=dials.is_dialling,
    )


async def _refuse(call: Call, plan: NumberPlan, target: Target, journal: CallJournal) -> NoReturn:
    """End a call that was led to a number where nothing is."""
    kind = target_kind(target, plan.tenant.country)
    if kind is TargetKind.NO_NUMBER:
        journal.write(What.NOTED, reason=f"{target} is no number")
        await call.hang_up(Reason.INVALID_NUMBER)
    journal.write(What.NOTED, reason=f"there is no number {target}")
    await call.hang_up(Reason.NO_ROUTE)


def _goes_round(planned: PlannedElement, way: list[PlannedElement]) -> bool:
    """Whether the call has come to the same user too often since the caller chose something.

    Or servers hand it to each other, while the caller hears nothing but ringback.
    """
    way.append(planned)
    if planned.kind == CALLED_BY_RULE:
        return sum(one.number == planned.number for one in way) > MOST_RETURNS
    latest = way[-MOST_IN_A_ROW - 1 :]
    return len(latest) > MOST_IN_A_ROW and all(one.kind == HTTP_REQUEST for one in latest)


def _was_chosen(planned: PlannedElement, way_out: Exit | GoTo) -> bool:
    """Whether the caller themselves said where to go on, by a key or a number."""
    if isinstance(way_out, GoTo):
        return way_out.by_caller and planned.kind != CALLED_BY_RULE
    return way_out in CHOSEN_BY_CALLER


async def _run(call: Call, planned: PlannedElement, journal: CallJournal) -> Exit | GoTo:
    """Run one element; one that fails never drops its caller but leaves by ``failed``."""
    try:
        return await planned.element.run(call)
    except CallEnded:
        raise
    except SoundUnplayable as unplayable:
        journal.write(What.FAULT, reason=str(unplayable))
        return FAILED
    except Exception as fault:
        log.exception("element_failed", element=planned.number, kind=planned.kind)
        journal.write(What.FAULT, reason=f"{planned.kind} failed: {type(fault).__name__}")
        return FAILED


def _follow(
    planned: PlannedElement, way_out: Exit | GoTo, journal: CallJournal
) -> tuple[Target, HowCame]:
    match way_out:
        case GoTo(target=target, reason=reason, how=how):
            journal.leave("", target, reason)
            return target, how
        case _:
            target = planned.element.exits().get(way_out, NOWHERE)
            journal.leave(way_out, target)
            return target, HowCame.DIRECT


def _name(way_out: Exit | GoTo) -> str:
    return "" if isinstance(way_out, GoTo) else way_out
