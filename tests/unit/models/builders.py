"""Customers and calls, made with a line where the details do not matter."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from models import provisioning, voicemail
from models.call_log import ClosedCall, JournalLine, OpenedCall
from models.delivery import MailFormat
from models.facts import TenantFacts
from models.mail_outbox import QueuedMail
from models.message_files import MessageFolder, make_message_id
from models.voicemail import ReceivedMessage

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def a_tenant(
    name: str,
    *,
    domain: str | None = None,
    country: str = "RU",
    domain_aliases: Sequence[str] = (),
) -> TenantFacts:
    """Take in a customer whose domain is called like the customer."""
    return await provisioning.create_tenant(
        name=name,
        domain=f"{name}.test" if domain is None else domain,
        country=country,
        domain_aliases=domain_aliases,
    )


def a_call(tenant_id: int, call_id: str = "pbx-1.1", *, minute: int = 0) -> OpenedCall:
    """Let 100 call 101 some minutes after noon."""
    return OpenedCall(
        id=call_id,
        tenant_id=tenant_id,
        channel_id=call_id,
        revision=1,
        how="phone",
        caller_number="100",
        caller_name="Alice",
        caller_device="100",
        dialled="101",
        started_at=NOON + timedelta(minutes=minute),
    )


def its_end(tenant_id: int, call_id: str = "pbx-1.1") -> ClosedCall:
    """Let the caller hang up after half a minute of talking."""
    return ClosedCall(
        id=call_id,
        tenant_id=tenant_id,
        ended_at=NOON + timedelta(seconds=40),
        ended_by="caller",
        reason="hung_up",
        comment="the caller hung up",
        talk_s=30.0,
        answered_at=NOON + timedelta(seconds=10),
        answered_by="101",
    )


def a_step(tenant_id: int, seq: int, call_id: str = "pbx-1.1") -> JournalLine:
    """Let the caller press a key."""
    return JournalLine(
        tenant_id=tenant_id,
        call_id=call_id,
        seq=seq,
        at=NOON + timedelta(seconds=seq),
        what="exit_taken",
        element="5000",
        exit="1",
        reason="key 1",
        facts={"keys": 1},
    )


async def left(
    tenant: TenantFacts,
    files: MessageFolder,
    *recipients: str,
    box: str = "5120",
    minute: int = 0,
    is_deleted_after_mail: bool = False,
) -> str:
    """Somebody has left a message; its id."""
    message_id = make_message_id()
    await files.put(tenant.id, message_id, b"a sound")
    message = ReceivedMessage(
        id=message_id,
        tenant_id=tenant.id,
        box=box,
        caller_number="+79161234567",
        caller_name="",
        call_id="pbx-1.1",
        received_at=NOON + timedelta(minutes=minute),
        duration_s=7.5,
        language="en",
        is_deleted_after_mail=is_deleted_after_mail,
        home=await files.home_id(),
        file=f"{message_id}.wav",
        mails=[
            QueuedMail(recipient=one, mail_id=f"<{n}{message_id}@acme.test>", format=MailFormat.WAV)
            for n, one in enumerate(recipients)
        ],
    )
    assert await voicemail.keep_message(message, at=NOON)
    assert await voicemail.keep_message(message, at=NOON)
    return message_id
