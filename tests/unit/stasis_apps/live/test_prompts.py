"""Prompts and keys: what callers hear, and what becomes of the keys they press."""

from __future__ import annotations

import asyncio

import pytest

from ari_client.testing import HangsUp
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.journal import What
from stasis_apps.live_call.call import REFUSAL_TONE_S
from stasis_apps.live_call.line import KEYS_KEPT
from stasis_apps.live_call.prompts import LATE_END_S
from tests.unit.stasis_apps.live.desk import BORIS, Desk, PlacedCall


def played(desk: Desk) -> list[str]:
    """What was played to callers, in order."""
    return [
        str(request.query.get("media", "")).rpartition("/")[2]
        for request in desk.fake.requests
        if request.method == "POST" and "/play/" in request.path
    ]


def entered(call: PlacedCall) -> list[str | None]:
    return [line.element for line in call.lines(What.ENTERED)]


async def test_a_key_stops_the_prompt_before_anything_else_happens(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp(after_s=1.0))
    call = await desk.call("5000")
    desk.later(2.0, call.press, "1#")
    began_s = asyncio.get_running_loop().time()
    marks: list[int] = []
    desk.later(1.9, lambda: marks.append(len(desk.fake.requests)))

    await call.end()

    after_the_key = desk.fake.requests[marks[0] :]
    assert (after_the_key[0].method, after_the_key[0].path.split("/")[1]) == ("DELETE", "playbacks")
    assert entered(call) == ["5000", "101"]
    assert asyncio.get_running_loop().time() - began_s < 10.0


async def test_an_unambiguous_key_acts_at_once(desk: Desk) -> None:
    call = await desk.call("5000")
    desk.later(2.0, call.press, "2")
    reached: list[list[str | None]] = []
    desk.later(2.1, lambda: reached.append(entered(call)))

    await call.end()

    assert reached == [["5000", "5001"]]


async def test_a_key_that_could_go_on_waits_for_the_next_one(desk: Desk) -> None:
    call = await desk.call("5000")
    desk.later(2.0, call.press, "1")
    desk.later(3.5, call.press, "2")

    end = await call.end()

    assert end.reason is Reason.HUNG_UP_BY_PLAN
    assert entered(call) == ["5000", "5002"]


async def test_a_key_that_could_go_on_acts_after_the_second_clock(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp())
    call = await desk.call("5000")
    desk.later(2.0, call.press, "1")
    reached: list[list[str | None]] = []
    desk.later(3.9, lambda: reached.append(entered(call)))
    desk.later(4.1, lambda: reached.append(entered(call)))

    await call.end()

    assert reached == [["5000"], ["5000", "101"]]


async def test_keys_typed_ahead_during_a_prompt_count_at_the_next_question(desk: Desk) -> None:
    call = await desk.call("5000")
    desk.later(1.0, call.press, "9")  # wrong: "oops" is played for a second
    desk.later(1.5, call.press, "2")

    await call.end()

    assert played(desk)[:3] == ["welcome", "oops", "news"]
    assert entered(call)[:2] == ["5000", "5001"]


async def test_without_barge_in_the_prompt_is_heard_to_its_end(desk: Desk) -> None:
    call = await desk.call("5005")
    desk.later(1.0, call.press, "2")
    reached: list[list[str | None]] = []
    desk.later(4.9, lambda: reached.append(entered(call)))
    desk.later(5.1, lambda: reached.append(entered(call)))

    await call.end()

    assert reached == [["5005"], ["5005", "5001"]]


async def test_the_first_clock_runs_from_the_end_of_the_prompt(desk: Desk) -> None:
    call = await desk.call("5000")
    desk.later(9.9, call.press, "2")  # the prompt takes 5 s, the patience another 5 s

    await call.end()

    assert entered(call)[1] == "5001"


async def test_a_silent_caller_is_asked_again_and_then_let_go(desk: Desk) -> None:
    call = await desk.call("5000")

    end = await call.end()

    assert played(desk)[:2] == ["welcome", "welcome"]
    assert end.reason is Reason.NO_ROUTE
    assert call.lines(What.LEFT)[0].exit == "no_input"


