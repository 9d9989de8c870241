"""`pbx migrate`: the tables of the database brought up to date, before anything else starts."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Final

import click

from models.config import parse_url
from models.database import migrate as bring_up_to_date
from models.errors import DatabaseLocked, DatabaseUnavailable
from models.provisioning.baselines import after_upgrade
from pbx_cli.backup.unfinished import refuse_half_restored
from pbx_cli.home import open_home
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_done, note, printing
from stasis_apps.settings import read_settings

AGAIN_AFTER_S: Final = 1.0
LONGEST_WAIT_S: Final = 86_400


class Seconds(click.ParamType[float]):
    """So long to wait: ``30``, ``0.5``."""

    name = "seconds"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Take a number of seconds; a day is longer than anybody waits."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds <= LONGEST_WAIT_S:
            self.fail(f"{value!r} must be seconds from 0 to {LONGEST_WAIT_S}, as in 60", param, ctx)
        return seconds


@click.command(cls=PbxCommand, short_help="Bring the tables of the database up to date.")
@click.option(
    "--wait",
    "wait_s",
    type=Seconds(),
    default=0.0,
    metavar="SECONDS",
    help="Give the database so long to come up, or to be let go by another program.",
)
@printing
def migrate(wait_s: float) -> None:
    """Make the tables of the database, or bring them up to date; calls need not end for it.

    Every other command does the same when it has to. This one is for whoever starts things in
    order: it waits for the database, and two of it at once do no harm. Exit code 6 when the
    database is away, or was written by a newer version.
    """
    settings = read_settings()
    url = settings.database_url
    if url.startswith("sqlite"):
        open_home(settings.home)
    refuse_half_restored(settings.home)
    applied = asyncio.run(_migrate(url, wait_s))
    shown = parse_url(url).shown
    emit_done(_told(shown, applied), {"database": shown, "applied": applied})


async def _migrate(url: str, wait_s: float) -> Sequence[str]:
    """Try until it is done or the time is up; what waiting cannot mend ends it at once."""
    until = time.monotonic() + wait_s
    has_told = False
    while True:
        try:
            return await bring_up_to_date(url, afterwards=after_upgrade)
        except (DatabaseUnavailable, DatabaseLocked) as fault:
            if time.monotonic() + AGAIN_AFTER_S > until:
                raise
            if not has_told:
                note(f"{fault}. Waiting for up to {wait_s:g} s.")
                has_told = True
        await asyncio.sleep(AGAIN_AFTER_S)


def _told(shown: str, applied: Sequence[str]) -> str:
    if not applied:
        return f"The tables in {shown} are up to date; nothing was changed."
    count = "1 change was" if len(applied) == 1 else f"{len(applied)} changes were"
    return f"The tables in {shown} are up to date now: {count} made ({', '.join(applied)})."
