"""`pbx calendar`: holidays that time rules go by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click

from models import provisioning
from models.calendar_import import LARGEST_FILE_BYTES, import_calendar
from models.errors import refuse_if_any
from models.facts import CalendarFacts
from models.rules import calendar_name_faults
from pbx_cli.asking import confirm, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    counted,
    document_of,
    emit_done,
    emit_json,
    emit_one,
    emit_rows,
    emit_table,
    json_is_wanted,
    note,
    printing,
)

COLUMNS = {
    "Name": "name",
    "Holidays": "count",
    "Covers until": "covers_until",
    "Source": "source",
}
RUNS_OUT_SOON: Final = timedelta(days=60)


@click.group(cls=NounGroup)
def calendar() -> None:
    """Holidays, from .ics files or tables, that time rules go by."""


@calendar.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's calendars and say which of them run out soon."""
    calendars = await provisioning.list_calendars(tenant=tenant)
    emit_rows([_document(one) for one in calendars], COLUMNS, empty=f"{tenant} has no calendars.")
    for one in calendars:
        _note_if_it_runs_out(one)


@calendar.command()
@click.argument("name")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, name: str, tenant: str) -> None:
    """Show the days of one calendar."""
    found = await provisioning.get_calendar(tenant=tenant, name=name)
    if json_is_wanted():
        emit_json(_document(found))
        return
    emit_one(_document(found), hide=["days"])
    days = [[str(day.first), str(day.last), day.name] for day in found.days]
    emit_table(["First day", "Last day", "Name"], days)


@calendar.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@tenant_option
@printing
@with_database
async def put(_desk: Desk, name: str, file: Path, tenant: str) -> None:
    """Store the holidays in FILE as a calendar called NAME, or replace those of that name.

    FILE is an .ics file, or a table with "date;name" or "from;to;name" in each line. The next call
    goes by it. A file that cannot be read changes nothing.
    """
    refuse_if_any(calendar_name_faults(name))
    owner = await provisioning.get_tenant(name=tenant)
    zone = ZoneInfo(owner.timezone)
    imported = import_calendar(
        _content(file), file=file.name, today=datetime.now(zone).date(), timezone=zone
    )
    stored = await provisioning.put_calendar(tenant=tenant, name=name, calendar=imported)
    for warning in imported.warnings:
        note(f"Warning: {warning}")
    _note_if_it_runs_out(stored)
    until = f"until {stored.covers_until}"
    emit_done(
        f"Calendar {name} has {counted(len(stored.days), 'holiday')}, {until}.", _document(stored)
    )


@calendar.command()
@click.argument("name")
@tenant_option
@yes_option
@printing
@with_database
async def remove(desk: Desk, name: str, tenant: str, yes: bool) -> None:
    """Forget a calendar that no element goes by."""
    gone = await provisioning.get_calendar(tenant=tenant, name=name)
    confirm(f"Remove calendar {name}", is_confirmed=yes)
    await provisioning.remove_calendar(tenant=tenant, name=name, catalogue=desk.catalogue)
    emit_done(f"Calendar {name} is gone.", _document(gone))


def _document(found: CalendarFacts) -> dict[str, object]:
    return document_of(found, count=len(found.days))


def _note_if_it_runs_out(found: CalendarFacts) -> None:
    today: date = datetime.now(UTC).date()
    if found.covers_until is not None and found.covers_until < today + RUNS_OUT_SOON:
        note(f"Warning: calendar {found.name} says nothing about days after {found.covers_until}")


def _content(file: Path) -> bytes:
    """Read the file, and of one that is far too large not much more than will be refused."""
    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE_BYTES + 1)
