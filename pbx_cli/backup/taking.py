"""Take a backup while calls go on.

The files are looked at, then a moment of the database is held, then the files are looked at once
more for what has come or changed. So whatever a row of that moment speaks of is in the archive;
what came later may be there without a row, which does no harm.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from models.database import applied_migrations
from models.errors import NotFound
from pbx_cli.backup.about import DATABASE, HOME, KEY, LAYOUT, About
from pbx_cli.backup.archive import ArchiveWriter
from pbx_cli.backup.databases import frozen, kind_of
from pbx_cli.backup.keys import fingerprint
from pbx_cli.backup.places import in_backups
from pbx_cli.backup.still_recording import still_recording
from stasis_apps.settings import Settings

WORKING_FOLDER: Final = ".backup-"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken."""

    about: About
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
        OSError: A file cannot be read, or the archive cannot be written.
    """
    about = await _about(settings, with_key=with_key)
    with ArchiveWriter(out, about) as archive:
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
    return Taken(about, len(in_home), sum(one.size for one in archive.sums.values()))


async def _about(settings: Settings, *, with_key: bool) -> About:
    migrations = sorted(await applied_migrations(settings.database_url))
    if not migrations:
        raise NotFound(f"There is nothing to back up in {settings.home}: no tables were ever made")
    key = fingerprint(settings.secret_key_file)
    return About(
        layout=LAYOUT,
        made_at=datetime.now(UTC),
        version=version("pbx"),
        database=kind_of(settings.database_url),
        migrations=tuple(migrations),
        key=key,
        has_key=with_key and bool(key),
    )


async def _look(settings: Settings, archive: ArchiveWriter) -> None:
    """Take what is there now; what is listed first can only have grown up since."""
    listed = await asyncio.to_thread(in_backups, settings.home)
    unfinished = await still_recording(settings)
    await asyncio.to_thread(_add, settings.home, archive, listed, unfinished)


def _add(home: Path, archive: ArchiveWriter, listed: list[str], unfinished: frozenset[str]) -> None:
    for path in listed:
        if path not in unfinished:
            archive.add(home / path, HOME + path)
