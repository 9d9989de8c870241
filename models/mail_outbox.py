"""The outbox: mails that carry messages, from queued to sent or bounced; sends nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from models import outbox
from models.database import failures_named, transaction
from models.delivery import LONGEST_ADDRESS, Delivery, DeliveryState, MailFormat
from models.errors import InvalidSettings, NotFound
from models.message import Message, MessageState
from models.outbox import BROKEN_OFF, NOT_REACHED, NOT_WRITTEN, OPEN
from models.rules import email_faults
from models.storable import cut

__all__ = [
    "BROKEN_OFF",
    "NOT_REACHED",
    "NOT_WRITTEN",
    "ClaimedMail",
    "DeliveryFacts",
    "QueuedMail",
    "cancel",
    "claim",
    "count_mails",
    "delivery_facts",
    "due",
    "hurry_unreached",
    "mark_bounced",
    "mark_deferred",
    "mark_sent",
    "queue_mails",
    "release_claimed",
    "resend",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMail:
    """A mail to one recipient that shall go out; ``mail_id`` is its Message-ID."""

    recipient: str
    mail_id: str
    format: MailFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFacts:
    """What has become of a mail.

    ``last_status`` is the mail server's, or `NOT_REACHED`, `BROKEN_OFF`, `NOT_WRITTEN`, and None
    before the first answer and while an attempt is under way.
    """

    id: int
    recipient: str
    format: str
    mail_id: str
    state: str
    attempts: int
    queued_at: datetime
    next_attempt_at: datetime
    last_status: int | None
    last_error: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMail:
    """A mail that is being sent, with all that stands in it."""

    id: int
    message_id: str
    tenant_id: int
    tenant: str
    domain: str
    timezone: str
    language: str
    recipient: str
    mail_id: str
    format: MailFormat
    attempts: int
    queued_at: datetime
    box: str
    caller_number: str
    caller_name: str
    received_at: datetime
    duration_s: float

    @property
    def about(self) -> str:
        """The message that it tells of."""
        return self.message_id


async def queue_mails(
    tenant_id: int, message_id: str, mails: Sequence[QueuedMail], *, at: datetime
) -> None:
    """Put the mails of a message into the outbox; inside the message's own transaction."""
    one_each = {mail.recipient.casefold(): mail for mail in reversed(mails)}
    rows = [
        _new_row(tenant_id, message_id, mail, at=at) for mail in reversed(list(one_each.values()))
    ]
    if rows:
        await Delivery.bulk_create(rows, ignore_conflicts=True)


async def due(*, home: str, at: datetime, limit: int) -> list[int]:
    """Which mails of this home's messages are to be tried now, as `outbox.next_in_turn` says."""
    waiting = Delivery.filter(state__in=OPEN, next_attempt_at__lte=at, message__home=home)
    return await outbox.next_in_turn(waiting, limit=limit)


async def claim(delivery_id: int, *, at: datetime, lease: timedelta) -> ClaimedMail | None:
    """Take a mail for one attempt, which is counted now; None when somebody else has it.

    Args:
        delivery_id: Which.
        at: Now.
        lease: After this long it may be taken again: its sender must have died.
    """
    if not await outbox.take(Delivery, delivery_id, at=at, lease=lease):
        return None
    with failures_named("The database"):
        row = await Delivery.get_or_none(id=delivery_id).select_related("message", "tenant")
        return None if row is None else _claimed(row)


async def mark_sent(delivery_id: int, *, at: datetime, status: int) -> bool:
    """The mail server has taken the mail; may be repeated.

    Returns:
        Whether its message has left the mailbox by that: it was kept only until it was mailed.
    """
    await outbox.note_sent(Delivery, delivery_id, at=at, status=status)
    return await _delete_when_all_are_sent(delivery_id)


async def mark_deferred(delivery_id: int, *, until: datetime, status: int, error: str) -> None:
    """The mail could not be handed over; it is tried again."""
    state = DeliveryState.DEFERRED
    await outbox.settle(
        Delivery, delivery_id, state, status=status, error=error, next_attempt_at=until
    )


async def mark_bounced(delivery_id: int, *, at: datetime, status: int, error: str) -> None:
    """The mail is tried no more; its message stays in the mailbox."""
    state = DeliveryState.BOUNCED
    await outbox.settle(
        Delivery, delivery_id, state, status=status, error=error, next_attempt_at=at
    )


async def hurry_unreached(*, home: str, at: datetime) -> int:
    """The mail server is back: try at once what waits only because it could not be reached.

    Returns:
        How many mails that are.
    """
    return await outbox.hurry(_of_home(home), at=at)


async def release_claimed(*, home: str, at: datetime) -> int:
    """Try at once what a process of this home was handing over when it died.

    Only for the one process of the home that sends, and while it hands over nothing.

    Returns:
        How many mails that are.
    """
    return await outbox.release(_of_home(home), at=at)


