"""`pbx extension`: people who can be called."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from models import provisioning
from models.facts import NewExtension
from pbx_cli.asking import confirm, password_option, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import document_of, emit_done, emit_one, emit_rows, printing
from pbx_cli.phones import login_document, login_sentence

COLUMNS = {"Number": "number", "Name": "name", "E-mail": "email", "Rings (s)": "ring_s"}


class NewFields(TypedDict):
    """What is given about a new extension, as provisioning calls it."""

    tenant: str
    email: str | None
    ring_s: int
    password: str | None
    if_missing: bool


class ChangedFields(TypedDict):
    """What is given about an extension that changes."""

    tenant: str
    name: str | None
    email: str | None
    ring_s: int | None


@click.group(cls=NounGroup)
def extension() -> None:
    """People who can be called, at the numbers 100 to 4999."""


@extension.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's extensions."""
    people = await provisioning.list_extensions(tenant=tenant)
    emit_rows([document_of(one) for one in people], COLUMNS, empty=f"{tenant} has no extensions.")


@extension.command()
@click.argument("number")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, number: str, tenant: str) -> None:
    """Show one extension and its devices."""
    person = await provisioning.get_extension(tenant=tenant, number=number)
    devices = await provisioning.list_devices(tenant=tenant, extension=number)
    emit_one(document_of(person, devices=[device.name for device in devices]))


@extension.command()
@click.argument("number")
@tenant_option
@click.option("--name", help="What the called see, 70 bytes at most.  [default: the number]")
@click.option("--email", help="For missed calls and voicemail.")
@click.option("--ring-s", type=int, default=20, show_default=True, help="Seconds to ring.")
@click.option("--no-device", is_flag=True, help="Do not make the first phone.")
@password_option
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(
    desk: Desk, /, number: str, name: str | None, no_device: bool, **fields: Unpack[NewFields]
) -> None:
    """Give a person a number and a first phone; its password is shown this once."""
    made = await provisioning.create_extension(
        number=number,
        name=number if name is None else name,
        with_device=not no_device,
        seal=desk.seal,
        **fields,
    )
    emit_done(_made_sentence(made), _made_document(made))


@extension.command("set")
@click.argument("number")
@tenant_option
@click.option("--name", help="What the called see.")
@click.option("--email", help="For missed calls and voicemail; an empty text removes it.")
@click.option("--ring-s", type=int, help="Seconds to ring.")
@printing
@with_database
async def set_(_desk: Desk, /, number: str, **fields: Unpack[ChangedFields]) -> None:
    """Change an extension; what is not given stays as it is."""
    now = await provisioning.set_extension(number=number, **fields)
    emit_done(f"Extension {now.number} is as wanted.", document_of(now))


@extension.command()
@click.argument("number")
@tenant_option
@yes_option
@printing
@with_database
async def remove(desk: Desk, number: str, tenant: str, yes: bool) -> None:
    """Take a number and its phones away."""
    gone = await provisioning.get_extension(tenant=tenant, number=number)
    confirm(f"Remove extension {number} ({gone.name}) and its phones", is_confirmed=yes)
    await provisioning.remove_extension(tenant=tenant, number=number, catalogue=desk.catalogue)
    emit_done(f"Extension {number} is gone.", document_of(gone))


def _made_document(made: NewExtension) -> dict[str, object]:
    return document_of(made.extension) | login_document(made.device, made.password)


def _made_sentence(made: NewExtension) -> str:
    sentence = f"Extension {made.extension.number} ({made.extension.name}) is there."
    if made.device is None or made.password is None:
        return sentence
    return f"{sentence}\n{login_sentence(made.device, made.password)}"
