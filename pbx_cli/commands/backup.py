"""`pbx backup`: the database and all files of a home in one archive, while calls go on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Final

import click

from models.seal_check import KeyState
from pbx_cli.asking import confirm, yes_option
from pbx_cli.backup.reaching import STREAM, is_there, written_whole
from pbx_cli.backup.taking import Taken, take
from pbx_cli.backup.unfinished import refuse_half_restored
from pbx_cli.errors import Refused
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import counted, document_of, emit_done, note, printing
from stasis_apps.settings import read_settings

MB: Final = 1_000_000
CALLS_COME_FIRST: Final = 10
"""How much of the processor is left to others, as `nice` counts."""


@click.command(
    cls=PbxCommand,
    short_help="Write everything that cannot be made again into one file.",
)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), metavar="FILE")
@click.option(
    "--with-key",
    is_flag=True,
    help="Put the key in, too, that opens the passwords: then the archive alone opens them.",
)
@yes_option
@printing
def backup(file: str, with_key: bool, yes: bool) -> None:
    """Write everything that cannot be made again into FILE, or to stdout (-); calls go on.

    That is the database, prompts, voicemail, and what waits to be written or sent. Not in it are
    the settings, and the key without --with-key: keep both elsewhere. `pbx restore` reads it.
    """
    if file == STREAM and sys.stdout.isatty():
        raise click.UsageError("An archive is nothing for a terminal: lead stdout elsewhere.")
    if file != STREAM and is_there(file):
        confirm(f"Replace {file}", is_confirmed=yes)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing half is left
    os.nice(CALLS_COME_FIRST)
    settings = read_settings()
    refuse_half_restored(settings.home)
    try:
        with written_whole(file) as out:
            taken = asyncio.run(take(settings, out, with_key=with_key))
    except OSError as problem:
        raise Refused(f"No backup was made: {problem}") from problem
    _tell(file, taken)
    _warn(settings.secret_key_file, taken)


def _tell(file: str, taken: Taken) -> None:
    where = "was written to stdout" if file == STREAM else f"is in {file}"
    files = counted(taken.files, "file")
    key = "with its key" if taken.about.has_key else "without its key"
    sentence = (
        f"The backup {where}: the {taken.about.database} database, {files}, {key}; "
        f"{taken.bytes / MB:.1f} MB before compression."
    )
    if file == STREAM:
        note(sentence)
    else:
        emit_done(sentence, {"file": file, **_document(taken)})


def _document(taken: Taken) -> dict[str, object]:
    """What scripts may want to know; the sealed password is between the archive and its key."""
    about = document_of(taken.about)
    about.pop("sealed")
    return document_of(taken, about=about)


def _warn(key_file: Path, taken: Taken) -> None:
    what = {
        KeyState.MISSING: f"there is no key file {key_file}",
        KeyState.OTHER: f"the key in {key_file} does not open the passwords in this database",
    }.get(taken.key)
    if what:
        note(
            f"WARNING: {what}. What is restored from this backup cannot log in at carriers, and "
            "shows no password: put the right key back, and keep a copy of it."
        )
