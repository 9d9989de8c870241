"""How a call walks through its plan, and how it ends there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pytest
from structlog.typing import EventDict

from models.call_log import CallWrite, JournalLine
from stasis_apps.call import FAILED, NOWHERE, Call, Endpoint, Exit, GoTo, HowCame, Target
from stasis_apps.decisions.ending import CallEnd, EndedBy, Reason
from stasis_apps.decisions.hangup_cause import OUTSIDE_FAULTS, LegOutcome
from stasis_apps.engine import HOP_LIMIT, MOST_RETURNS, run_call
from stasis_apps.journal import CallJournal, What
from stasis_apps.plan import NumberPlan, PlannedElement
from stasis_apps.testing import HangsUpAt, PickedUp, ScriptedCall, Verb
from tests.support.builders import a_plan

ALICE = "100@acme.test"
PLAY_IN_A_CIRCLE = {
    "5000": {"kind": "play", "sound": "welcome", "next": "5001"},
    "5001": {"kind": "play", "sound": "welcome", "next": "5000"},
}


@dataclass
class Walk:
    """A call's way through a plan, and what was written down of it."""

    plan: NumberPlan
    call: ScriptedCall
    steps: list[CallWrite] = field(default_factory=list)

    async def enter(self, number: str) -> CallEnd:
        journal = CallJournal("pbx-1.1", self.plan.tenant, self.steps.append)
        return await run_call(self.call, self.plan, Target(number), journal)

    def lines(self, what: What) -> list[JournalLine]:
        return [step for step in self.steps if isinstance(step, JournalLine) and step.what == what]


def walk(call: ScriptedCall, elements: Mapping[str, Mapping[str, object]]) -> Walk:
    return Walk(a_plan(elements=elements), call)


@dataclass(frozen=True)
class Breaks:
    """An element with a mistake in it."""

    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        return {FAILED: self.failed}

    async def run(self, _call: Call) -> Exit | GoTo:
        raise ZeroDivisionError


class SendsTo:
    """An element that sends every caller to a number from outside."""

    def exits(self) -> Mapping[Exit, Target]:
        return {}

    async def run(self, _call: Call) -> Exit | GoTo:
        return GoTo(Target("5001"), reason="the webhook said so")


@dataclass(frozen=True)
class Forwards:
    """An element that forwards every caller."""

    target: Target

    def exits(self) -> Mapping[Exit, Target]:
        return {}

    async def run(self, _call: Call) -> Exit | GoTo:
        return GoTo(self.target, reason="their rule", how=HowCame.FORWARD)


def with_element(plan: NumberPlan, number: str, element: Breaks | SendsTo | Forwards) -> NumberPlan:
    planned = PlannedElement(number=number, kind="odd", element=element)
    return replace(plan, elements=MappingProxyType({**plan.elements, number: planned}))


async def test_a_caller_follows_the_exit_to_the_next_element() -> None:
    way = walk(
        ScriptedCall(presses=["1"], phones={ALICE: PickedUp()}),
        {"5000": {"kind": "greeting", "sound": "welcome", "keys": {"1": "100"}}},
    )

    end = await way.enter("5000")

    assert way.call.talked_to == ALICE
    assert (end.by, end.reason) == (EndedBy.CALLEE, Reason.NORMAL)


async def test_the_journal_says_which_element_was_left_how_and_where_to() -> None:
    way = walk(
        ScriptedCall(presses=["1"], phones={ALICE: LegOutcome.BUSY}),
        {"5000": {"kind": "greeting", "sound": "welcome", "keys": {"1": "100"}}},
    )

    await way.enter("5000")

    assert [(line.element, line.facts) for line in way.lines(What.ENTERED)] == [
        ("5000", {"kind": "greeting"}),
        ("100", {"kind": "user"}),
    ]
    assert [(line.element, line.exit, line.facts) for line in way.lines(What.LEFT)] == [
        ("5000", "1", {"target": "100"}),
        ("100", "busy", {"target": ""}),
    ]


@pytest.mark.parametrize("outcome", sorted({*LegOutcome} - OUTSIDE_FAULTS))
async def test_a_callees_own_answer_reaches_the_caller_when_no_exit_is_set(
    outcome: LegOutcome,
) -> None:
    way = walk(ScriptedCall(phones={ALICE: outcome}), {})

    end = await way.enter("100")

    assert end.reason == outcome.value
    assert end.by is EndedBy.CALLEE


