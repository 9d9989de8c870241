"""`pbx asterisk restart`: another Asterisk, at a moment when nobody talks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import click

from pbx_cli.asterisk import console
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_done, printing
from stasis_apps.settings import read_settings

ENDS_WHEN_IDLE: Final = "core stop when convenient"

TAKES_IT_S: Final = 2.0
"""The console answers by ending, at once or in hours; it refuses sooner than this."""


@click.command("restart", cls=PbxCommand)
@printing
def asterisk_restart() -> None:
    """Let Asterisk end as soon as there is no call; whoever has started it starts the next.

    That is systemd, the container engine or `pbx run`. Calls are taken until then, and none is
    lost. Under systemd the next Asterisk has the settings and the version that are there by then.
    """
    asyncio.run(_end_when_idle())
    emit_done(
        "Asterisk is started again as soon as there is no call; until then calls are taken.",
        {"when": "idle"},
    )


async def _end_when_idle() -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(TAKES_IT_S):
            await console(read_settings(), ENDS_WHEN_IDLE)
