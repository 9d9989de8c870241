"""`pbx tenant history`: who changed what of a tenant, when, and by which command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from models.provisioning.revisions import RevisionFacts, history
from pbx_cli.context import Desk, with_database
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_json, emit_rows, json_is_wanted, printing
from pbx_cli.patch_story import patch_document

MOST_LISTED: Final = 1_000
MOST_NAMED: Final = 3
"""Changes of one revision that the history names; the others are counted."""

LISTED: Final = {
    "Revision": "revision",
    "At": "at",
    "Who": "who",
    "Command": "what",
    "Changes": "changes",
}


@click.command("history", cls=PbxCommand)
@click.argument("name", metavar="TENANT")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=20, show_default=True)
@printing
@with_database
async def tenant_history(_desk: Desk, name: str, limit: int) -> None:
    """List the changes of a tenant, newest first: who made them, when and what.

    A + stands before what came, a - before what went, a ~ before what became another.
    """
    told = await history(tenant=name, limit=limit)
    if json_is_wanted():
        emit_json([_document(one) for one in told])
        return
    empty = f"{name} has no revisions yet: its next change is the first."
    emit_rows([_row(one) for one in told], LISTED, empty=empty)


def _document(one: RevisionFacts) -> dict[str, object]:
    return {
        "revision": one.revision,
        "at": one.at,
        "who": one.who,
        "what": one.what,
        "changes": patch_document(one.patch),
        "notes": list(one.notes),
    }


def _row(one: RevisionFacts) -> dict[str, object]:
    words = [*map(_in_short, patch_document(one.patch)), *one.notes]
    more = len(words) - MOST_NAMED
    if more > 1:  # one more takes no more room than its count
        words = [*words[:MOST_NAMED], f"{more} more"]
    return {
        "revision": one.revision,
        "at": one.at,
        "who": one.who,
        "what": one.what,
        "changes": ", ".join(words),
    }


def _in_short(change: Mapping[str, object]) -> str:
    sign = "+" if change["before"] is None else "-" if change["after"] is None else "~"
    return f"{sign} {change['path']}"
