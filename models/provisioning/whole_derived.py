"""What follows from a tenant's rows and is written with them; inside `changing` only."""

from __future__ import annotations

from dataclasses import replace

from models.emergency_rules import in_emergency_order
from models.facts import TenantRows
from models.provisioning.direct_sip import direct_names, write_direct_sip
from models.provisioning.emergency import write_emergency_lines
from models.provisioning.lines import trunk_facts
from models.provisioning.mailboxes import empty_mailboxes
from models.provisioning.numbers import remember_assignments
from models.provisioning.outside_lock import renew_outside_lock
from models.provisioning.trunk_claims import renew_trunk_claims
from models.provisioning.whole_rows import OwnRows
from models.switch import Switch
from models.tenant import Tenant
from models.trunk import Trunk


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


async def renew_derived(rows: OwnRows, wanted: TenantRows, before: TenantRows | None) -> None:
    """Write anew what Asterisk looks up, and note where numbers lead from now on.

    Args:
        rows: The tenant's, written.
        wanted: The tenant as it is by now.
        before: As it was; None for a new one.
    """
    owner, is_new = rows.owner, rows.is_new
    await _remember_numbers(owner, wanted, before)
    names = direct_names(wanted.aliases, wanted.extensions)
    await write_direct_sip(owner, names, wanted.tenant.domain_aliases, is_new=is_new)
    await renew_outside_lock(owner, is_new=is_new)
    trunks = [trunk_facts(row) for row in rows.written(Trunk)]
    if trunks or not is_new:
        await renew_trunk_claims(owner, is_new=is_new)
    for_help = in_emergency_order(wanted.tenant.emergency_trunks, trunks)
    await write_emergency_lines(owner, for_help, is_new=is_new)


async def _remember_numbers(owner: Tenant, wanted: TenantRows, before: TenantRows | None) -> None:
    was = {one.digits: one for one in (before.numbers if before else ())}
    led = {digits: (one.trunk, one.target) for digits, one in was.items()}
    now = {one.digits for one in wanted.numbers}
    news = [one for one in wanted.numbers if led.get(one.digits) != (one.trunk, one.target)]
    news += [replace(one, trunk="", target="") for one in was.values() if one.digits not in now]
    if news:
        await remember_assignments(owner, news, is_first=before is None)
