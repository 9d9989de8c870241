"""Carriers that say nothing: how long they are waited for, and what the caller hears meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import pytest

from ari_client.testing import (
    Answers,
    HangsUp,
    NeverAnswers,
    Phone,
    Step,
    StepKind,
    Unreachable,
)
from models.outside_policy import OutsidePolicy
from stasis_apps.call import NOWHERE, Answered, Call, Exit, GoTo, Party, Target
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.trunk_choice import LEAST_PATIENCE_S
from stasis_apps.journal import What
from stasis_apps.occupancy import channels_of
from tests.unit.stasis_apps.live.desk import MOBILE, Desk, PlacedCall, open_desk
from tests.unit.stasis_apps.live.office import seconds
from tests.unit.stasis_apps.live.test_failover import (
    FIRST,
    OUT,
    SECOND,
    THIRD,
    by_three_trunks,
    leg_of,
    notes,
    tried,
    with_behind,
)
from tests.unit.stasis_apps.live.test_outside_legs import Refuses


@dataclass(frozen=True)
class Rings:
    """An element that rings the mobile for a while.

    Attributes:
        ring_s: How long it is to ring.
        limit_s: How long the whole may last.
        answers: Whether the caller is picked up before.
    """

    ring_s: float = 60.0
    limit_s: float = 60.0
    answers: bool = False

    def exits(self) -> Mapping[Exit, Target]:
        """Nowhere."""
        return {Exit(outcome): NOWHERE for outcome in LegOutcome}

    async def run(self, call: Call) -> Exit | GoTo:
        """Ring, and talk."""
        if self.answers:
            await call.answer()
        party = Party(number=MOBILE, acting="100", purpose=Purpose.DIALLED, ring_s=self.ring_s)
        result = await call.dial([party], ring_s=self.limit_s)
        if isinstance(result, Answered):
            await call.talk(result)
        return Exit(result.outcome)


@dataclass(frozen=True)
class Late:
    """The carrier is silent for a while, then answers, with or without early media before."""

    after_s: float
    has_early_media: bool = False
    is_registered: bool = True

    def steps(self) -> list[Step]:
        """Silence, a talk, the end."""
        speaks = [Step(self.after_s - 1, StepKind.PROGRESS)] if self.has_early_media else []
        answer = Step(self.after_s, StepKind.ANSWER)
        return [*speaks, answer, Step(self.after_s + 5.0, StepKind.HANG_UP)]


@pytest.fixture
async def shop() -> AsyncIterator[Desk]:
    """A tenant whose rule names three trunks."""
    async with open_desk(by_three_trunks(OutsidePolicy(calls_per_second=0))) as opened:
        opened.fake.sounds["tone:busy"] = opened.fake.sounds["tone:congestion"] = 3600.0
        yield opened


async def rings(desk: Desk, element: Rings) -> PlacedCall:
    """Somebody calls the mobile that way."""
    desk.plan = with_behind(desk.plan, element)
    return await desk.call(OUT)


def full(desk: Desk, *trunks: str) -> None:
    """These trunks have no channel left."""
    for trunk in (FIRST, SECOND, THIRD):
        if trunk.name in trunks:
            busy = replace(trunk, max_channels=1)
            desk.plan = replace(desk.plan, trunks={**desk.plan.trunks, trunk.endpoint: busy})
            desk.room.occupancy.hold(channels_of(trunk.endpoint), f"another call by {trunk.name}")


@pytest.mark.parametrize("ring_s", [6.0, 10.0, 12.0])
async def test_a_short_ring_leaves_time_for_the_next_trunk(shop: Desk, ring_s: float) -> None:
    shop.fake.phone(leg_of("first"), Unreachable())
    shop.fake.phone(leg_of("second"), HangsUp(after_s=2.0))
    call = await rings(shop, Rings(ring_s=ring_s, limit_s=ring_s))

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert tried(shop) == ["first", "second"]
    assert shop.room.trunk_rest.is_resting(FIRST.endpoint)


async def test_a_person_rings_as_long_as_ever_after_a_silent_trunk(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Unreachable())
    shop.fake.phone(leg_of("second"), HangsUp(after_s=7.0))
    call = await rings(shop, Rings(ring_s=8.0))

    assert (await call.end()).reason is Reason.NORMAL


async def test_the_limit_of_the_whole_holds_for_all_trunks_together(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Unreachable())
    shop.fake.phone(leg_of("second"), NeverAnswers())
    began_at = seconds()
    call = await rings(shop, Rings(ring_s=20.0, limit_s=20.0))

    end = await call.end()

    assert end.reason is Reason.NO_ANSWER
    assert seconds() - began_at == pytest.approx(20.0, abs=0.5)


async def test_a_trunk_that_is_silent_to_the_end_of_the_ringing_rests(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Unreachable())
    call = await rings(shop, Rings(ring_s=LEAST_PATIENCE_S / 2))

    end = await call.end()

    assert end.reason is Reason.CARRIER_FAILED
    assert shop.room.trunk_rest.is_resting(FIRST.endpoint)


async def test_a_person_who_does_not_pick_up_lets_no_trunk_rest(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), NeverAnswers())
    call = await rings(shop, Rings(ring_s=20.0))

    await call.end()

    assert not shop.room.trunk_rest.is_resting(FIRST.endpoint)


async def test_a_silent_trunk_is_still_waited_for_when_all_others_are_full(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Late(20.0))
    full(shop, "second", "third")
    call = await rings(shop, Rings())

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert tried(shop) == ["first"]
    assert "trunk third has no free channel" in notes(call)


async def test_a_silent_trunk_ends_the_call_when_all_others_stay_full(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Unreachable())
    full(shop, "second", "third")
    call = await rings(shop, Rings(limit_s=40.0))
    began_at = seconds()

    end = await call.end()

    assert end.reason is Reason.CARRIER_FAILED
    assert seconds() - began_at == pytest.approx(40.0, abs=0.5)


@pytest.mark.parametrize("first", [Refuses(34, 503), Unreachable()])
async def test_the_caller_hears_ringback_while_the_next_trunk_is_tried(
    shop: Desk, first: Phone
) -> None:
    shop.fake.phone(leg_of("first"), first)
    shop.fake.phone(leg_of("second"), Late(5.0))
    call = await rings(shop, Rings())

    await call.end()

    rung = [request.method for request in shop.fake.requests if request.path.endswith("/ring")]
    assert rung == ["POST"]
    assert not call.lines(What.RANG)


async def test_the_early_media_of_the_next_trunk_is_heard(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Refuses(34, 503))
    shop.fake.phone(leg_of("second"), Late(5.0, has_early_media=True))
    call = await rings(shop, Rings())
    bridges: list[int] = []
    shop.later(4.6, lambda: bridges.append(len(shop.fake.bridges)))

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert bridges == [1]
    assert shop.requests("POST", "/progress")


async def test_who_was_answered_before_hears_ringback_at_once(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Late(10.0, has_early_media=True))
    call = await rings(shop, Rings(answers=True))
    heard: list[list[str]] = []

    def listen() -> None:
        asked = [one.method for one in shop.fake.requests if one.path.endswith("/ring")]
        heard.append(asked)

    shop.later(1.0, listen)
    shop.later(9.5, listen)

    await call.end()

    assert heard == [["POST"], ["POST", "DELETE"]]


async def test_a_caller_whose_first_trunk_rings_hears_nothing_before(shop: Desk) -> None:
    shop.fake.phone(leg_of("first"), Answers(after_s=3.0, is_early_media=True))
    call = await rings(shop, Rings())
    shop.later(10.0, call.hang_up)

    await call.end()

    assert not shop.requests("POST", "/ring")
