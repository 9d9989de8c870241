"""`pbx location`: where phones stand, for those who come to help."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from models import provisioning
from models.facts import LocationFacts
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import document_of, emit_done, emit_one, emit_rows, printing

COLUMNS = {
    "Name": "name",
    "Shows": "number",
    "Detail": "detail",
    "Default": "is_default",
}


class Changes(TypedDict):
    """What may change about a location, as provisioning calls it."""

    tenant: str
    new_name: str | None
    number: str | None
    detail: str | None
    is_default: bool | None


@click.group(cls=NounGroup, short_help="Places where phones stand, and the numbers they show.")
def location() -> None:
    """Places where phones stand, and which number they show when somebody calls help.

    `pbx device set` and `pbx extension set` put phones there with --location; phones that nobody
    has placed stand at the default location.
    """


@location.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's locations."""
    found = await provisioning.list_locations(tenant=tenant)
    emit_rows([document_of(one) for one in found], COLUMNS, empty=f"{tenant} has no locations.")


@location.command()
@click.argument("name")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, name: str, tenant: str) -> None:
    """Show one location, with the phones that stand there."""
    found = await provisioning.get_location(tenant=tenant, name=name)
    emit_one(document_of(found, devices=await provisioning.who_stands_at(tenant=tenant, name=name)))


@location.command()
@click.argument("name")
@tenant_option
@click.option("--number", default="", help="What its phones show in emergency calls.")
@click.option("--detail", default="", help='Helps to find it: "third floor, left door".')
@click.option("--default", "is_default", is_flag=True, help="Unplaced phones stand here.")
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(
    _desk: Desk,
    name: str,
    tenant: str,
    number: str,
    detail: str,
    is_default: bool,
    if_missing: bool,
) -> None:
    """Name a place where phones stand.

    The number is one of the tenant's own; in a country that asks for it, its address must be on
    record first (pbx emergency address set).
    """
    made = await provisioning.create_location(
        tenant=tenant,
        name=name,
        number=number,
        detail=detail,
        is_default=is_default,
        if_missing=if_missing,
    )
    emit_done(_sentence(made), document_of(made))


@location.command("set")
@click.argument("name")
@tenant_option
@click.option("--new-name", help="What it is called from now on.")
@click.option("--number", help="What its phones show in emergency calls; an empty text removes it.")
@click.option("--detail", help="Helps to find it; an empty text removes it.")
@click.option("--default/--no-default", "is_default", default=None, help="Unplaced phones here.")
@printing
@with_database
async def set_(_desk: Desk, /, name: str, **changes: Unpack[Changes]) -> None:
    """Change a location; its phones go with it."""
    changed = await provisioning.set_location(name=name, **changes)
    emit_done(_sentence(changed), document_of(changed))


@location.command()
@click.argument("name")
@tenant_option
@yes_option
@printing
@with_database
async def remove(_desk: Desk, name: str, tenant: str, yes: bool) -> None:
    """Forget a location where no phone stands any more."""
    gone = await provisioning.get_location(tenant=tenant, name=name)
    confirm(f"Remove location {name}", is_confirmed=yes)
    await provisioning.remove_location(tenant=tenant, name=name)
    emit_done(f"Location {name} is gone.", document_of(gone))


def _sentence(found: LocationFacts) -> str:
    shows = f"shows {found.number}" if found.number else "shows what its phones show otherwise"
    default = "; unplaced phones stand there" if found.is_default else ""
    return f"{found.name} {shows} in emergency calls{default}."
