"""`pbx doctor`: is everything well, and can one call?"""

from __future__ import annotations

import asyncio
import sys
import textwrap

import click

from models.errors import ModelsError
from pbx_cli.context import Desk, current_database
from pbx_cli.doctor.checks import examine
from pbx_cli.doctor.findings import Finding, Health, down
from pbx_cli.doctor.patient import check_by_calling
from pbx_cli.errors import UNREACHABLE
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import (
    PAGE_WIDTH,
    document_of,
    emit_json,
    emit_line,
    json_is_wanted,
    page_width,
    printing,
)
from stasis_apps.settings import Settings, read_settings

STYLES = {
    Health.UP: "green",
    Health.WARNING: "yellow",
    Health.DOWN: "bold red",
}
NAME_WIDTH = 18
HEALTH_WIDTH = 9


@click.command(cls=PbxCommand, short_help="Look at each dependency and say how it is.")
@click.option("--call", is_flag=True, help="Place a real call and say what was heard.")
@printing
def doctor(call: bool) -> None:
    """Look at each dependency and say how it is; exit code 6 when one is down.

    With --call a telephone inside this command logs in as a phone of the tenant "doctor", which is
    made for the purpose, dials a prompt and listens.
    """
    findings = asyncio.run(_examine(read_settings(), call))
    if any(finding.health is Health.DOWN for finding in findings):
        sys.exit(UNREACHABLE)


async def _examine(settings: Settings, call: bool) -> list[Finding]:
    findings = []
    documents: list[dict[str, object]] = []
    async for finding in examine(settings):
        findings.append(finding)
        documents.append(document_of(finding))
        _emit(finding)
    if call:
        finding, details = await _call(settings)
        findings.append(finding)
        documents.append(document_of(finding, call=details))
        _emit(finding)
    if json_is_wanted():
        emit_json(documents)
    return findings


async def _call(settings: Settings) -> tuple[Finding, dict[str, object] | None]:
    try:
        async with current_database(settings):
            finding, report = await check_by_calling(Desk(settings))
    except ModelsError as fault:
        return down("test call", str(fault)), None
    return finding, document_of(report)


def _emit(finding: Finding) -> None:
    if json_is_wanted():
        return
    first, *further = lines_of(finding.words, page_width())
    health = (finding.health.ljust(HEALTH_WIDTH), STYLES[finding.health])
    emit_line(finding.name.ljust(NAME_WIDTH), health, first)
    for line in further:
        emit_line(" " * (NAME_WIDTH + HEALTH_WIDTH), line)


def lines_of(words: str, screen_width: int = PAGE_WIDTH) -> list[str]:
    """Lay out what stands beside a name and its health; paths and addresses stay whole."""
    width = screen_width - NAME_WIDTH - HEALTH_WIDTH
    return textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False) or [""]
