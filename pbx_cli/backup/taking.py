"""Take a backup while calls go on.

The files are looked at, then a moment of the database is held, then the files are looked at once
more for what has come or changed. So whatever a row of that moment speaks of is in the archive;
what came later may be there without a row, which does no harm.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from models.database import applied_migrations
from models.errors import NotFound
from models.seal_check import KeyState, key_state_for, one_sealed
from pbx_cli.backup.about import DATABASE, HOME, KEY, LAYOUT, About
from pbx_cli.backup.archive import ArchiveWriter
from pbx_cli.backup.databases import frozen, kind_of
from pbx_cli.backup.places import in_backups
from pbx_cli.backup.still_recording import still_recording
from pbx_cli.errors import Refused
from stasis_apps.settings import Settings

WORKING_FOLDER: Final = ".backup-"
LOCK: Final = "backup.lock"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken; ``key`` is what the key at hand is to it."""

    about: About
    key: KeyState
    files: int
    bytes: int


async def take(settings: Settings, out: IO[bytes], *, with_key: bool) -> Taken:
    """Write a backup of a home and its database.

    Args:
        settings: Of the home.
        out: Where to; nothing is read back from it.
        with_key: Whether the key that opens the passwords goes in as well.

    Raises:
        NotFound: There is nothing yet.
        DatabaseError: The database does not answer, or is damaged.
        Refused: The key should go in, and is not there or is another.
        OSError: A file cannot be read, or the archive cannot be written.
    """
    about, key = await _about(settings, with_key=with_key)
    with _alone(settings), ArchiveWriter(out, about) as archive:
        await _look(settings, archive)
        async with frozen(settings.database_url) as database:
            await _look(settings, archive)
            with TemporaryDirectory(dir=settings.home, prefix=WORKING_FOLDER) as folder:
                copy = Path(folder) / DATABASE
                await database.write(copy)
                await asyncio.to_thread(archive.add, copy, DATABASE)
        if about.has_key:
            archive.add(settings.secret_key_file, KEY)
    in_home = [one for name, one in archive.sums.items() if name.startswith(HOME)]
    size = sum(one.size for one in archive.sums.values())
    return Taken(about, key, len(in_home), size)


async def _about(settings: Settings, *, with_key: bool) -> tuple[About, KeyState]:
    migrations = sorted(await applied_migrations(settings.database_url))
    if not migrations:
        raise NotFound(f"There is nothing to back up in {settings.home}: no tables were ever made")
    sealed = await one_sealed(settings.database_url)
    key = key_state_for(sealed, settings.secret_key_file)
    if with_key:
        _refuse_useless_key(settings.secret_key_file, key)
    about = About(
        layout=LAYOUT,
        made_at=datetime.now(UTC),
        version=version("pbx"),
        database=kind_of(settings.database_url),
        migrations=tuple(migrations),
        has_key=with_key,
        sealed=sealed,
    )
    return about, key


def _refuse_useless_key(file: Path, key: KeyState) -> None:
    if key is KeyState.OTHER:
        raise Refused(f"--with-key: the key in {file} does not open the passwords in this database")
    if key is KeyState.MISSING or not file.exists():
        raise Refused(f"--with-key: there is no key file {file}")


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Clear away what backups have left behind that were killed, unless another one just works."""
    settings.run_folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(settings.run_folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in settings.home.glob(f"{WORKING_FOLDER}*"):
                shutil.rmtree(left, ignore_errors=True)
        fcntl.flock(lock, fcntl.LOCK_SH)  # any number of backups may work at once
        yield
    finally:
        os.close(lock)


async def _look(settings: Settings, archive: ArchiveWriter) -> None:
    """Take what is there now; what is listed first can only have grown up since."""
    listed = await asyncio.to_thread(in_backups, settings.home)
    unfinished = await still_recording(settings)
    await asyncio.to_thread(_add, settings.home, archive, listed, unfinished)


def _add(home: Path, archive: ArchiveWriter, listed: list[str], unfinished: frozenset[str]) -> None:
    for path in listed:
        if path not in unfinished:
            archive.add(home / path, HOME + path)
