"""`pbx asterisk restart`: another Asterisk, at a moment when nobody talks."""

from __future__ import annotations

import asyncio
from typing import Final

import click

from asterisk_conf import AsteriskError
from pbx_cli.asterisk import console
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_done, printing
from stasis_apps.settings import Settings, read_settings

ENDS_WHEN_IDLE: Final = "core stop when convenient"

TAKES_IT_S: Final = 2.0
"""The console answers by ending, at once or in hours; it refuses sooner than this."""


@click.command(
    "restart", cls=PbxCommand, short_help="Let Asterisk end, and be started again, between calls."
)
@printing
def asterisk_restart() -> None:
    """Let Asterisk end as soon as there is no call; whoever has started it starts the next.

    That is systemd, the container engine or `pbx run`. Calls are taken until then, and none is
    lost. Under systemd the next Asterisk has the settings and the version that are there by then.
    """
    asyncio.run(_end_when_idle(read_settings()))
    emit_done(
        "Asterisk ends as soon as there is no call; whoever started it starts it again.",
        {"when": "idle"},
    )


async def _end_when_idle(settings: Settings) -> None:
    try:
        async with asyncio.timeout(TAKES_IT_S):
            await console(settings, ENDS_WHEN_IDLE)
    except TimeoutError:
        return
    except AsteriskError as fault:
        if isinstance(fault.__cause__, FileNotFoundError | ConnectionRefusedError):
            raise AsteriskError(_not_there(settings)) from fault
        raise


def _not_there(settings: Settings) -> str:
    if not settings.asterisk_host:
        return "Asterisk does not run"
    folder = settings.home / "asterisk"
    return f"Asterisk does not run, or {folder} is not shared with where it runs"
