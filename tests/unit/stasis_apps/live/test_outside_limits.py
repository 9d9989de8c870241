"""Limits of calls out, where calls are really dialled: nobody gets past them, and it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ari_client.testing import Answers, NeverAnswers, Unreachable
from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.masks import compile_mask
from stasis_apps.decisions.outbound import OutboundRule
from stasis_apps.outside_gate import OutsideGate, OutsideLeg
from tests.support.builders import a_plan, a_trunk
from tests.unit.stasis_apps.live.desk import MOBILE, Desk, open_desk
from tests.unit.stasis_apps.outside import a_leg

FIRST, SECOND = (
    a_trunk(name=name, endpoint=f"trunk-0000000{place}", is_default=not place, max_channels=0)
    for place, name in enumerate(("first", "second"))
)
FIRST_LEG, SECOND_LEG = (f"Local/{one.endpoint}-{MOBILE}@outside/nm" for one in (FIRST, SECOND))
FREE = OutsidePolicy(max_calls=0, max_calls_per_device=0, calls_per_second=0, minutes_per_day=0)
MANY, AT_ONCE = 50, 5


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Alice, whose company has a line to a carrier, and limits that a test sets."""
    async with open_desk(a_plan(elements={}, trunks=(FIRST, SECOND))) as opened:
        opened.fake.sounds["tone:congestion"] = 3600.0
        yield opened


def put(desk: Desk, policy: OutsidePolicy) -> None:
    """Set the limits of calls that come from now on."""
    desk.plan = replace(desk.plan, tenant=replace(desk.plan.tenant, outside=policy))


async def test_of_many_calls_at_once_as_many_leave_as_may_and_the_others_are_told(
    desk: Desk,
) -> None:
    put(desk, replace(FREE, max_calls=AT_ONCE))
    desk.fake.phone(FIRST_LEG, Answers(after_s=1.0))
    calls = [await desk.call(MOBILE) for _ in range(MANY)]
    for call in calls:
        desk.later(30.0, call.hang_up)

    ends = Counter([(await call.task).reason for call in calls])

    assert ends == {Reason.NORMAL: AT_ONCE, Reason.TOO_MANY_OUTSIDE: MANY - AT_ONCE}
    assert len(desk.requests("POST", "/channels/create")) == AT_ONCE
    told = desk.room.notices.told
    assert [one.key for one in told] == ["too_many_outside"] * (MANY - AT_ONCE)
    assert {one.facts["number"] for one in told} == {MOBILE}
    assert desk.room.gate.legs_of(desk.plan.tenant.id) == 0


async def test_who_hangs_up_makes_room_for_the_next(desk: Desk) -> None:
    put(desk, replace(FREE, max_calls=1))
    desk.fake.phone(FIRST_LEG, Answers(after_s=1.0))
    for _ in range(3):
        call = await desk.call(MOBILE)
        desk.later(5.0, call.hang_up)
        assert (await call.end()).reason is Reason.NORMAL

    assert desk.room.notices.told == ()


async def test_a_caller_who_gives_up_while_it_rings_makes_room(desk: Desk) -> None:
    put(desk, replace(FREE, max_calls=1))
    desk.fake.phone(FIRST_LEG, NeverAnswers())
    call = await desk.call(MOBILE)
    desk.later(5.0, call.hang_up)
    await call.end()

    assert desk.room.gate.legs_of(desk.plan.tenant.id) == 0


async def test_a_number_that_is_tried_through_another_trunk_is_one_call(desk: Desk) -> None:
    put(desk, replace(FREE, max_calls=1, calls_per_second=1))
    both = OutboundRule(
        name="all", mask=compile_mask("p(+)"), output="+$", trunks=(FIRST.name, SECOND.name)
    )
    desk.plan = replace(desk.plan, outbound=(both,))
    desk.fake.phone(FIRST_LEG, Unreachable())
    desk.fake.phone(SECOND_LEG, Answers(after_s=1.0))
    call = await desk.call(MOBILE)
    others: list[LegOutcome | None] = []
    for moment_s in (5.0, 15.0):
        desk.later(moment_s, lambda: others.append(desk.room.gate.refusal(another(desk))))
    desk.later(20.0, call.hang_up)

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert len(desk.requests("POST", "/channels/create")) == 2
    assert others == [LegOutcome.TOO_MANY_OUTSIDE] * 2
    assert desk.room.notices.told == ()
    assert desk.room.gate.legs_of(desk.plan.tenant.id) == 0


async def test_a_call_that_came_before_is_held_to_the_limits_of_now(desk: Desk) -> None:
    """The dialplan is told the same limits, so that both refuse, or neither does."""
    now = replace(desk.plan.tenant, outside=replace(FREE, max_calls=3))
    desk.room = replace(desk.room, gate=OutsideGate(newest=lambda _tenant: now))
    desk.fake.phone(FIRST_LEG, Answers(after_s=1.0))
    for policy in (FREE, now.outside):
        put(desk, policy)
        call = await desk.call(MOBILE)
        desk.later(30.0, call.hang_up)
        await call.end()

    now = replace(now, outside=replace(FREE, forward_reach="none"))
    closed = await (await desk.call(MOBILE)).end()
    now = replace(now, state="blocked")
    blocked = await (await desk.call(MOBILE)).end()

    made_with = [leg.json["variables"] for leg in desk.requests("POST", "/channels/create")]
    before, after = (one["OUT_LIMITS"] for one in made_with if isinstance(one, dict))
    assert before == after
    assert (closed.reason, blocked.reason) == (Reason.FORWARDING_CLOSED, Reason.BLOCKED)
    assert [one.facts["allowed"] for one in desk.room.notices.told] == ["none"]


def another(desk: Desk) -> OutsideLeg:
    """What somebody else's call would ask the gate."""
    return a_leg(desk.plan.tenant, "pbx-another.1", at=datetime.now(UTC))


async def test_a_limit_ends_the_call_with_its_own_comment_and_dials_nobody(desk: Desk) -> None:
    put(desk, replace(FREE, forward_reach="none"))
    call = await desk.call(MOBILE)
    desk.later(30.0, call.hang_up)

    end = await call.end()

    assert end.reason is Reason.FORWARDING_CLOSED
    assert desk.requests("POST", "/channels/create") == []
    (notice,) = desk.room.notices.told
    assert notice.facts["limit"] == LegOutcome.FORWARDING_CLOSED
    assert notice.facts["opens"].startswith("pbx tenant set acme --forward-reach")
