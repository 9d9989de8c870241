"""`pbx check`: what is wrong with tenant files, and what is odd about them; no database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from models import provisioning
from models.errors import InvalidSettings
from models.facts import TenantRows
from models.imported_sound import EXTENSIONS
from models.provisioning.whole_faults import tenant_faults
from models.sound_files import SoundFolder
from models.tenant_file.document import rows_of_document
from models.tenant_file.parts import FaultyFile, RoutedFault, TenantFile
from models.tenant_file.reading import read_tenant_file
from pbx_cli.applying.claims import ClaimsOfFiles
from pbx_cli.applying.tenant_files import files_in
from pbx_cli.context import Desk, current_database
from pbx_cli.element_kinds import kind_schemas
from pbx_cli.findings import Checked, findings_document, tell_findings
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_json, emit_rows, json_is_wanted, printing
from stasis_apps.lint import known_codes, lint
from stasis_apps.planning import build_plan
from stasis_apps.settings import read_settings

INVALID: Final = InvalidSettings.exit_code


@click.command(cls=PbxCommand, short_help="Say what is wrong with files of tenants.")
@click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FILE]..."
)
@click.option(
    "--tenant",
    envvar="PBX_TENANT",
    metavar="NAME",
    help="Look at this tenant in the database instead (PBX_TENANT, where no FILE is named).",
)
@click.option("--strict", is_flag=True, help="Warnings, too, make the exit code 5.")
@click.option("--list", "wants_list", is_flag=True, help="List all that is looked for.")
@printing
@click.pass_context
def check(
    context: click.Context,
    paths: tuple[Path, ...],
    tenant: str | None,
    strict: bool,
    wants_list: bool,
) -> None:
    """Say what is wrong with each tenant FILE, or folder of files, and what is odd about it.

    Errors keep a file from being applied, and make the exit code 5. Warnings are about what
    works and is probably not meant; lint.ignore in the file silences them, with a reason.
    No database is asked, except for --tenant.
    """
    if wants_list:
        _list_codes()
        return
    if paths and context.get_parameter_source("tenant") is ParameterSource.ENVIRONMENT:
        tenant = None
    documents, is_bad = [], False
    for checked in _checked(Desk(read_settings()), paths, tenant):
        is_bad |= bool(checked.errors or (strict and checked.warnings))
        if json_is_wanted():
            documents.append(findings_document(checked))
        else:
            tell_findings(checked)
    if json_is_wanted():
        emit_json(documents)
    if is_bad:
        context.exit(INVALID)


def _list_codes() -> None:
    rows = [
        {
            "code": one.code,
            "severity": one.severity.value,
            "title": one.title,
            "why": one.why,
            "mend": one.mend,
        }
        for one in known_codes().values()
    ]
    columns = {"Code": "code", "Severity": "severity", "Looks for": "title"}
    emit_rows(rows, columns, empty="Nothing is looked for.")


def _checked(desk: Desk, paths: Sequence[Path], tenant: str | None) -> Iterator[Checked]:
    if (tenant is None) == (not paths):
        raise click.UsageError("Name each FILE to look at, or --tenant.")
    if tenant is not None:
        yield asyncio.run(_tenant(desk, tenant))
    claims = ClaimsOfFiles()
    for file in files_in(paths):
        yield _file(desk, file, claims)


async def _tenant(desk: Desk, name: str) -> Checked:
    async with current_database(desk.settings):
        owner = await provisioning.get_tenant(name=name)
        rows = await provisioning.read_plan_rows(owner.id)
    absent = await asyncio.to_thread(_absent_sounds, rows, desk.sounds)
    speaks_tls = desk.settings.tls is not None
    return _linted(desk, rows, title=name, absent=absent, speaks_tls=speaks_tls)


def _absent_sounds(rows: TenantRows, folder: SoundFolder) -> list[str]:
    """The sounds of which some file has gone."""
    paths = {one.name: folder.path(rows.tenant.name, one.name) for one in rows.sounds}
    return [
        name
        for name, path in paths.items()
        if not all(path.with_name(f"{path.name}.{one}").exists() for one in EXTENSIONS)
    ]


def _file(desk: Desk, file: Path, claims: ClaimsOfFiles) -> Checked:
    """Read a file and look at it; where it has faults, at nothing else."""
    try:
        read = read_tenant_file(file, kind_schemas())
    except FaultyFile as faulty:
        faults = [] if faulty.rest is None else _faults(desk, faulty.rest)
        return Checked(title=str(file), faults=faulty.along_with(faults).file_faults)
    faults = _faults(desk, read)
    if faults:
        at_fault = FaultyFile([read.at_its_place(fault) for fault in faults])
        return Checked(title=str(file), file=read, faults=at_fault.file_faults)
    wanted = rows_of_document(read, None)
    if twice := claims.faults_of(read, wanted):
        return Checked(title=str(file), file=read, faults=twice)
    return _linted(desk, wanted, title=str(file), file=read)


def _faults(desk: Desk, file: TenantFile) -> list[RoutedFault]:
    return tenant_faults(rows_of_document(file, None), None, file.secrets, desk.catalogue)


def _linted(
    desk: Desk,
    rows: TenantRows,
    *,
    title: str,
    file: TenantFile | None = None,
    absent: Sequence[str] = (),
    speaks_tls: bool = True,
) -> Checked:
    plan = build_plan(rows, sound_folder=desk.settings.sound_folder)
    now = datetime.now(UTC)
    findings = lint(rows, plan, now=now, absent_sounds=absent, speaks_tls=speaks_tls)
    return Checked(title=title, file=file, findings=findings)
