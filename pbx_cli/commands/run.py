"""`pbx run`: the exchange in the foreground."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import click

from asterisk_conf import AsteriskInstall, AsteriskProcess
from pbx_cli.context import Desk, current_database
from pbx_cli.demo import DemoCard, demo_card, ensure_demo, is_first_use, keep_addresses
from pbx_cli.home import only_supervisor, open_home
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import printing
from pbx_cli.supervisor.fetching import find_asterisk
from pbx_cli.supervisor.node import node_settings
from pbx_cli.supervisor.supervise import supervise
from pbx_cli.welcome import emit_welcome
from stasis_apps.log import set_up_logging
from stasis_apps.settings import Settings, read_settings


@click.command(cls=PbxCommand)
@click.option("--no-asterisk", is_flag=True, help="Asterisk runs elsewhere; start the rest.")
@click.option(
    "--demo/--no-demo",
    default=None,
    help="Make the demo tenant if need be and show it, or never do.  [default: on first use]",
)
@printing
def run(no_asterisk: bool, demo: bool | None) -> None:
    """Run the exchange in the foreground: Asterisk and the application, supervised.

    Prints where phones log in and what to dial once calls can be placed. Ctrl-C ends it in good
    order: calls that are up may end by themselves for ten seconds; a second Ctrl-C ends them now.
    """
    settings = read_settings()
    set_up_logging(log_format=settings.log_format, level=settings.log_level)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until calls are taken
    open_home(settings.home)
    with only_supervisor(settings.run_folder):
        asyncio.run(_bring_up_to_date(settings))  # before anything is downloaded
        install = None if no_asterisk else find_asterisk(settings.asterisk_root)
        asyncio.run(_run(settings, install, demo))


async def _run(settings: Settings, install: AsteriskInstall | None, demo: bool | None) -> None:
    card = await _prepare(settings, install, demo)
    asterisk = AsteriskProcess(node_settings(settings, install)) if install else None

    def announce() -> None:
        with suppress(BrokenPipeError):  # calls go on, whoever has stopped reading
            emit_welcome(settings, card)

    await supervise(settings, asterisk, announce)


async def _bring_up_to_date(settings: Settings) -> None:
    async with current_database(settings):
        pass


async def _prepare(
    settings: Settings, install: AsteriskInstall | None, demo: bool | None
) -> DemoCard | None:
    """Make the demo tenant when it is wanted."""
    desk = Desk(settings)
    spoken = _spoken_words(install)
    async with current_database(settings):
        is_wanted = await is_first_use() if demo is None else demo
        if not is_wanted:
            await keep_addresses()
            return None
        await ensure_demo(desk, spoken)
        return await demo_card(desk)


def _spoken_words(install: AsteriskInstall | None) -> Path | None:
    if install is None:
        return None
    return next((install.datadir / "sounds").glob("en*"), None)
