"""Trunks: lines to carriers and other exchanges, made, changed, removed."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import NamedTuple, Unpack

from models.emergency_rules import ASKS_FOR_ADDRESS, emergency_faults_of_change
from models.errors import Fault, InUse, refuse_if_any, taken
from models.facts import TrunkFacts
from models.outside_number import OutsideNumber
from models.provisioning.caller_ids import caller_id_faults, logins_of
from models.provisioning.change import changing, stamp
from models.provisioning.devices import refuse_other_key
from models.provisioning.emergency import renew_emergency_lines
from models.provisioning.finding import every, only, tenant_called
from models.provisioning.lines import trunk_facts, trunks_of
from models.provisioning.outbound_rows import rule_rows
from models.provisioning.reading import found, rows_of
from models.provisioning.trunk_claims import renew_trunk_claims, rivals_of
from models.seal import Seal
from models.tenant import Tenant
from models.trunk import Trunk
from models.trunk_places import place_faults
from models.trunk_presets import OTHER, trunk_presets
from models.trunk_rules import (
    TrunkSettings,
    trunk_faults,
    trunk_password_faults,
)

_NOT_STORED_SO = {"id", "endpoint", "password_mark"}
_PLACES = {"registration", "addresses", "host", "proxy"}


class TrunkOwner(NamedTuple):
    """Whose a trunk is, and what it is called there."""

    tenant: str
    trunk: str


async def create_trunk(
    *,
    tenant: str,
    name: str,
    seal: Seal,
    password: str | None = None,
    if_missing: bool = False,
    **given: Unpack[TrunkSettings],
) -> TrunkFacts:
    """Open a line to a carrier; calls and registrations begin without a reload.

    The first trunk of a tenant is its default.

    Args:
        tenant: Whose.
        name: What people call it, 70 bytes of UTF-8 at most.
        seal: Closes the password.
        password: Ours at the carrier, or theirs here.
        if_missing: The trunk may be there already; it is left as it is.
        **given: The rest; what is not given comes from the preset, then from `TrunkFacts`.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: All that is wrong.
        AlreadyExists: The name is taken.
    """
    preset, faults = await _preset(given.get("preset", OTHER))
    async with changing():
        owner = await tenant_called(tenant)
        there = await only(Trunk.of(owner), name=name)
        if there is not None and if_missing:
            return trunk_facts(there)
        others = await trunks_of(owner)
        wanted = _with(TrunkFacts(id=0, name=name, endpoint=""), preset, given)
        wanted = replace(wanted, is_default=wanted.is_default or not others)
        faults += await _faults(wanted, owner)
        faults += await _shown_faults(wanted, owner)
        faults += trunk_password_faults(wanted.registration, password, has_password=False)
        refuse_if_any(faults)
        if there is not None:
            raise taken("name", name, f"Tenant {tenant} has a trunk {name} already")
        row = Trunk(tenant=owner, endpoint=await free_endpoint(), sealed_password="")
        await _store(row, owner, wanted, password, seal)
        return trunk_facts(row)


async def set_trunk(
    *,
    tenant: str,
    name: str,
    seal: Seal,
    new_name: str | None = None,
    password: str | None = None,
    **given: Unpack[TrunkSettings],
) -> TrunkFacts:
    """Change a trunk; what is not given stays as it is.

    Args:
        tenant: Whose.
        name: Which.
        seal: Closes a new password.
        new_name: What it is called from now on; its numbers go with it.
        password: A new one.
        **given: The rest; a preset changes all that it names and that is not given beside it.

    Raises:
        NotFound: There is no such tenant, or no such trunk in it.
        InvalidSettings: All that would be wrong.
        AlreadyExists: The new name is taken.
    """
    preset, faults = await _preset(given.get("preset"))
    async with changing():
        owner = await tenant_called(tenant)
        row = await trunk_of(owner, name)
        before = trunk_facts(row)
        wanted = _with(before, preset, given)
        wanted = replace(wanted, name=name if new_name is None else new_name)
        faults += await _faults(wanted, owner)
        faults += _default_faults(before, wanted)
        faults += await _shown_faults(wanted, owner, before)
        has_password = bool(row.sealed_password) and before.registration == wanted.registration
        faults += trunk_password_faults(wanted.registration, password, has_password=has_password)
        refuse_if_any(faults)
        if wanted.name != name and await only(Trunk.of(owner), name=wanted.name) is not None:
            raise taken("name", wanted.name, f"Tenant {tenant} has a trunk {wanted.name} already")
        if wanted.registration != before.registration:
            row.sealed_password = ""
        if wanted != before or password is not None:
            await _store(row, owner, wanted, password, seal)
        return trunk_facts(row)


async def remove_trunk(*, tenant: str, name: str) -> None:
    """Close a line; when it was the default, the oldest of the others is.

    Raises:
        NotFound: There is no such tenant, or no such trunk in it.
        InUse: Numbers belong to it, or outbound rules name it; the message lists them.
        InvalidSettings: Without it, phones would call help with a number that has no address.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await trunk_of(owner, name)
        numbers = await every(OutsideNumber.of(owner).filter(trunk_id=row.id).order_by("digits"))
        users = [f"number {number.number} belongs to {name}" for number in numbers]
        users += await _who_calls_through(row, owner)
        if users:
            raise InUse(f"The trunk {name} cannot be removed:\n" + "\n".join(users), users)
        refuse_if_any(await _faults_without(trunk_facts(row), owner))
        await row.delete()
        next_one = await Trunk.of(owner).order_by("id").first() if row.is_default else None
        if next_one is not None:
            next_one.is_default = True
            await next_one.save(update_fields=["is_default"])
        await renew_emergency_lines(owner)
        await stamp(owner)


