"""Mailboxes: what lies in them, for calls and commands; the sounds are in message_files.

A message is no configuration: nothing here makes a new revision (PINs do, see provisioning.pins).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tortoise.expressions import F, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from models import pins
from models.call_record import LONGEST_CALLER_NAME, LONGEST_ID, LONGEST_NUMBER
from models.database import failures_named, transaction
from models.delivery import Delivery, DeliveryState
from models.errors import NotFound
from models.mail_outbox import DeliveryFacts, QueuedMail, delivery_facts, queue_mails
from models.mailbox_pin import MailboxPin
from models.message import LONGEST_MESSAGE_ID, Message, MessageState
from models.message_files import MessageFolder
from models.provisioning.finding import only, tenant_called
from models.storable import cut
from models.tenant import Tenant

MOST_LISTED: Final = 1_000

WRONG_PINS_ALLOWED: Final = 10
"""After so many wrong ones in a row, at whatever phone, a mailbox opens to nobody for a while."""

LOCKED_FOR: Final = timedelta(minutes=15)

_OPEN_STATES: Final = (DeliveryState.QUEUED, DeliveryState.DEFERRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """A message in a mailbox; ``file`` is empty when its sound is gone."""

    id: str
    tenant: str
    tenant_id: int
    box: str
    caller_number: str
    caller_name: str
    call_id: str
    received_at: datetime
    duration_s: float
    is_heard: bool
    heard_at: datetime | None
    state: str
    home: str
    file: str
    deliveries: tuple[DeliveryFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """A message whose file is in place, with the mails that it causes."""

    id: str
    tenant_id: int
    box: str
    caller_number: str
    caller_name: str
    call_id: str
    received_at: datetime
    duration_s: float
    language: str
    is_deleted_after_mail: bool
    home: str
    file: str
    mails: Sequence[QueuedMail] = ()


@dataclass(frozen=True, slots=True)
class BoxCounts:
    """How many messages lie in a mailbox; the lamp is lit while there are new ones."""

    new: int = 0
    old: int = 0


async def keep_message(message: ReceivedMessage, *, at: datetime) -> bool:
    """Put a message into its mailbox, with its mails, in one transaction; harmless when repeated.

    Args:
        message: What was received.
        at: Now; its mails are due from now on.

    Returns:
        Whether its tenant is still there; if not, nothing was written and nobody waits for it.

    Raises:
        DatabaseError: Nothing is written; try again.
    """
    async with transaction():
        tenant = await Tenant.get_or_none(id=message.tenant_id)
        if tenant is None:
            return False
        if await Message.filter(id=message.id).exists():
            return True
        await Message.bulk_create([_row(message)], ignore_conflicts=True)
        await queue_mails(message.tenant_id, message.id, message.mails, at=at)
        return True


async def messages_in(*, tenant_id: int, box: str) -> list[MessageFacts]:
    """What lies in a mailbox: new messages first, each part from old to new.

    Raises:
        DatabaseError: The database is away.
    """
    rows = _kept(tenant_id, box).order_by("is_heard", "received_at", "id")
    return await _facts(rows.limit(MOST_LISTED))


async def counts(*, tenant_id: int, box: str) -> BoxCounts:
    """How many new and old messages lie in a mailbox; looks at no other."""
    return (await _counts(_kept(tenant_id, box))).get(box, BoxCounts())


async def all_counts(*, tenant_id: int) -> Mapping[str, BoxCounts]:
    """How many new and old messages lie in each mailbox of a tenant that has any."""
    return await _counts(Message.of(tenant_id).filter(state=MessageState.KEPT))


async def _counts(messages: QuerySet[Message]) -> dict[str, BoxCounts]:
    with failures_named("The database"):
        found = await (
            messages.annotate(how_many=Count("id"))
            .group_by("box", "is_heard")
            .values("box", "is_heard", "how_many")
        )
    many: dict[str, dict[bool, int]] = {}
    for row in found:
        many.setdefault(row["box"], {})[bool(row["is_heard"])] = row["how_many"]
    return {box: BoxCounts(one.get(False, 0), one.get(True, 0)) for box, one in many.items()}


async def everybodys_counts() -> Mapping[int, Mapping[str, BoxCounts]]:
    """How many new and old messages lie in each mailbox that has any, by tenant id and box.

    Raises:
        DatabaseError: The database is away.
    """
    with failures_named("The database"):
        found = await (
            Message.filter(state=MessageState.KEPT)
            .annotate(how_many=Count("id"))
            .group_by("tenant_id", "box", "is_heard")
            .values("tenant_id", "box", "is_heard", "how_many")
        )
    counts: dict[int, dict[str, BoxCounts]] = {}
    for row in found:
        boxes = counts.setdefault(row["tenant_id"], {})
        before, many = boxes.get(row["box"], BoxCounts()), int(row["how_many"])
        is_old = bool(row["is_heard"])
        boxes[row["box"]] = BoxCounts(
            before.new + (0 if is_old else many), before.old + (many if is_old else 0)
        )
    return counts


async def get_message(*, tenant_id: int, message_id: str) -> MessageFacts:
    """Show one message of a tenant, those that were deleted included.

    Raises:
        NotFound: The tenant has none of that id.
    """
    rows = Message.of(tenant_id).filter(id=cut(message_id, LONGEST_MESSAGE_ID))
    for message in await _facts(rows):
        return message
    raise NotFound(f"There is no voicemail message {message_id}")


async def find_message(*, message_id: str, tenant: str | None = None) -> MessageFacts:
    """Show one message of any tenant, or of the one that is named.

    Raises:
        NotFound: There is no such tenant, or no such message in it.
    """
    rows = Message.all() if tenant is None else Message.of(await tenant_called(tenant))
    for message in await _facts(rows.filter(id=cut(message_id, LONGEST_MESSAGE_ID))):
        return message
    raise NotFound(f"There is no voicemail message {message_id}")


async def duration_of(*, message_id: str) -> float | None:
    """How long a message is that was put into a mailbox; None when none of this id was."""
    message = await only(Message.all(), id=message_id)
    return None if message is None else message.duration_s


async def mark_heard(*, tenant_id: int, message_id: str, at: datetime) -> bool:
    """The owner has listened to a message.

    Returns:
        Whether it was new until now.
    """
    with failures_named("The database"):
        changed = await (
            Message.of(tenant_id)
            .filter(id=message_id, is_heard=False, state=MessageState.KEPT)
            .update(is_heard=True, heard_at=at)
        )
    return changed > 0


async def delete_message(*, tenant_id: int, message_id: str, files: MessageFolder) -> bool:
    """Throw a message out of its mailbox; the sound goes when no mail of it waits any more.

    Returns:
        Whether it lay there until now.

    Raises:
        DatabaseError: It stays where it is.
        MessageFilesError: It is out of the mailbox, but its sound could not be removed yet.
    """
    with failures_named("The database"):
        changed = await (
            Message.of(tenant_id)
            .filter(id=message_id, state=MessageState.KEPT)
            .update(state=MessageState.DELETED)
        )
    await clear_away(files, message_id=message_id)
    return changed > 0


async def clear_away(files: MessageFolder, *, message_id: str | None = None) -> int:
    """Remove the sounds of deleted messages that no mail needs; of all of this home, or of one.

    Returns:
        How many went.

    Raises:
        DatabaseError: The database is away.
        MessageFilesError: A file cannot be removed; it is tried again next time.
    """
    home = await files.home_id()
    with failures_named("The database"):
        deleted = Message.filter(state=MessageState.DELETED, home=home).exclude(file="")
        if message_id is not None:
            deleted = deleted.filter(id=message_id)
        rows = await deleted  # once: what is deleted from here on may still have a mail
        waiting = await Delivery.filter(
            message_id__in=[row.id for row in rows], state__in=_OPEN_STATES
        )
        needed = {delivery.message_id for delivery in waiting}
        gone = [row for row in rows if row.id not in needed]
        for row in gone:
            await files.remove(row.tenant_id, row.id)
            await Message.filter(id=row.id).update(file="")
    return len(gone)


async def list_messages(
    *, tenant: str | None = None, box: str | None = None, state: str | None = None
) -> list[MessageFacts]:
    """List messages, newest first, each with what became of its mails.

    Args:
        tenant: Of this tenant only.
        box: In this mailbox only.
        state: Only those with a mail in this state (``bounced`` for dead letters); otherwise those
            that lie in their mailbox or still have a mail to be sent.

    Raises:
        NotFound: There is no such tenant.
    """
    rows = Message.all() if tenant is None else Message.of(await tenant_called(tenant))
    if box is not None:
        rows = rows.filter(box=cut(box, LONGEST_NUMBER))
    with failures_named("The database"):
        if state is None:
            rows = rows.exclude(file="")
        else:
            rows = rows.filter(id__in=Subquery(Delivery.filter(state=state).values("message_id")))
    return await _facts(rows.order_by("-received_at", "-id").limit(MOST_LISTED))


async def opens(*, tenant_id: int, box: str, pin: str, at: datetime) -> bool:
    """Whether this is the mailbox's PIN; False for a mailbox without one.

    After `WRONG_PINS_ALLOWED` wrong ones in a row even the right one does not open it, until nobody
    has tried for `LOCKED_FOR`.

    Raises:
        DatabaseError: The database is away.
    """
    row = await only(MailboxPin.of(tenant_id), number=box)
    if row is None:
        return False
    same = MailboxPin.of(tenant_id).filter(number=box)
    with failures_named("The database"):
        if not await _may_guess(same, at):
            return False
        is_right = await pins.is_pin(row.hash, pin)
        if is_right:
            await same.update(failed=0, failed_at=None)
    return is_right


async def _may_guess(same: QuerySet[MailboxPin], at: datetime) -> bool:
    """Count a guess before it is looked at: many calls at once get no more guesses than one."""
    if await same.filter(failed_at__lte=at - LOCKED_FOR).update(failed=1, failed_at=at):
        return True
    unlocked = same.filter(failed__lt=WRONG_PINS_ALLOWED)
    if await unlocked.update(failed=F("failed") + 1, failed_at=at):
        return True
    await same.filter(failed__gte=WRONG_PINS_ALLOWED).update(failed_at=at)
    return False


def _kept(tenant_id: int, box: str) -> QuerySet[Message]:
    return Message.of(tenant_id).filter(box=box, state=MessageState.KEPT)


def _row(message: ReceivedMessage) -> Message:
    return Message(
        id=message.id,
        tenant_id=message.tenant_id,
        box=cut(message.box, LONGEST_NUMBER),
        caller_number=cut(message.caller_number, LONGEST_NUMBER),
        caller_name=cut(message.caller_name, LONGEST_CALLER_NAME),
        call_id=cut(message.call_id, LONGEST_ID),
        received_at=message.received_at,
        duration_s=message.duration_s,
        language=message.language,
        is_heard=False,
        is_deleted_after_mail=message.is_deleted_after_mail,
        state=MessageState.KEPT,
        home=message.home,
        file=message.file,
    )


async def _facts(rows: QuerySet[Message]) -> list[MessageFacts]:
    with failures_named("The database"):
        found = await rows.select_related("tenant")
        ids = [row.id for row in found]
        sent = await Delivery.filter(message_id__in=ids).order_by("id") if ids else []
    deliveries: dict[str, list[DeliveryFacts]] = {}
    for delivery in sent:
        deliveries.setdefault(delivery.message_id, []).append(delivery_facts(delivery))
    return [
        MessageFacts(
            id=row.id,
            tenant=row.tenant.name,
            tenant_id=row.tenant_id,
            box=row.box,
            caller_number=row.caller_number,
            caller_name=row.caller_name,
            call_id=row.call_id,
            received_at=row.received_at,
            duration_s=row.duration_s,
            is_heard=row.is_heard,
            heard_at=row.heard_at,
            state=row.state,
            home=row.home,
            file=row.file,
            deliveries=tuple(deliveries.get(row.id, ())),
        )
        for row in found
    ]
