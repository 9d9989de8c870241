"""The plan that a command asks about: of a tenant in the database, or of a file not applied yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from models import provisioning
from models.facts import TenantRows
from models.provisioning.whole_faults import tenant_faults
from models.tenant_file.document import rows_of_document
from models.tenant_file.parts import FaultyFile, TenantFile
from models.tenant_file.reading import read_tenant_file
from pbx_cli.context import Desk, current_database
from pbx_cli.plan_at_hand import kind_schemas
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan


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


async def planned(desk: Desk, *, tenant: str | None, file: Path | None) -> Planned:
    """The plan of the file, or else of the tenant in the database.

    Raises:
        NotFound: There is no such tenant.
        FaultyFile: The file cannot be run.
        UsageError: Neither is named.
    """
    if file is not None:
        return await asyncio.to_thread(planned_in_file, file, desk)
    if not tenant:
        raise click.UsageError("Name --tenant, or --file with a tenant file.")
    async with current_database(desk.settings):
        owner = await provisioning.get_tenant(name=tenant)
        return _planned(await provisioning.read_plan_rows(owner.id), desk)


def planned_in_file(file: Path, desk: Desk) -> Planned:
    """The plan of a tenant file; PINs and sounds that it only mentions count as being there.

    Raises:
        FaultyFile: Everything that is wrong with it.
    """
    read = read_tenant_file(file, kind_schemas())
    rows = rows_of_document(read, None)
    faults = tenant_faults(rows, None, read.secrets, desk.catalogue)
    if faults:
        raise FaultyFile([read.at_its_place(fault) for fault in faults])
    return _planned(rows, desk, read)


def _planned(rows: TenantRows, desk: Desk, file: TenantFile | None = None) -> Planned:
    return Planned(rows, build_plan(rows, sound_folder=desk.settings.sound_folder), file)
