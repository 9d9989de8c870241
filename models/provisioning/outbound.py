"""Outbound rules: made, changed, put into order, removed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Final, Unpack

from models.errors import AlreadyExists, Fault, refuse_if_any, taken
from models.facts import OutboundRuleFacts, TenantRows
from models.outbound_rule import OutboundRule
from models.outbound_rules import RuleSettings, place_faults, rule_faults
from models.pins import hash_pin, pin_faults
from models.provisioning.caller_ids import caller_id_faults
from models.provisioning.catalogue import ElementCatalogue
from models.provisioning.change import changing, stamp
from models.provisioning.finding import only, tenant_called
from models.provisioning.outbound_rows import rule_facts, rule_rows, rules_of, trunk_names
from models.provisioning.reading import found, rows_of
from models.tenant import Tenant

NO_PIN: Final = ""
"""Given as a PIN: from now on, nobody is asked for one."""

_NOT_STORED_SO: Final = {"place", "trunks"}


async def create_rule(
    *,
    tenant: str,
    name: str,
    catalogue: ElementCatalogue,
    pin: str | None = None,
    place: int | None = None,
    if_missing: bool = False,
    **given: Unpack[RuleSettings],
) -> OutboundRuleFacts:
    """Say how certain dialled numbers leave, or that they do not; the next call goes by it.

    Args:
        tenant: Whose.
        name: What people call it, 70 bytes of UTF-8 at most.
        catalogue: Reads masks and hours.
        pin: 4 to 8 digits that callers have to press first; None for no PIN.
        place: Where in the list, 1 for the first; those behind it move on. None for the end.
        if_missing: The rule may be there already; it is left as it is.
        **given: The rest; what is not given is as in `OutboundRuleFacts`.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: All that is wrong.
        AlreadyExists: The name is taken.
    """
    pin_hash, faults = await _hashed(pin)
    async with changing():
        owner = await tenant_called(tenant)
        names = await trunk_names(owner)
        order = await rule_rows(owner)
        there = next((row for row in order if row.name == name), None)
        if there is not None and if_missing:
            return rule_facts(there, names)
        last = len(order) + 1
        at = last if place is None else place
        wanted = OutboundRuleFacts(place=at, name=name, mask="", pin_hash=pin_hash or NO_PIN)
        wanted = replace(wanted, **given)
        faults += place_faults(at, last)
        refuse_if_any([*await _faults(wanted, await rows_of(owner), catalogue), *faults])
        if there is not None:
            raise _taken(tenant, name)
        await _number(order[at - 1 :], first=at + 1)
        row = OutboundRule(tenant=owner, place=at)
        _put(row, wanted, names)
        await row.save()
        await stamp(owner)
        return wanted


async def set_rule(
    *,
    tenant: str,
    name: str,
    catalogue: ElementCatalogue,
    new_name: str | None = None,
    pin: str | None = None,
    **given: Unpack[RuleSettings],
) -> OutboundRuleFacts:
    """Change a rule; what is not given stays as it is, its place too.

    Args:
        tenant: Whose.
        name: Which.
        catalogue: Reads masks and hours.
        new_name: What it is called from now on.
        pin: A new one; `NO_PIN` takes the PIN away.
        **given: The rest.

    Raises:
        NotFound: There is no such tenant, or no such rule in it.
        InvalidSettings: All that would be wrong.
        AlreadyExists: The new name is taken.
    """
    pin_hash, faults = await _hashed(pin)
    async with changing():
        owner = await tenant_called(tenant)
        row = await _row(owner, name)
        names = await trunk_names(owner)
        before = rule_facts(row, names)
        wanted = replace(
            before,
            name=name if new_name is None else new_name,
            pin_hash=before.pin_hash if pin_hash is None else pin_hash,
        )
        wanted = replace(wanted, **given)
        refuse_if_any([*await _faults(wanted, await rows_of(owner), catalogue), *faults])
        if wanted.name != name and await _find(owner, wanted.name) is not None:
            raise _taken(tenant, wanted.name)
        if wanted != before:
            _put(row, wanted, names)
            await row.save()
            await stamp(owner)
        return wanted


async def move_rule(
    *, tenant: str, name: str, place: int | None = None, steps: int = 0
) -> OutboundRuleFacts:
    """Put a rule at another place of the list; the others keep their order.

    Args:
        tenant: Whose.
        name: Which.
        place: Where to, 1 for the first; None for where it is.
        steps: So many places further down (or up, when negative), at most to the end of the list.

    Raises:
        NotFound: There is no such tenant, or no such rule in it.
        InvalidSettings: The list has no such place.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _row(owner, name)
        order = await rule_rows(owner)
        if place is not None:
            refuse_if_any(place_faults(place, len(order)))
        wanted = (row.place if place is None else place) + steps
        wanted = min(max(wanted, 1), len(order))
        if wanted != row.place:
            order = [one for one in order if one.id != row.id]
            order.insert(wanted - 1, row)
            await _number(order)
            await stamp(owner)
        return rule_facts(row, await trunk_names(owner))


async def remove_rule(*, tenant: str, name: str) -> None:
    """Take a rule away; those behind it move up.

    Raises:
        NotFound: There is no such tenant, or no such rule in it.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _row(owner, name)
        await row.delete()
        await _number(await rule_rows(owner))
        await stamp(owner)


async def list_rules(*, tenant: str) -> list[OutboundRuleFacts]:
    """List a tenant's outbound rules, in their order.

    Raises:
        NotFound: There is no such tenant.
    """
    return await rules_of(await tenant_called(tenant))


async def get_rule(*, tenant: str, name: str) -> OutboundRuleFacts:
    """Show one outbound rule.

    Raises:
        NotFound: There is no such tenant, or no such rule in it.
    """
    owner = await tenant_called(tenant)
    return rule_facts(await _row(owner, name), await trunk_names(owner))


async def _hashed(pin: str | None) -> tuple[str | None, list[Fault]]:
    """The hash of a PIN that may be stored, or what is wrong with it."""
    if pin is None or pin == NO_PIN:
        return pin, []
    faults = pin_faults(pin)
    return (None, faults) if faults else (await hash_pin(pin), [])


async def _faults(
    wanted: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> list[Fault]:
    return [
        *rule_faults(wanted, {trunk.name for trunk in rows.trunks}),
        *await asyncio.to_thread(catalogue.rule_faults, wanted),  # zones are read off the disk
        *caller_id_faults("caller_id", wanted.caller_id, rows),
    ]


def _taken(tenant: str, name: str) -> AlreadyExists:
    return taken("name", name, f"Tenant {tenant} has an outbound rule {name} already")


async def _find(tenant: Tenant, name: str) -> OutboundRule | None:
    return await only(OutboundRule.of(tenant), name=name)


async def _row(tenant: Tenant, name: str) -> OutboundRule:
    return found(await _find(tenant, name), tenant, f"outbound rule {name}")


def _put(row: OutboundRule, wanted: OutboundRuleFacts, trunks: Mapping[int, str]) -> None:
    """Write a rule into its row, which has its place already."""
    ids = {name: trunk_id for trunk_id, name in trunks.items()}
    for name, value in asdict(wanted).items():
        if name not in _NOT_STORED_SO:
            setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.trunk_ids = [ids[name] for name in wanted.trunks]


async def _number(order: Sequence[OutboundRule], *, first: int = 1) -> None:
    """Number rules as they stand, one by one."""
    for place, row in enumerate(order, start=first):
        if row.place != place:
            row.place = place
            await row.save(update_fields=["place"])
