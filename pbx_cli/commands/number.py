"""`pbx number`: numbers that outsiders dial, and where they lead."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from models import provisioning
from models.facts import NumberAssigned, NumberFacts
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    document_of,
    emit_done,
    emit_line,
    emit_one,
    emit_rows,
    emit_table,
    json_is_wanted,
    moment,
    printing,
)
from pbx_cli.warning import warn_about

COLUMNS = {"Number": "number", "Trunk": "trunk", "Leads to": "target", "Label": "label"}


class NewFields(TypedDict):
    """What is given about a new number, as provisioning calls it."""

    tenant: str
    trunk: str
    target: str
    label: str
    if_missing: bool


@click.group(cls=NounGroup, short_help="Numbers that outsiders dial, and where they lead.")
def number() -> None:
    """Numbers that outsiders dial: each belongs to a trunk and leads to one target."""


@number.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's outside numbers."""
    found = await provisioning.list_numbers(tenant=tenant)
    emit_rows([document_of(one) for one in found], COLUMNS, empty=f"{tenant} has no numbers.")


@number.command()
@click.argument("number")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, number: str, tenant: str) -> None:
    """Show one number and where it has led before, the latest first."""
    found = await provisioning.get_number(tenant=tenant, number=number)
    past = await provisioning.number_history(tenant=tenant, number=number)
    emit_one(document_of(found, history=[one._asdict() for one in past]), hide=["history"])
    if not json_is_wanted():
        emit_line(("history", "bold"))
        rows = [[moment(at), trunk or "removed", target or "-"] for at, trunk, target in past]
        emit_table(["Since", "Trunk", "Leads to"], rows)


@number.command()
@click.argument("number")
@tenant_option
@click.option("--trunk", required=True, help="The trunk that its calls come through.")
@click.option("--to", "target", default="", metavar="NUMBER", help="Where its calls are led.")
@click.option("--label", default="", help="What people call it.")
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(desk: Desk, /, number: str, **fields: Unpack[NewFields]) -> None:
    """Lead the calls for an outside NUMBER somewhere.

    It has 5 to 15 digits, and a plus when it begins with the country's code.
    """
    made = await provisioning.create_number(number=number, **fields)
    await warn_about(desk, fields["tenant"], f"number {made.number}")
    emit_done(f"{_leads(made)}.", document_of(made))


@number.command("set")
@click.argument("number")
@tenant_option
@click.option("--trunk", help="The trunk that its calls come through from now on.")
@click.option("--to", "target", metavar="NUMBER", help="Where its calls are led from now on.")
@click.option("--label", help="What people call it; an empty text removes it.")
@printing
@with_database
async def set_(
    desk: Desk, number: str, tenant: str, trunk: str | None, target: str | None, label: str | None
) -> None:
    """Lead a number elsewhere; what that replaces is said."""
    now = await provisioning.set_number(
        tenant=tenant, number=number, trunk=trunk, target=target, label=label
    )
    await warn_about(desk, tenant, f"number {now.number.number}")
    document = document_of(
        now.number, replaced_target=now.replaced_target, replaced_trunk=now.replaced_trunk
    )
    emit_done(_assigned_sentence(now), document)


@number.command()
@click.argument("number")
@tenant_option
@yes_option
@printing
@with_database
async def remove(_desk: Desk, number: str, tenant: str, yes: bool) -> None:
    """Let a number lead nowhere any more; what it led to earlier does not come back."""
    gone = await provisioning.get_number(tenant=tenant, number=number)
    confirm(f"Remove number {gone.number}", is_confirmed=yes)
    await provisioning.remove_number(tenant=tenant, number=number)
    emit_done(f"Number {gone.number} is gone.", document_of(gone))


def _leads(found: NumberFacts) -> str:
    return f"{found.number} leads to {found.target or 'nowhere'}"


def _assigned_sentence(now: NumberAssigned) -> str:
    sentence = _leads(now.number)
    if now.replaced_target is not None:
        sentence += f" instead of {now.replaced_target or 'nowhere'}"
    if now.replaced_trunk is not None:
        sentence += f", and belongs to {now.number.trunk} instead of {now.replaced_trunk}"
    return f"{sentence}."
