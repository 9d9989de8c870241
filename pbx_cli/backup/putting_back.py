"""Put a backup back: unpacked beside its places and looked through, then moved into them."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from models.database import known_migrations
from pbx_cli.backup.about import DATABASE, HOME, KEY, About, refuse_newer_tables
from pbx_cli.backup.archive import opened
from pbx_cli.backup.databases import is_used, kind_of, load
from pbx_cli.backup.keys import fingerprint
from pbx_cli.backup.places import FILES, FOLDERS, HOME_ID, folder_of, in_backups, is_in_backups
from pbx_cli.errors import FAILED, USAGE, Refused
from pbx_cli.home import IN_USE
from stasis_apps.settings import Settings

UNPACKED: Final = ".restored"
"""In each folder that is put back: on the same file system as what it replaces."""

REPLACED: Final = ".replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the operator has said beforehand.

    Attributes:
        replace: What is there may go.
        without_key: The key is lost, and everything else is wanted all the same.
    """

    replace: bool
    without_key: bool


async def put_back(settings: Settings, source: IO[bytes], wishes: Wishes) -> About:
    """Make a home and its database what they were; nothing is touched before all was looked at.

    Args:
        settings: Of the home, which nobody uses meanwhile.
        source: The archive; it is read once, from end to end.
        wishes: What may be done.

    Returns:
        What was put back.

    Raises:
        InvalidSettings: The archive is damaged.
        DatabaseError: The database does not answer, or the archive is of a newer version.
        Refused: The home is in use already, or the key or the kind of database is another.
        OSError: The disk is full, or cannot be written.
    """
    home = settings.home
    with opened(source) as (about, members):
        refuse_newer_tables(about, known_migrations())
        _refuse_other_kind(about, settings)
        _refuse_other_key(about, settings, wishes)
        if not wishes.replace:
            await _refuse_used(settings)
        try:
            await asyncio.to_thread(_clear_away, home)
            await asyncio.to_thread(members, lambda name: _unpacked_at(home, name))
            await load(settings.database_url, home / UNPACKED / DATABASE)
            await asyncio.to_thread(_move_in, settings)
        finally:
            await asyncio.to_thread(_clear_away, home)
    return about


def _refuse_other_kind(about: About, settings: Settings) -> None:
    kind = kind_of(settings.database_url)
    if kind != about.database:
        raise Refused(
            f"The backup is of a {about.database} database, and PBX_DATABASE_URL names a {kind} "
            "one: name one of the same kind",
            exit_code=USAGE,
        )


def _refuse_other_key(about: About, settings: Settings, wishes: Wishes) -> None:
    """Passwords that were sealed with one key are not opened by another."""
    here, file = fingerprint(settings.secret_key_file), settings.secret_key_file
    if here == about.key or wishes.without_key:
        return
    if here and about.key:
        raise Refused(
            f"The key in {file} is not the one that sealed the passwords in this backup: put that "
            "one there. If it is lost, --without-key restores the rest",
            exit_code=FAILED,
        )
    if about.key and not about.has_key:
        raise Refused(
            f"The passwords in this backup are sealed, and {file} is not there: put the key file "
            "of the old home there first. If it is lost, --without-key restores the rest",
            exit_code=FAILED,
        )


async def _refuse_used(settings: Settings) -> None:
    files = set(in_backups(settings.home)) - {HOME_ID}
    if files or await is_used(settings.database_url):
        raise Refused(
            f"PBX_HOME={settings.home}: there are tenants, calls or files already; --replace "
            "throws them away for what is in the backup",
            exit_code=IN_USE,
        )


def _unpacked_at(home: Path, name: str) -> Path | None:
    """Where a member lies until all of them were looked at."""
    if name in (DATABASE, KEY):
        return home / UNPACKED / name
    path = name.removeprefix(HOME)
    if path == name or not is_in_backups(path):
        return None
    folder = folder_of(path)
    return home / folder / UNPACKED / path.removeprefix(f"{folder}/")


def _move_in(settings: Settings) -> None:
    """Nothing but renaming from here on; who is interrupted does it all once more."""
    home = settings.home
    for folder in FOLDERS:
        _exchange(home / folder)
    for name in FILES:
        (home / name).unlink(missing_ok=True)
        if (home / UNPACKED / name).exists():
            (home / UNPACKED / name).replace(home / name)
    key = home / UNPACKED / KEY
    if key.exists() and not settings.secret_key_file.exists():
        settings.secret_key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(key, settings.secret_key_file)
    os.sync()


def _exchange(folder: Path) -> None:
    """What was in a folder goes, and what was unpacked in it comes."""
    if not folder.is_dir():
        return
    replaced = folder / REPLACED
    replaced.mkdir(mode=0o700)
    for old in list(folder.iterdir()):
        if old.name not in (UNPACKED, REPLACED):
            old.replace(replaced / old.name)
    for new in list(_in(folder / UNPACKED)):
        new.replace(folder / new.name)


def _in(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _clear_away(home: Path) -> None:
    for folder in (home, *(home / one for one in FOLDERS)):
        for left in (UNPACKED, REPLACED):
            shutil.rmtree(folder / left, ignore_errors=True)