async def list_trunks(*, tenant: str) -> list[TrunkFacts]:
    """List a tenant's trunks by name.

    Raises:
        NotFound: There is no such tenant.
    """
    return await trunks_of(await tenant_called(tenant))


async def registering_trunks() -> Mapping[str, TrunkOwner]:
    """Say whose the trunks of all tenants are that register at a carrier, by endpoint."""
    rows = Trunk.filter(registration="outbound", is_enabled=True).select_related("tenant")
    ordered = await every(rows.order_by("tenant__name", "name"))
    return {row.endpoint: TrunkOwner(row.tenant.name, row.name) for row in ordered}


async def get_trunk(*, tenant: str, name: str) -> TrunkFacts:
    """Show one trunk.

    Raises:
        NotFound: There is no such tenant, or no such trunk in it.
    """
    return trunk_facts(await trunk_of(await tenant_called(tenant), name))


async def sealed_trunk_password(*, tenant: str, name: str) -> str:
    """A trunk's password as it is stored, to be opened for Asterisk alone; empty when it has none.

    Raises:
        NotFound: There is no such tenant, or no such trunk in it.
    """
    return (await trunk_of(await tenant_called(tenant), name)).sealed_password


async def trunk_of(tenant: Tenant, name: str) -> Trunk:
    """Find a trunk of this tenant.

    Raises:
        NotFound: The tenant has none.
    """
    return found(await only(Trunk.of(tenant), name=name), tenant, f"trunk {name}")


async def _preset(name: str | None) -> tuple[TrunkSettings, list[Fault]]:
    presets = await asyncio.to_thread(trunk_presets)
    if name is None:
        return {}, []
    if name not in presets:
        rule = f"there is no such preset (there are {', '.join(presets)})"
        return presets[OTHER].settings, [Fault("preset", name, rule)]
    return presets[name].settings, []


def _with(trunk: TrunkFacts, preset: TrunkSettings, given: TrunkSettings) -> TrunkFacts:
    return replace(replace(trunk, **preset), **given)


async def _faults(wanted: TrunkFacts, owner: Tenant) -> list[Fault]:
    faults = trunk_faults(wanted)
    if _PLACES & {fault.path for fault in faults}:
        return faults
    siblings = [one for one in await trunks_of(owner) if one.id != wanted.id]
    rivals = await rivals_of([wanted], besides=owner.id)
    return faults + place_faults(wanted, [*siblings, *rivals], {one.id for one in siblings})


