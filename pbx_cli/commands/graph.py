"""`pbx graph`: a tenant's plan as a picture, with the way of a call over it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import click

from models import call_log, provisioning
from models.call_log import RecordedCall
from models.errors import NotFound
from models.facts import TenantRows
from pbx_cli.context import current_database
from pbx_cli.drawing import Graph, dot_of, graph_of, mermaid_of, only_from, svg_of, with_call
from pbx_cli.errors import USAGE, Refused
from pbx_cli.named_call import named_call
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import counted, emit_done, emit_json, json_is_wanted, note, printing, say
from pbx_cli.plans import check_one_plan, rows_at_revision, rows_of_file, told_briefly
from pbx_cli.written_files import check_writable, write_text
from stasis_apps.lint import lint
from stasis_apps.planning import build_plan
from stasis_apps.settings import Settings, read_settings


class Format(StrEnum):
    """How a picture is written."""

    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


_WRITERS: Final[Mapping[Format, Callable[[Graph], str]]] = {
    Format.MERMAID: mermaid_of,
    Format.DOT: dot_of,
    Format.SVG: svg_of,
}
_BY_ENDING: Final = {
    ".svg": Format.SVG,
    ".dot": Format.DOT,
    ".gv": Format.DOT,
    ".mmd": Format.MERMAID,
    ".md": Format.MERMAID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is to be drawn: a tenant by name or by file, and which call over it."""

    tenant: str | None
    file: Path | None
    call: str | None
    start: str | None

    @property
    def needs_database(self) -> bool:
        """Whether a file alone does not tell everything."""
        return self.file is None or self.call is not None


@click.command(cls=PbxCommand, short_help="Draw the plan of a tenant: what leads where.")
@click.argument("tenant", required=False, envvar="PBX_TENANT")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Draw what stands in a tenant file instead; no database is asked.",
)
@click.option(
    "--format",
    "wanted_format",
    type=click.Choice([one.value for one in Format]),
    help="How; by the ending of the output file when not given, else mermaid.",
)
@click.option("--call", metavar="ID", help="Lay the way of this call over it; or of the last one.")
@click.option("--from", "start", metavar="NUMBER", help="Only what can be reached from there.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file.",
)
@printing
def graph(
    tenant: str | None,
    file: Path | None,
    wanted_format: str | None,
    call: str | None,
    start: str | None,
    output: Path | None,
) -> None:
    """Draw the plan of TENANT: what leads where, faults in red, what no call reaches in grey.

    With --call, the plan is that of the revision on which the call ran. SVG is placed by Graphviz
    where `dot` is installed. JSON lists nodes and edges.
    """
    check_one_plan(file)
    wanted = _Wanted(tenant=tenant, file=file, call=call, start=start)
    if not (tenant or file or call):
        raise Refused("Name a tenant, a file (--file) or a call (--call).", exit_code=USAGE)
    written_as = _format(wanted_format, output)
    if output is not None:
        check_writable(output)
    drawn = asyncio.run(_drawn(wanted, read_settings()))
    if output is None and json_is_wanted():
        emit_json(_document(drawn))
        return
    text = _WRITERS[written_as](drawn)
    if output is None:
        say(text.rstrip("\n"))
        return
    write_text(output, text)
    emit_done(
        f"{output}: {counted(len(drawn.nodes), 'node')}", {"file": str(output)} | _document(drawn)
    )


def _format(wanted: str | None, output: Path | None) -> Format:
    """How the picture is written: as was said, or as the ending of its file says.

    Raises:
        Refused: Nothing is known of this ending.
    """
    if wanted is not None:
        return Format(wanted)
    if output is None:
        return Format.MERMAID
    known = _BY_ENDING.get(output.suffix.lower())
    if known is None:
        rule = f"does not end in {', '.join(_BY_ENDING)}: name a --format"
        raise Refused(f"--output {str(output)!r} {rule}", exit_code=USAGE)
    return known


async def _drawn(wanted: _Wanted, settings: Settings) -> Graph:
    if not wanted.needs_database:
        return await _graph(wanted, None, settings)
    async with current_database(settings):
        return await _graph(wanted, await _call_over(wanted), settings)


async def _call_over(wanted: _Wanted) -> RecordedCall | None:
    if wanted.call is None:
        return None
    return await named_call(wanted.call, None if wanted.file else wanted.tenant)


async def _graph(wanted: _Wanted, call: RecordedCall | None, settings: Settings) -> Graph:
    """The picture, as far as it is wanted.

    Raises:
        NotFound: There is no such tenant, or nothing with the number to begin at.
    """
    rows = await _rows(wanted, call)
    plan = build_plan(rows, sound_folder=settings.sound_folder)
    drawn = graph_of(rows, plan, lint(rows, plan, now=datetime.now(UTC)))
    if call is not None:
        journal = await call_log.journal_of(call_id=call.id)
        drawn = with_call(drawn, plan, call, journal)
    part = only_from(drawn, wanted.start) if wanted.start else drawn
    if part is None:
        raise NotFound(f"Tenant {rows.tenant.name} has nothing with the number {wanted.start}")
    return part


async def _rows(wanted: _Wanted, call: RecordedCall | None) -> TenantRows:
    if wanted.file is not None:
        with told_briefly(wanted.file):
            return await rows_of_file(wanted.file)
    owner = await provisioning.get_tenant(name=call.tenant if call else wanted.tenant or "")
    if call is None:
        return await provisioning.read_plan_rows(owner.id)
    rows, is_as_then = await rows_at_revision(owner, call.revision)
    if not is_as_then:
        note(
            f"Nobody knows the plan of revision {call.revision}, on which the call ran; "
            f"it is drawn over that of revision {rows.tenant.revision}."
        )
    return rows


def _document(drawn: Graph) -> dict[str, object]:
    return asdict(drawn)
