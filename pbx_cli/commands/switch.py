"""`pbx switch`: elements forced open or closed by hand, whatever the clock says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from models import provisioning
from models.errors import InvalidSettings, NotFound
from models.facts import TenantFacts
from models.provisioning.catalogue import SWITCHED_KINDS
from models.provisioning.switches import LONGEST
from pbx_cli.asking import ask_pin
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.moments import Span
from pbx_cli.nouns import NounGroup
from pbx_cli.output import document_of, emit_done, emit_rows, moment, printing
from pbx_cli.plan_positions import PlanPosition, position_by_plan

COLUMNS = {
    "Number": "number",
    "Kind": "kind",
    "Switched to": "position",
    "Until": "until_at",
    "By": "set_by",
    "By itself": "by_plan",
    "Next change": "by_plan_until",
}


@click.group(cls=NounGroup, short_help="Time rules and switches forced open or closed by hand.")
def switch() -> None:
    """Time rules and switches forced open or closed by hand."""


@switch.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List what can be switched: how it stands, and how it would by itself and until when."""
    owner = await provisioning.get_tenant(name=tenant)
    elements = await provisioning.list_elements(tenant=tenant)
    calendars = {one.name: one for one in await provisioning.list_calendars(tenant=tenant)}
    thrown = {one.number: one for one in await provisioning.list_switches(tenant=tenant)}
    now = datetime.now(UTC)
    rows = [
        _row(
            {"number": element.number, "kind": element.kind, **_NOT_THROWN},
            document_of(thrown[element.number]) if element.number in thrown else {},
            position_by_plan(element, zone=ZoneInfo(owner.timezone), calendars=calendars, at=now),
        )
        for element in elements
        if element.kind in SWITCHED_KINDS
    ]
    emit_rows(rows, COLUMNS, empty=f"{tenant} has neither switches nor time rules.")


@switch.command("set")
@click.argument("number")
@click.argument("position", type=click.Choice(["open", "closed"]))
@tenant_option
@click.option(
    "--until",
    metavar="MOMENT",
    help="When it falls back by itself (2026-11-24T09:00), by the tenant's clock.",
)
@click.option(
    "--for", "span", type=Span(LONGEST), help="After how long it falls back (90s, 30m, 2h, 7d)."
)
@printing
@with_database
async def set_(
    _desk: Desk, number: str, position: str, tenant: str, until: str | None, span: timedelta | None
) -> None:
    """Force the time rule or switch behind NUMBER to POSITION for all calls that come.

    Open is the exit "match" of a time rule, closed is "no_match". Without --until and --for it
    stays so until `pbx switch clear`.
    """
    owner = await provisioning.get_tenant(name=tenant)
    until_at = _expiry(until, span, owner)
    try:
        thrown = await provisioning.set_switch(
            tenant=tenant, number=number, position=position, until_at=until_at, by="pbx"
        )
    except InvalidSettings as refused:
        raise _as_given(refused, until) from refused
    ends = f" until {moment(thrown.until_at)}" if thrown.until_at else ""
    emit_done(f"{number} is switched to {position}{ends}.", document_of(thrown))


@switch.command()
@click.argument("number")
@tenant_option
@printing
@with_database
async def clear(_desk: Desk, number: str, tenant: str) -> None:
    """Leave the time rule or switch behind NUMBER to itself again."""
    await provisioning.clear_switch(tenant=tenant, number=number)
    emit_done(f"{number} is left to itself.", {"number": number, "position": None})


@switch.command()
@click.argument("number")
@tenant_option
@click.option("--remove", "is_removed", is_flag=True, help="Take the PIN away.")
@printing
@with_database
async def pin(_desk: Desk, number: str, tenant: str, is_removed: bool) -> None:
    """Give the set_switch element behind NUMBER a PIN, which whoever dials it must enter.

    It has 4 to 8 digits, and is asked for or read from the first line of stdin. Without a PIN,
    all phones of the tenant may throw the switch, and callers from outside may not.
    """
    had_one = await provisioning.set_switch_pin(
        tenant=tenant, number=number, pin=None if is_removed else await asyncio.to_thread(ask_pin)
    )
    if is_removed and not had_one:
        raise NotFound(f"{number} of {tenant} has no PIN")
    sentence = f"{number} has {'no PIN any more' if is_removed else 'its PIN'}."
    emit_done(sentence, {"number": number, "has_pin": not is_removed})


_NOT_THROWN = dict.fromkeys(("position", "until_at", "set_by", "set_at"))


def _row(
    element: dict[str, object], thrown: dict[str, object], plan: PlanPosition
) -> dict[str, object]:
    return {**element, **thrown, "by_plan": plan.exit, "by_plan_until": plan.until}


def _as_given(refused: InvalidSettings, until: str | None) -> InvalidSettings:
    """Name a moment as the person did, who gave none with ``--for``."""
    if until is None:
        return refused
    return InvalidSettings(
        [
            replace(fault, path="until", value=until) if fault.path == "until_at" else fault
            for fault in refused.faults
        ]
    )


def _expiry(until: str | None, span: timedelta | None, owner: TenantFacts) -> datetime | None:
    if until is not None and span is not None:
        raise click.UsageError("--until and --for cannot be given together.")
    if span is not None:
        return datetime.now(UTC) + span
    if until is None:
        return None
    try:
        read = datetime.fromisoformat(until)
    except ValueError:
        raise click.BadParameter(
            f"{until!r} is no moment (2026-11-24T09:00)", param_hint="--until"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(owner.timezone))