def _of_home(home: str) -> QuerySet[Delivery]:
    return Delivery.filter(message_id__in=Subquery(Message.filter(home=home).values("id")))


async def count_mails(*, state: DeliveryState) -> int:
    """How many mails of all tenants are in a state."""
    with failures_named("The database"):
        return await Delivery.filter(state=state).count()


async def resend(
    *, tenant_id: int, message_id: str, mail: QueuedMail | None, new_mail_id: str, at: datetime
) -> list[DeliveryFacts]:
    """Send the mails of a message anew.

    A mail that was sent before gets a new Message-ID, because mailboxes drop a second one with the
    same; one that never arrived keeps its own.

    Args:
        tenant_id: Whose message.
        message_id: Which.
        mail: To this recipient only, who need not have had one before; None for all who had.
        new_mail_id: Each mail that was sent before gets this one, with its number before it.
        at: Now.

    Returns:
        The mails that go out by this, no others of the message.

    Raises:
        NotFound: There is no such message, or it has no mails.
        InvalidSettings: The recipient's address is none.
    """
    if mail is not None and (faults := email_faults(mail.recipient)):
        raise InvalidSettings(faults)
    async with transaction():
        message = await Message.of(tenant_id).get_or_none(id=message_id)
        if message is None or not message.file:
            raise NotFound(f"The sound of voicemail message {message_id} is gone")
        rows = await Delivery.of(tenant_id).filter(message_id=message_id).order_by("id")
        if mail is not None:
            wanted = mail.recipient.casefold()
            rows = [row for row in rows if row.recipient.casefold() == wanted]
            if not rows:
                await queue_mails(tenant_id, message_id, [mail], at=at)
        elif not rows:
            raise NotFound(f"Voicemail message {message_id} has no mails; name a recipient")
        for row in rows:
            await _queue_anew(row, f"<{row.id}.{new_mail_id[1:]}", at)
        if not rows:
            there = Delivery.of(tenant_id).filter(message_id=message_id)
            rows = await there.order_by("-id").limit(1)
    return [delivery_facts(row) for row in rows]


async def cancel(*, tenant_id: int, message_id: str, at: datetime, reason: str) -> int:
    """Send those mails of a message no more that have not gone out yet."""
    with failures_named("The database"):
        return await (
            Delivery.of(tenant_id)
            .filter(message_id=message_id, state__in=OPEN)
            .update(state=DeliveryState.CANCELLED, last_error=reason, next_attempt_at=at)
        )


def delivery_facts(row: Delivery) -> DeliveryFacts:
    """Take a mail off its row."""
    return DeliveryFacts(
        id=row.id,
        recipient=row.recipient,
        format=row.format,
        mail_id=row.mail_id,
        state=row.state,
        attempts=row.attempts,
        queued_at=row.queued_at,
        next_attempt_at=row.next_attempt_at,
        last_status=row.last_status,
        last_error=row.last_error,
        sent_at=row.sent_at,
    )


def _new_row(tenant_id: int, message_id: str, mail: QueuedMail, *, at: datetime) -> Delivery:
    return Delivery(
        tenant_id=tenant_id,
        message_id=message_id,
        recipient=cut(mail.recipient, LONGEST_ADDRESS),
        mail_id=cut(mail.mail_id, LONGEST_ADDRESS),
        format=mail.format,
        state=DeliveryState.QUEUED,
        attempts=0,
        queued_at=at,
        next_attempt_at=at,
        last_error="",
    )


def _claimed(row: Delivery) -> ClaimedMail:
    message, tenant = row.message, row.tenant
    return ClaimedMail(
        id=row.id,
        message_id=message.id,
        tenant_id=tenant.id,
        tenant=tenant.name,
        domain=tenant.domain,
        timezone=tenant.timezone,
        language=message.language,
        recipient=row.recipient,
        mail_id=row.mail_id,
        format=MailFormat(row.format),
        attempts=row.attempts,
        queued_at=row.queued_at,
        box=message.box,
        caller_number=message.caller_number,
        caller_name=message.caller_name,
        received_at=message.received_at,
        duration_s=message.duration_s,
    )


async def _delete_when_all_are_sent(delivery_id: int) -> bool:
    with failures_named("The database"):
        row = await Delivery.get_or_none(id=delivery_id).select_related("message")
        if row is None or not row.message.is_deleted_after_mail:
            return False
        others = Delivery.filter(message_id=row.message_id).exclude(state=DeliveryState.SENT)
        if await others.exists():
            return False
        there = Message.filter(id=row.message_id, state=MessageState.KEPT)
        return await there.update(state=MessageState.DELETED) > 0


async def _queue_anew(row: Delivery, new_mail_id: str, at: datetime) -> None:
    if row.state == DeliveryState.SENT:
        row.mail_id = cut(new_mail_id, LONGEST_ADDRESS)
    row.state, row.attempts = DeliveryState.QUEUED, 0
    row.queued_at, row.next_attempt_at = at, at
    row.sent_at = None
    await row.save()
