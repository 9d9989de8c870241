"""`pbx tenant history`: who changed what of a tenant, when, and by which command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Final

import click

from models.provisioning.revisions import RevisionFacts, history
from pbx_cli.column_widths import GAP
from pbx_cli.context import Desk, limit_option, tenant_argument, with_database
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import (
    emit_json,
    emit_table,
    json_is_wanted,
    moment,
    note,
    page_width,
    printing,
)
from pbx_cli.patch_story import patch_document

MOST_LISTED: Final = 1_000
MOST_NAMED: Final = 3
"""Changes of one revision that the history names; the others are counted."""

NARROWEST_CHANGES: Final = 20
"""Room for a sign and most paths behind it in one piece."""

LONGEST_WHO: Final = 12
LONGEST_COMMAND: Final = 28
HEADINGS: Final = ("Revision", "At", "Who", "Command", "Changes")

_CUT: Final = "..."
_TIED: Final = "\u00a0"
"""A space at which no line ends."""


@click.command("history", cls=PbxCommand)
@tenant_argument
@limit_option(MOST_LISTED, usual=20)
@printing
@with_database
async def tenant_history(_desk: Desk, name: str, limit: int) -> None:
    """List the changes of a tenant, newest first: who made them, when and what.

    A + stands before what came, a - before what went, a ~ before what became another.
    Long commands are cut in the middle; --json has them whole.
    """
    told = await history(tenant=name, limit=limit)
    if json_is_wanted():
        emit_json([_document(one) for one in told])
        return
    if not told:
        note(f"{name} has no revisions yet: its next change is the first.")
        return
    emit_table(HEADINGS, _table(told), numeric=frozenset({0}))


def _document(one: RevisionFacts) -> dict[str, object]:
    return {
        "revision": one.revision,
        "at": one.at,
        "who": one.who,
        "what": one.what,
        "changes": patch_document(one.patch),
        "notes": list(one.notes),
    }


def _table(told: Sequence[RevisionFacts]) -> list[list[str]]:
    """The cells; what has changed goes on below, in lines of its own, where there is no room."""
    firsts = [
        [str(one.revision), moment(one.at), _cut(one.who, LONGEST_WHO), _command(one)]
        for one in told
    ]
    taken = sum(
        max(len(heading), *map(len, cells)) + GAP
        for heading, cells in zip(HEADINGS, zip(*firsts, strict=True), strict=False)
    )
    room = max(page_width() - taken, NARROWEST_CHANGES)
    rows: list[list[str]] = []
    for first, one in zip(firsts, told, strict=True):
        line, *more = wrap(_changes(one), room, break_on_hyphens=False)
        rows.append([*first, line])
        rows.extend([*[""] * len(first), line] for line in more)
    return [[cell.replace(_TIED, " ") for cell in row] for row in rows]


def _command(one: RevisionFacts) -> str:
    return _cut(one.what, LONGEST_COMMAND) or "-"


def _cut(text: str, longest: int) -> str:
    """Leave out the middle of a long text: both ends tell more."""
    if len(text) <= longest:
        return text
    end = (longest - len(_CUT)) // 2
    return f"{text[: longest - len(_CUT) - end]}{_CUT}{text[-end:]}"


def _changes(one: RevisionFacts) -> str:
    words = [*map(_in_short, patch_document(one.patch)), *one.notes]
    more = len(words) - MOST_NAMED
    if more > 1:  # one more takes no more room than its count
        words = [*words[:MOST_NAMED], f"{more} more"]
    return ", ".join(words) or "-"


def _in_short(change: Mapping[str, object]) -> str:
    sign = "+" if change["before"] is None else "-" if change["after"] is None else "~"
    return f"{sign} {change['path']}".replace(" ", _TIED)
