"""Whoever hangs up, and whenever: nothing is left of the call."""

from __future__ import annotations

import asyncio

import pytest

from ari_client.testing import Answers, HangsUp, NeverAnswers
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.journal import What
from tests.unit.stasis_apps.live.desk import ALICE, BORIS, KITCHEN, Desk, PlacedCall

# Alice dials the greeting (5 s), presses 2 at 6 s, hears the news (3 s), Boris' phones ring from
# 9 s on, the kitchen answers at 11 s.
STAGES_S = (0.0, 0.001, 2.0, 5.0, 5.5, 6.0, 7.0, 9.0, 9.001, 9.002, 9.5, 11.0, 11.001, 12.0, 30.0)

REQUESTS = range(1, 21)
"""More than there are in the story below; those that never come end by the caller's patience."""


async def the_story(desk: Desk) -> PlacedCall:
    desk.fake.phone(BORIS, NeverAnswers())
    desk.fake.phone(KITCHEN, Answers(after_s=2.0))
    call = await desk.call("5000")
    desk.later(6.0, press_if_there, call, "2")
    desk.later(60.0, call.hang_up)
    return call


def press_if_there(call: PlacedCall, keys: str) -> None:
    if call.channel_id in call.fake.channels:
        call.press(keys)


@pytest.mark.parametrize("moment_s", STAGES_S)
async def test_a_caller_may_hang_up_at_every_stage(desk: Desk, moment_s: float) -> None:
    call = await the_story(desk)
    desk.later(moment_s, call.hang_up)

    end = await call.end()

    assert end.by is EndedBy.CALLER
    assert end.reason in (Reason.CANCELLED, Reason.NORMAL)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", REQUESTS)
async def test_a_caller_may_hang_up_around_every_request(
    desk: Desk, number: int, moment: str
) -> None:
    call = await the_story(desk)
    setattr(desk.wire, moment, lambda n: call.hang_up() if n == number else None)

    end = await call.end()

    assert end.by is EndedBy.CALLER


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", REQUESTS)
async def test_the_phones_may_leave_around_every_request(
    desk: Desk, number: int, moment: str
) -> None:
    call = await the_story(desk)

    def all_leave(n: int) -> None:
        for leg in call.legs() if n == number else ():
            desk.fake.hang_up(leg)

    setattr(desk.wire, moment, all_leave)

    end = await call.end()

    assert end.reason in (Reason.NORMAL, Reason.NO_ANSWER, Reason.UNREACHABLE)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", REQUESTS)
async def test_everybody_may_leave_around_every_request(
    desk: Desk, number: int, moment: str
) -> None:
    call = await the_story(desk)

    def all_leave(n: int) -> None:
        for channel_id in list(desk.fake.channels) if n == number else ():
            desk.fake.hang_up(channel_id)

    setattr(desk.wire, moment, all_leave)

    await call.end()


async def test_the_phones_stop_ringing_when_the_caller_gives_up(desk: Desk) -> None:
    desk.fake.phone(BORIS, NeverAnswers())
    call = await desk.call("101")
    desk.later(5.0, call.hang_up)

    end = await call.end()

    assert end.reason is Reason.CANCELLED
    assert desk.hangup_causes(BORIS) == ["16"]


async def test_the_line_is_closed_once_however_often_its_end_is_told(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp())
    call = await desk.call("101")

    await call.end()

    closings = [r for r in desk.fake.requests if r.method == "DELETE" and call.channel_id in r.ids]
    assert len(closings) == 1


async def test_a_leg_that_has_gone_already_is_no_fault_when_the_call_is_closed(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp(after_s=1.0, talks_s=2.0))
    desk.fake.phone(KITCHEN, NeverAnswers())

    end = await (await desk.call("101")).end()

    assert end.by is EndedBy.CALLEE


async def test_asterisk_that_falls_silent_ends_the_call_as_our_fault(desk: Desk) -> None:
    call = await desk.call("5000")
    desk.wire.before = lambda _: setattr(desk.fake, "is_down", True)

    end = await call.task

    assert (end.by, end.reason) == (EndedBy.PLATFORM, Reason.FAILED)
    assert call.lines(What.FAULT)[0].reason == "Asterisk gave no answer"


async def test_a_call_whose_task_is_cancelled_leaves_its_caller_on_the_line(desk: Desk) -> None:
    desk.fake.phone(BORIS, Answers(after_s=2.0))
    call = await desk.call("101")
    desk.later(5.0, call.task.cancel)

    with pytest.raises(asyncio.CancelledError):
        await call.task

    assert len(desk.fake.channels) == 2  # they go on talking; the next process adopts them
    call.hang_up()


@pytest.mark.parametrize("dialled", ["4711", "200"])
async def test_a_number_that_does_not_exist_is_refused_without_an_answer(
    desk: Desk, dialled: str
) -> None:
    call = await desk.call(dialled, by=ALICE)

    end = await call.end()

    assert (end.reason, end.cause) == (Reason.NO_SUCH_NUMBER, 1)
    assert desk.requests("POST", "/answer") == []
