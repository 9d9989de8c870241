"""`pbx restore`: a home and its database as they were when a backup was made."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import IO

import click

from asterisk_conf import AsteriskError
from pbx_cli.asking import agree_to, yes_option
from pbx_cli.asterisk import console
from pbx_cli.backup.about import About
from pbx_cli.backup.putting_back import Wishes, put_back, what_would_go
from pbx_cli.backup.reaching import STREAM, read_from
from pbx_cli.backup.unfinished import is_half_restored
from pbx_cli.errors import Refused
from pbx_cli.home import IN_USE, only_supervisor, open_home
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import document_of, emit_done, moment, printing
from stasis_apps.settings import Settings, read_settings


@click.command(cls=PbxCommand, short_help="Make home and database what they were at a backup.")
@click.argument("file", type=click.Path(allow_dash=True), metavar="FILE")
@click.option("--replace", is_flag=True, help="Throw away what is there; asks first at a terminal.")
@click.option(
    "--without-key",
    is_flag=True,
    help="The key is lost: restore the rest. Phones go on, trunks need their passwords anew.",
)
@yes_option
@printing
def restore(file: str, replace: bool, without_key: bool, yes: bool) -> None:
    """Make the home and the database what they were when FILE (or stdin: -) was written.

    The exchange must not run meanwhile, nor its Asterisk. The archive is looked through before
    anything is touched: a refused one has changed nothing. An older backup is brought up to date.
    Exit code 4 when the exchange runs, or when there is something already, and --replace was not
    given.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing half is left
    settings = read_settings()
    open_home(settings.home)
    wishes = Wishes(replace=replace, without_key=without_key)
    with read_from(file) as source, only_supervisor(settings.run_folder):
        _refuse_running_asterisk(settings)
        if replace and not yes and file != STREAM and sys.stdin.isatty():
            _ask(settings)
        about = _put_back(settings, source, wishes)
    sentence = f"{settings.home} and its database are as they were at {moment(about.made_at)}."
    document = {"home": str(settings.home), **document_of(about)}
    document.pop("sealed")  # it is between the archive and its key
    emit_done(sentence, document)


def _refuse_running_asterisk(settings: Settings) -> None:
    """One that runs alone still has calls, and records into the folders that would go."""
    try:
        asyncio.run(console(settings, "core show version"))
    except AsteriskError as fault:
        if isinstance(fault.__cause__, OSError):  # nobody listens; one that hangs runs all the same
            return
    raise Refused(
        f"PBX_HOME={settings.home}: its Asterisk runs; stop it first (`systemctl stop "
        "pbx-asterisk`, or however it was started)",
        exit_code=IN_USE,
    )


def _ask(settings: Settings) -> None:
    goes = asyncio.run(what_would_go(settings))
    if goes:
        agree_to(f"Throw away all that is in {settings.home} and its database ({goes})?")


def _put_back(settings: Settings, source: IO[bytes], wishes: Wishes) -> About:
    try:
        return put_back(settings, source, wishes)
    except KeyboardInterrupt:
        raise Refused(f"Stopped: nothing was changed; {_state(settings)}") from None
    except OSError as problem:
        raise Refused(f"{problem}: {_state(settings)}") from problem


def _state(settings: Settings) -> str:
    """Say what the home is now."""
    if is_half_restored(settings.home):
        return (
            f"database and files of {settings.home} do not belong together. Restore again with "
            "--replace"
        )
    return f"{settings.home} is as it was"
