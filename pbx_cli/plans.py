"""The plan that a command asks about: of a tenant as it is or was, or of a file not applied yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from shlex import quote
from typing import Final

import click
from click.core import ParameterSource

from models import provisioning
from models.errors import NotFound
from models.facts import TenantFacts, TenantRows
from models.provisioning.revisions import document_at
from models.provisioning.whole_faults import tenant_faults
from models.tenant_file.document import rows_of_document
from models.tenant_file.parts import FaultyFile, TenantFile
from models.tenant_file.reading import file_of_document, read_tenant_file
from pbx_cli.context import Desk, current_database
from pbx_cli.element_kinds import kind_schemas
from pbx_cli.errors import USAGE, Refused
from pbx_cli.output import counted
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan

MOST_FAULTS: Final = 5
"""Faults of a file that are told to who wants something else than all of its faults."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A tenant, and the plan that its calls would go by."""

    rows: TenantRows
    plan: NumberPlan
    file: TenantFile | None = None


def tenant_or_file(command: Callable[..., object]) -> Callable[..., object]:
    """Ask for ``--tenant``, or for ``--file`` with one that need not be applied."""
    of_tenant = click.option(
        "--tenant",
        envvar="PBX_TENANT",
        metavar="NAME",
        help="Whose plan; PBX_TENANT in the environment names it once for all commands.",
    )
    of_file = click.option(
        "--file",
        "file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The plan of a tenant file, applied or not; no database is needed.",
    )
    return of_tenant(of_file(command))


def check_one_plan(file: Path | Sequence[Path] | None) -> None:
    """Refuse a tenant that was typed beside a file; one in the environment gives way to the file.

    Raises:
        Refused: Both are named.
    """
    source = click.get_current_context().get_parameter_source("tenant")
    if file and source is ParameterSource.COMMANDLINE:
        words = "Name either a tenant or a file: it is one plan that is asked for."
        raise Refused(words, exit_code=USAGE)


async def planned(
    desk: Desk, *, tenant: str | None, file: Path | None, asked: Collection[date] = ()
) -> Planned:
    """The plan of the file, or else of the tenant in the database.

    Args:
        desk: The operator's.
        tenant: Whose.
        file: Or a tenant file.
        asked: The days of calls that are imagined; calendars that a file names are read for them.

    Raises:
        NotFound: There is no such tenant.
        Refused: The file cannot be run.
        UsageError: Neither is named.
    """
    if file is not None:
        with told_briefly(file):
            return await asyncio.to_thread(planned_in_file, file, desk, asked)
    if not tenant:
        raise click.UsageError("Name --tenant, or --file with a tenant file.")
    async with current_database(desk.settings):
        owner = await provisioning.get_tenant(name=tenant)
        return _planned(await provisioning.read_plan_rows(owner.id), desk)


@contextmanager
def told_briefly(file: Path) -> Iterator[None]:
    """Tell who only wants to look at a faulty file where all its faults are listed.

    Raises:
        Refused: The file is faulty.
    """
    try:
        yield
    except FaultyFile as faulty:
        faults = faulty.file_faults
        lines = [
            f"{file} has {counted(len(faults), 'fault')}:",
            *(f"  {one}" for one in faults[:MOST_FAULTS]),
        ]
        lines.append(f"`pbx check {quote(str(file))}` lists all.")
        words = "\n".join(lines)
        raise Refused(words, exit_code=faulty.exit_code, faults=faults) from faulty


def planned_in_file(file: Path, desk: Desk, asked: Collection[date] = ()) -> Planned:
    """The plan of a tenant file; PINs and sounds that it only mentions count as being there.

    Args:
        file: Where.
        desk: The operator's.
        asked: The days of calls that are imagined.

    Raises:
        FaultyFile: Everything that is wrong with it.
    """
    read = read_tenant_file(file, kind_schemas(), asked)
    rows = rows_of_document(read, None)
    faults = tenant_faults(rows, None, read.secrets, desk.catalogue)
    if faults:
        raise FaultyFile([read.at_its_place(fault) for fault in faults])
    return _planned(rows, desk, read)


def _planned(rows: TenantRows, desk: Desk, file: TenantFile | None = None) -> Planned:
    return Planned(rows, build_plan(rows, sound_folder=desk.settings.sound_folder), file)


async def rows_of_file(file: Path) -> TenantRows:
    """A tenant as a file says it shall be; the database is not asked.

    Raises:
        FaultyFile: It is no tenant file.
    """
    read = await asyncio.to_thread(read_tenant_file, file, kind_schemas())
    return rows_of_document(read, None)


async def rows_at_revision(tenant: TenantFacts, revision: int) -> tuple[TenantRows, bool]:
    """A tenant as it was when a call came in, and whether that is known; else as it is now.

    Args:
        tenant: Whose.
        revision: Of the plan on which the call ran.
    """
    now = await provisioning.read_plan_rows(tenant.id)
    if now.tenant.revision == revision:
        return now, True
    try:
        document = await document_at(tenant=tenant.name, revision=revision)
    except NotFound:
        return now, False
    file = file_of_document(document, file=Path(tenant.name), kinds=kind_schemas())
    rows = rows_of_document(file, now)
    return replace(rows, tenant=replace(rows.tenant, revision=revision)), True
