"""Emergency calls: addresses on record, the order of trunks, what Asterisk dials by itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace

from models import rules
from models.emergency_lines import dials_of
from models.emergency_rules import (
    ASKS_FOR_ADDRESS,
    emergency_faults_of_change,
    emergency_numbers,
    in_emergency_order,
)
from models.errors import Fault, InUse, refuse_if_any
from models.facts import EmergencyAddressFacts, TenantFacts, TenantRows, TrunkFacts
from models.location import EmergencyAddress, EmergencyLine
from models.numbering import normalised
from models.outside_number import OutsideNumber
from models.provisioning.change import changing, stamp
from models.provisioning.finding import every, only, tenant_called
from models.provisioning.lines import trunk_facts, trunks_of
from models.provisioning.place_rows import address_facts, addresses_of
from models.provisioning.reading import found, rows_of, tenant_facts
from models.tenant import Tenant
from models.trunk import Trunk

_LENGTHS = {"party": 70, "street": 120, "city": 80, "region": 80, "postal_code": 16}
_ALWAYS = ("party", "street", "city")
_WHERE_ASKED_FOR = ("region", "postal_code")
_READ_AT_ONCE = 200
"""Tenants; calls that run meanwhile do not wait for more."""


async def set_emergency_address(  # noqa: PLR0913 - one argument per line of an address
    *,
    tenant: str,
    number: str,
    party: str,
    street: str,
    city: str,
    region: str = "",
    postal_code: str = "",
    country: str | None = None,
) -> EmergencyAddressFacts:
    """Note which address is on record with a number at its carrier; replaces the one before.

    The carrier has to be told by its own means: nothing is sent to anybody.

    Args:
        tenant: Whose.
        number: One of the tenant's numbers, in any spelling.
        party: Whose name is on record.
        street: With the number of the house, the floor, the suite.
        city: City.
        region: State, province; asked for where the country asks for an address.
        postal_code: The same.
        country: ISO 3166; the tenant's when None.

    Raises:
        NotFound: There is no such tenant, or no such number in it.
        InvalidSettings: All that is wrong.
    """
    async with changing():
        owner = await tenant_called(tenant)
        line = await _number_of(owner, number)
        wanted = EmergencyAddressFacts(
            number=line.number,
            digits=line.digits,
            party=party,
            street=street,
            city=city,
            region=region,
            postal_code=postal_code,
            country=owner.country if country is None else country,
        )
        refuse_if_any(address_faults(wanted))
        row = await _address_row(owner, line)
        if row is not None and address_facts(row) == wanted:
            return wanted
        row = row or EmergencyAddress(tenant=owner, number=line)
        for name, value in asdict(wanted).items():
            if name not in ("number", "digits"):
                setattr(row, name, value)
        await row.save()
        await stamp(owner)
        return wanted


async def remove_emergency_address(*, tenant: str, number: str) -> None:
    """Note that no address is on record with a number any more.

    Raises:
        NotFound: There is no such tenant or number, or no address is on record with it.
        InUse: Phones show it in emergency calls, in a country that asks for the address.
    """
    async with changing():
        owner = await tenant_called(tenant)
        line = await _number_of(owner, number)
        row = found(await _address_row(owner, line), owner, f"emergency address of {line.number}")
        users = _who_needs(await rows_of(owner), line.digits)
        if users:
            message = f"The address of {line.number} cannot be removed:\n" + "\n".join(users)
            raise InUse(message, users)
        await row.delete()
        await stamp(owner)


async def list_emergency_addresses(*, tenant: str) -> list[EmergencyAddressFacts]:
    """List which addresses are on record with a tenant's numbers.

    Raises:
        NotFound: There is no such tenant.
    """
    return await addresses_of(await tenant_called(tenant))


async def set_emergency_trunks(*, tenant: str, trunks: Sequence[str]) -> TenantFacts:
    """Say through which trunks emergency calls try to leave first, in this order.

    Every other trunk that is switched on is tried after them, the default trunk first.

    Args:
        tenant: Whose.
        trunks: By name; none for the default trunk and then all others.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: There is no such trunk, or one stands there twice.
    """
    async with changing():
        owner = await tenant_called(tenant)
        ids = {one.name: one.id for one in await trunks_of(owner)}
        faults = [
            Fault("trunks", name, f"tenant {tenant} has no such trunk")
            for name in trunks
            if name not in ids
        ]
        if len(set(trunks)) < len(trunks):
            faults.append(Fault("trunks", ", ".join(trunks), "each trunk is tried once"))
        refuse_if_any(faults)
        wanted = [ids[name] for name in trunks]
        if wanted != owner.emergency_trunk_ids:
            owner.emergency_trunk_ids = wanted
            await owner.save(update_fields=["emergency_trunk_ids"])
            await renew_emergency_lines(owner)
            await stamp(owner)
        return await tenant_facts(owner)


async def renew_all_emergency_lines() -> None:
    """Write anew what Asterisk reads, where it has become another.

    After an update of this program, which may know other numbers, or may not have written any.
    Nobody who changes something waits, but where there is something to be written.
    """
    tenants = await every(Tenant.all().order_by("id").limit(_READ_AT_ONCE))
    while tenants:
        for one in await _with_other_lines(tenants):
            async with changing():
                tenant = await only(Tenant.all(), id=one.id)
                if tenant is not None:
                    await renew_emergency_lines(tenant)
        following = Tenant.filter(id__gt=tenants[-1].id).order_by("id")
        tenants = await every(following.limit(_READ_AT_ONCE))


async def _with_other_lines(tenants: Sequence[Tenant]) -> list[Tenant]:
    """Those of whom something else is written than should be, as it seems without the lock."""
    ids = [one.id for one in tenants]
    trunks: dict[int, list[TrunkFacts]] = {one: [] for one in ids}
    for trunk in await every(Trunk.filter(tenant_id__in=ids).order_by("name")):
        trunks[trunk.tenant_id].append(trunk_facts(trunk))
    written: dict[int, dict[str, str]] = {one: {} for one in ids}
    for line in await every(EmergencyLine.filter(tenant_id__in=ids)):
        written[line.tenant_id][line.address] = line.dials

    def differing() -> list[Tenant]:
        return [
            one
            for one in tenants
            if _wanted_lines(one, _tried_by(one, trunks[one.id])) != written[one.id]
        ]

    return await asyncio.to_thread(differing)


async def renew_emergency_lines(tenant: Tenant) -> None:
    """Write anew how Asterisk reaches emergency numbers alone; inside `changing` only.

    It rests on the tenant's trunks and their order, on its domain and its country.
    """
    await write_emergency_lines(tenant, _tried_by(tenant, await trunks_of(tenant)))


def _tried_by(tenant: Tenant, trunks: Sequence[TrunkFacts]) -> list[TrunkFacts]:
    """Those of a tenant's trunks that an emergency call tries, in their order."""
    names = {one.id: one.name for one in trunks}
    first = [names[one] for one in tenant.emergency_trunk_ids if one in names]
    return in_emergency_order(first, trunks)


