"""Simulated calls, as they would stand in the database had somebody really made them."""

from __future__ import annotations

from dataclasses import replace

from models.call_log import (
    AnsweredCall,
    CallWrite,
    ClosedCall,
    JournalLine,
    OpenedCall,
    RecordedCall,
)
from stasis_apps.call import WayIn
from stasis_apps.journal import What
from stasis_apps.plan import NumberPlan
from stasis_apps.simulation import Scenario, SimulatedEnd, simulate_at_once


def record_of(plan: NumberPlan, scenario: Scenario, *, call_id: str) -> list[CallWrite]:
    """Make a call in a plan; what a live one would have had written."""
    end = simulate_at_once(plan, scenario)
    steps = [replace(step, call_id=call_id) for step in end.journal]
    return [_opened(plan, end, steps[0]), *steps, *_answered(end, steps), _closed(end, steps)]


def recorded(plan: NumberPlan, scenario: Scenario) -> tuple[RecordedCall, list[JournalLine]]:
    """Make a call in a plan; its record and its steps, as they would be read later."""
    taken = record_of(plan, scenario, call_id="pbx-1.1")
    opened = next(one for one in taken if isinstance(one, OpenedCall))
    closed = next(one for one in taken if isinstance(one, ClosedCall))
    answered = next((one for one in taken if isinstance(one, AnsweredCall)), None)
    call = RecordedCall(
        id=opened.id,
        tenant=plan.tenant.name,
        channel_id=opened.channel_id,
        revision=opened.revision,
        how=opened.how,
        caller_number=opened.caller_number,
        caller_name=opened.caller_name,
        caller_device=opened.caller_device,
        dialled=opened.dialled,
        started_at=opened.started_at,
        answered_at=answered.answered_at if answered else None,
        answered_by=answered.answered_by if answered else None,
        ended_at=closed.ended_at,
        ended_by=closed.ended_by,
        reason=closed.reason,
        comment=closed.comment,
        talk_s=closed.talk_s,
    )
    return call, [one for one in taken if isinstance(one, JournalLine)]


def _opened(plan: NumberPlan, end: SimulatedEnd, started: JournalLine) -> OpenedCall:
    scenario = end.scenario
    way_in = WayIn(str(started.facts["way_in"]))
    device = str(started.facts["device"]) if way_in is WayIn.PHONE else ""
    phone = plan.phone(device)
    return OpenedCall(
        id=started.call_id,
        tenant_id=started.tenant_id,
        channel_id=started.call_id,
        revision=end.revision,
        how=way_in,
        caller_number=phone.extension if phone else scenario.caller,
        caller_name=phone.caller_name if phone else scenario.caller_name,
        caller_device=device,
        dialled=scenario.dialled,
        started_at=started.at,
    )


def _answered(end: SimulatedEnd, steps: list[JournalLine]) -> list[AnsweredCall]:
    return [
        AnsweredCall(
            id=step.call_id,
            tenant_id=step.tenant_id,
            answered_at=step.at,
            answered_by=end.answered_by,
        )
        for step in steps
        if step.what == What.ANSWERED
    ]


def _closed(end: SimulatedEnd, steps: list[JournalLine]) -> ClosedCall:
    answered = [step.at for step in steps if step.what == What.ANSWERED]
    last = steps[-1]
    return ClosedCall(
        id=last.call_id,
        tenant_id=last.tenant_id,
        ended_at=last.at,
        ended_by=end.end.by,
        reason=end.end.reason,
        comment=end.end.comment("en"),
        talk_s=(last.at - answered[-1]).total_seconds() if answered else 0.0,
    )
