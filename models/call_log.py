"""Calls as they were: written by one background task, read by `pbx calls`; decides nothing.

Every write may be repeated: a batch that was sent twice, or that failed half-way and is sent again,
leaves the same rows as one that was sent once. Writes for a tenant that has been removed meanwhile
vanish with it.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.call_record import LONGEST_CALLER_NAME, LONGEST_ID, LONGEST_NUMBER, CallRecord
from models.database import failures_named, transaction
from models.errors import NotFound
from models.journal import JournalEntry
from models.provisioning.finding import tenant_called
from models.storable import clean, clean_json, cut
from models.tenant import Tenant

MOST_LISTED = 1_000
MOST_DIALLED = 20
READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCall:
    """A call has come in; ``id`` is the caller's channel, ``how`` the way in (``phone``)."""

    id: str
    tenant_id: int
    channel_id: str
    revision: int
    how: str
    caller_number: str
    caller_name: str
    caller_device: str | None
    dialled: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCall:
    """A person has answered; ``answered_by`` says who (a number)."""

    id: str
    tenant_id: int
    answered_at: datetime
    answered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCall:
    """A call is over. ``ended_by`` is caller, callee, plan, carrier, platform or unknown.

    ``may_have_begun_before``: whoever closes it could not read the record, which may know an
    earlier beginning of the talk.
    """

    id: str
    tenant_id: int
    ended_at: datetime
    ended_by: str
    reason: str
    comment: str
    talk_s: float
    answered_at: datetime | None = None
    answered_by: str | None = None
    may_have_begun_before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One step of a call, known by ``(call_id, seq)``; ``what`` is a code word."""

    tenant_id: int
    call_id: str
    seq: int
    at: datetime
    what: str
    element: str | None = None
    exit: str | None = None
    reason: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


CallWrite = OpenedCall | AnsweredCall | ClosedCall | JournalLine


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A call record as it stands; ``ended_at`` is None while the call is up."""

    id: str
    tenant: str
    channel_id: str
    revision: int
    how: str
    caller_number: str
    caller_name: str
    caller_device: str | None
    dialled: str
    started_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    ended_at: datetime | None
    ended_by: str | None
    reason: str | None
    comment: str | None
    talk_s: float | None


async def write(batch: Sequence[CallWrite]) -> None:
    """Write what has happened, in one transaction.

    Args:
        batch: In the order in which it happened.

    Raises:
        DatabaseUnavailable: The database went away; nothing is written, send the batch again.
        DatabaseLocked: Another process held it for too long; the same.
    """
    if not batch:
        return
    async with transaction():
        tenants = {item.tenant_id for item in batch}
        there = {tenant.id for tenant in await Tenant.filter(id__in=tenants)}
        kept = [item for item in batch if item.tenant_id in there]
        await _open([item for item in kept if isinstance(item, OpenedCall)])
        await _append([item for item in kept if isinstance(item, JournalLine)])
        for item in kept:
            match item:
                case AnsweredCall():
                    await _answer(item)
                case ClosedCall():
                    await _close(item)
                case OpenedCall() | JournalLine():
                    pass


async def list_calls(
    *,
    tenant: str | None = None,
    since: datetime | None = None,
    number: str | None = None,
    limit: int = 100,
) -> list[RecordedCall]:
    """List calls, newest first.

    Args:
        tenant: Of this tenant only.
        since: Started at or after this moment.
        number: From or to this number, or answered by it.
        limit: How many at most, up to `MOST_LISTED`.

    Raises:
        NotFound: There is no such tenant.
    """
    calls = await _calls_of(tenant)
    if since is not None:
        calls = calls.filter(started_at__gte=since)
    if number is not None:
        number = cut(number, LONGEST_NUMBER)
        calls = calls.filter(Q(caller_number=number) | Q(dialled=number) | Q(answered_by=number))
    return await _recorded(calls.order_by("-started_at", "-id").limit(min(limit, MOST_LISTED)))


async def dialled_by(*, tenant_id: int, device: str, since: datetime) -> list[str]:
    """List what a phone has dialled, as it sent it, the latest first, `MOST_DIALLED` at most.

    Args:
        tenant_id: Whose phone it is.
        device: Its name.
        since: Not what it dialled before this moment.
    """
    calls = CallRecord.of(tenant_id).filter(caller_device=device, started_at__gte=since)
    latest = calls.order_by("-started_at", "-id").limit(MOST_DIALLED)
    with failures_named("The database"):
        return [row.dialled for row in await latest]


async def show_call(*, call_id: str, tenant: str | None = None) -> RecordedCall:
    """Show one call.

    Raises:
        NotFound: There is no such tenant, or no such call in it.
    """
    calls = (await _calls_of(tenant)).filter(id=cut(call_id, LONGEST_ID))
    for call in await _recorded(calls):
        return call
    raise NotFound(f"There is no call {call_id}")


async def journal_of(*, call_id: str) -> list[JournalLine]:
    """List the steps of one call in their order; empty when there is none."""
    with failures_named("The database"):
        rows = await JournalEntry.filter(call_id=cut(call_id, LONGEST_ID)).order_by("seq")
    return [
        JournalLine(
            tenant_id=row.tenant_id,
            call_id=row.call_id,
            seq=row.seq,
            at=row.at,
            what=row.what,
            element=row.element,
            exit=row.exit,
            reason=row.reason,
            facts=row.facts,
        )
        for row in rows
    ]


