"""Deleted messages are cleared away with their sound, once no mail needs it any more."""

from pathlib import Path
from typing import Any

import pytest

from models import mail_outbox, voicemail
from models.delivery import Delivery
from models.message import Message, MessageState
from models.message_files import MessageFolder
from tests.unit.models.builders import NOON, a_tenant, left


async def test_a_sound_stays_for_its_mail_when_its_message_is_deleted_during_the_clearing(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner presses delete just when the application looks which mails still wait."""
    acme, files = await a_tenant("acme"), MessageFolder(tmp_path / "voicemail")
    other = await left(acme, files, "b@acme.test")
    await voicemail.delete_message(tenant_id=acme.id, message_id=other, files=files)
    message_id = await left(acme, files, "a@acme.test")
    ask = Delivery.filter

    def when_just_deleted(*args: Any, **named: Any) -> object:
        async def answer() -> object:
            await Message.filter(id=message_id).update(state=MessageState.DELETED)
            return await ask(*args, **named)

        return answer()

    monkeypatch.setattr(Delivery, "filter", when_just_deleted)
    await voicemail.clear_away(files)
    monkeypatch.undo()

    assert await files.has(acme.id, message_id)
    for delivery_id in await mail_outbox.due(home=await files.home_id(), at=NOON, limit=100):
        await mail_outbox.mark_sent(delivery_id, at=NOON, status=250)
    assert await voicemail.clear_away(files) == 2