async def test_a_caller_at_an_empty_exit_hears_that_no_route_is_set() -> None:
    way = walk(ScriptedCall(), {"5000": {"kind": "play", "sound": "welcome"}})

    end = await way.enter("5000")

    assert (end.by, end.reason) == (EndedBy.PLAN, Reason.NO_ROUTE)
    assert end.comment("ru") == "Нет заданного маршрута"


async def test_a_caller_in_a_circle_is_let_go() -> None:
    way = walk(ScriptedCall(), PLAY_IN_A_CIRCLE)

    end = await way.enter("5000")

    assert end.reason is Reason.LOOP
    assert len(way.call.heard) == HOP_LIMIT


async def test_a_caller_who_dials_a_number_that_is_not_there_is_told_so() -> None:
    way = walk(ScriptedCall(), {})

    end = await way.enter("4711")

    assert (end.reason, end.cause) == (Reason.NO_SUCH_NUMBER, 1)
    assert [line.reason for line in way.lines(What.NOTED)] == ["there is no number 4711"]


async def test_a_wire_to_a_number_that_is_gone_is_the_plans_fault_not_the_callers() -> None:
    way = walk(ScriptedCall(), {"5000": {"kind": "play", "sound": "welcome", "next": "5999"}})

    end = await way.enter("5000")

    assert end.reason is Reason.NO_ROUTE
    assert way.lines(What.NOTED)[0].reason == "there is no number 5999"


async def test_an_element_that_breaks_sends_its_caller_out_by_failed() -> None:
    elements = {"5001": {"kind": "play", "sound": "welcome"}}
    way = Walk(
        with_element(a_plan(elements=elements), "5000", Breaks(Target("5001"))), ScriptedCall()
    )

    await way.enter("5000")

    assert way.call.heard == ["welcome"]
    assert [line.reason for line in way.lines(What.FAULT)] == ["odd failed: ZeroDivisionError"]
    assert way.lines(What.LEFT)[0].exit == "failed"


async def test_an_element_that_breaks_with_nothing_set_ends_as_our_fault(
    logged: list[EventDict],
) -> None:
    way = Walk(with_element(a_plan(), "5000", Breaks()), ScriptedCall())

    end = await way.enter("5000")

    assert (end.by, end.reason) == (EndedBy.PLATFORM, Reason.FAILED)
    assert logged[0]["event"] == "element_failed"


async def test_a_prompt_that_cannot_be_played_leaves_by_failed() -> None:
    elements = {
        "5000": {"kind": "play", "sound": "lost", "failed": "5001"},
        "5001": {"kind": "play", "sound": "welcome"},
    }
    way = walk(ScriptedCall(unplayable=["lost"]), elements)

    await way.enter("5000")

    assert way.call.heard == ["welcome"]
    assert way.lines(What.FAULT)[0].reason == "there is no sound lost"


async def test_a_prompt_that_cannot_be_played_with_nothing_set_is_a_fault_of_the_exchange() -> None:
    way = walk(ScriptedCall(unplayable=["lost"]), {"5000": {"kind": "play", "sound": "lost"}})

    end = await way.enter("5000")

    assert (end.by, end.reason) == (EndedBy.PLATFORM, Reason.FAILED)


async def test_a_number_from_outside_is_followed_and_its_reason_kept() -> None:
    elements = {"5001": {"kind": "play", "sound": "welcome"}}
    way = Walk(with_element(a_plan(elements=elements), "5000", SendsTo()), ScriptedCall())

    await way.enter("5000")

    assert way.call.heard == ["welcome"]
    assert way.lines(What.LEFT)[0].reason == "the webhook said so"


async def test_a_number_from_outside_may_be_empty() -> None:
    class SendsNowhere(SendsTo):
        async def run(self, _call: Call) -> Exit | GoTo:
            return GoTo(NOWHERE, reason="the webhook said so")

    way = Walk(with_element(a_plan(), "5000", SendsNowhere()), ScriptedCall())

    assert (await way.enter("5000")).reason is Reason.NO_ROUTE


