"""Walk a call through its tenant's plan, from element to element, until it ends."""

from __future__ import annotations

from typing import NoReturn

import structlog

from stasis_apps.call import FAILED, NOWHERE, Call, CallEnded, Exit, GoTo, SoundUnplayable, Target
from stasis_apps.decisions.ending import CallEnd, Reason, ending_of_exit
from stasis_apps.journal import CallJournal, What
from stasis_apps.plan import NumberPlan, PlannedElement

HOP_LIMIT = 50
"""Elements one call may pass; more is a loop in the plan."""

log = structlog.get_logger(__name__)


async def run_call(call: Call, plan: NumberPlan, entry: Target, journal: CallJournal) -> CallEnd:
    """Run the plan from the number the call entered at, and say how the call ended."""
    try:
        await _walk(call, plan, entry, journal)
    except CallEnded as ended:
        return ended.end


async def _walk(call: Call, plan: NumberPlan, entry: Target, journal: CallJournal) -> NoReturn:
    target, number_is_unknown = entry, Reason.NO_SUCH_NUMBER
    for _ in range(HOP_LIMIT):
        planned = plan.behind(target)
        if planned is None:
            journal.write(What.NOTED, reason=f"there is no number {target}")
            await call.hang_up(number_is_unknown)
        journal.enter(planned.number, planned.kind)
        way_out = await _run(call, planned, journal)
        target, number_is_unknown = _follow(planned, way_out, journal), Reason.NO_ROUTE
        if target == NOWHERE:
            end = ending_of_exit(_name(way_out))
            await call.hang_up(end.reason, cause=end.cause)
    await call.hang_up(Reason.LOOP)


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


def _follow(planned: PlannedElement, way_out: Exit | GoTo, journal: CallJournal) -> Target:
    match way_out:
        case GoTo(target, reason):
            journal.leave("", target, reason)
            return target
        case _:
            target = planned.element.exits().get(way_out, NOWHERE)
            journal.leave(way_out, target)
            return target


def _name(way_out: Exit | GoTo) -> str:
    return "" if isinstance(way_out, GoTo) else way_out