async def write_emergency_lines(
    tenant: Tenant, trunks: Sequence[TrunkFacts], *, is_new: bool = False
) -> None:
    """Write how Asterisk reaches emergency numbers alone; inside `changing` only.

    Args:
        tenant: Whose.
        trunks: Through which, in their order.
        is_new: Nothing is written yet, and nobody needs to look.
    """
    wanted = await asyncio.to_thread(_wanted_lines, tenant, trunks) if trunks else {}
    rows = [] if is_new else await every(EmergencyLine.of(tenant))
    there = {row.address: row.dials for row in rows}
    stale = [address for address, dials in there.items() if wanted.get(address) != dials]
    if stale:
        await EmergencyLine.of(tenant).filter(address__in=stale).delete()
    news = [(one, dials) for one, dials in wanted.items() if there.get(one) != dials]
    if news:
        await EmergencyLine.bulk_create(
            EmergencyLine(tenant_id=tenant.id, address=one, dials=dials) for one, dials in news
        )


def _wanted_lines(tenant: Tenant, trunks: Sequence[TrunkFacts]) -> dict[str, str]:
    """What is dialled for each emergency number; takes a while at the first of a country."""
    numbers = emergency_numbers(tenant.country) if trunks else ()
    return {
        f"{number}@{tenant.domain}": dials_of(trunks, number, tenant.country) for number in numbers
    }


def address_faults(wanted: EmergencyAddressFacts) -> list[Fault]:
    """Say all that is wrong with the lines of an address."""
    faults = rules.country_faults(wanted.country)
    needed = (*_ALWAYS, *(_WHERE_ASKED_FOR if wanted.country in ASKS_FOR_ADDRESS else ()))
    for field, longest in _LENGTHS.items():
        value = getattr(wanted, field)
        if field in needed and not value.strip():
            faults = [*faults, Fault(field, value, "must be said: help is sent there")]
        elif len(value) > longest or not value.isprintable():
            faults = [*faults, Fault(field, value, f"is one line of at most {longest} signs")]
    return faults


async def _number_of(tenant: Tenant, number: str) -> OutsideNumber:
    row = await only(OutsideNumber.of(tenant), digits=normalised(number, tenant.country))
    return found(row, tenant, f"number {number}")


async def _address_row(tenant: Tenant, line: OutsideNumber) -> EmergencyAddress | None:
    rows = EmergencyAddress.of(tenant).select_related("number")
    return await only(rows, number_id=line.id)


def _who_needs(rows: TenantRows, digits: str) -> list[str]:
    """Who would call help without an address, were it taken off this number."""
    left = tuple(one for one in rows.emergency_addresses if one.digits != digits)
    after = replace(rows, emergency_addresses=left)
    faults = emergency_faults_of_change(rows, after, "number", digits)
    users = [fault.rule.partition(", and no address")[0] for fault in faults]
    if rows.tenant.country in ASKS_FOR_ADDRESS:
        users += [
            f"location {one.name} shows {one.number}"
            for one in rows.locations
            if one.number and normalised(one.number, rows.tenant.country) == digits
        ]
    return users
