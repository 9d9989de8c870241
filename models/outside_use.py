"""For how long each tenant has talked through its trunks by day; written in the background."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.database import failures_named, transaction
from models.tenant import Tenant
from models.tenant_event import OutsideUse


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTalked:
    """What a tenant has talked on one day.

    Attributes:
        tenant_id: Whose.
        day: In the tenant's zone.
        talked_s: Talks that have ended, and those that run, as far as they have come.
        until_at: How far that is.
    """

    tenant_id: int
    day: date
    talked_s: int
    until_at: datetime


async def read(*, since: date) -> list[DayTalked]:
    """What all tenants have talked from a day on.

    Raises:
        DatabaseError: The database is away.
    """
    with failures_named("The database"):
        rows = await OutsideUse.filter(day__gte=since).order_by("day", "tenant_id")
    return [
        DayTalked(
            tenant_id=row.tenant_id,
            day=row.day,
            talked_s=row.talked_s,
            until_at=row.counted_until,
        )
        for row in rows
    ]


async def write(days: Sequence[DayTalked]) -> None:
    """Store how much was talked on some days; a count never becomes smaller.

    Raises:
        DatabaseError: The database is away; nothing is written.
    """
    async with transaction():
        of = {one.tenant_id for one in days}
        there = {tenant.id for tenant in await Tenant.filter(id__in=of)}
        for one in days:
            if one.tenant_id in there:
                await _write_one(one)


async def _write_one(one: DayTalked) -> None:
    row, _ = await OutsideUse.get_or_create(
        tenant_id=one.tenant_id,
        day=one.day,
        defaults={"talked_s": one.talked_s, "counted_until": one.until_at},
    )
    if row.talked_s <= one.talked_s:
        row.talked_s, row.counted_until = one.talked_s, one.until_at
        await row.save()