async def test_the_journal_says_how_many_keys_were_pressed_and_never_which(desk: Desk) -> None:
    call = await desk.call("5000")
    desk.later(1.0, call.press, "12")

    await call.end()

    (asked,) = call.lines(What.ASKED)
    assert asked.facts == {"sound": "welcome", "keys_pressed": 2}


async def test_only_so_many_keys_are_kept(desk: Desk) -> None:
    call = await desk.call("5001")
    desk.later(1.0, call.press, "7" * (KEYS_KEPT + 10))

    end = await call.end()

    assert end.reason is Reason.UNREGISTERED


@pytest.mark.parametrize("number", ["5003", "5006"])
async def test_a_prompt_that_cannot_be_played_leaves_by_failed(desk: Desk, number: str) -> None:
    call = await desk.call(number)

    await call.end()

    assert call.lines(What.LEFT)[0].exit == "failed"
    assert call.lines(What.FAULT)


async def test_a_prompt_whose_end_is_never_told_does_not_hold_its_caller(desk: Desk) -> None:
    desk.fake.sounds["sound:/sounds/acme/news"] = 7200.0
    call = await desk.call("5004")
    began_s = asyncio.get_running_loop().time()

    end = await call.end()

    waited_s = asyncio.get_running_loop().time() - began_s
    assert end.reason is Reason.NO_ROUTE
    assert waited_s == pytest.approx(3.0 + LATE_END_S + REFUSAL_TONE_S, abs=0.1)


async def test_a_caller_who_was_answered_hears_a_tone_before_the_refusal(desk: Desk) -> None:
    call = await desk.call("5001")  # plays, then Boris' phones are not registered
    began_s = asyncio.get_running_loop().time()

    end = await call.end()

    assert end.reason is Reason.UNREGISTERED
    assert played(desk) == ["news", "tone:congestion"]
    assert asyncio.get_running_loop().time() - began_s == pytest.approx(
        3.0 + REFUSAL_TONE_S, abs=0.1
    )


async def test_a_caller_who_was_not_answered_gets_the_refusal_of_sip(desk: Desk) -> None:
    await (await desk.call("101")).end()

    assert played(desk) == []


async def test_a_tone_that_cannot_be_played_delays_nobody(desk: Desk) -> None:
    desk.fake.sounds["tone:congestion"] = None
    call = await desk.call("5001")

    end = await call.end()

    assert end.reason is Reason.UNREGISTERED
    assert call.lines(What.NOTED)[-1].reason == "the refusal tone could not be played"


async def test_a_caller_may_leave_during_the_refusal_tone(desk: Desk) -> None:
    call = await desk.call("5001")
    desk.later(3.5, call.hang_up)

    end = await call.end()

    assert end.by is EndedBy.CALLER


async def test_a_caller_let_go_as_busy_is_told_so_without_an_answer(desk: Desk) -> None:
    call = await desk.call("5002")

    end = await call.end()

    assert (end.by, end.cause) == (EndedBy.PLAN, 17)
    assert desk.requests("POST", "/answer") == []


async def test_a_caller_who_dials_a_colleague_directly_reaches_them(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp())
    call = await desk.call("5007")
    desk.later(1.0, call.press, "101")

    end = await call.end()

    assert end.by is EndedBy.CALLEE
    assert entered(call) == ["5007", "101"]


async def test_a_caller_on_whose_line_too_much_happens_at_once_stays_on_the_line(
    desk: Desk,
) -> None:
    desk.inbox_capacity = 8
    call = await desk.call("5004")
    desk.later(1.0, call.press, "7" * 100)

    end = await call.end()

    assert end.reason is Reason.NO_ROUTE
    assert call.lines(What.FAULT)[0].reason == "more happened at once than could be followed"


async def test_a_caller_who_hangs_up_while_too_much_happens_is_noticed(desk: Desk) -> None:
    def storm() -> None:
        call.press("7" * 100)
        call.hang_up()

    desk.inbox_capacity = 8
    call = await desk.call("5004")
    desk.later(1.0, storm)

    assert (await call.end()).by is EndedBy.CALLER
