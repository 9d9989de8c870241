"""Two people who talk: how they are connected, how it is noted, and how it ends."""

from __future__ import annotations

import asyncio

import pytest

from ari_client import AriUnavailable
from ari_client.testing import Answers, HangsUp, NeverAnswers
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.journal import What
from stasis_apps.live_call.connection import LONGEST_TALK_S
from tests.unit.stasis_apps.live.desk import BORIS, KITCHEN, Desk, PlacedCall


@pytest.fixture
async def talk(desk: Desk) -> PlacedCall:
    """Alice talks to Boris from the second second on."""
    desk.fake.phone(BORIS, Answers(after_s=2.0))
    return await desk.call("101")


async def test_caller_and_callee_share_a_bridge(desk: Desk, talk: PlacedCall) -> None:
    together: list[set[str]] = []
    desk.later(5.0, lambda: together.extend(set(b.channel_ids) for b in desk.fake.bridges.values()))
    desk.later(6.0, talk.hang_up)

    await talk.end()

    (both,) = together
    assert talk.channel_id in both
    assert len(both) == 2


async def test_the_caller_who_hangs_up_ends_the_talk(desk: Desk, talk: PlacedCall) -> None:
    desk.later(6.0, talk.hang_up)

    end = await talk.end()

    assert (end.by, end.reason) == (EndedBy.CALLER, Reason.NORMAL)
    assert desk.hangup_causes(BORIS) == ["16"]


async def test_the_callee_who_hangs_up_ends_the_talk(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp(after_s=2.0, talks_s=5.0))

    end = await (await desk.call("101")).end()

    assert (end.by, end.reason) == (EndedBy.CALLEE, Reason.NORMAL)


async def test_both_hang_up_in_the_same_moment(desk: Desk, talk: PlacedCall) -> None:
    def both() -> None:
        for leg in talk.legs():
            desk.fake.hang_up(leg)
        talk.hang_up()

    desk.later(6.0, both)

    end = await talk.end()

    assert end.reason is Reason.NORMAL
    assert end.by in (EndedBy.CALLER, EndedBy.CALLEE)


async def test_hold_is_noted_with_the_side_that_did_it(desk: Desk, talk: PlacedCall) -> None:
    desk.later(3.0, lambda: desk.fake.hold(talk.channel_id))
    desk.later(4.0, lambda: desk.fake.unhold(talk.channel_id))
    desk.later(5.0, lambda: desk.fake.hold(talk.legs()[0]))
    desk.later(6.0, talk.hang_up)

    await talk.end()

    assert [(line.what, line.facts) for line in talk.lines(What.HELD, What.RESUMED)] == [
        (What.HELD, {"by": "caller"}),
        (What.RESUMED, {"by": "caller"}),
        (What.HELD, {"by": "callee"}),
    ]


async def test_keys_pressed_during_a_talk_disturb_nobody(desk: Desk, talk: PlacedCall) -> None:
    desk.later(3.0, talk.press, "123")
    desk.later(6.0, talk.hang_up)

    assert (await talk.end()).reason is Reason.NORMAL


async def test_a_phone_forgotten_off_the_hook_is_let_go_after_a_day(
    desk: Desk, talk: PlacedCall
) -> None:
    end = await talk.task

    assert (end.by, end.reason) == (EndedBy.PLATFORM, Reason.TOO_LONG)
    assert desk.fake.channels == {}
    assert LONGEST_TALK_S > 12 * 3600


async def test_a_callee_who_leaves_while_being_connected_ends_the_talk(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp(after_s=2.0, talks_s=0.0))

    end = await (await desk.call("101")).end()

    assert (end.by, end.reason) == (EndedBy.CALLEE, Reason.NORMAL)


async def test_a_callee_who_left_before_they_could_be_connected_is_noted(desk: Desk) -> None:
    desk.fake.phone(BORIS, Answers(after_s=2.0))
    desk.fake.refuse_next("POST /bridges/{}/addChannel", 422, "Channel not in Stasis application")
    call = await desk.call("101")
    desk.later(6.0, call.hang_up)

    await call.end()

    assert "could not connect" in call.lines(What.NOTED)[0].reason


async def test_a_caller_who_leaves_while_the_bridge_is_being_made_leaves_no_bridge(
    desk: Desk,
) -> None:
    desk.fake.phone(BORIS, Answers(after_s=2.0))
    call = await desk.call("101")

    async def slow_bridge(method: str, path: str) -> None:
        if path.endswith("/answer"):
            call.hang_up()
        if method == "POST" and path.startswith("/bridges/"):
            await asyncio.sleep(0.05)

    desk.wire.on_the_way = slow_bridge

    end = await call.end()

    assert end.reason is Reason.CANCELLED
    assert not desk.fake.bridges


async def test_two_who_cannot_be_connected_are_not_left_alone_with_each_other(desk: Desk) -> None:
    desk.fake.phone(BORIS, Answers(after_s=2.0))
    desk.fake.refuse_next("POST /bridges/{}/addChannel", 500)

    end = await (await desk.call("101")).end()

    assert (end.by, end.reason) == (EndedBy.PLATFORM, Reason.FAILED)
    assert desk.hangup_causes(BORIS) == ["38"]


async def test_a_phone_that_asterisk_is_silent_about_keeps_no_other_from_ringing(
    desk: Desk,
) -> None:
    desk.fake.phone(KITCHEN, NeverAnswers())
    desk.fake.phone(BORIS, Answers(after_s=2.0))
    is_first = iter([True])

    async def silent_once(_method: str, path: str) -> None:
        if path == "/channels/create" and next(is_first, False):
            raise AriUnavailable("no answer")

    desk.wire.on_the_way = silent_once
    call = await desk.call("101")
    desk.later(6.0, call.hang_up)

    end = await call.end()

    assert end.reason in (Reason.NORMAL, Reason.CANCELLED)
    assert not desk.fake.channels
