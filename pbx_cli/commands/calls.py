"""`pbx calls`: what happened on the telephone, and what happens now."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from models import call_log, provisioning
from models.call_log import MOST_LISTED, RecordedCall
from pbx_cli.context import Desk, limit_option, with_database
from pbx_cli.moments import Moment
from pbx_cli.named_call import named_call
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    document_of,
    duration,
    emit_json,
    emit_line,
    emit_one,
    emit_rows,
    json_is_wanted,
    printing,
    screen_lines,
)
from pbx_cli.story import Sentence, ending, opening, tell, whereabouts

LISTED = {
    "Started": "started_at",
    "Tenant": "tenant",
    "From": "caller_number",
    "Dialled": "dialled",
    "Taken by": "answered_by",
    "Talk (s)": "talk_s",
    "End": "end",
    "Call": "id",
}
LIVE = {
    "Call": "id",
    "Tenant": "tenant",
    "From": "caller_number",
    "Dialled": "dialled",
    "Revision": "revision",
    "Age": "age",
    "Where": "where",
}

any_tenant_option = click.option(
    "--tenant", envvar="PBX_TENANT", metavar="NAME", help="Only calls of this tenant (PBX_TENANT)."
)


@click.group(cls=NounGroup)
def calls() -> None:
    """Calls: those that were, and those that are up."""


@calls.command("list")
@any_tenant_option
@click.option("--since", type=Moment(), help="A span (30m, 1h, 7d) or a moment (2026-11-01T09:30).")
@click.option("--number", help="From, to, or answered by this number.")
@limit_option(MOST_LISTED)
@printing
@with_database
async def list_(
    _desk: Desk, tenant: str | None, since: datetime | None, number: str | None, limit: int
) -> None:
    """List calls, newest first."""
    await _require(tenant)
    found = await call_log.list_calls(tenant=tenant, since=since, number=number, limit=limit)
    rows = [document_of(call) for call in found]
    if not json_is_wanted():
        rows = [row | {"end": _end(call)} for row, call in zip(rows, found, strict=True)]
    emit_rows(rows, LISTED, empty="There are no such calls.")


@calls.command()
@click.argument("call_id", metavar="ID")
@any_tenant_option
@printing
@with_database
async def show(_desk: Desk, call_id: str, tenant: str | None) -> None:
    """Show one call record.

    ID may be the word last: the call that began latest.
    """
    emit_one(document_of(await named_call(call_id, tenant)))


@calls.command()
@click.argument("call_id", metavar="ID")
@any_tenant_option
@printing
@with_database
async def explain(_desk: Desk, call_id: str, tenant: str | None) -> None:
    """Tell one call as a story: what happened where, why, for how long, and who ended it.

    ID may be the word last: the call that began latest.
    """
    from stasis_apps.simulation.telling import path_of  # here: slow to load, and seldom needed

    call = await named_call(call_id, tenant)
    journal = await call_log.journal_of(call_id=call.id)
    story = tell(call, journal)
    if json_is_wanted():
        emit_json(
            {
                "call": document_of(call),
                "path": [document_of(hop) for hop in path_of(journal)],
                "story": [_document(one) for one in story],
            }
        )
    else:
        _emit_story(call, story)


@calls.command()
@any_tenant_option
@printing
@with_database
async def live(_desk: Desk, tenant: str | None) -> None:
    """List the calls that are up: how old they are, where, and by which revision of the plan."""
    await _require(tenant)
    now = datetime.now(UTC)
    rows = []
    for call in await call_log.live_calls(tenant=tenant):
        age_s = (now - call.started_at).total_seconds()
        where = whereabouts(await call_log.journal_of(call_id=call.id))
        rows.append(document_of(call, age_s=round(age_s, 1), age=duration(age_s), where=where))
    emit_rows(rows, LIVE, empty="No calls are up.")


def _end(call: RecordedCall) -> str:
    """Who ended it, and how: ``caller: ended normally``; empty while it is up."""
    return ": ".join(filter(None, (call.ended_by, call.comment)))


async def _require(tenant: str | None) -> None:
    """Tell a tenant without calls from one that is not there."""
    if tenant is not None:
        await provisioning.get_tenant(name=tenant)


def _document(sentence: Sentence) -> dict[str, object]:
    line = sentence.line
    return {
        "at": sentence.at,
        "after_s": round(sentence.after_s, 3),
        "what": line.what,
        "element": line.element,
        "exit": line.exit,
        "reason": line.reason,
        "facts": dict(line.facts),
        "lasted_s": None if sentence.lasted_s is None else round(sentence.lasted_s, 3),
        "sentence": sentence.text,
    }


def _emit_story(call: RecordedCall, story: list[Sentence]) -> None:
    for line in screen_lines(opening(call)):
        emit_line((line, "bold"))
    for sentence in story:
        style = "red" if sentence.is_bad_news else "cyan" if sentence.is_arrival else ""
        indent = "" if sentence.is_arrival or not sentence.line.element else "  "
        after = f"{sentence.after_s:8.3f} s  "
        first, *further = screen_lines(sentence.text, len(after + indent))
        emit_line((after, "dim"), (indent + first, style))
        for line in further:
            emit_line((" " * len(after + indent) + line, style))
    for line in screen_lines(ending(call)):
        emit_line((line, "bold"))
