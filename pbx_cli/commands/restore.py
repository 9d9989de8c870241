"""`pbx restore`: a home and its database as they were when a backup was made."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click

from pbx_cli.backup.putting_back import Wishes, put_back
from pbx_cli.errors import Refused
from pbx_cli.home import only_supervisor, open_home
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import document_of, emit_done, moment, printing
from stasis_apps.settings import read_settings

STDIN: Final = "-"


@click.command(cls=PbxCommand)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--replace", is_flag=True, help="Throw away what is there.")
@click.option(
    "--without-key",
    is_flag=True,
    help="The key is lost: restore the rest. Phones go on, trunks need their passwords anew.",
)
@printing
def restore(file: str, replace: bool, without_key: bool) -> None:
    """Make the home and the database what they were when FILE (or stdin: -) was written.

    The exchange must not run meanwhile. The archive is looked through before anything is touched:
    a refused one has changed nothing. An older backup is brought up to date. Exit code 4 when the
    exchange runs, or when there is something already, and --replace was not given.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing half is left
    settings = read_settings()
    open_home(settings.home)
    wishes = Wishes(replace=replace, without_key=without_key)
    with only_supervisor(settings.run_folder), _read_from(file) as source:
        try:
            about = asyncio.run(put_back(settings, source, wishes))
        except OSError as problem:
            raise Refused(
                f"{problem}. Mend it and restore again, with --replace if this says that there is "
                "something already"
            ) from problem
    sentence = f"{settings.home} and its database are as they were at {moment(about.made_at)}."
    emit_done(sentence, {"home": str(settings.home), **document_of(about)})


@contextmanager
def _read_from(file: str) -> Iterator[IO[bytes]]:
    if file == STDIN:
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as source:
        yield source
