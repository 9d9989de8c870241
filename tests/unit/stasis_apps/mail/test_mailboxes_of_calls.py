"""A mailbox as calls see it, with a database: what was left is found, heard and thrown away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from structlog.typing import EventDict

from models import voicemail
from models.errors import DatabaseUnavailable, NotFound
from models.facts import TenantFacts
from models.message_files import MessageFolder
from stasis_apps.services import patience
from stasis_apps.services.mailbox_store import MailboxStore
from tests.support.waiting import COMES_S, until
from tests.unit.stasis_apps.occupied import Occupier, let_us_hang

BOX = "5120"


class Bell:
    """Rings when something has changed in a mailbox."""

    def __init__(self) -> None:
        self.rung: list[tuple[int, str]] = []

    def __call__(self, tenant_id: int, box: str) -> None:
        """Ring."""
        self.rung.append((tenant_id, box))


async def left(acme: TenantFacts, files: MessageFolder, id_: str, *, minute: int = 0) -> None:
    """A message lies in the box."""
    at = datetime(2026, 11, 22, 9, minute, tzinfo=UTC)
    path = await files.put(acme.id, id_, b"sound")
    message = voicemail.ReceivedMessage(
        id=id_,
        tenant_id=acme.id,
        box=BOX,
        caller_number="+79161234567",
        caller_name="",
        call_id="c",
        received_at=at,
        duration_s=10.0,
        language="en",
        is_deleted_after_mail=False,
        home=await files.home_id(),
        file=path.name,
    )
    assert await voicemail.keep_message(message, at=at)


async def test_new_messages_come_first_and_each_part_from_old_to_new(
    acme: TenantFacts, files: MessageFolder
) -> None:
    store = MailboxStore(files)
    for minute, id_ in enumerate(("aaaaaa", "bbbbbb", "cccccc")):
        await left(acme, files, id_, minute=minute)
    await store.mark_heard(acme.id, BOX, "aaaaaa")

    found = await store.messages(acme.id, BOX)

    assert [message.id for message in found] == ["bbbbbb", "cccccc", "aaaaaa"]


async def test_the_lamps_are_told_when_a_message_was_heard_for_the_first_time(
    acme: TenantFacts, files: MessageFolder
) -> None:
    bell = Bell()
    store = MailboxStore(files, has_changed=bell)
    await left(acme, files, "aaaaaa")

    await store.mark_heard(acme.id, BOX, "aaaaaa")
    await store.mark_heard(acme.id, BOX, "aaaaaa")

    assert bell.rung == [(acme.id, BOX)]


async def test_a_deleted_message_is_gone_with_its_sound(
    acme: TenantFacts, files: MessageFolder
) -> None:
    bell = Bell()
    store = MailboxStore(files, has_changed=bell)
    await left(acme, files, "aaaaaa")

    await store.delete(acme.id, BOX, "aaaaaa")

    assert await store.messages(acme.id, BOX) == []
    assert not files.path(acme.id, "aaaaaa").exists()
    assert bell.rung == [(acme.id, BOX)]


async def test_asterisk_plays_the_file_of_a_message(
    acme: TenantFacts, files: MessageFolder
) -> None:
    await left(acme, files, "aaaaaa")

    sound = MailboxStore(files).sound_of(acme.id, "aaaaaa")

    assert sound.with_suffix(".wav").read_bytes() == b"sound"


async def test_a_tenant_sees_only_its_own_messages(acme: TenantFacts, files: MessageFolder) -> None:
    store = MailboxStore(files)
    await left(acme, files, "aaaaaa")

    assert await store.messages(acme.id + 1, BOX) == []
    await store.delete(acme.id + 1, BOX, "aaaaaa")
    assert len(await store.messages(acme.id, BOX)) == 1
    with pytest.raises(NotFound):
        await voicemail.get_message(tenant_id=acme.id + 1, message_id="aaaaaa")


async def test_a_mailbox_without_a_pin_opens_to_nobody(
    acme: TenantFacts, files: MessageFolder
) -> None:
    assert not await MailboxStore(files).opens(acme.id, BOX, "4711")


async def test_no_caller_waits_in_silence_for_a_database_that_hangs(
    acme: TenantFacts,
    files: MessageFolder,
    occupier: Occupier,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(patience, "CALLER_WAITS_S", 0.05)
    store = MailboxStore(files)
    await left(acme, files, "aaaaaa")
    await let_us_hang()
    occupier.take()
    for verb in (
        store.messages(acme.id, BOX),
        store.mark_heard(acme.id, BOX, "aaaaaa"),
        store.delete(acme.id, BOX, "aaaaaa"),
        store.opens(acme.id, BOX, "4711"),
    ):
        with pytest.raises(DatabaseUnavailable):
            await asyncio.wait_for(verb, COMES_S)
    occupier.give_back()
    await until(lambda: len(logged) == 4, saying="all of it is done at last")
    assert {entry["event"] for entry in logged} == {"database_answered_late"}