async def past_calls(
    *, tenant: str, since: datetime
) -> AsyncIterator[tuple[RecordedCall, list[JournalLine]]]:
    """Go through the calls of a tenant with their steps, newest first; few are in memory at once.

    Args:
        tenant: Whose.
        since: Started at or after this moment.

    Raises:
        NotFound: There is no such tenant.
    """
    calls = (await _calls_of(tenant)).filter(started_at__gte=since)
    before = Q()
    while True:
        page = calls.filter(before).order_by("-started_at", "-id").limit(READ_AT_ONCE)
        found = await _recorded(page)
        journals = await _journals([call.id for call in found])
        for call in found:
            yield call, journals.get(call.id, [])
        if len(found) < READ_AT_ONCE:
            return
        last = found[-1]
        same_moment = Q(started_at=last.started_at, id__lt=last.id)
        before = Q(started_at__lt=last.started_at) | same_moment


async def count_calls(*, tenant: str, since: datetime) -> int:
    """Count the calls that `past_calls` would go through.

    Raises:
        NotFound: There is no such tenant.
    """
    calls = await _calls_of(tenant)
    with failures_named("The database"):
        return await calls.filter(started_at__gte=since).count()


async def _journals(call_ids: Iterable[str]) -> dict[str, list[JournalLine]]:
    """The steps of many calls; plain values, for thousands of rows are read."""
    columns = ("tenant_id", "call_id", "seq", "at", "what", "element", "exit", "reason", "facts")
    lines = JournalEntry.filter(call_id__in=list(call_ids)).order_by("call_id", "seq")
    journals: dict[str, list[JournalLine]] = {}
    with failures_named("The database"):
        for row in await lines.values(*columns):
            journals.setdefault(row["call_id"], []).append(JournalLine(**row))
    return journals


async def live_calls(*, tenant: str | None = None) -> list[RecordedCall]:
    """List the calls that are up, oldest first.

    Raises:
        NotFound: There is no such tenant.
    """
    calls = (await _calls_of(tenant)).filter(ended_at__isnull=True)
    return await _recorded(calls.order_by("started_at", "id"))


async def unfinished() -> list[RecordedCall]:
    """List the calls whose end nobody has written, of all tenants: to be adopted or closed."""
    return await live_calls()


async def _calls_of(tenant: str | None) -> QuerySet[CallRecord]:
    """Ask about one tenant's calls, or about all when an operator names none."""
    if tenant is None:
        return CallRecord.all()
    return CallRecord.of(await tenant_called(tenant))


async def _open(calls: Sequence[OpenedCall]) -> None:
    rows = [
        CallRecord(
            id=call.id,
            tenant_id=call.tenant_id,
            channel_id=call.channel_id,
            revision=call.revision,
            how=call.how,
            caller_number=cut(call.caller_number, LONGEST_NUMBER),
            caller_name=cut(call.caller_name, LONGEST_CALLER_NAME),
            caller_device=call.caller_device,
            dialled=cut(call.dialled, LONGEST_NUMBER),
            started_at=call.started_at,
        )
        for call in calls
    ]
    if rows:
        await CallRecord.bulk_create(rows, ignore_conflicts=True)


async def _append(lines: Sequence[JournalLine]) -> None:
    rows = [
        JournalEntry(
            tenant_id=line.tenant_id,
            call_id=line.call_id,
            seq=line.seq,
            at=line.at,
            what=line.what,
            element=_cut_number(line.element),
            exit=_cut_number(line.exit),
            reason=clean(line.reason),
            facts=clean_json(line.facts),
        )
        for line in lines
    ]
    if rows:
        await JournalEntry.bulk_create(rows, ignore_conflicts=True)


def _cut_number(number: str | None) -> str | None:
    return None if number is None else cut(number, LONGEST_NUMBER)


async def _answer(call: AnsweredCall) -> None:
    await (
        CallRecord.of(call.tenant_id)
        .filter(id=call.id)
        .update(answered_at=call.answered_at, answered_by=_cut_number(call.answered_by))
    )


async def _close(call: ClosedCall) -> None:
    if call.may_have_begun_before and call.answered_at is not None:
        call = await _with_its_beginning(call)
    changes: dict[str, object] = {
        "ended_at": call.ended_at,
        "ended_by": call.ended_by,
        "reason": call.reason,
        "comment": clean(call.comment),
        "talk_s": call.talk_s,
    }
    if call.answered_at is not None:
        changes["answered_at"] = call.answered_at
        changes["answered_by"] = _cut_number(call.answered_by)
    await CallRecord.of(call.tenant_id).filter(id=call.id).update(**changes)


async def _with_its_beginning(call: ClosedCall) -> ClosedCall:
    """The talk has lasted since the record says that it began, if that knows of it."""
    row = await CallRecord.of(call.tenant_id).get_or_none(id=call.id)
    if row is None or row.answered_at is None:
        return call
    talk_s = max((call.ended_at - row.answered_at).total_seconds(), 0.0)
    return replace(call, answered_at=row.answered_at, answered_by=row.answered_by, talk_s=talk_s)


async def _recorded(calls: QuerySet[CallRecord]) -> list[RecordedCall]:
    with failures_named("The database"):
        rows = await calls.select_related("tenant")
    return [
        RecordedCall(
            id=row.id,
            tenant=row.tenant.name,
            channel_id=row.channel_id,
            revision=row.revision,
            how=row.how,
            caller_number=row.caller_number,
            caller_name=row.caller_name,
            caller_device=row.caller_device,
            dialled=row.dialled,
            started_at=row.started_at,
            answered_at=row.answered_at,
            answered_by=row.answered_by,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
            reason=row.reason,
            comment=row.comment,
            talk_s=row.talk_s,
        )
        for row in rows
    ]
