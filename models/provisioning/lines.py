"""Trunks, numbers, aliases, calendars and switches of a tenant, taken off their rows."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final

from tortoise.expressions import Q

from models.alias import Alias
from models.calendar import Calendar
from models.facts import (
    AliasFacts,
    CalendarDay,
    CalendarFacts,
    NumberFacts,
    SwitchFacts,
    TrunkFacts,
)
from models.outside_number import OutsideNumber
from models.provisioning.finding import every
from models.switch import Switch
from models.tenant import Tenant
from models.trunk import Trunk

_UNREADABLE_FROM: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Moments that a database can hold and a calendar here cannot, in some zones."""


async def trunks_of(tenant: Tenant) -> list[TrunkFacts]:
    """Read a tenant's trunks, by name."""
    return [trunk_facts(row) for row in await every(Trunk.of(tenant).order_by("name"))]


async def trunk_names_of(tenant: Tenant, ids: Sequence[int]) -> tuple[str, ...]:
    """Name trunks in the order of their rows that is given; those that are gone are left out."""
    if not ids:
        return ()
    names = {row.id: row.name for row in await every(Trunk.of(tenant).filter(id__in=ids))}
    return tuple(names[one] for one in ids if one in names)


async def numbers_of(tenant: Tenant) -> list[NumberFacts]:
    """Read a tenant's outside numbers, by their digits."""
    rows = await every(OutsideNumber.of(tenant).select_related("trunk").order_by("digits"))
    return [number_facts(row) for row in rows]


async def aliases_of(tenant: Tenant) -> list[AliasFacts]:
    """Read a tenant's aliases, by name."""
    return [alias_facts(row) for row in await every(Alias.of(tenant).order_by("name"))]


async def calendars_of(tenant: Tenant) -> list[CalendarFacts]:
    """Read a tenant's calendars, by name."""
    return [calendar_facts(row) for row in await every(Calendar.of(tenant).order_by("name"))]


async def switches_of(tenant: Tenant) -> list[SwitchFacts]:
    """Read which switches somebody has thrown, by number; expired ones too.

    One whose end lies beyond all calendars is left to its plan: it takes no others along.
    """
    readable = Switch.of(tenant).filter(Q(until_at__isnull=True) | Q(until_at__lt=_UNREADABLE_FROM))
    rows = [switch_facts(row) for row in await every(readable)]
    return sorted(rows, key=lambda switch: int(switch.number))


def trunk_facts(row: Trunk) -> TrunkFacts:
    """Take a trunk off its row; the password stays there."""
    return TrunkFacts(
        id=row.id,
        name=row.name,
        endpoint=row.endpoint,
        preset=row.preset,
        registration=row.registration,
        host=row.host,
        port=row.port,
        transport=row.transport,
        proxy=row.proxy,
        username=row.username,
        auth_username=row.auth_username,
        from_user=row.from_user,
        from_domain=row.from_domain,
        addresses=tuple(row.addresses),
        max_channels=row.max_channels,
        forward_via_same=row.forward_via_same,
        is_default=row.is_default,
        caller_id=row.caller_id,
        passes_caller_id=row.passes_caller_id,
        number_source=row.number_source,
        caller_source=row.caller_source,
        codecs=tuple(row.codecs),
        expires_s=row.expires_s,
        qualify_s=row.qualify_s,
        is_enabled=row.is_enabled,
        patience_s=row.patience_s,
        final_codes=tuple(row.final_codes),
        caller_id_format=row.caller_id_format,
        forwarded_by=row.forwarded_by,
        encryption=row.encryption,
        password_mark=sha256(row.sealed_password.encode()).hexdigest()[:16],
    )


def number_facts(row: OutsideNumber) -> NumberFacts:
    """Take an outside number off its row, which has been read with its trunk."""
    return NumberFacts(
        number=row.number,
        digits=row.digits,
        trunk=row.trunk.name,
        target=row.target,
        label=row.label,
    )


def alias_facts(row: Alias) -> AliasFacts:
    """Take an alias off its row."""
    return AliasFacts(
        name=row.name, target=row.target, allows_direct_sip=bool(row.allows_direct_sip)
    )


def calendar_facts(row: Calendar) -> CalendarFacts:
    """Take a calendar off its row."""
    return CalendarFacts(
        name=row.name,
        days=tuple(
            CalendarDay(first=date.fromisoformat(first), last=date.fromisoformat(last), name=name)
            for first, last, name in row.days
        ),
        covers_until=row.covers_until,
        source=row.source,
    )


def switch_facts(row: Switch) -> SwitchFacts:
    """Take a switch off its row."""
    return SwitchFacts(
        number=row.number,
        position=row.position,
        until_at=row.until_at,
        set_by=row.set_by,
        set_at=row.set_at,
    )
