"""`pbx emergency`: addresses on record, the order of trunks, and what would go wrong."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from models import provisioning
from models.emergency_audit import Finding
from models.emergency_rules import in_emergency_order
from models.errors import InvalidSettings
from models.facts import EmergencyAddressFacts
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.emergency_audit import audited, trunks_that_are_down
from pbx_cli.errors import USAGE, Refused
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    document_of,
    emit_done,
    emit_rows,
    note,
    printing,
)

ADDRESS_COLUMNS = {
    "Number": "number",
    "Party": "party",
    "Street": "street",
    "City": "city",
    "Region": "region",
    "Postal code": "postal_code",
    "Country": "country",
}
FINDING_COLUMNS = {
    "Tenant": "tenant",
    "Device": "device",
    "Goes wrong": "is_fault",
    "Trouble": "trouble",
    "What": "words",
}


class AddressLines(TypedDict):
    """The lines of an address, as provisioning calls them."""

    tenant: str
    party: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str | None


@click.group(cls=NounGroup, short_help="Calls for help: addresses, trunks, trial calls.")
def emergency() -> None:
    """Calls for help: the addresses that help sees, the trunks, and an audit."""


@emergency.group(cls=NounGroup)
def address() -> None:
    """Addresses on record with numbers, which help looks up (E911 in the United States).

    This is a list of what your carrier has on record; the carrier is told by its own means.
    """


@address.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List which addresses are on record with a tenant's numbers."""
    found = await provisioning.list_emergency_addresses(tenant=tenant)
    emit_rows(
        [document_of(one) for one in found],
        ADDRESS_COLUMNS,
        empty=f"No address is on record with any number of {tenant}.",
    )


@address.command("set")
@click.argument("number")
@tenant_option
@click.option("--party", required=True, help="Whose name is on record.")
@click.option("--street", required=True, help="With house, floor, suite.")
@click.option("--city", required=True)
@click.option("--region", default="", help="State or province.")
@click.option("--postal-code", default="")
@click.option("--country", help="ISO 3166 code; the tenant's when not given.")
@printing
@with_database
async def set_(_desk: Desk, /, number: str, **lines: Unpack[AddressLines]) -> None:
    """Note which address the carrier has on record with NUMBER; it replaces the one before."""
    before = await provisioning.list_emergency_addresses(tenant=lines["tenant"])
    kept = await provisioning.set_emergency_address(number=number, **lines)
    replaced = next((one for one in before if one.number == kept.number and one != kept), None)
    instead = f" in the place of {_in_a_line(replaced)}" if replaced else ""
    emit_done(f"{kept.number}: {_in_a_line(kept)}{instead}.", document_of(kept))


@address.command()
@click.argument("number")
@tenant_option
@yes_option
@printing
@with_database
async def remove(_desk: Desk, number: str, tenant: str, yes: bool) -> None:
    """Note that the carrier has no address on record with NUMBER any more."""
    gone = await provisioning.get_number(tenant=tenant, number=number)
    confirm(f"Remove the emergency address of {gone.number}", is_confirmed=yes)
    await provisioning.remove_emergency_address(tenant=tenant, number=number)
    emit_done(f"No address is on record with {gone.number}.", {"number": gone.number})


@emergency.command()
@click.argument("names", nargs=-1, metavar="[TRUNK]...")
@tenant_option
@click.option("--usual", is_flag=True, help="Back to: the default trunk, then all others.")
@printing
@with_database
async def trunks(_desk: Desk, names: tuple[str, ...], tenant: str, usual: bool) -> None:
    """Say through which trunks emergency calls try to leave, in this order; or show the order.

    Every other trunk that is switched on is tried after those that are named.
    """
    if names and usual:
        raise Refused("Name trunks, or give --usual, not both.", exit_code=USAGE)
    if names or usual:
        await provisioning.set_emergency_trunks(tenant=tenant, trunks=names)
    named = (await provisioning.get_tenant(name=tenant)).emergency_trunks
    known = await provisioning.list_trunks(tenant=tenant)
    order = [one.name for one in in_emergency_order(named, known)]
    emit_done(
        f"Emergency calls try {', then '.join(order)}." if order else "There is no trunk to try.",
        {"tenant": tenant, "named": list(named), "order": order},
    )


@emergency.command()
@click.option("--tenant", envvar="PBX_TENANT", metavar="NAME", help="Whose; all when not given.")
@printing
@with_database
async def audit(desk: Desk, tenant: str | None) -> None:
    """List every phone that would go wrong when somebody calls help now, and why.

    Nobody is called. Exit code 5 when anything would go wrong, 0 when there are hints at most.
    """
    if tenant is None:
        tenants = [one.name for one in await provisioning.list_tenants()]
    else:
        tenants = [tenant]
    down = await trunks_that_are_down(desk.settings, tenants)
    found = [one for name in tenants for one in await audited(name, down)]
    emit_rows([document_of(one) for one in found], FINDING_COLUMNS, empty="All is well.")
    _end(found)


def _in_a_line(address: EmergencyAddressFacts) -> str:
    lines = (address.party, address.street, address.city, address.region, address.postal_code)
    return ", ".join([*filter(None, lines), address.country])


def _end(found: list[Finding]) -> None:
    faults = [one for one in found if one.is_fault]
    if faults:
        note(f"{len(faults)} of these would go wrong.")
        raise click.exceptions.Exit(InvalidSettings.exit_code)
