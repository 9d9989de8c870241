"""`pbx backup`: the database and all files of a home in one archive, while calls go on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click

from pbx_cli.asking import confirm, yes_option
from pbx_cli.backup.taking import Taken, take
from pbx_cli.errors import Refused
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import document_of, emit_done, note, printing
from stasis_apps.settings import read_settings

STDOUT: Final = "-"
MB: Final = 1_000_000
CALLS_COME_FIRST: Final = 10
"""How much of the processor is left to others, as `nice` counts."""


@click.command(cls=PbxCommand)
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
    if file == STDOUT and sys.stdout.isatty():
        raise click.UsageError("An archive is nothing for a terminal: lead stdout elsewhere.")
    if file != STDOUT and Path(file).exists():
        confirm(f"Replace {file}", is_confirmed=yes)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing half is left
    os.nice(CALLS_COME_FIRST)
    settings = read_settings()
    try:
        with _written_whole(file) as out:
            taken = asyncio.run(take(settings, out, with_key=with_key))
    except OSError as problem:
        raise Refused(f"No backup was made: {problem}") from problem
    _tell(file, taken)


@contextmanager
def _written_whole(file: str) -> Iterator[IO[bytes]]:
    """Write a file that has its name when it is complete, and that nobody else can read."""
    if file == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(file)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _tell(file: str, taken: Taken) -> None:
    where = "was written to stdout" if file == STDOUT else f"is in {file}"
    files = "1 file" if taken.files == 1 else f"{taken.files} files"
    key = "with its key" if taken.about.has_key else "without its key"
    sentence = (
        f"The backup {where}: the {taken.about.database} database, {files}, {key}; "
        f"{taken.bytes / MB:.1f} MB before compression."
    )
    if file == STDOUT:
        note(sentence)
    else:
        emit_done(sentence, {"file": file, **document_of(taken)})
