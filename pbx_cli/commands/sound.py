"""`pbx sound`: prompts, converted at upload into what Asterisk plays without work."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from models import provisioning
from models.errors import Fault, InvalidSettings, NotFound, refuse_if_any, taken
from models.rules import sound_name_faults
from models.sound_import import LARGEST_UPLOAD_BYTES, import_sound, too_large
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import document_of, duration, emit_done, emit_one, emit_rows, note, printing

COLUMNS = {
    "Name": "name",
    "Length (s)": "duration_s",
    "Source (Hz)": "source_rate_hz",
    "Warnings": "warnings",
}


@click.group(cls=NounGroup)
def sound() -> None:
    """Prompts that callers hear."""


@sound.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's sounds."""
    sounds = await provisioning.list_sounds(tenant=tenant)
    emit_rows([document_of(one) for one in sounds], COLUMNS, empty=f"{tenant} has no sounds.")


@sound.command()
@click.argument("name")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, name: str, tenant: str) -> None:
    """Show one sound."""
    emit_one(document_of(await provisioning.get_sound(tenant=tenant, name=name)))


@sound.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@tenant_option
@click.option("--replace", is_flag=True, help="Take the place of the sound of that name.")
@printing
@with_database
async def create(desk: Desk, name: str, file: Path, tenant: str, replace: bool) -> None:
    """Store a WAV, MP3, OGG or FLAC FILE as a prompt called NAME; the next call hears it."""
    refuse_if_any(sound_name_faults(name))
    if not replace:
        await _refuse_taken(tenant, name)
    imported = await asyncio.to_thread(lambda: import_sound(_upload(file), file=str(file)))
    stored = await provisioning.put_sound(
        tenant=tenant, name=name, sound=imported, files=desk.sounds
    )
    for warning in stored.warnings:
        note(f"Warning: {warning}")
    emit_done(f"Sound {name} is there ({duration(stored.duration_s)}).", document_of(stored))


@sound.command()
@click.argument("name")
@tenant_option
@yes_option
@printing
@with_database
async def remove(desk: Desk, name: str, tenant: str, yes: bool) -> None:
    """Delete a prompt that no element plays."""
    gone = await provisioning.get_sound(tenant=tenant, name=name)
    confirm(f"Remove sound {name}", is_confirmed=yes)
    await provisioning.remove_sound(
        tenant=tenant, name=name, catalogue=desk.catalogue, files=desk.sounds
    )
    emit_done(f"Sound {name} is gone.", document_of(gone))


async def _refuse_taken(tenant: str, name: str) -> None:
    await provisioning.get_tenant(name=tenant)
    try:
        await provisioning.get_sound(tenant=tenant, name=name)
    except NotFound:
        return
    raise taken("name", name, f"Tenant {tenant} has a sound {name} already; --replace changes it")


def _upload(file: Path) -> bytes:
    """Read the file, unless its size alone says that it will be refused."""
    size_bytes = file.stat().st_size
    if size_bytes > LARGEST_UPLOAD_BYTES:
        raise InvalidSettings([Fault("file", str(file), too_large(size_bytes))])
    return file.read_bytes()
