"""`pbx tenant`: customers of the exchange."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from models import provisioning
from models.rules import LANGUAGES, STATES
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import document_of, emit_done, emit_one, emit_rows, note, printing

ASSUMED_COUNTRY = "RU"

COLUMNS = {
    "Name": "name",
    "Domain": "domain",
    "Aliases": "domain_aliases",
    "Time zone": "timezone",
    "Country": "country",
    "State": "state",
}


class NewFields(TypedDict):
    """What is given about a new tenant, as provisioning calls it."""

    domain: str
    timezone: str
    language: str
    state: str
    if_missing: bool


class ChangedFields(TypedDict):
    """What is given about a tenant that changes."""

    domain: str | None
    timezone: str | None
    country: str | None
    language: str | None
    state: str | None


@click.group(cls=NounGroup)
def tenant() -> None:
    """Customers, each with a SIP domain, numbers and phones of its own."""


@tenant.command("list")
@printing
@with_database
async def list_(_desk: Desk) -> None:
    """List all tenants."""
    tenants = await provisioning.list_tenants()
    emit_rows([document_of(one) for one in tenants], COLUMNS, empty="There are no tenants yet.")


@tenant.command()
@click.argument("name")
@printing
@with_database
async def show(_desk: Desk, name: str) -> None:
    """Show one tenant."""
    emit_one(document_of(await provisioning.get_tenant(name=name)))


@tenant.command()
@click.argument("name")
@click.option("--domain", required=True, help="SIP domain in lower case; phones log in there.")
@click.option("--timezone", default="UTC", show_default=True, help="IANA name (Europe/Moscow).")
@click.option(
    "--country",
    help=f"ISO 3166 code; decides which numbers are for emergencies.  [default: {ASSUMED_COUNTRY}]",
)
@click.option("--language", default="en", show_default=True, help=" or ".join(LANGUAGES))
@click.option("--domain-alias", "aliases", multiple=True, help="Another domain or address. Repeat.")
@click.option("--state", default="active", show_default=True, help=", ".join(STATES))
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(
    _desk: Desk,
    /,
    name: str,
    country: str | None,
    aliases: tuple[str, ...],
    **fields: Unpack[NewFields],
) -> None:
    """Take in a new customer."""
    if country is None:
        note(
            f"Country {ASSUMED_COUNTRY} assumed, its emergency numbers are reserved: "
            "give --country to say another."
        )
    made = await provisioning.create_tenant(
        name=name, country=country or ASSUMED_COUNTRY, domain_aliases=aliases, **fields
    )
    emit_done(f"Tenant {made.name} is there, at the domain {made.domain}.", document_of(made))


@tenant.command("set")
@click.argument("name")
@click.option("--domain", help="A new SIP domain: every phone has to be told.")
@click.option("--timezone", help="IANA name (Europe/Moscow).")
@click.option("--country", help="ISO 3166 code.")
@click.option("--language", help=" or ".join(LANGUAGES))
@click.option("--domain-alias", "aliases", multiple=True, help="All aliases from now on. Repeat.")
@click.option("--no-domain-aliases", is_flag=True, help="Remove all alias domains.")
@click.option("--state", help=", ".join(STATES))
@printing
@with_database
async def set_(
    desk: Desk,
    /,
    name: str,
    aliases: tuple[str, ...],
    no_domain_aliases: bool,
    **fields: Unpack[ChangedFields],
) -> None:
    """Change a tenant; what is not given stays as it is."""
    wanted = aliases if aliases or no_domain_aliases else None
    now = await provisioning.set_tenant(name=name, domain_aliases=wanted, seal=desk.seal, **fields)
    emit_done(f"Tenant {now.name} is as wanted.", document_of(now))


@tenant.command()
@click.argument("name")
@yes_option
@printing
@with_database
async def remove(desk: Desk, name: str, yes: bool) -> None:
    """Remove a tenant with its people, phones, elements, sounds, messages and call records."""
    gone = await provisioning.get_tenant(name=name)
    confirm(f"Remove tenant {name} and all that it has", is_confirmed=yes)
    await provisioning.remove_tenant(name=name, files=desk.sounds)
    await desk.messages.remove_all(gone.id)
    emit_done(f"Tenant {name} is gone.", document_of(gone))
