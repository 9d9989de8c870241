"""`pbx alias`: names that SIP addresses use instead of numbers."""

from __future__ import annotations

import click

from models import provisioning
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import document_of, emit_done, emit_one, emit_rows, printing
from pbx_cli.warning import warn_about

COLUMNS = {"Name": "name", "Leads to": "target", "Direct SIP": "allows_direct_sip"}


@click.group(cls=NounGroup, short_help="Names that lead to numbers: sip:info@acme.example.")
def alias() -> None:
    """Names that lead to numbers: sip:info@acme.example reaches the greeting 5000."""


@alias.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's aliases."""
    found = await provisioning.list_aliases(tenant=tenant)
    emit_rows([document_of(one) for one in found], COLUMNS, empty=f"{tenant} has no aliases.")


@alias.command()
@click.argument("name")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, name: str, tenant: str) -> None:
    """Show one alias and the addresses that it answers at."""
    found = await provisioning.get_alias(tenant=tenant, name=name)
    owner = await provisioning.get_tenant(name=tenant)
    addresses = [f"sip:{name}@{domain}" for domain in (owner.domain, *owner.domain_aliases)]
    emit_one(document_of(found, addresses=addresses))


@alias.command()
@click.argument("name")
@tenant_option
@click.option("--to", "target", required=True, metavar="NUMBER", help="The number it leads to.")
@click.option(
    "--direct-sip/--no-direct-sip",
    "allows_direct_sip",
    default=False,
    show_default=True,
    help="Whether anybody on the internet may call it.",
)
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(
    desk: Desk, name: str, tenant: str, target: str, allows_direct_sip: bool, if_missing: bool
) -> None:
    """Give a number a NAME."""
    made = await provisioning.create_alias(
        tenant=tenant,
        name=name,
        target=target,
        allows_direct_sip=allows_direct_sip,
        if_missing=if_missing,
    )
    await warn_about(desk, tenant, f"alias {name}")
    emit_done(f"Alias {made.name} leads to {made.target}.", document_of(made))


@alias.command("set")
@click.argument("name")
@tenant_option
@click.option("--to", "target", metavar="NUMBER", help="The number it leads to from now on.")
@click.option(
    "--direct-sip/--no-direct-sip",
    "allows_direct_sip",
    default=None,
    help="Whether anybody on the internet may call it.",
)
@printing
@with_database
async def set_(
    desk: Desk, name: str, tenant: str, target: str | None, allows_direct_sip: bool | None
) -> None:
    """Change an alias; what is not given stays as it is."""
    now = await provisioning.set_alias(
        tenant=tenant, name=name, target=target, allows_direct_sip=allows_direct_sip
    )
    await warn_about(desk, tenant, f"alias {name}")
    emit_done(f"Alias {now.name} leads to {now.target}.", document_of(now))


@alias.command()
@click.argument("name")
@tenant_option
@yes_option
@printing
@with_database
async def remove(_desk: Desk, name: str, tenant: str, yes: bool) -> None:
    """Take a name away; the number it led to stays."""
    gone = await provisioning.get_alias(tenant=tenant, name=name)
    confirm(f"Remove alias {name}", is_confirmed=yes)
    await provisioning.remove_alias(tenant=tenant, name=name)
    emit_done(f"Alias {name} is gone.", document_of(gone))
