"""SQLite: a copy of how it was in one moment, made while calls go on, and the way back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Final

from models.database import failures_named
from models.errors import DatabaseUnavailable

_OUR_ROWS: Final = ("tenant", "call_record")
_PATIENCE_S: Final = 5.0
_BESIDE: Final = ("", "-wal", "-shm")


class FrozenSqlite:
    """The file as it was in one moment, whatever is written to it since."""

    def __init__(self, connection: sqlite3.Connection, shown: str) -> None:
        self._connection = connection
        self._shown = shown

    async def write(self, file: Path) -> None:
        """Write it as a database file of its own.

        Raises:
            DatabaseUnavailable: It is damaged, or the copy cannot be written.
        """
        await asyncio.to_thread(self._write, file)

    def _write(self, file: Path) -> None:
        with failures_named(self._shown), _open(file) as copy:
            self._connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
            ((verdict, *_), *_) = copy.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise DatabaseUnavailable(f"{self._shown} is damaged: {verdict}")


@asynccontextmanager
async def frozen_sqlite(path: Path) -> AsyncIterator[FrozenSqlite]:
    """Hold a moment: what is written to the file inside the block is not seen.

    Raises:
        DatabaseUnavailable: It is not there, or no database.
    """
    with failures_named(str(path)), _open(path, must_be_there=True) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # only reading begins it
        yield FrozenSqlite(connection, str(path))


async def load_sqlite(path: Path, file: Path) -> None:
    """Put a copy into the place of all that is there, in one transaction.

    The file stays the same one: an Asterisk that has it open goes on with the new rows.

    Raises:
        DatabaseUnavailable: It cannot be written; it is as it was.
    """
    await asyncio.to_thread(_load, path, file)


async def is_sqlite_used(path: Path) -> bool:
    """Whether there is something to lose.

    Raises:
        DatabaseUnavailable: The file is no database.
    """
    return await asyncio.to_thread(_is_used, path)


def _load(path: Path, file: Path) -> None:
    with failures_named(str(path)), _open(file) as copy:
        if not _can_be_written_over(path):
            for left in _BESIDE:
                path.with_name(path.name + left).unlink(missing_ok=True)
        with _open(path) as database:
            copy.backup(database)


def _can_be_written_over(path: Path) -> bool:
    """Whether a file is a database, however damaged inside."""
    try:
        with _open(path) as database:
            database.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as fault:
        return fault.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
    return True


def _is_used(path: Path) -> bool:
    if not path.exists():
        return False
    with failures_named(str(path)), _open(path) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        ours = [one for one in _OUR_ROWS if one in names]
        return bool(names) and (
            not ours
            or any(database.execute(f"SELECT 1 FROM {one} LIMIT 1").fetchone() for one in ours)  # noqa: S608 - constants of ours
        )


@contextmanager
def _open(path: Path, *, must_be_there: bool = False) -> Iterator[sqlite3.Connection]:
    mode = "rw" if must_be_there else "rwc"
    with closing(
        sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=_PATIENCE_S,
            check_same_thread=False,  # used in one thread at a time
        )
    ) as connection:
        yield connection
