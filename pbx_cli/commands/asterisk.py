"""`pbx asterisk`: an Asterisk that somebody else starts: a unit, or another container."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import structlog

from asterisk_conf import (
    AlreadyRuns,
    AsteriskElsewhere,
    NodeSettings,
    become,
    check,
    make_ready,
    outdated_files,
    write,
)
from asterisk_conf.running import adopt
from pbx_cli.asterisk import home_node
from pbx_cli.backup.unfinished import refuse_half_restored
from pbx_cli.commands.asterisk_restart import asterisk_restart
from pbx_cli.errors import Refused
from pbx_cli.home import open_home
from pbx_cli.nouns import NounGroup
from pbx_cli.output import counted, emit_done, note, printing
from pbx_cli.supervisor.elsewhere import refuse_doors_out_of_reach
from pbx_cli.supervisor.fetching import find_asterisk
from pbx_cli.supervisor.node import node_settings
from stasis_apps.log import set_up_logging
from stasis_apps.settings import read_settings

IN_USE: Final = 4

log = structlog.get_logger(__name__)


@click.group(
    cls=NounGroup,
    short_help="Asterisk apart from the application: configure, run, restart.",
)
def asterisk() -> None:
    """Asterisk apart from the application: in a unit or a container of its own.

    `pbx run --no-asterisk` then runs the application; see docs/asterisk-elsewhere.md.
    """


class PathOverThere(click.ParamType[Path]):
    """A folder on the machine where Asterisk runs; here there is nothing to look at."""

    name = "path"

    def convert(
        self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Take a path from the root on."""
        path = Path(value)
        if not path.is_absolute():
            self.fail(f"{value!r} must be a path from / on, as it is over there", param, ctx)
        return path


@asterisk.command(short_help="Write the configuration for an Asterisk elsewhere.")
@click.option(
    "--data",
    type=PathOverThere(),
    default=AsteriskElsewhere().datadir,
    show_default=True,
    help="Where that Asterisk's prompts and music lie, over there.",
)
@click.option(
    "--modules",
    type=PathOverThere(),
    help="Where its modules lie, over there.  [default: where it looks by itself]",
)
@printing
def config(data: Path, modules: Path | None) -> None:
    """Write the configuration for an Asterisk that is started by something else.

    It needs no Asterisk here. One that runs takes the change when it is started again.
    """
    settings = read_settings()
    refuse_doors_out_of_reach(settings)
    node = node_settings(settings, AsteriskElsewhere(datadir=data, moddir=modules))
    check(node)
    open_home(settings.home)
    changed = outdated_files(node)
    main_file = write(node)
    running = adopt(node)
    if changed and running is not None:
        note(
            f"The Asterisk of this home runs now (process {running.pid}): it goes on with what it "
            "has read, and reads these files at its next start."
        )
    emit_done(
        "\n".join(_sentences(node, changed)),
        {"main_file": str(main_file), "changed_files": list(changed)},
    )


def _sentences(node: NodeSettings, changed: Sequence[str]) -> list[str]:
    if not changed:
        return [f"{node.etc} is as wanted already."]
    return [
        f"Asterisk's configuration is in {node.etc} ({counted(len(changed), 'file')} changed).",
        "One that runs takes it at its next start; it is started with",
        f"  asterisk -f -C {node.main_file}",
    ]


@asterisk.command(short_help="Become Asterisk, in the foreground.")
@printing
def run() -> None:
    """Become Asterisk in the foreground, with the settings of this home.

    It is found or fetched and configured as `pbx run` does; then Asterisk takes the place of this
    process, so that whoever started it (systemd, mostly) watches Asterisk itself. SIGTERM ends it,
    and its calls.
    """
    settings = read_settings()
    set_up_logging(log_format=settings.log_format, level=settings.log_level)
    open_home(settings.home)
    refuse_half_restored(settings.home)
    try:
        _refuse_a_second(home_node(settings))  # before anything is downloaded
        node = node_settings(settings, find_asterisk(settings.asterisk_root))
        asyncio.run(make_ready(node))
    except AlreadyRuns as fault:
        raise Refused(str(fault), exit_code=IN_USE) from fault
    log.info("asterisk_starts", version=node.install.version, home=str(node.home))
    become(node)


def _refuse_a_second(node: NodeSettings) -> None:
    running = adopt(node)
    if running is not None:
        raise AlreadyRuns(node.folder, running.pid)


asterisk.add_command(asterisk_restart)
