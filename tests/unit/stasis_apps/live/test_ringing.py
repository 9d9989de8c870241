"""Phones that ring for a caller: who answers, who stops ringing, and what the caller is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from ari_client import events
from ari_client.testing import (
    Answers,
    Busy,
    Declines,
    HangsUp,
    NeverAnswers,
    Phone,
    Step,
    StepKind,
    Unreachable,
    Unregistered,
)
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.journal import What
from tests.support.builders import a_plan
from tests.unit.stasis_apps.live.desk import BORIS, KITCHEN, Desk, open_desk


async def test_the_second_phone_answers_and_the_first_shows_no_missed_call(desk: Desk) -> None:
    desk.fake.phone(BORIS, NeverAnswers())
    desk.fake.phone(KITCHEN, HangsUp(after_s=2.0))
    call = await desk.call("101")

    end = await call.end()

    assert (end.by, end.reason) == (EndedBy.CALLEE, Reason.NORMAL)
    assert desk.hangup_causes(BORIS) == ["26"]
    (answered,) = call.lines(What.ANSWERED)
    assert answered.facts == {"device": KITCHEN, "by": "101"}


async def test_the_phones_stop_ringing_before_the_caller_hears_the_callee(desk: Desk) -> None:
    desk.fake.phone(BORIS, NeverAnswers())
    desk.fake.phone(KITCHEN, HangsUp(after_s=2.0))
    call = await desk.call("101")

    await call.end()

    told = [
        (request.method, request.path.rpartition("/")[2])
        for request in desk.fake.requests
        if request.method == "DELETE" or request.path.endswith("/addChannel")
    ]
    assert told[0][0] == "DELETE"
    assert told[1] == ("POST", "addChannel")


async def test_the_callee_sees_who_calls(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp())

    await (await desk.call("101")).end()

    shown = desk.requests("POST", "/channels/create")[0].json["variables"]
    assert shown == {"CONNECTEDLINE(name,i)": "Alice", "CONNECTEDLINE(num,i)": "100"}


async def test_a_phone_is_dialled_only_after_its_own_stasis_start(desk: Desk) -> None:
    desk.fake.phone(BORIS, HangsUp())

    await (await desk.call("101")).end()

    (dialled,) = desk.requests("POST", "/dial")
    rung = [event for event in desk.told(events.Dial) if isinstance(event, events.Dial)]
    assert dialled.ids[0] in {event.peer.id for event in rung}


async def test_the_caller_hears_ringback_once_however_many_phones_ring(desk: Desk) -> None:
    desk.fake.phone(BORIS, NeverAnswers())
    desk.fake.phone(KITCHEN, NeverAnswers())

    await (await desk.call("101")).end()

    assert len(desk.requests("POST", "/ring")) == 1


@pytest.mark.parametrize(
    ("phones", "reason", "cause"),
    [
        ({BORIS: Busy(), KITCHEN: Busy()}, Reason.BUSY, 17),
        ({BORIS: NeverAnswers(), KITCHEN: NeverAnswers()}, Reason.NO_ANSWER, 19),
        ({BORIS: Unregistered(), KITCHEN: Unregistered()}, Reason.UNREGISTERED, 20),
        ({BORIS: Declines(), KITCHEN: NeverAnswers()}, Reason.DECLINED, 21),
        ({BORIS: Unreachable(), KITCHEN: Unreachable()}, Reason.UNREACHABLE, 34),
        ({BORIS: Busy(), KITCHEN: Unregistered()}, Reason.BUSY, 17),
        ({BORIS: Busy(), KITCHEN: NeverAnswers()}, Reason.NO_ANSWER, 19),
        ({BORIS: Unregistered(), KITCHEN: NeverAnswers()}, Reason.NO_ANSWER, 19),
        ({BORIS: Unreachable(), KITCHEN: Unregistered()}, Reason.UNREACHABLE, 34),
        ({BORIS: Unreachable(), KITCHEN: Busy()}, Reason.BUSY, 17),
    ],
)
async def test_the_caller_is_told_what_became_of_the_phones(
    desk: Desk, phones: Mapping[str, Phone], reason: Reason, cause: int
) -> None:
    for endpoint, phone in phones.items():
        desk.fake.phone(endpoint, phone)
    call = await desk.call("101")

    end = await call.end()

    assert (end.reason, end.cause) == (reason, cause)
    assert not call.lines(What.ANSWERED)
    (told,) = [
        request
        for request in desk.fake.requests
        if request.method == "DELETE" and request.ids == (call.channel_id,)
    ]
    assert told.query["reason_code"] == str(cause)


async def test_a_person_rings_no_longer_than_set(desk: Desk) -> None:
    desk.fake.phone(BORIS, NeverAnswers())
    began_s = asyncio.get_running_loop().time()

    await (await desk.call("101")).end()

    assert asyncio.get_running_loop().time() - began_s == pytest.approx(20.0, abs=0.1)
    assert desk.hangup_causes(BORIS) == ["19"]


async def test_one_phone_that_declines_silences_the_others_at_once(desk: Desk) -> None:
    desk.fake.phone(BORIS, Declines(after_s=3.0))
    desk.fake.phone(KITCHEN, NeverAnswers())
    began_s = asyncio.get_running_loop().time()

    end = await (await desk.call("101")).end()

    assert end.reason is Reason.DECLINED
    assert asyncio.get_running_loop().time() - began_s == pytest.approx(3.0, abs=0.1)


async def test_a_busy_phone_leaves_the_other_ringing(desk: Desk) -> None:
    desk.fake.phone(BORIS, Busy())
    desk.fake.phone(KITCHEN, HangsUp(after_s=15.0))
    call = await desk.call("101")

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert [line.reason for line in call.lines(What.LEG_ENDED)] == ["busy"]


async def test_when_both_phones_answer_at_once_exactly_one_talks(desk: Desk) -> None:
    desk.fake.phone(BORIS, Answers(after_s=2.0))
    desk.fake.phone(KITCHEN, Answers(after_s=2.0))
    call = await desk.call("101")
    desk.later(10.0, call.hang_up)

    end = await call.end()

    assert (end.by, end.reason) == (EndedBy.CALLER, Reason.NORMAL)
    (answered,) = call.lines(What.ANSWERED)
    winner, loser = (BORIS, KITCHEN) if answered.facts["device"] == BORIS else (KITCHEN, BORIS)
    assert desk.hangup_causes(loser) == ["26"]
    assert desk.hangup_causes(winner) == ["16"]


async def test_the_caller_hears_the_early_media_of_the_only_phone(desk: Desk) -> None:
    desk.fake.phone("100@acme.test", Answers(after_s=4.0, is_early_media=True))
    call = await desk.call("100", by=BORIS)
    heard: list[int] = []
    desk.later(2.0, lambda: heard.extend(len(b.channel_ids) for b in desk.fake.bridges.values()))
    desk.later(8.0, call.hang_up)

    await call.end()

    assert heard == [2]
    assert len(desk.requests("POST", "/progress")) == 1
    assert desk.requests("POST", "/ring") == []
    assert len(desk.requests("POST", f"/channels/{call.channel_id}/answer")) == 1


class RingsThenSpeaks:
    """180, then early media, then an answer: an announcement after the first ring."""

    is_registered = True

    def steps(self) -> list[Step]:
        """Ring at once, speak after a second, answer after four."""
        return [
            Step(0.0, StepKind.RING),
            Step(1.0, StepKind.PROGRESS),
            Step(4.0, StepKind.ANSWER),
        ]


async def test_ringback_does_not_drown_out_the_early_media_that_follows_it() -> None:
    elements = {"5001": {"kind": "play", "sound": "news", "next": "100"}}
    async with open_desk(a_plan(elements=elements, sounds={"news": 3.0})) as desk:
        desk.fake.phone("100@acme.test", RingsThenSpeaks())
        call = await desk.call("5001", by=BORIS)  # picked up already: ringback is a tone
        desk.later(12.0, call.hang_up)

        await call.end()

        wanted = ("/ring", "/addChannel", "/answer")
        order = [
            f"{request.method} {request.path.rpartition('/')[2]}"
            for request in desk.fake.requests
            if request.path.endswith(wanted)
        ]
        assert order == ["POST answer", "POST ring", "DELETE ring", "POST addChannel"]


async def test_early_media_of_one_phone_among_several_is_not_heard(desk: Desk) -> None:
    desk.fake.phone(BORIS, Answers(after_s=4.0, is_early_media=True))
    desk.fake.phone(KITCHEN, NeverAnswers())
    call = await desk.call("101")
    desk.later(8.0, call.hang_up)

    await call.end()

    assert desk.requests("POST", "/progress") == []


async def test_early_media_that_leads_to_no_answer_leaves_no_bridge(desk: Desk) -> None:
    desk.fake.phone("100@acme.test", Answers(after_s=400.0, is_early_media=True))

    end = await (await desk.call("100", by=BORIS)).end()

    assert end.reason is Reason.NO_ANSWER


async def test_a_person_who_fails_to_be_reached_can_be_followed_by_another(desk: Desk) -> None:
    desk.fake.phone("100@acme.test", HangsUp())
    call = await desk.call("5001", by=BORIS)  # plays, then rings Boris, whose phones are away

    end = await call.end()

    assert end.reason is Reason.UNREGISTERED


async def test_asterisk_that_refuses_to_dial_counts_as_a_phone_that_left(desk: Desk) -> None:
    desk.fake.phone("100@acme.test", NeverAnswers())
    desk.fake.refuse_next("POST /channels/{}/dial", 409, "Channel is not in the 'Down' state")

    end = await (await desk.call("100", by=BORIS)).end()

    assert end.reason is Reason.UNREACHABLE
