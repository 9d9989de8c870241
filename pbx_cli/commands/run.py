"""`pbx run`: the exchange in the foreground."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import click

from asterisk_conf import AsteriskInstall, AsteriskProcess
from models.database import SchemaState, schema_state
from models.errors import SealError
from pbx_cli.backup.unfinished import refuse_half_restored
from pbx_cli.context import Desk, current_database
from pbx_cli.demo import DemoCard, demo_card, ensure_demo, is_first_use, keep_addresses
from pbx_cli.home import only_supervisor, open_home
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import note, printing
from pbx_cli.supervisor.elsewhere import refuse_doors_out_of_reach
from pbx_cli.supervisor.fetching import find_asterisk
from pbx_cli.supervisor.node import node_settings
from pbx_cli.supervisor.supervise import supervise
from pbx_cli.welcome import emit_welcome
from stasis_apps.log import set_up_logging
from stasis_apps.settings import SettingInvalid, Settings, read_settings


@click.command(cls=PbxCommand, short_help="Run the exchange: Asterisk and the application.")
@click.option(
    "--no-asterisk",
    is_flag=True,
    help="Asterisk is started by something else; run the rest, and wait for it.",
)
@click.option(
    "--demo/--no-demo",
    default=None,
    help="Make the demo tenant if need be, or neither make nor show it.  "
    "[default: make it on first use, show it while it is there]",
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
    if settings.asterisk_host and not no_asterisk:
        rule = "Asterisk runs there: give --no-asterisk, or leave this setting out"
        raise SettingInvalid("PBX_ASTERISK_HOST", settings.asterisk_host, rule)
    refuse_doors_out_of_reach(settings)
    open_home(settings.home)
    with only_supervisor(settings.run_folder):
        refuse_half_restored(settings.home)
        asyncio.run(_refuse_what_cannot_be_used(settings))  # before anything is downloaded
        install = None if no_asterisk else find_asterisk(settings.asterisk_root)
        asyncio.run(_run(settings, install, demo))


async def _run(settings: Settings, install: AsteriskInstall | None, demo: bool | None) -> None:
    asterisk = AsteriskProcess(node_settings(settings, install)) if install else None
    if asterisk is not None:
        await asterisk.check()  # before the database and the demo are made
    card = await prepare(settings, install, demo)

    def announce() -> None:
        with suppress(BrokenPipeError):  # calls go on, whoever has stopped reading
            emit_welcome(settings, card)

    await supervise(settings, asterisk, announce)


async def _refuse_what_cannot_be_used(settings: Settings) -> None:
    """A database that is there must be one of ours; one that is not is made later."""
    if await schema_state(settings.database_url) is not SchemaState.BEHIND:
        async with current_database(settings):
            pass


async def prepare(
    settings: Settings, install: AsteriskInstall | None, demo: bool | None
) -> DemoCard | None:
    """Make the demo tenant when it is wanted; while it is there, say how to use it."""
    desk = Desk(settings)
    async with current_database(settings):
        if demo or (demo is None and await is_first_use()):
            await ensure_demo(desk, _spoken_words(install))
        else:
            await keep_addresses(settings)
        return None if demo is False else await _card(desk)


async def _card(desk: Desk) -> DemoCard | None:
    """Say how to use the demo; a key that does not open its passwords keeps nobody from calling."""
    try:
        return await demo_card(desk)
    except SealError as fault:
        note(f"The demo phones cannot be shown: {fault}")
        return None


def _spoken_words(install: AsteriskInstall | None) -> Path | None:
    if install is None:
        return None
    return next((install.datadir / "sounds").glob("en*"), None)
