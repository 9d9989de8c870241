"""Outside numbers that are tried through one trunk after the other, and what stops that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import pytest
from structlog.typing import EventDict

from ari_client.testing import (
    Answers,
    Busy,
    HangsUp,
    NeverAnswers,
    Phone,
    Step,
    StepKind,
    Unreachable,
    Unregistered,
)
from asterisk_conf.leg_ends import REFUSALS
from models.outside_policy import OutsidePolicy
from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, NotAnswered, Party, Target
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.masks import compile_mask
from stasis_apps.decisions.outbound import OutboundRule, Purpose
from stasis_apps.decisions.trunk_choice import SILENT_TRUNK_RESTS_S
from stasis_apps.element import Element
from stasis_apps.emergency import Emergency
from stasis_apps.journal import What
from stasis_apps.occupancy import channels_of
from stasis_apps.outside import Outside
from stasis_apps.plan import NumberPlan, PlannedElement
from tests.support.builders import a_plan, a_tenant, a_trunk
from tests.unit.stasis_apps.live.desk import MOBILE, Desk, PlacedCall, open_desk
from tests.unit.stasis_apps.live.office import at, seconds
from tests.unit.stasis_apps.live.test_outside_legs import Refuses

FIRST = a_trunk(name="first", endpoint="trunk-00000001", patience_s=12)
SECOND = a_trunk(name="second", endpoint="trunk-00000002", is_default=False)
THIRD = a_trunk(name="third", endpoint="trunk-00000003", is_default=False)
TRUNKS = (FIRST, SECOND, THIRD)
OUT = "700001"
"""The element that dials the mobile."""


def with_behind(plan: NumberPlan, element: Element) -> NumberPlan:
    """The plan with another element behind the number that is called."""
    planned = PlannedElement(number=OUT, kind="outside", element=element)
    return replace(plan, elements={**plan.elements, OUT: planned})


def leg_of(name: str) -> str:
    """The leg to the mobile through a trunk."""
    endpoint = next(trunk.endpoint for trunk in TRUNKS if trunk.name == name)
    return f"Local/{endpoint}-{MOBILE}@outside/nm"


@pytest.fixture
async def shop() -> AsyncIterator[Desk]:
    """A tenant whose rule names three trunks."""
    policy = OutsidePolicy(calls_per_second=0)
    async with open_desk(by_three_trunks(policy)) as opened:
        opened.fake.sounds["tone:busy"] = opened.fake.sounds["tone:congestion"] = 3600.0
        yield opened


def by_three_trunks(policy: OutsidePolicy, **rule: object) -> NumberPlan:
    """Its plan.

    Args:
        policy: What its calls out are held to.
        rule: What else the rule says.
    """
    plan = a_plan(trunks=TRUNKS, tenant=a_tenant(outside=policy))
    every = OutboundRule(name="all", mask=compile_mask("(p+)"), trunks=("first", "second", "third"))
    rules = (replace(every, **rule),)  # type: ignore[arg-type] # fields by name
    element = Outside(number=MOBILE, acting="100", purpose=Purpose.DIALLED)
    return with_behind(replace(plan, outbound=rules), element)


def tried(desk: Desk) -> list[str]:
    """Through which trunks the mobile was dialled, in order."""
    names = {leg_of(trunk.name): trunk.name for trunk in TRUNKS}
    dialled = [str(one.query["endpoint"]) for one in desk.requests("POST", "/channels/create")]
    return [names[one] for one in dialled if one in names]


def notes(call: PlacedCall) -> list[str]:
    return [line.reason for line in call.lines(What.NOTED)]


@pytest.mark.parametrize(
    "answer",
    [
        Refuses(34, 503),
        Refuses(38, 500),
        Refuses(21, 401),
        Refuses(21, 403),
        Refuses(21, 407),
        Refuses(18, 408),
        Refuses(21, 402),
        Refuses(127, 429),
        Refuses(58, 488),
        Unregistered(),
    ],
)
async def test_a_carrier_that_fails_is_followed_by_the_next(shop: Desk, answer: Phone) -> None:
    shop.fake.phone(leg_of("first"), answer)
    shop.fake.phone(leg_of("second"), HangsUp())
    call = await shop.call(OUT)

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert tried(shop) == ["first", "second"]
    assert "trunk second is tried next" in notes(call)
    (failed,) = [one for one in call.lines(What.LEG_ENDED) if one.facts["trunk"] == "first"]
    assert failed.reason == "carrier_failed"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Busy(), Reason.BUSY),
        (Refuses(17, 600), Reason.BUSY),
        (Refuses(21, 603), Reason.DECLINED),
        (Refuses(1, 404), Reason.UNREACHABLE),
        (Refuses(19, 480), Reason.NO_ANSWER),
        (Refuses(28, 484), Reason.INVALID_NUMBER),
        (Refuses(34, 503, rings=True), Reason.CARRIER_FAILED),
    ],
)
async def test_an_answer_about_the_person_is_final(
    shop: Desk, answer: Phone, reason: Reason
) -> None:
    shop.fake.phone(leg_of("first"), answer)

    end = await (await shop.call(OUT)).end()

    assert end.reason is reason
    assert tried(shop) == ["first"]


async def test_codes_of_the_trunk_replace_the_usual_ones_but_not_busy() -> None:
    first = replace(FIRST, final_codes=(503,))
    plan = by_three_trunks(OutsidePolicy())
    plan = replace(plan, trunks={**plan.trunks, first.endpoint: first})
    async with open_desk(plan) as desk:
        desk.fake.phone(leg_of("first"), Refuses(1, 404))
        desk.fake.phone(leg_of("second"), Busy())

        end = await (await desk.call(OUT)).end()

    assert end.reason is Reason.BUSY
    assert tried(desk) == ["first", "second"]


async def test_a_silent_carrier_is_waited_for_as_long_as_its_trunk_says(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Unreachable())
    shop.fake.phone(leg_of("second"), HangsUp(talks_s=5.0, after_s=1.0))
    began_at = seconds()
    call = await shop.call(OUT)

    await call.end()

    assert tried(shop) == ["first", "second"]
    assert seconds() - began_at == pytest.approx(12.0 + 1.0 + 5.0, abs=0.5)
    (silent,) = [one for one in call.lines(What.LEG_ENDED) if one.facts["trunk"] == "first"]
    assert (silent.reason, silent.facts["silent"]) == ("carrier_failed", "yes")


async def test_a_trunk_that_was_silent_is_tried_last_for_a_while(shop: Desk) -> None:
    shop.fake.phone(at("101"), NeverAnswers())
    shop.fake.phone(leg_of("first"), Unreachable())
    shop.fake.phone(leg_of("second"), HangsUp(talks_s=1.0))
    await (await shop.call(OUT)).end()
    await (await shop.call(OUT)).end()
    woken_at = seconds() + SILENT_TRUNK_RESTS_S
    while seconds() < woken_at:
        await (await shop.call("101")).end()
    shop.fake.phone(leg_of("first"), HangsUp())

    await (await shop.call(OUT)).end()

    assert tried(shop) == ["first", "second", "second", "first"]


async def test_nobody_is_tried_again_once_a_phone_has_rung_or_spoken(shop: Desk) -> None:
    for first in (NeverAnswers(), Answers(after_s=1000.0, is_early_media=True)):
        shop.fake.phone(leg_of("first"), first)
        call = await shop.call(OUT)
        shop.later(40.0, call.hang_up)
        await call.end()

    assert tried(shop) == ["first", "first"]


async def test_the_most_telling_of_all_answers_is_what_the_caller_hears(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Refuses(34, 503))
    shop.fake.phone(leg_of("second"), Refuses(21, 403))
    shop.fake.phone(leg_of("third"), Busy())
    call = await shop.call(OUT)

    end = await call.end()

    assert end.reason is Reason.BUSY
    ended = [(line.facts["trunk"], line.facts["sip"]) for line in call.lines(What.LEG_ENDED)]
    assert ended == [("first", "503"), ("second", "403"), ("third", "486")]


@pytest.mark.parametrize("answer", [Refuses(21, 402), Refuses(127, 429), Refuses(127, 606)])
async def test_who_has_no_credit_or_calls_too_often_learns_that_no_carrier_took_the_call(
    shop: Desk, answer: Phone
) -> None:
    for trunk in TRUNKS:
        shop.fake.phone(leg_of(trunk.name), answer)
    call = await shop.call(OUT)

    end = await call.end()

    assert end.comment("en") == "the carrier did not take the call"
    assert tried(shop) == ["first", "second", "third"]


async def test_a_full_trunk_is_passed_over(shop: Desk) -> None:
    full = replace(FIRST, max_channels=1)
    shop.plan = replace(shop.plan, trunks={**shop.plan.trunks, FIRST.endpoint: full})
    shop.room.occupancy.hold(channels_of(FIRST.endpoint), "another call")
    shop.fake.phone(leg_of("second"), HangsUp())
    call = await shop.call(OUT)

    await call.end()

    assert tried(shop) == ["second"]
    assert "trunk first has no free channel" in notes(call)


async def test_a_failed_trunk_counts_no_more_and_the_talk_counts_once(shop: Desk) -> None:
    shop.plan = by_three_trunks(OutsidePolicy(max_calls=1))
    shop.fake.phone(leg_of("first"), Refuses(34, 503))
    shop.fake.phone(leg_of("second"), Answers(after_s=1.0))
    call = await shop.call(OUT)
    seen: list[tuple[int, int, int]] = []

    def look() -> None:
        count = shop.room.occupancy.count
        first, second = (count(channels_of(one.endpoint)) for one in (FIRST, SECOND))
        seen.append((first, second, shop.room.gate.legs_of(7)))

    shop.later(5.0, look)
    shop.later(6.0, call.hang_up)
    await call.end()
    look()

    assert seen == [(0, 1, 1), (0, 0, 0)]


async def test_a_caller_who_leaves_between_two_trunks_leaves_nothing_behind(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Unreachable())
    shop.fake.phone(leg_of("second"), Unreachable())
    call = await shop.call(OUT)
    shop.later(12.001, call.hang_up)

    end = await call.end()

    assert end.reason is Reason.CANCELLED
    assert shop.room.gate.legs_of(7) == 0


class RefusedByDialplan:
    """The dialplan does not dial what the application has let pass."""

    is_registered = True

    def __init__(self, word: str) -> None:
        self._cause = REFUSALS[word]

    def steps(self) -> list[Step]:
        """At once."""
        return [Step(0.0, StepKind.HANG_UP, cause=self._cause)]


@pytest.mark.parametrize("word", ["too_many_outside", "destination_closed", "forbidden"])
async def test_what_the_dialplan_refuses_is_not_tried_elsewhere_and_logged_as_our_fault(
    shop: Desk, logged: list[EventDict], word: str
) -> None:
    shop.fake.phone(leg_of("first"), RefusedByDialplan(word))
    call = await shop.call(OUT)

    end = await call.end()

    assert end.reason is Reason(word)
    assert tried(shop) == ["first"]
    assert "the dialplan refused what the application had let pass" in [
        line.reason for line in call.lines(What.FAULT)
    ]
    (entry,) = [one for one in logged if one["log_level"] == "error"]
    assert (entry["event"], entry["outcome"]) == ("dialplan_refused_what_was_let_pass", word)


async def test_a_trunk_that_the_dialplan_finds_full_is_followed_by_the_next(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), RefusedByDialplan("no_channel"))
    shop.fake.phone(leg_of("second"), HangsUp())

    end = await (await shop.call(OUT)).end()

    assert end.reason is Reason.NORMAL
    assert tried(shop) == ["first", "second"]


async def test_a_limit_refuses_before_anything_is_dialled(shop: Desk) -> None:
    shop.plan = by_three_trunks(OutsidePolicy(max_calls=1))
    shop.fake.phone(leg_of("first"), Answers(after_s=1.0))
    first, second = await shop.call(OUT), await shop.call(OUT)
    shop.later(20.0, first.hang_up)

    ends = [await first.task, await second.task]

    assert [end.reason for end in ends] == [Reason.NORMAL, Reason.TOO_MANY_OUTSIDE]
    assert tried(shop) == ["first"]


async def test_help_goes_on_after_every_answer_and_passes_no_gate(shop: Desk) -> None:
    shop.plan = with_behind(shop.plan, Emergency(number="112", acting="100"))
    for trunk, answer in ((FIRST, Busy()), (SECOND, Refuses(1, 404)), (THIRD, HangsUp())):
        shop.fake.phone(f"Local/{trunk.endpoint}-112@emergency/nm", answer)
    call = await shop.call(OUT)

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert [line.facts["trunk"] for line in call.lines(What.LEG_ENDED)] == ["first", "second"]
    told = [str(one.json) for one in shop.requests("POST", "/channels/create")]
    assert not any("OUT_LIMITS" in variables for variables in told)


@dataclass(frozen=True)
class DialsUnasked:
    """An element that asks nobody for a PIN."""

    def exits(self) -> Mapping[Exit, Target]:
        """Nowhere."""
        return {Exit(outcome): NOWHERE for outcome in LegOutcome}

    async def run(self, call: Call) -> Exit | GoTo:
        """Dial the mobile as if it had no rule."""
        party = Party(number=MOBILE, acting="100", purpose=Purpose.DIALLED)
        result = await call.dial([party], ring_s=30)
        return Exit(result.outcome) if isinstance(result, NotAnswered) else FAILED


async def test_a_rule_with_a_pin_lets_nobody_out_who_has_not_given_it(shop: Desk) -> None:
    plan = by_three_trunks(OutsidePolicy(), pin_hash="scrypt$x$y")
    shop.plan = with_behind(plan, DialsUnasked())

    end = await (await shop.call(OUT)).end()

    assert end.reason is Reason.FORBIDDEN
    assert tried(shop) == []
