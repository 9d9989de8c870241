"""Aliases: names for SIP addresses that lead to a tenant's numbers."""

import re
from typing import Final

from models.alias import Alias
from models.errors import Fault, refuse_if_any, taken
from models.facts import AliasFacts, TenantRows
from models.numbering import is_internal
from models.provisioning.catalogue import Present, Wire, target_faults
from models.provisioning.change import changing, stamp
from models.provisioning.direct_sip import renew_direct_sip
from models.provisioning.finding import only, tenant_called
from models.provisioning.lines import alias_facts, aliases_of
from models.provisioning.reading import found, rows_of
from models.tenant import Tenant

_NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}", re.ASCII)
_NAME_RULE: Final = "an alias begins with a letter and has 1 to 64 of a-z, 0-9, dot, _ and hyphen"


async def create_alias(
    *,
    tenant: str,
    name: str,
    target: str,
    allows_direct_sip: bool = False,
    if_missing: bool = False,
) -> AliasFacts:
    """Give a number a name that SIP addresses can use: ``sip:info@acme.test``.

    Args:
        tenant: Whose.
        name: The part before the ``@``; begins with a letter, so that it is never a number.
        target: An internal number that exists.
        allows_direct_sip: Whether anybody on the internet may call it.
        if_missing: The alias may be there already; it is left as it is.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: All that is wrong.
        AlreadyExists: The name is taken.
    """
    async with changing():
        owner = await tenant_called(tenant)
        there = await only(Alias.of(owner), name=name)
        if there is not None and if_missing:
            return alias_facts(there)
        wanted = AliasFacts(name=name, target=target, allows_direct_sip=allows_direct_sip)
        refuse_if_any(
            [*alias_name_faults(name), *alias_target_faults(wanted, await rows_of(owner))]
        )
        if there is not None:
            raise taken("name", name, f"Tenant {tenant} has an alias {name} already")
        await Alias.create(
            tenant=owner, name=name, target=target, allows_direct_sip=allows_direct_sip
        )
        await _spread(owner)
        return wanted


async def set_alias(
    *,
    tenant: str,
    name: str,
    target: str | None = None,
    allows_direct_sip: bool | None = None,
) -> AliasFacts:
    """Change an alias; what is None stays as it is.

    Raises:
        NotFound: There is no such tenant, or no such alias in it.
        InvalidSettings: The target is no internal number, or does not exist.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _alias_of(owner, name)
        before = alias_facts(row)
        row.target = row.target if target is None else target
        if allows_direct_sip is not None:
            row.allows_direct_sip = allows_direct_sip
        after = alias_facts(row)
        refuse_if_any(alias_target_faults(after, await rows_of(owner)))
        if after != before:
            await row.save()
            await _spread(owner)
        return after


async def remove_alias(*, tenant: str, name: str) -> None:
    """Take a name away; the number it led to stays.

    Raises:
        NotFound: There is no such tenant, or no such alias in it.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _alias_of(owner, name)
        await row.delete()
        await _spread(owner)


async def list_aliases(*, tenant: str) -> list[AliasFacts]:
    """List a tenant's aliases by name.

    Raises:
        NotFound: There is no such tenant.
    """
    return await aliases_of(await tenant_called(tenant))


async def get_alias(*, tenant: str, name: str) -> AliasFacts:
    """Show one alias.

    Raises:
        NotFound: There is no such tenant, or no such alias in it.
    """
    return alias_facts(await _alias_of(await tenant_called(tenant), name))


def alias_name_faults(name: str) -> list[Fault]:
    """Refuse names that could be numbers, or cannot stand in a SIP address."""
    return [] if _NAME.fullmatch(name) else [Fault("name", name, _NAME_RULE)]


def alias_target_faults(wanted: AliasFacts, rows: TenantRows | Present) -> list[Fault]:
    """Refuse an alias that leads out of the tenant, or to nobody."""
    if not is_internal(wanted.target):
        rule = "an alias leads to an internal number: a user (100) or an element (5000)"
        return [Fault("target", wanted.target, rule)]
    return list(target_faults([Wire(f"alias {wanted.name}", "", wanted.target)], rows))


async def _alias_of(tenant: Tenant, name: str) -> Alias:
    return found(await only(Alias.of(tenant), name=name), tenant, f"alias {name}")


async def _spread(owner: Tenant) -> None:
    """Let Asterisk and those who keep plans in memory know."""
    await renew_direct_sip(owner)
    await stamp(owner)