async def _shown_faults(
    wanted: TrunkFacts, owner: Tenant, before: TrunkFacts | None = None
) -> list[Fault]:
    """Say what is wrong with the numbers that calls through a trunk show, calls for help too."""
    faults = await _caller_id_faults(wanted, owner, before)
    return faults or await _emergency_faults(wanted, owner, before)


async def _emergency_faults(
    wanted: TrunkFacts, owner: Tenant, before: TrunkFacts | None
) -> list[Fault]:
    """Refuse a trunk through which help would see a number without the address asked for."""
    if owner.country not in ASKS_FOR_ADDRESS or wanted == before:
        return []
    rows = await rows_of(owner)
    mine = "" if before is None else before.name  # under which the tenant names it for help
    others = [one for one in rows.trunks if one.name != mine]
    if wanted.is_default:
        others = [replace(one, is_default=False) for one in others]
    known = wanted if before is None else replace(wanted, name=before.name)
    path, value = _field_that_matters(wanted, before)
    after = replace(rows, trunks=(*others, known))
    return emergency_faults_of_change(rows, after, path, value)


def _field_that_matters(wanted: TrunkFacts, before: TrunkFacts | None) -> tuple[str, object]:
    """The field that a person has changed of those on which the number for help rests."""
    if before is None:
        return "name", wanted.name
    for path in ("caller_id", "is_enabled"):
        if getattr(wanted, path) != getattr(before, path):
            return path, getattr(wanted, path)
    return "is_default", wanted.is_default


async def _faults_without(trunk: TrunkFacts, owner: Tenant) -> list[Fault]:
    """Refuse to take a trunk away when the number left for help has no address."""
    if owner.country not in ASKS_FOR_ADDRESS:
        return []
    rows = await rows_of(owner)
    left = tuple(one for one in rows.trunks if one.name != trunk.name)
    after = replace(rows, trunks=left)
    return emergency_faults_of_change(rows, after, "name", trunk.name)


async def _caller_id_faults(
    wanted: TrunkFacts, owner: Tenant, before: TrunkFacts | None = None
) -> list[Fault]:
    """Refuse to show a number that is neither the tenant's nor the trunk's own login."""
    shown = (wanted.caller_id, *logins_of(wanted))
    if not wanted.caller_id or (before and shown == (before.caller_id, *logins_of(before))):
        return []
    rows = await rows_of(owner)
    faults = caller_id_faults("caller_id", wanted.caller_id, rows, also=logins_of(wanted))
    if before is not None:
        return faults
    afterwards = "; a trunk has to be there before its numbers: give --caller-id afterwards"
    return [replace(fault, rule=f"{fault.rule}{afterwards}") for fault in faults]


def _default_faults(before: TrunkFacts, wanted: TrunkFacts) -> list[Fault]:
    if before.is_default and not wanted.is_default:
        return [Fault("is_default", False, "make another trunk the default instead")]
    return []


async def _who_calls_through(trunk: Trunk, owner: Tenant) -> list[str]:
    """Say who sends calls out through a trunk by naming it, one sentence each."""
    rules = await rule_rows(owner)
    users = [
        f"outbound rule {rule.name} sends calls through {trunk.name}"
        for rule in rules
        if trunk.id in rule.trunk_ids
    ]
    if trunk.id in owner.emergency_trunk_ids:
        users.append(f"emergency calls are to try {trunk.name} (pbx emergency trunks)")
    return users


async def free_endpoint() -> str:
    """Make up what Asterisk shall call a trunk; no other trunk is called so."""
    while True:
        endpoint = f"trunk-{secrets.token_hex(4)}"
        if await only(Trunk.all(), endpoint=endpoint) is None:
            return endpoint


async def _store(
    row: Trunk, owner: Tenant, wanted: TrunkFacts, password: str | None, seal: Seal
) -> None:
    for name, value in asdict(wanted).items():
        if name not in _NOT_STORED_SO:
            setattr(row, name, list(value) if isinstance(value, tuple) else value)
    if password is not None:
        await refuse_other_key(seal)
        row.sealed_password = seal.close(password)
    if wanted.is_default:
        await Trunk.of(owner).filter(is_default=True).update(is_default=False)
    await row.save()
    await renew_trunk_claims(owner)
    await renew_emergency_lines(owner)
    await stamp(owner)
