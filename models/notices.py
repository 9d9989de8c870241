"""What administrators must hear of: events of a tenant, and the mails that tell of them.

Events of one kind and key are one mail an hour: the first is mailed at once, all that follow within
the hour are told together when it is over. Writing an event again changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tortoise.queryset import QuerySet

from models import outbox
from models.database import failures_named, transaction
from models.delivery import LONGEST_ADDRESS, DeliveryState
from models.outbox import OPEN
from models.provisioning.finding import tenant_called
from models.storable import clean, clean_json, cut
from models.tenant import Tenant
from models.tenant_event import NoticeMail, TenantEvent

MAIL_EVERY: Final = timedelta(hours=1)
"""How often administrators get a mail of one kind and key."""

MOST_TOLD: Final = 10
"""How many events a mail tells one by one; of the others it says how many they are."""

MOST_LISTED: Final = 1_000

KEPT_FOR: Final = timedelta(days=400)
"""How long an event is kept, and what became of its mails: somebody may ask after a year."""

_AT_A_TIME: Final = 500

_TOO_SOON: Final = timedelta(minutes=1)
"""A mail that goes out so soon may be being written already, and not tell of what comes now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Something that has happened, and who is to be told; ``notice_id`` is drawn once for it."""

    notice_id: str
    tenant_id: int
    kind: str
    at: datetime
    call_id: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """An event as it stands; ``mails`` says what has become of the mail to each administrator."""

    id: int
    at: datetime
    kind: str
    key: str
    call_id: str
    facts: Mapping[str, object]
    mails: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedNotice:
    """A mail to an administrator that is being sent, with all that stands in it.

    Attributes:
        about: The id of the event that it begins with.
        times: How many events it tells of.
        events: The last of them, oldest first; see `MOST_TOLD`.
        first_at: When the first of all happened.
    """

    id: int
    mail_id: str
    recipient: str
    attempts: int
    queued_at: datetime
    about: str
    tenant: str
    domain: str
    timezone: str
    language: str
    kind: str
    key: str
    times: int
    first_at: datetime
    events: tuple[EventFacts, ...]


async def write(events: Sequence[NewEvent], *, now: datetime) -> None:
    """Write what has happened, and put the mails that tell of it into the outbox; all or nothing.

    What was written before, or belongs to a tenant that has gone, is passed over.

    Args:
        events: In the order in which they happened.
        now: Mails are planned from here on.
    """
    async with transaction():
        of = {event.tenant_id for event in events}
        tenants = {tenant.id: tenant for tenant in await Tenant.filter(id__in=of)}
        ids = [event.notice_id for event in events]
        written = {row.notice_id for row in await TenantEvent.filter(notice_id__in=ids)}
        for event in events:
            if event.tenant_id in tenants and event.notice_id not in written:
                await _write_one(tenants[event.tenant_id], event, now)


async def due(*, at: datetime, limit: int) -> list[int]:
    """Which mails are to be tried now, as `outbox.next_in_turn` says."""
    waiting = NoticeMail.filter(state__in=OPEN, next_attempt_at__lte=at)
    return await outbox.next_in_turn(waiting, limit=limit)


async def claim(mail_number: int, *, at: datetime, lease: timedelta) -> ClaimedNotice | None:
    """Take a mail for one attempt, which is counted now; None when somebody else has it.

    Args:
        mail_number: Which.
        at: Now.
        lease: After this long it may be taken again: its sender must have died.
    """
    if not await outbox.take(NoticeMail, mail_number, at=at, lease=lease):
        return None
    with failures_named("The database"):
        row = await NoticeMail.get_or_none(id=mail_number).select_related("event", "tenant")
        return None if row is None else await _claimed(row)


async def mark_sent(mail_number: int, *, at: datetime, status: int) -> None:
    """The mail server has taken the mail; may be repeated."""
    await outbox.note_sent(NoticeMail, mail_number, at=at, status=status)


async def mark_deferred(mail_number: int, *, until: datetime, status: int, error: str) -> None:
    """The mail could not be handed over; it is tried again."""
    state = DeliveryState.DEFERRED
    await outbox.settle(
        NoticeMail, mail_number, state, status=status, error=error, next_attempt_at=until
    )


async def mark_bounced(mail_number: int, *, at: datetime, status: int, error: str) -> None:
    """The mail is tried no more."""
    state = DeliveryState.BOUNCED
    await outbox.settle(
        NoticeMail, mail_number, state, status=status, error=error, next_attempt_at=at
    )


async def hurry_unreached(*, at: datetime) -> int:
    """The mail server is back: try at once what waits only because it could not be reached."""
    return await outbox.hurry(NoticeMail.all(), at=at)


async def count_mails(*, state: DeliveryState) -> int:
    """How many mails to administrators of all tenants are in a state."""
    with failures_named("The database"):
        return await NoticeMail.filter(state=state).count()


async def list_events(
    *, tenant: str, since: datetime | None = None, kind: str | None = None, limit: int = 100
) -> list[EventFacts]:
    """List what a tenant's administrators must hear of, newest first.

    Args:
        tenant: Whose.
        since: Only what happened from this moment on.
        kind: Only of this kind.
        limit: At most so many, and never more than `MOST_LISTED`.

    Raises:
        NotFound: There is no such tenant.
    """
    with failures_named("The database"):
        found = TenantEvent.of(await tenant_called(tenant))
        if since is not None:
            found = found.filter(at__gte=since)
        if kind is not None:
            found = found.filter(kind=kind)
        rows = await found.order_by("-at", "-id").limit(min(limit, MOST_LISTED))
        mails = await NoticeMail.filter(event_id__in=[row.id for row in rows]).order_by("id")
    return [
        _facts(row, {mail.recipient: mail.state for mail in mails if mail.event_id == row.id})
        for row in rows
    ]


async def forget_old(*, now: datetime) -> int:
    """Delete what happened more than `KEPT_FOR` ago, with its mails; some at a time.

    Args:
        now: The age is counted from here.

    Returns:
        How many events were deleted.

    Raises:
        DatabaseError: The database is away; the rest waits for the next time.
    """
    count = 0
    with failures_named("The database"):
        while True:
            old = TenantEvent.filter(at__lt=now - KEPT_FOR).order_by("id").limit(_AT_A_TIME)
            ids = [row.id for row in await old]
            if not ids:
                return count
            await TenantEvent.filter(id__in=ids).delete()
            count += len(ids)


async def _write_one(tenant: Tenant, event: NewEvent, now: datetime) -> None:
    planned_at = await _planned(event, now)
    row = await TenantEvent.create(
        tenant_id=tenant.id,
        at=event.at,
        kind=cut(event.kind, 32),
        key=cut(event.key, 64),
        notice_id=event.notice_id,
        call_id=cut(event.call_id, 150),
        facts=clean_json(event.facts),
    )
    if planned_at is None:
        return
    one_each = {one.casefold(): clean(one) for one in reversed(event.recipients)}
    mails = [
        NoticeMail(
            tenant_id=tenant.id,
            event_id=row.id,
            recipient=cut(recipient, LONGEST_ADDRESS),
            mail_id=cut(f"<{event.notice_id}.{place}@{tenant.domain}>", LONGEST_ADDRESS),
            state=DeliveryState.QUEUED,
            attempts=0,
            queued_at=planned_at,
            next_attempt_at=planned_at,
            last_error="",
        )
        for place, recipient in enumerate(reversed(list(one_each.values())))
    ]
    if mails:
        await NoticeMail.bulk_create(mails)


async def _planned(event: NewEvent, now: datetime) -> datetime | None:
    """When the mail that tells of an event goes out; None when another tells of it, too."""
    if not event.key:
        return now
    last = await _mails_like(event.tenant_id, event.kind, event.key).order_by("-queued_at").first()
    if last is None or last.queued_at + MAIL_EVERY <= now:
        return now
    is_one_to_come = last.queued_at > now + _TOO_SOON
    return None if is_one_to_come else last.queued_at + MAIL_EVERY


def _mails_like(tenant_id: int, kind: str, key: str) -> QuerySet[NoticeMail]:
    return NoticeMail.filter(tenant_id=tenant_id, event__kind=kind, event__key=key)


async def _claimed(row: NoticeMail) -> ClaimedNotice:
    event, tenant = row.event, row.tenant
    told = await _told_by(event)
    latest = await told.order_by("-id").limit(MOST_TOLD)
    return ClaimedNotice(
        id=row.id,
        mail_id=row.mail_id,
        recipient=row.recipient,
        attempts=row.attempts,
        queued_at=row.queued_at,
        about=event.notice_id,
        tenant=tenant.name,
        domain=tenant.domain,
        timezone=tenant.timezone,
        language=tenant.language,
        kind=event.kind,
        key=event.key,
        times=await told.count(),
        first_at=event.at,
        events=tuple(_facts(one) for one in reversed(latest)),
    )


async def _told_by(event: TenantEvent) -> QuerySet[TenantEvent]:
    """The events from this one to the one with which the next mail of its kind begins."""
    if not event.key:
        return TenantEvent.filter(id=event.id)
    later = _mails_like(event.tenant_id, event.kind, event.key).filter(event_id__gt=event.id)
    following = await later.order_by("event_id").first()
    told = TenantEvent.of(event.tenant_id).filter(kind=event.kind, key=event.key, id__gte=event.id)
    return told if following is None else told.filter(id__lt=following.event_id)


def _facts(row: TenantEvent, mails: Mapping[str, str] | None = None) -> EventFacts:
    return EventFacts(
        id=row.id,
        at=row.at,
        kind=row.kind,
        key=row.key,
        call_id=row.call_id,
        facts=row.facts,
        mails=mails or {},
    )
