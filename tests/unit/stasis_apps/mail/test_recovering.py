"""Messages that are taken up again, and a database that hangs: one keeps up no other, no caller."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest
from structlog.typing import EventDict

from models import voicemail
from models.facts import TenantFacts
from models.message_files import MessageFolder
from stasis_apps.services import messages, patience
from stasis_apps.services.messages import MessageKeeper, Stored
from tests.support.waiting import COMES_S, until, until_told
from tests.unit.stasis_apps.mail.box import (
    NOON,
    RecordingsOnShelf,
    a_tone,
    in_box,
    new_message,
    pending,
)
from tests.unit.stasis_apps.occupied import Occupier, let_us_hang

NAIVE = msgspec.json.encode(new_message(1)).replace(b"12:00:00Z", b"12:00:00")


@pytest.mark.parametrize("draft", [b"{half of i", b'{"id":"\xff\xfe"}', b"[" * 9_000, NAIVE])
async def test_a_draft_that_cannot_be_read_is_put_aside_and_said(
    draft: bytes,
    acme: TenantFacts,
    keeper: MessageKeeper,
    files: MessageFolder,
    logged: list[EventDict],
) -> None:
    folder = files.folder / "pending"
    folder.mkdir(parents=True)
    (folder / "abcdef.json").write_bytes(draft)

    await keeper.recover(set())
    await keeper.recover(set())

    assert [path.name for path in pending(files)] == ["abcdef.refused"]
    assert [entry["event"] for entry in logged] == ["message_draft_unreadable"]


async def test_a_draft_that_the_disk_does_not_give_out_keeps_up_no_other(
    acme: TenantFacts,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    logged: list[EventDict],
) -> None:
    message = new_message(acme.id)
    await MessageKeeper(files, recordings).begin(message)
    recordings.shelf[message.recording] = a_tone(3)
    (files.folder / "pending" / "000000.json").mkdir()

    await MessageKeeper(files, recordings).recover([])

    assert await in_box(acme) == [message.id]
    assert "message_draft_unreadable" in [entry["event"] for entry in logged]


async def test_a_message_that_nobody_can_finish_keeps_up_no_other(
    acme: TenantFacts,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    logged: list[EventDict],
) -> None:
    strange, message = (
        new_message(acme.id, received_at=NOON - timedelta(days=1)),
        new_message(acme.id),
    )
    for one in (strange, message):
        await MessageKeeper(files, recordings).begin(one)
        recordings.shelf[one.recording] = a_tone(3)
    recordings.strange = strange.recording

    await MessageKeeper(files, recordings).recover([])

    assert await in_box(acme) == [message.id]
    assert [path.stem for path in pending(files)] == [strange.id]
    assert "message_not_recovered" in [entry["event"] for entry in logged]


async def test_whatever_goes_wrong_in_one_round_messages_are_recovered_in_the_next(
    acme: TenantFacts,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(messages, "RETRY_S", 0.01)
    message = new_message(acme.id)
    await MessageKeeper(files, recordings).begin(message)
    recordings.shelf[message.recording] = a_tone(3)
    rounds = iter([KeyError("strange"), None])

    def calls_up() -> list[str]:
        if (fault := next(rounds)) is not None:
            raise fault
        return []

    serving = asyncio.create_task(MessageKeeper(files, recordings).serve(calls_up))
    await until_told(lambda: is_kept(acme), saying="it comes into its mailbox")
    serving.cancel()

    assert "messages_not_recovered" in [entry["event"] for entry in logged]


async def test_no_caller_waits_in_silence_while_the_database_hangs(
    acme: TenantFacts,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    occupier: Occupier,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(patience, "CALLER_WAITS_S", 0.05)
    keeper = MessageKeeper(files, recordings)
    message = new_message(acme.id, "office@acme.test", max_messages=9)
    await let_us_hang()
    occupier.take()
    async with asyncio.timeout(COMES_S):
        await keeper.begin(message)
        recordings.shelf[message.recording] = a_tone(3)
        assert await keeper.finish(message.id) == Stored(3.0, is_in_box=False)
    occupier.give_back()

    await until_told(lambda: is_kept(acme), saying="it comes into its mailbox")
    await keeper.recover([])

    (kept,) = await voicemail.messages_in(tenant_id=acme.id, box="5120")
    assert [one.recipient for one in kept.deliveries] == ["office@acme.test"]
    await until(lambda: not pending(files), saying="its draft is gone")


async def is_kept(acme: TenantFacts) -> bool:
    return bool(await in_box(acme))
