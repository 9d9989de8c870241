"""What follows from a tenant's rows and is written with them; inside `changing` only."""

from __future__ import annotations

from dataclasses import replace

from models.facts import TenantRows
from models.provisioning.direct_sip import renew_direct_sip
from models.provisioning.emergency import renew_emergency_lines
from models.provisioning.mailboxes import empty_mailboxes
from models.provisioning.numbers import remember_assignments
from models.provisioning.outside_lock import renew_outside_lock
from models.switch import Switch
from models.tenant import Tenant


async def clear_away(owner: Tenant, wanted: TenantRows, before: TenantRows) -> None:
    """Take along what stood behind numbers that go, so that no successor opens it.

    An element of another kind behind the same number is a successor, too.
    """
    people = {one.number for one in wanted.extensions}
    elements = {(one.number, one.kind) for one in wanted.elements}
    gone = [one.number for one in before.extensions if one.number not in people]
    replaced = [one.number for one in before.elements if (one.number, one.kind) not in elements]
    if replaced:
        await Switch.of(owner).filter(number__in=replaced).delete()
    if gone or replaced:
        await empty_mailboxes(owner, [*gone, *replaced])


async def renew_derived(owner: Tenant, wanted: TenantRows, before: TenantRows | None) -> None:
    """Write anew what Asterisk looks up, and note where numbers lead from now on."""
    await _remember_numbers(owner, wanted, before)
    await renew_direct_sip(owner)
    await renew_outside_lock(owner)
    await renew_emergency_lines(owner)


async def _remember_numbers(owner: Tenant, wanted: TenantRows, before: TenantRows | None) -> None:
    was = {one.digits: one for one in (before.numbers if before else ())}
    led = {digits: (one.trunk, one.target) for digits, one in was.items()}
    now = {one.digits for one in wanted.numbers}
    news = [one for one in wanted.numbers if led.get(one.digits) != (one.trunk, one.target)]
    news += [replace(one, trunk="", target="") for one in was.values() if one.digits not in now]
    await remember_assignments(owner, news)
