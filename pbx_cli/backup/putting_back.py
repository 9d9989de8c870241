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
from models.errors import ModelsError
from models.seal_check import KeyState, key_state_for
from pbx_cli.backup.about import DATABASE, HOME, KEY, About, refuse_newer_tables
from pbx_cli.backup.archive import opened
from pbx_cli.backup.databases import (
    brought_up_to_date,
    is_used,
    kind_of,
    load,
    made_ready,
    tenants_in,
)
from pbx_cli.backup.places import FILES, FOLDERS, HOME_ID, folder_of, in_backups, is_in_backups
from pbx_cli.backup.unfinished import (
    is_half_restored,
    mark,
    refuse_half_restored,
    undisturbed,
    unmark,
)
from pbx_cli.errors import FAILED, USAGE, Refused
from pbx_cli.home import IN_USE
from pbx_cli.output import counted
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


async def what_would_go(settings: Settings) -> str:
    """Name what a restore throws away, in words; empty when there is nothing."""
    files = set(in_backups(settings.home)) - {HOME_ID}
    tenants = await tenants_in(settings.database_url)
    if tenants is None:
        return "a database that cannot be read"
    if not (tenants or files or await is_used(settings.database_url)):
        return ""
    return counted(tenants, "tenant")


def put_back(settings: Settings, source: IO[bytes], wishes: Wishes) -> About:
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
        KeyboardInterrupt: Somebody has ended it; nothing has changed.
    """
    home = settings.home
    with opened(source) as (about, members):
        refuse_newer_tables(about, known_migrations())
        _refuse_other_kind(about, settings)
        _refuse_other_key(about, settings, wishes)
        if not wishes.replace:
            _refuse_used(settings)
        try:
            _clear_away(home, UNPACKED)
            members(lambda name: _unpacked_at(home, name))
            asyncio.run(made_ready(settings.database_url, home / UNPACKED / DATABASE))
        except BaseException:
            _clear_away(home, UNPACKED)
            raise
    with undisturbed():
        _exchange_all(settings)
    asyncio.run(brought_up_to_date(settings.database_url))
    return about


def _exchange_all(settings: Settings) -> None:
    """Exchange database and files; when that fails midway, both the old and the new ones stay."""
    home = settings.home
    was_half_restored = is_half_restored(home)
    mark(home)
    try:
        asyncio.run(load(settings.database_url, home / UNPACKED / DATABASE))
    except (ModelsError, Refused):  # it is as it was
        if not was_half_restored:
            unmark(home)
        _clear_away(home, UNPACKED)
        raise
    _move_in(settings)
    unmark(home)
    _clear_away(home, UNPACKED, REPLACED)


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
    file = settings.secret_key_file
    state = key_state_for(about.sealed, file)
    if wishes.without_key:
        return
    if state is KeyState.OTHER:
        where = (
            f"; it is in the backup: move {file} away" if about.has_key else ": put that one there"
        )
        raise Refused(
            f"The key in {file} is not the one that sealed the passwords in this backup{where}. "
            "If it is lost, --without-key restores the rest",
            exit_code=FAILED,
        )
    if state is KeyState.MISSING and not about.has_key:
        raise Refused(
            f"The passwords in this backup are sealed, and {file} is not there: put the key file "
            "of the old home there first. If it is lost, --without-key restores the rest",
            exit_code=FAILED,
        )


def _refuse_used(settings: Settings) -> None:
    refuse_half_restored(settings.home)
    files = set(in_backups(settings.home)) - {HOME_ID}
    has_rows = asyncio.run(is_used(settings.database_url))
    if files or has_rows:
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
    shutil.rmtree(replaced, ignore_errors=True)  # of a restore that was interrupted
    replaced.mkdir(mode=0o700)
    for old in list(folder.iterdir()):
        if old.name not in (UNPACKED, REPLACED):
            old.replace(replaced / old.name)
    for new in list(_in(folder / UNPACKED)):
        new.replace(folder / new.name)


def _in(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _clear_away(home: Path, *names: str) -> None:
    for folder in (home, *(home / one for one in FOLDERS)):
        for left in names:
            shutil.rmtree(folder / left, ignore_errors=True)
