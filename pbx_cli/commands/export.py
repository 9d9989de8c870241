"""`pbx export`: a tenant as its file, to be read, kept, changed and applied again."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from models import provisioning
from models.errors import Fault, InvalidSettings
from models.facts import TenantRows
from models.provisioning.reading import read_plan_rows
from models.sound_files import SoundFolder
from models.tenant_file.document import document_of
from models.tenant_file.ordering import in_order
from models.tenant_file.parts import Document
from models.tenant_file.writing import SOUND_FOLDER, sound_file, text_of
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, with_database
from pbx_cli.element_kinds import kind_schemas
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import counted, emit_done, emit_json, json_is_wanted, note, printing

SCHEMA_BESIDE: Final = "tenant-file.schema.json"
"""When a schema of this name lies beside an export, editors are told to go by it."""


@click.command(cls=PbxCommand, short_help="Write a tenant as one YAML file.")
@click.argument("tenant", metavar="[TENANT]", envvar="PBX_TENANT")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write there, and the sounds beside it, into a folder called sounds.",
)
@yes_option
@printing
@with_database
async def export(desk: Desk, tenant: str, output: Path | None, yes: bool) -> None:
    """Write a TENANT as one YAML file: `pbx apply` makes the same tenant of it.

    PBX_TENANT in the environment names it, too. Without -o the file goes to stdout, and sounds
    stand in it as hashes that this exchange knows. Passwords and PINs are never written; a tenant
    that has them keeps them.
    """
    rows = await read_plan_rows((await provisioning.get_tenant(name=tenant)).id)
    if output is None:
        _print(rows)
        return
    if await asyncio.to_thread(os.access, output, os.F_OK):
        confirm(f"Replace {output}", is_confirmed=yes)
    exported = await _write_sounds(desk.sounds, rows, output.parent)
    text = _schema_line(output.parent) + text_of(_document(rows), exported=exported)
    await asyncio.to_thread(_write, output, text.encode())
    emit_done(
        f"Tenant {tenant} is in {output}{_and_sounds(len(exported))}.",
        {"tenant": tenant, "file": str(output), "sounds": sorted(exported)},
    )


def _print(rows: TenantRows) -> None:
    document = _document(rows)
    if json_is_wanted():
        emit_json(document)
    else:
        click.echo(text_of(document), nl=False)


def _document(rows: TenantRows) -> Document:
    return in_order(document_of(rows), kind_schemas())


async def _write_sounds(sounds: SoundFolder, rows: TenantRows, folder: Path) -> Mapping[str, str]:
    """Write every sound into the folder beside the file; tell the hashes of what was written."""
    written: dict[str, str] = {}
    for sound in rows.sounds:
        content = await sounds.exported(rows.tenant.name, sound.name)
        if not content:
            note(f"Warning: the audio of {sound.name} is missing; its hash alone is written.")
            continue
        await asyncio.to_thread(_write, folder / sound_file(sound.name), content)
        written[sound.name] = hashlib.sha256(content).hexdigest()
    return written


def _and_sounds(count: int) -> str:
    if not count:
        return ""
    return f", its {counted(count, 'sound')} in {SOUND_FOLDER}/ beside it"


def _schema_line(folder: Path) -> str:
    if not os.access(folder / SCHEMA_BESIDE, os.F_OK):
        return ""
    return f"# yaml-language-server: $schema={SCHEMA_BESIDE}\n"


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        InvalidSettings: It cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as failure:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        rule = f"cannot be written: {failure.strerror}"
        raise InvalidSettings([Fault("file", str(path), rule)]) from failure
