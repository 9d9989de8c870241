"""Messages between Asterisk and the mailbox: none is lost, none comes twice, whatever ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from structlog.typing import EventDict

from models import mail_outbox, provisioning, voicemail
from models.delivery import MailFormat
from models.facts import TenantFacts
from models.message_files import MessageFolder
from models.voicemail import BoxCounts
from stasis_apps.services import messages as module
from stasis_apps.services.messages import (
    MessageKeeper,
    MessageRefused,
    NotStored,
    Stored,
    TooShort,
    Why,
)
from tests.support.waiting import until_told
from tests.unit.stasis_apps.mail.box import (
    DiesAfter,
    Killed,
    RecordingsOnShelf,
    a_full_disk,
    a_tone,
    in_box,
    new_message,
    pending,
)
from tests.unit.stasis_apps.occupied import Occupier

FARTHEST_STEP = 200

Answer = TypeVar("Answer")


def sounds(files: MessageFolder, tenant: TenantFacts) -> list[Path]:
    return list((files.folder / str(tenant.id)).glob("*"))


def no_draft_of(files: MessageFolder) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return not pending(files)

    return ask


async def test_a_caller_leaves_a_message(
    acme: TenantFacts, files: MessageFolder, recordings: RecordingsOnShelf
) -> None:
    told: list[tuple[int, str]] = []
    keeper = MessageKeeper(files, recordings, has_new=lambda *box: told.append(box))
    message = new_message(acme.id, "office@acme.test")
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)

    assert await keeper.finish(message.id) == Stored(3.0)

    (kept,) = await voicemail.messages_in(tenant_id=acme.id, box="5120")
    assert (kept.id, kept.caller_number, kept.duration_s) == (message.id, "+79161234567", 3.0)
    assert [one.recipient for one in kept.deliveries] == ["office@acme.test"]
    assert kept.deliveries[0].mail_id == f"<{message.id}.1@acme.test>"
    assert await files.read(acme.id, message.id) == a_tone(3)
    assert told == [(acme.id, "5120")]
    assert pending(files) == []
    assert recordings.shelf == {}


async def test_a_message_that_is_finished_twice_is_there_once(
    acme: TenantFacts, keeper: MessageKeeper, recordings: RecordingsOnShelf
) -> None:
    message = new_message(acme.id, "office@acme.test")
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)

    both = tuple(await asyncio.gather(keeper.finish(message.id), keeper.finish(message.id)))

    assert both == (Stored(3.0), Stored(3.0))
    assert await keeper.finish(message.id) == Stored(3.0)
    assert await in_box(acme) == [message.id]


async def test_a_cough_is_no_message(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
) -> None:
    message = new_message(acme.id, "office@acme.test", shortest_s=1.0)
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(0.9)

    assert await keeper.finish(message.id) == TooShort(0.9)

    assert await in_box(acme) == []
    assert (pending(files), sounds(files, acme), recordings.shelf) == ([], [], {})


async def test_a_recording_that_never_began_leaves_nothing(
    acme: TenantFacts, keeper: MessageKeeper, files: MessageFolder
) -> None:
    message = new_message(acme.id)
    await keeper.begin(message)

    assert await keeper.finish(message.id) == NotStored(Why.NOTHING_RECORDED)

    assert pending(files) == []
    assert await keeper.finish(message.id) == NotStored(Why.NOTHING_RECORDED)


async def test_a_caller_who_hangs_up_during_the_beep_leaves_nothing_and_is_no_fault(
    acme: TenantFacts,
    keeper: MessageKeeper,
    files: MessageFolder,
    logged: list[EventDict],
) -> None:
    message = new_message(acme.id)
    await keeper.begin(message)

    await keeper.forget(message.id)

    assert pending(files) == []
    await keeper.recover(calls_up=[])
    assert logged == []


@pytest.mark.parametrize("sound", [b"", b"no sound at all", b"RIFF\x00\x00\x00\x00WAVEfmt "])
async def test_a_recording_that_nobody_can_play_is_said_and_leaves_nothing(
    sound: bytes,
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    logged: list[EventDict],
) -> None:
    message = new_message(acme.id)
    await keeper.begin(message)
    recordings.shelf[message.recording] = sound

    assert await keeper.finish(message.id) == NotStored(Why.BROKEN)

    assert (pending(files), sounds(files, acme), recordings.shelf) == ([], [], {})
    assert "message_not_stored" in [entry["event"] for entry in logged]


async def test_a_recording_that_asterisk_could_not_close_is_heard_to_its_end(
    acme: TenantFacts, keeper: MessageKeeper, recordings: RecordingsOnShelf
) -> None:
    message = new_message(acme.id)
    await keeper.begin(message)
    cut_off = bytearray(a_tone(3))
    cut_off[4:8] = cut_off[40:44] = bytes(4)
    recordings.shelf[message.recording] = bytes(cut_off)

    assert await keeper.finish(message.id) == Stored(3.0)


async def test_a_full_mailbox_says_so_before_the_beep(
    acme: TenantFacts, keeper: MessageKeeper, recordings: RecordingsOnShelf, files: MessageFolder
) -> None:
    for _ in range(2):
        message = new_message(acme.id, max_messages=2)
        await keeper.begin(message)
        recordings.shelf[message.recording] = a_tone(2)
        await keeper.finish(message.id)

    with pytest.raises(MessageRefused) as refused:
        await keeper.begin(new_message(acme.id, max_messages=2))

    assert refused.value.why is Why.MAILBOX_FULL
    assert pending(files) == []
    await keeper.begin(new_message(acme.id, box="5121", max_messages=2))


async def test_a_full_disk_is_said_before_the_beep(
    acme: TenantFacts,
    keeper: MessageKeeper,
    files: MessageFolder,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(module, "LEAST_FREE_BYTES", 2**63)

    with pytest.raises(MessageRefused) as refused:
        await keeper.begin(new_message(acme.id))

    assert refused.value.why is Why.DISK
    assert pending(files) == []
    assert "message_refused" in [entry["event"] for entry in logged]


async def test_a_disk_that_is_full_after_the_message_loses_nothing_and_keeps_nothing_half(
    acme: TenantFacts,
    keeper: MessageKeeper,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    logged: list[EventDict],
) -> None:
    message = new_message(acme.id, "office@acme.test")
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)

    with a_full_disk(room_bytes=20_000):
        finished = [await keeper.finish(message.id) for _ in range(2)]

    assert finished == [NotStored(Why.DISK)] * 2
    assert await in_box(acme) == []
    assert sounds(files, acme) == []
    assert [path.stem for path in pending(files)] == [message.id]
    assert recordings.shelf == {message.recording: a_tone(3)}
    assert [(entry["event"], entry["log_level"]) for entry in logged] == [
        ("message_waits_for_the_disk", "error"),
        ("message_waits_for_the_disk", "warning"),
    ]


async def test_a_message_comes_into_its_mailbox_when_there_is_room_again(
    acme: TenantFacts,
    keeper: MessageKeeper,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    message = new_message(acme.id, "office@acme.test", call_id="pbx-1.9")
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)
    serving = asyncio.create_task(keeper.serve(lambda: {"pbx-1.9"}))
    with a_full_disk(room_bytes=20_000):
        await keeper.finish(message.id)

    await until_told(lambda: in_box(acme), saying="the message in its mailbox")

    await until_told(no_draft_of(files), saying="nothing left to be done")
    serving.cancel()
    await asyncio.wait([serving])
    assert await files.read(acme.id, message.id) == a_tone(3)
    assert recordings.shelf == {}
    assert await in_box(acme) == [message.id]


async def test_a_restart_does_not_forget_a_message_that_waits_for_the_disk(
    acme: TenantFacts, keeper: MessageKeeper, files: MessageFolder, recordings: RecordingsOnShelf
) -> None:
    message = new_message(acme.id)
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)
    with a_full_disk(room_bytes=20_000):
        await keeper.finish(message.id)

    await MessageKeeper(files, recordings).recover({message.call_id})

    assert await in_box(acme) == [message.id]
    assert (pending(files), recordings.shelf) == ([], {})


async def test_a_message_waits_on_disk_while_the_database_is_away(
    acme: TenantFacts,
    keeper: MessageKeeper,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    occupier: Occupier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    message = new_message(acme.id, "office@acme.test", max_messages=3)
    occupier.take()
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)

    assert await keeper.finish(message.id) == Stored(3.0, is_in_box=False)

    assert [path.stem for path in sounds(files, acme)] == [message.id]
    serving = asyncio.create_task(keeper.serve(lambda: {"pbx-1.1"}))
    occupier.give_back()
    await until_told(lambda: in_box(acme), saying="the message in its mailbox")
    serving.cancel()
    await asyncio.wait([serving])
    assert await keeper.finish(message.id) == Stored(3.0)
    assert await in_box(acme) == [message.id]


async def test_a_message_waits_while_asterisk_is_away(
    acme: TenantFacts, keeper: MessageKeeper, recordings: RecordingsOnShelf
) -> None:
    message = new_message(acme.id, "office@acme.test")
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)
    recordings.is_away = True
    assert await keeper.finish(message.id) == NotStored(Why.ASTERISK_AWAY)

    recordings.is_away = False
    await keeper.recover({"pbx-1.1"})

    assert await in_box(acme) == [message.id]


async def test_a_message_that_is_being_recorded_is_left_to_its_call(
    acme: TenantFacts, keeper: MessageKeeper, files: MessageFolder, recordings: RecordingsOnShelf
) -> None:
    message = new_message(acme.id, call_id="pbx-1.9")
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)

    await keeper.recover({"pbx-1.9"})
    assert await in_box(acme) == []

    await keeper.recover(set())
    assert await in_box(acme) == [message.id]


async def test_a_message_for_a_tenant_that_went_meanwhile_goes_too(
    acme: TenantFacts, keeper: MessageKeeper, files: MessageFolder, recordings: RecordingsOnShelf
) -> None:
    message = new_message(acme.id)
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)
    await provisioning.remove_tenant(name="acme")

    assert await keeper.finish(message.id) == NotStored(Why.TENANT_GONE)

    assert (pending(files), sounds(files, acme), recordings.shelf) == ([], [], {})


async def test_only_a_mail_that_carries_the_sound_lets_the_message_go(
    acme: TenantFacts, keeper: MessageKeeper, files: MessageFolder, recordings: RecordingsOnShelf
) -> None:
    for form in MailFormat:
        message = new_message(acme.id, "a@acme.test", format=form, delete_after_mail=True)
        await keeper.begin(message)
        recordings.shelf[message.recording] = a_tone(2)
        await keeper.finish(message.id)

    now = datetime.now(UTC)
    waiting = await mail_outbox.due(home=await files.home_id(), at=now, limit=9)
    gone = [await mail_outbox.mark_sent(one, at=now, status=250) for one in waiting]
    assert sorted(gone) == [False, False, True, True]


async def in_the_same_task(work: Awaitable[Answer]) -> Answer:
    return await work


async def test_wherever_the_process_dies_the_message_is_there_once(
    acme: TenantFacts,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It dies at each step of finishing, and once more at the same step of making that good."""
    monkeypatch.setattr(module, "while_a_caller_waits", in_the_same_task)  # dies inside as well
    for steps in count(1):
        box = str(5_000 + steps)
        message = new_message(acme.id, "a@acme.test", "b@acme.test", box=box)
        await MessageKeeper(files, recordings).begin(message)
        recordings.shelf[message.recording] = a_tone(2)

        is_killed = await dies(steps, MessageKeeper(files, recordings), message.id)
        await dies(steps, MessageKeeper(files, recordings), message.id)
        await MessageKeeper(files, recordings).recover(set())

        (kept,) = await voicemail.messages_in(tenant_id=acme.id, box=box)
        assert [one.recipient for one in kept.deliveries] == ["a@acme.test", "b@acme.test"]
        assert await voicemail.counts(tenant_id=acme.id, box=box) == BoxCounts(new=1)
        assert (pending(files), recordings.shelf) == ([], {})
        assert await files.read(acme.id, message.id) == a_tone(2)
        if not is_killed:
            break
    assert 10 < steps < FARTHEST_STEP


async def dies(steps: int, keeper: MessageKeeper, message_id: str) -> bool:
    """Let a process finish a message and die after so many steps; whether it came to that."""
    try:
        await DiesAfter(steps, keeper.finish(message_id))
    except Killed:
        return True
    return False