async def test_a_caller_who_hangs_up_ends_the_walk() -> None:
    way = walk(ScriptedCall(hangs_up_at=HangsUpAt(Verb.PLAY, nth=3)), PLAY_IN_A_CIRCLE)

    end = await way.enter("5000")

    assert (end.by, end.reason) == (EndedBy.CALLER, Reason.NORMAL)
    assert len(way.call.heard) == 3


async def test_a_forwarded_call_comes_as_a_forward_and_only_to_the_next_element() -> None:
    elements = {"5001": {"kind": "play", "sound": "welcome", "next": "100"}}
    plan = with_element(a_plan(elements=elements), "5000", Forwards(Target("5001")))
    way = Walk(plan, ScriptedCall(phones={ALICE: PickedUp()}))
    await way.enter("5000")

    assert [(line.element, line.facts.get("how")) for line in way.lines(What.ENTERED)] == [
        ("5000", None),
        ("5001", "forward"),
        ("100", None),
    ]


async def test_an_exit_may_lead_to_an_outside_number() -> None:
    elements = {"5000": {"kind": "play", "sound": "welcome", "next": "+79161234567"}}
    way = walk(ScriptedCall(phones={Endpoint("+79161234567"): PickedUp()}), elements)

    end = await way.enter("5000")

    assert way.call.talked_to == "+79161234567"
    assert end.reason is Reason.NORMAL


RINGS_IN_VAIN = {ALICE: LegOutcome.NO_ANSWER}


async def test_a_person_is_not_rung_over_and_over_by_a_circle_in_the_plan() -> None:
    elements = {"5000": {"kind": "prefix", "text": "Again", "next": "100"}}
    plan = a_plan(elements=elements, users={"100": {"no_answer": "5000"}})
    way = Walk(plan, ScriptedCall(phones=RINGS_IN_VAIN))

    end = await way.enter("100")

    assert (end.by, end.reason) == (EndedBy.PLAN, Reason.LOOP)
    assert len(way.call.rang) == MOST_RETURNS
    assert way.lines(What.NOTED)[-1].reason == (
        "the call goes round: 100 5000 100 5000 100 5000 100"
    )


async def test_a_caller_who_asks_for_somebody_again_and_again_is_let_through() -> None:
    elements = {"5000": {"kind": "greeting", "sound": "welcome", "keys": {"1": "100"}}}
    plan = a_plan(elements=elements, users={"100": {"no_answer": "5000"}})
    way = Walk(plan, ScriptedCall(presses=["1"] * 6, phones=RINGS_IN_VAIN))

    end = await way.enter("5000")

    assert len(way.call.rang) == 6
    assert end.reason is Reason.NO_ROUTE  # silent in the end


async def test_a_rule_that_sends_to_no_number_at_all_says_so() -> None:
    class SendsToNonsense(SendsTo):
        async def run(self, _call: Call) -> Exit | GoTo:
            return GoTo(Target("0123"), reason="called back")

    way = Walk(with_element(a_plan(), "5000", SendsToNonsense()), ScriptedCall())

    end = await way.enter("5000")

    assert (end.reason, end.cause) == (Reason.INVALID_NUMBER, 28)
    assert way.lines(What.NOTED)[0].reason == "0123 is no number"


async def test_nobody_is_led_to_an_emergency_number_by_the_plan() -> None:
    way = Walk(with_element(a_plan(), "5000", Forwards(Target("112"))), ScriptedCall())

    assert (await way.enter("5000")).reason is Reason.NO_ROUTE
    assert way.call.rang == []


async def test_a_forwarded_call_comes_to_a_group_as_one_and_goes_on_from_it_directly() -> None:
    rules = [{"when": "no_answer", "to": "5000"}]
    elements = {"5000": {"kind": "group", "members": ["101"], "no_answer": "102"}}
    people = {"100": {"rules": rules}, "102": {"rules": rules}}
    plan = a_plan(
        elements=elements, extensions={one: [one] for one in ("100", "101", "102")}, users=people
    )
    vain = {f"{one}@acme.test": LegOutcome.NO_ANSWER for one in ("100", "101", "102")}
    way = Walk(plan, ScriptedCall(phones=vain, people=[*plan.people.values()]))

    await way.enter("100")

    came = [(line.element, line.facts.get("how")) for line in way.lines(What.ENTERED)]
    assert came[:4] == [("100", None), ("5000", "forward"), ("102", None), ("5000", "forward")]
