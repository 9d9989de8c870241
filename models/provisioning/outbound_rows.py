"""Outbound rules of a tenant, taken off their rows."""

from collections.abc import Mapping

from models.facts import OutboundRuleFacts
from models.outbound_rule import OutboundRule
from models.provisioning.finding import every
from models.tenant import Tenant
from models.trunk import Trunk

_GONE = ""
"""The name of a trunk that is no longer there: no trunk has it, so that nothing leaves by it."""


async def rules_of(tenant: Tenant) -> list[OutboundRuleFacts]:
    """Read a tenant's outbound rules, in their order."""
    rows = await rule_rows(tenant)
    names = await trunk_names(tenant) if any(row.trunk_ids for row in rows) else {}
    return [rule_facts(row, names) for row in rows]


async def rule_rows(tenant: Tenant) -> list[OutboundRule]:
    """Read the rows themselves, in the order of the rules."""
    return await every(OutboundRule.of(tenant).order_by("place", "id"))


async def trunk_names(tenant: Tenant) -> dict[int, str]:
    """Name a tenant's trunks by their rows."""
    return {row.id: row.name for row in await every(Trunk.of(tenant))}


def rule_facts(row: OutboundRule, trunks: Mapping[int, str]) -> OutboundRuleFacts:
    """Take a rule off its row.

    Args:
        row: The rule.
        trunks: The names of the tenant's trunks, by their rows.
    """
    return OutboundRuleFacts(
        place=row.place,
        name=row.name,
        mask=row.mask,
        output=row.output,
        action=row.action,
        trunks=tuple(trunks.get(one, _GONE) for one in row.trunk_ids),
        mode=row.mode,
        users=tuple(row.users),
        hours=row.hours,
        caller_id=row.caller_id,
        pin_hash=row.pin_hash,
        is_enabled=bool(row.is_enabled),
    )
