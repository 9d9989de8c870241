"""`pbx diff`: what applying a file would change; nothing is changed."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from pbx_cli.applying.applied_story import outcome_document, outcome_of, tell_cuts, tell_outcome
from pbx_cli.applying.looking import look
from pbx_cli.context import Desk, with_database
from pbx_cli.findings import note_findings
from pbx_cli.imagined.replaying import show_replay
from pbx_cli.moments import Span
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_json, json_is_wanted, printing

LONGEST_REPLAY: Final = timedelta(days=366)
DIFFERENT: Final = 1


@click.command(cls=PbxCommand, short_help="Tell what applying a file would change.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--exit-code", "tells", is_flag=True, help="Exit with 1 when something would change.")
@click.option(
    "--replay",
    "span",
    type=Span(longest=LONGEST_REPLAY),
    help="Send the calls of the last days (7d) through the new plan, and list those that would "
    "end elsewhere.",
)
@printing
@with_database
async def diff(desk: Desk, file: Path, tells: bool, span: timedelta | None) -> None:
    """Tell what applying FILE would change: + comes, - goes, ~ changes.

    What is wrong with the file is told as `pbx apply` does.
    """
    looked = await look(desk, file)
    outcome = outcome_of(looked)
    document = outcome_document(outcome)
    if not json_is_wanted():
        tell_outcome(outcome, most=None, is_done=False)
        note_findings(looked.errors)
        note_findings(looked.warnings)
        tell_cuts(looked)
    before = looked.outlook.before
    if span is not None and before is not None:
        replayed = await show_replay(desk, before, looked.outlook.wanted, span)
        document["replayed"] = replayed
    if json_is_wanted():
        emit_json(document)
    if tells and not looked.outlook.changes_nothing:
        sys.exit(DIFFERENT)
