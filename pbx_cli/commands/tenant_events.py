"""`pbx tenant events`: what administrators must hear of, and who has heard of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import click

from models import notices
from models.notices import MOST_LISTED, EventFacts
from pbx_cli.context import Desk, limit_option, tenant_argument, with_database
from pbx_cli.moments import Moment
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import document_of, emit_rows, printing

LISTED = {
    "At": "at",
    "Kind": "kind",
    "What": "what",
    "Number": "number",
    "Phone": "phone",
    "User": "user",
    "Mail": "mail",
    "Call": "call_id",
}


@click.command("events", cls=PbxCommand)
@tenant_argument
@click.option("--since", type=Moment(), help="A span (30m, 1h, 7d) or a moment (2026-11-01T09:30).")
@click.option("--kind", help="Only these: limit_reached, emergency_call, pin_locked.")
@limit_option(MOST_LISTED)
@printing
@with_database
async def events(
    _desk: Desk, name: str, since: datetime | None, kind: str | None, limit: int
) -> None:
    """List limits that were reached and calls for help, newest first, and who was told by mail."""
    found = await notices.list_events(tenant=name, since=since, kind=kind, limit=limit)
    emit_rows([_row(event) for event in found], LISTED, empty=f"{name} has no such events.")


def _row(event: EventFacts) -> dict[str, object]:
    facts = event.facts
    return document_of(event) | {
        "what": facts.get("limit") or facts.get("what", ""),
        "number": facts.get("number", ""),
        "phone": facts.get("phone", ""),
        "user": facts.get("user", ""),
        "mail": _mail(event.mails),
    }


def _mail(mails: Mapping[str, str]) -> str:
    """To how many the mail that begins with this event goes, and how it fares."""
    states = sorted(set(mails.values()))
    return ", ".join(f"{list(mails.values()).count(state)} {state}" for state in states)
