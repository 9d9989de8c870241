"""`pbx element`: what stands behind the numbers from 5000 up."""

from __future__ import annotations

import click

from models import provisioning
from models.facts import ElementFacts
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.element_kinds import kind_document, kind_schema, setting_rows
from pbx_cli.element_settings import combined, placed, read_settings, removals
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    document_of,
    emit_done,
    emit_json,
    emit_line,
    emit_one,
    emit_rows,
    emit_table,
    in_words,
    json_is_wanted,
    printing,
    screen_lines,
)
from pbx_cli.warning import warn_about
from stasis_apps.element import known_elements

COLUMNS = {"Number": "number", "Kind": "kind", "Settings": "settings"}


@click.group(cls=NounGroup, short_help="What stands behind numbers from 5000 up: greetings, menus.")
def element() -> None:
    """What stands behind the numbers from 5000 up: greetings, prompts and so on."""


@element.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's elements."""
    elements = await provisioning.list_elements(tenant=tenant)
    emit_rows([document_of(one) for one in elements], COLUMNS, empty=f"{tenant} has no elements.")


@element.command()
@click.argument("number")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, number: str, tenant: str) -> None:
    """Show one element with its settings."""
    _emit_element(await provisioning.get_element(tenant=tenant, number=number))


@element.command()
@click.argument("kind")
@click.argument("number")
@tenant_option
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Repeat.")
@click.option("--if-missing", is_flag=True, help="Do nothing when the number is taken already.")
@printing
@with_database
async def create(
    desk: Desk,
    kind: str,
    number: str,
    tenant: str,
    assignments: tuple[str, ...],
    if_missing: bool,
) -> None:
    """Put an element of a KIND behind a NUMBER.

    Settings are given as --set sound=welcome --set keys.1=100 --set direct_dial=yes; the parts of a
    list are parted by commas, or numbered from 0 (--set members.0=100). `pbx element kinds` tells
    which settings a kind has.
    """
    schema = kind_schema(kind)
    made = await provisioning.create_element(
        tenant=tenant,
        kind=kind,
        number=number,
        settings=placed(read_settings(assignments, schema), {}, schema),
        catalogue=desk.catalogue,
        if_missing=if_missing,
    )
    await warn_about(desk, tenant, made.number)
    emit_done(f"Element {made.number} ({made.kind}) is there.", document_of(made))


@element.command("set")
@click.argument("number")
@tenant_option
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Repeat.")
@click.option("--unset", multiple=True, metavar="PATH", help="Remove a setting. Repeat.")
@printing
@with_database
async def set_(
    desk: Desk, number: str, tenant: str, assignments: tuple[str, ...], unset: tuple[str, ...]
) -> None:
    """Change some settings of an element; what is not named stays as it is."""
    before = await provisioning.get_element(tenant=tenant, number=number)
    schema = kind_schema(before.kind)
    known = {*schema.get("properties", {}), *before.settings}
    changes = combined(read_settings(assignments, schema), removals(unset, known))
    now = await provisioning.set_element(
        tenant=tenant,
        number=number,
        settings=placed(changes, before.settings, schema),
        catalogue=desk.catalogue,
    )
    await warn_about(desk, tenant, now.number)
    emit_done(f"Element {now.number} is as wanted.", document_of(now))


@element.command()
@click.argument("number")
@tenant_option
@yes_option
@printing
@with_database
async def remove(desk: Desk, number: str, tenant: str, yes: bool) -> None:
    """Take an element away from its number."""
    gone = await provisioning.get_element(tenant=tenant, number=number)
    confirm(f"Remove element {number} ({gone.kind})", is_confirmed=yes)
    await provisioning.remove_element(tenant=tenant, number=number, catalogue=desk.catalogue)
    emit_done(f"Element {number} is gone.", document_of(gone))


@element.command()
@click.argument("kind", required=False)
@printing
def kinds(kind: str | None) -> None:
    """List the kinds of elements, or the settings of one KIND."""
    if kind is not None:
        kind_schema(kind, refuse_unknown=True)
    wanted = [
        one
        for one in known_elements().values()
        if one.name == kind or (kind is None and not one.of_extension)
    ]
    if json_is_wanted():
        emit_json([kind_document(one) for one in wanted])
        return
    for one in wanted:
        for line in screen_lines(f"{one.name}: {one.summary}"):
            emit_line((line, "bold"))
        emit_table(["Setting", "Type", "Default", "Meaning"], setting_rows(one))


def _emit_element(found: ElementFacts) -> None:
    if json_is_wanted():
        emit_json(document_of(found))
        return
    settings = {f"  {name}": in_words(value) for name, value in found.settings.items()}
    emit_one({"number": found.number, "kind": found.kind, **settings})
