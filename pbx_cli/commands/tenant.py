"""`pbx tenant`: customers of the exchange."""

from __future__ import annotations

from typing import Unpack

import click

from models import provisioning
from models.facts import TenantFacts
from models.feature_codes import feature_codes
from models.rules import LANGUAGES, STATES
from pbx_cli.asking import confirm, yes_option
from pbx_cli.commands.tenant_diff import tenant_diff
from pbx_cli.commands.tenant_events import events
from pbx_cli.commands.tenant_history import tenant_history
from pbx_cli.commands.tenant_rollback import tenant_rollback
from pbx_cli.context import Desk, tenant_argument, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    document_of,
    emit_done,
    emit_one,
    emit_rows,
    json_is_wanted,
    note,
    printing,
)
from pbx_cli.outside_policy import PolicyFields, policy_changes, policy_in_words, policy_options

ASSUMED_COUNTRY = "RU"

COLUMNS = {
    "Name": "name",
    "Domain": "domain",
    "Aliases": "domain_aliases",
    "Time zone": "timezone",
    "Country": "country",
    "State": "state",
}


class NewFields(PolicyFields):
    """What is given about a new tenant, as provisioning calls it."""

    domain: str
    timezone: str
    language: str
    state: str
    if_missing: bool


class ChangedFields(PolicyFields):
    """What is given about a tenant that changes."""

    domain: str | None
    timezone: str | None
    country: str | None
    language: str | None
    state: str | None
    caller_id: str | None


@click.group(cls=NounGroup, short_help="Customers, each with a SIP domain and numbers of its own.")
def tenant() -> None:
    """Customers, each with a SIP domain, numbers and phones of its own.

    PBX_TENANT in the environment names [TENANT] once for all commands.
    """


tenant.add_command(events)
tenant.add_command(tenant_history)
tenant.add_command(tenant_diff)
tenant.add_command(tenant_rollback)


@tenant.command("list")
@printing
@with_database
async def list_(_desk: Desk) -> None:
    """List all tenants."""
    tenants = await provisioning.list_tenants()
    emit_rows([_document(one) for one in tenants], COLUMNS, empty="There are no tenants yet.")


@tenant.command()
@tenant_argument
@printing
@with_database
async def show(_desk: Desk, name: str) -> None:
    """Show one tenant, how far it may call, and the codes that its phones can dial."""
    found = await provisioning.get_tenant(name=name)
    if json_is_wanted():
        emit_one(_document(found))
    else:
        emit_one(document_of(found) | policy_in_words(found) | _codes(found), hide=["outside"])


@tenant.command()
@click.argument("name")
@click.option("--domain", required=True, help="SIP domain in lower case; phones log in there.")
@click.option("--timezone", default="UTC", show_default=True, help="IANA name (Europe/Moscow).")
@click.option(
    "--country",
    help=f"ISO 3166 code; decides which numbers are for emergencies.  [default: {ASSUMED_COUNTRY}]",
)
@click.option("--language", default="en", show_default=True, help=" or ".join(LANGUAGES))
@click.option(
    "--domain-alias", "domain_aliases", multiple=True, help="Another domain or address. Repeat."
)
@click.option("--state", default="active", show_default=True, help=", ".join(STATES))
@policy_options
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(
    _desk: Desk,
    /,
    name: str,
    country: str | None,
    domain_aliases: tuple[str, ...],
    **fields: Unpack[NewFields],
) -> None:
    """Take in a new customer."""
    if country is None:
        note(
            f"Country {ASSUMED_COUNTRY} assumed, its emergency numbers are reserved: "
            "give --country to say another."
        )
    made = await provisioning.create_tenant(
        name=name,
        domain=fields["domain"],
        country=country or ASSUMED_COUNTRY,
        timezone=fields["timezone"],
        language=fields["language"],
        state=fields["state"],
        domain_aliases=domain_aliases,
        outside=policy_changes(fields),
        if_missing=fields["if_missing"],
    )
    emit_done(f"Tenant {made.name} is there, at the domain {made.domain}.", _document(made))


@tenant.command("set")
@tenant_argument
@click.option("--domain", help="A new SIP domain: every phone has to be told.")
@click.option("--timezone", help="IANA name (Europe/Moscow).")
@click.option("--country", help="ISO 3166 code.")
@click.option("--language", help=" or ".join(LANGUAGES))
@click.option(
    "--domain-alias", "domain_aliases", multiple=True, help="All aliases from now on. Repeat."
)
@click.option("--no-domain-aliases", is_flag=True, help="Remove all alias domains.")
@click.option("--state", help=", ".join(STATES))
@click.option(
    "--caller-id",
    help="Its number that the called see when no phone, extension or trunk has another; an empty "
    "text removes it.",
)
@policy_options
@printing
@with_database
async def set_(
    desk: Desk,
    /,
    name: str,
    domain_aliases: tuple[str, ...],
    no_domain_aliases: bool,
    **fields: Unpack[ChangedFields],
) -> None:
    """Change a tenant; what is not given stays as it is."""
    wanted = domain_aliases if domain_aliases or no_domain_aliases else None
    now = await provisioning.set_tenant(
        name=name,
        domain=fields["domain"],
        timezone=fields["timezone"],
        country=fields["country"],
        language=fields["language"],
        state=fields["state"],
        domain_aliases=wanted,
        caller_id=fields["caller_id"],
        outside=policy_changes(fields),
        seal=desk.seal,
    )
    emit_done(f"Tenant {now.name} is as wanted.", _document(now))


@tenant.command()
@click.argument("name")
@yes_option
@printing
@with_database
async def remove(desk: Desk, name: str, yes: bool) -> None:
    """Remove a tenant with its people, phones, elements, sounds, messages and call records.

    It has to be named, whatever PBX_TENANT says.
    """
    gone = await provisioning.get_tenant(name=name)
    confirm(f"Remove tenant {name} and all that it has", is_confirmed=yes)
    await provisioning.remove_tenant(name=name, files=desk.sounds)
    await desk.messages.remove_all(gone.id)
    emit_done(f"Tenant {name} is gone.", _document(gone))


def _document(tenant: TenantFacts) -> dict[str, object]:
    codes = [document_of(code) for code in feature_codes(tenant.country)]
    return document_of(tenant, feature_codes=codes)


def _codes(tenant: TenantFacts) -> dict[str, str]:
    """What phones can dial besides numbers, as people dial it."""
    return {
        f"dial {code.code}{'NUMBER' if code.takes_number else ''}": code.meaning
        for code in feature_codes(tenant.country)
    }
