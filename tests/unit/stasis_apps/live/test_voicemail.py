"""Callers leave messages: when recording ends, what is kept, and what becomes of their keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from structlog.typing import EventDict

from ari_client import events
from ari_client.ids import call_of
from stasis_apps.decisions.ending import EndedBy, Reason, ended_by_plan
from stasis_apps.journal import What
from stasis_apps.live_call.recording import LAST_WORD_S
from tests.support.builders import a_plan
from tests.unit.stasis_apps.live.desk import Desk, PlacedCall, open_desk
from tests.unit.stasis_apps.live.pigeonholes import Pigeonholes, a_kept_message

BOX = {"kind": "voicemail", "greeting": "out", "instructions": False, "longest_s": 60}

GREETING_S, BEEP_S = 3.0, 0.5


@pytest.fixture
async def office() -> AsyncIterator[Desk]:
    """A mailbox behind 5120: its greeting takes three seconds."""
    plan = a_plan(
        elements={
            "5120": BOX,
            "5121": {**BOX, "silence_s": 2},
            "5122": {**BOX, "operator": "5123"},
            "5123": {"kind": "play", "sound": "out"},
            "5124": {**BOX, "max_messages": 1},
            "5900": {"kind": "mailbox", "box": "5120"},
            "5301": {"kind": "set_switch", "switch": "5300", "refused": "5123"},
        },
        sounds={"out": GREETING_S},
    )
    async with open_desk(plan) as opened:
        boxes = Pigeonholes(opened.ari)
        opened.room = replace(opened.room, messages=boxes, mailboxes=boxes)
        opened.fake.sounds["sound:/sounds/acme/out"] = GREETING_S
        opened.fake.sounds["sound:beep"] = BEEP_S
        opened.fake.sounds["tone:congestion"] = 3600.0
        yield opened


def boxes_of(desk: Desk) -> Pigeonholes:
    assert isinstance(desk.room.mailboxes, Pigeonholes)
    return desk.room.mailboxes


def kept_s(call: PlacedCall) -> float:
    """How long the message is that the call has left."""
    (kept,) = call.lines(What.MESSAGE_KEPT)
    return float(str(kept.facts["duration_s"]))


def played(desk: Desk) -> list[str]:
    requests = [request for request in desk.fake.requests if "/play/" in request.path]
    return [str(request.query.get("media", "")).rpartition("/")[2] for request in requests]


async def test_a_message_ends_with_the_hash_key(office: Desk) -> None:
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 10.0, call.press, "#")

    end = await call.end()

    assert kept_s(call) == pytest.approx(10.0, abs=0.1)
    assert played(office) == ["out", "sound:beep", "sound:vm-msgsaved"]
    assert end.reason is Reason.MESSAGE_LEFT


async def test_a_caller_who_hangs_up_has_left_what_they_said(office: Desk) -> None:
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 7.0, call.hang_up)

    end = await call.end()

    assert (end.by, end.reason) == (EndedBy.CALLER, Reason.MESSAGE_LEFT)
    assert kept_s(call) == pytest.approx(7.0, abs=0.1)
    assert [message.box for message in boxes_of(office).messages_in["5120"]] == ["5120"]


async def test_whoever_hangs_up_is_not_gone_before_their_message_is_safe(office: Desk) -> None:
    boxes_of(office).takes_s = 4.0
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 7.0, call.hang_up)
    began_s = asyncio.get_running_loop().time()

    await call.end()

    assert kept_s(call) == pytest.approx(7.0, abs=0.1)
    assert asyncio.get_running_loop().time() - began_s >= GREETING_S + BEEP_S + 7.0 + 4.0


async def test_a_message_that_takes_too_long_to_keep_holds_nobody(office: Desk) -> None:
    boxes_of(office).takes_s = 7200.0
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 7.0, call.press, "#")

    await call.end()

    assert call.lines(What.LEFT)[0].exit == "failed"
    assert call.lines(What.NOTED)[0].reason == (
        "no message was taken: the message is not in its mailbox yet"
    )


async def test_a_message_ends_at_its_limit(office: Desk) -> None:
    call = await office.call("5120")

    await call.end()

    assert kept_s(call) == pytest.approx(60.0, abs=0.1)


async def test_a_message_ends_when_nobody_speaks_any_more(office: Desk) -> None:
    call = await office.call("5121")
    office.later(GREETING_S + BEEP_S + 5.0, office.fake.fall_silent, call.channel_id)

    await call.end()

    assert kept_s(call) == pytest.approx(7.0, abs=0.1)


async def test_a_key_in_the_greeting_brings_the_beep(office: Desk) -> None:
    call = await office.call("5120")
    office.later(1.0, call.press, "#")
    office.later(1.0 + BEEP_S + 4.0, call.press, "#")

    await call.end()

    assert kept_s(call) == pytest.approx(4.0, abs=0.1)


async def test_the_operator_key_leads_away_before_the_beep(office: Desk) -> None:
    call = await office.call("5122")
    office.later(1.0, call.press, "0")

    await call.end()

    assert [line.element for line in call.lines(What.ENTERED)] == ["5122", "5123"]
    assert call.lines(What.RECORDING) == []


async def test_keys_that_were_pressed_while_speaking_mean_nothing_afterwards(office: Desk) -> None:
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 3.0, call.press, "123#")

    await call.end()

    assert "sound:vm-msgsaved" in played(office)
    assert call.lines(What.ASKED)[0].facts["keys_pressed"] == 0


async def test_a_caller_who_says_nothing_leaves_no_message(office: Desk) -> None:
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 0.3, call.press, "#")

    end = await call.end()

    (dropped,) = call.lines(What.MESSAGE_DROPPED)
    assert dropped.reason == "too short"
    assert call.lines(What.LEFT)[0].exit == "too_short"
    assert end == ended_by_plan(Reason.NO_MESSAGE)
    assert end.comment("ru") == "Сообщение не оставлено"
    assert played(office)[-1] == "sound:vm-tooshort"  # and no tone as if something were wrong


async def test_a_caller_who_hangs_up_before_the_beep_has_ended_leaves_nothing(
    office: Desk, logged: list[EventDict]
) -> None:
    call = await office.call("5120")
    office.later(GREETING_S + 0.2, call.hang_up)

    assert (await call.end()).by is EndedBy.CALLER
    assert [line.reason for line in call.lines(What.MESSAGE_DROPPED)] == ["nothing was recorded"]
    assert call.lines(What.MESSAGE_KEPT) == []
    assert boxes_of(office).begun == {}
    assert [entry for entry in logged if entry["log_level"] != "info"] == []


async def test_nothing_stays_in_asterisk_of_a_message_that_was_dropped(office: Desk) -> None:
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 0.3, call.hang_up)

    await call.end()

    assert await office.ari.recordings.list_stored() == ()


async def test_a_recording_is_named_after_its_call(office: Desk) -> None:
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 2.0, call.hang_up)

    await call.end()

    (recording,) = call.lines(What.RECORDING)
    assert call_of(str(recording.facts["recording"])) == call.channel_id


async def test_a_recording_whose_end_is_never_told_does_not_hold_its_caller(office: Desk) -> None:
    call = await office.call("5120")
    began_s = asyncio.get_running_loop().time()
    office.later(GREETING_S + BEEP_S + 59.99, office.fake.cut_websocket)  # it will be stopped at 60

    await call.end()

    waited_s = asyncio.get_running_loop().time() - began_s
    assert kept_s(call) == pytest.approx(60.0, abs=0.1)
    assert office.told(events.RecordingFinished) == []
    assert waited_s == pytest.approx(GREETING_S + BEEP_S + 60.0 + LAST_WORD_S + 1.0, abs=0.5)


async def test_an_asterisk_that_does_not_record_lets_its_caller_go_on(office: Desk) -> None:
    office.fake.refuse_next("POST /channels/{}/record", 500, "no space left")
    call = await office.call("5120")

    await call.end()

    assert call.lines(What.LEFT)[0].exit == "failed"


@pytest.mark.parametrize("hangs_up", [False, True])
async def test_a_message_without_room_on_the_disk_is_not_told_to_be_saved(
    office: Desk, hangs_up: bool
) -> None:
    boxes_of(office).is_disk_full = True
    call = await office.call("5120")
    ends_it = call.hang_up if hangs_up else lambda: call.press("#")
    office.later(GREETING_S + BEEP_S + 2.0, ends_it)

    end = await call.end()

    (waits,) = call.lines(What.MESSAGE_WAITS)
    assert waits.reason.endswith("; the recording is kept and tried again")
    assert waits.facts["box"] == "5120"
    assert end.reason is not Reason.MESSAGE_LEFT
    assert "sound:vm-msgsaved" not in played(office)
    assert [line.exit for line in call.lines(What.LEFT)] == ([] if hangs_up else ["failed"])


async def test_whoever_hangs_up_has_hung_up_though_asterisk_could_record_nothing(
    office: Desk,
) -> None:
    office.fake.fail_recordings()
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 2.0, call.hang_up)

    end = await call.end()

    assert end.by is EndedBy.CALLER
    assert call.lines(What.LEFT) == []
    assert [line.reason for line in call.lines(What.MESSAGE_DROPPED)] == ["nothing was recorded"]


async def test_a_caller_of_a_full_mailbox_hears_no_beep(office: Desk) -> None:
    boxes_of(office).messages_in["5124"] = [a_kept_message("5124")]
    call = await office.call("5124")

    end = await call.end()

    assert end.reason is Reason.MAILBOX_FULL
    assert played(office) == ["out", "sound:vm-mailboxfull"]


async def test_the_journal_tells_where_a_message_lies_and_never_which_keys_were_pressed(
    office: Desk,
) -> None:
    call = await office.call("5120")
    office.later(GREETING_S + BEEP_S + 2.0, call.press, "4711#")

    await call.end()

    (kept,) = call.lines(What.MESSAGE_KEPT)
    (lies,) = boxes_of(office).messages_in["5120"]
    assert kept.facts["message"] == lies.id
    assert not any("4711" in str(line.facts) for line in call.lines())


async def test_the_owner_listens_to_what_a_caller_has_left(office: Desk) -> None:
    boxes_of(office).messages_in["5120"] = [a_kept_message()]
    boxes_of(office).pins["5120"] = "2468"
    office.fake.sounds["sound:/voicemail/7/1f2e3d4c5b6a"] = 10.0
    call = await office.call("5900")
    office.later(0.1, call.press, "2468#")

    end = await call.end()

    words = [f"sound:digits/{digit}" for digit in "79161234567"]
    heard = played(office)
    assert [sound.rpartition("/")[2] for sound in heard[:3]] == [
        "sound:vm-password",
        "sound:vm-youhave",
        "1",
    ]
    assert "1f2e3d4c5b6a" in heard
    assert all(word.rpartition("/")[2] in heard for word in words)
    assert [one.is_heard for one in boxes_of(office).messages_in["5120"]] == [True]
    assert end.reason is Reason.HUNG_UP_BY_PLAN


async def test_whoever_throws_a_switch_is_asked_for_its_pin_which_is_kept_like_a_mailboxes(
    office: Desk,
) -> None:
    office.plan = replace(office.plan, pins=frozenset({"5301"}))
    boxes_of(office).pins["5301"] = "2468"
    call = await office.call("5301")
    office.later(0.1, call.press, "1111#2222#3333#")

    await call.end()

    assert played(office)[0] == "sound:vm-password"
    assert call.lines(What.LEFT)[0].exit == "refused"


async def test_a_key_stops_a_number_in_the_middle(office: Desk) -> None:
    boxes_of(office).messages_in["5120"] = [a_kept_message()]
    boxes_of(office).pins["5120"] = "2468"
    call = await office.call("5900")
    office.later(0.1, call.press, "2468#")
    # PIN prompt 0.1 s, four words of one second each, "from phone number", then the digits.
    office.later(0.1 + 5.0 + 2.5, call.press, "7")

    await call.end()

    assert boxes_of(office).messages_in["5120"] == []
    assert played(office).count("7") < 2


async def test_an_owner_is_told_nothing_when_the_database_is_away(office: Desk) -> None:
    boxes_of(office).is_away = True
    call = await office.call("5900")
    office.later(0.1, call.press, "2468#")

    await call.end()

    assert call.lines(What.LEFT)[0].exit == "failed"
