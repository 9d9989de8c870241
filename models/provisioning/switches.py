"""Switches: elements forced open or closed by people, for a while or until further notice."""

from datetime import UTC, datetime, timedelta
from typing import Final

from models.errors import Fault, refuse_if_any
from models.facts import SwitchFacts
from models.provisioning.catalogue import switch_kind_faults
from models.provisioning.change import changing, stamp
from models.provisioning.finding import tenant_called
from models.provisioning.lines import switch_facts, switches_of
from models.provisioning.reading import element_of
from models.storable import cut
from models.switch import Switch

OPEN: Final = "open"
CLOSED: Final = "closed"

LONGEST: Final = timedelta(days=3653)
"""For how long a switch stands by hand with an end to it: ten years."""

_LONGEST_NAME: Final = 80


async def set_switch(
    *, tenant: str, number: str, position: str, until_at: datetime | None = None, by: str
) -> SwitchFacts:
    """Force an element open or closed, whatever it would decide; the next call finds it so.

    Args:
        tenant: Whose.
        number: The element, one that has a switch.
        position: ``open`` or ``closed``.
        until_at: When it falls back by itself; None for never.
        by: Who does it: a user's number, or ``pbx``.

    Raises:
        NotFound: There is no such tenant, or no such element in it.
        InvalidSettings: The element has no switch, there is no such position, or the moment has
            passed or is more than ten years ahead; all faults at once.
    """
    now = datetime.now(UTC)
    async with changing():
        owner = await tenant_called(tenant)
        element = await element_of(owner, number)
        refuse_if_any(
            [
                *switch_kind_faults(number, element.kind),
                *_position_faults(position),
                *_expiry_faults(until_at, now),
            ]
        )
        await Switch.of(owner).filter(number=number).delete()
        row = Switch(tenant=owner, number=number, position=position)
        row.until_at = until_at.astimezone(UTC) if until_at else None
        row.set_by, row.set_at = cut(by, _LONGEST_NAME), now
        await row.save()
        await stamp(owner, only_noted=_thrown(row))
        return switch_facts(row)


async def clear_switch(*, tenant: str, number: str) -> None:
    """Leave an element to its own rules again; one that nobody has thrown stays as it is.

    Raises:
        NotFound: There is no such tenant, or no such element in it.
        InvalidSettings: The element has no switch.
    """
    async with changing():
        owner = await tenant_called(tenant)
        element = await element_of(owner, number)
        refuse_if_any(switch_kind_faults(number, element.kind))
        if await Switch.of(owner).filter(number=number).delete():
            await stamp(owner, only_noted=f"the switch of {number} was left to its own rules")


async def list_switches(*, tenant: str, at: datetime | None = None) -> list[SwitchFacts]:
    """List what is forced open or closed, by number; what has fallen back is left out.

    Args:
        tenant: Whose.
        at: The moment in question; the present one when None.

    Raises:
        NotFound: There is no such tenant.
    """
    moment = at or datetime.now(UTC)
    thrown = await switches_of(await tenant_called(tenant))
    return [one for one in thrown if one.until_at is None or one.until_at > moment]


def _thrown(row: Switch) -> str:
    until = f" until {row.until_at:%Y-%m-%d %H:%M:%SZ}" if row.until_at else ""
    by = row.set_by or "nobody known"
    return f"the switch of {row.number} was forced {row.position}{until} by {by}"


def _position_faults(position: str) -> list[Fault]:
    if position in (OPEN, CLOSED):
        return []
    return [Fault("position", position, f"one of {OPEN}, {CLOSED}")]


def _expiry_faults(until_at: datetime | None, now: datetime) -> list[Fault]:
    if until_at is None or now < until_at <= now + LONGEST:
        return []
    rule = "has passed already" if until_at <= now else "is more than 10 years ahead"
    return [Fault("until_at", until_at.isoformat(), rule)]
