"""A database that somebody else has taken for themselves: it neither reads nor writes for us."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tortoise.context import require_context


class Occupier:
    """Another process that can take the whole database."""

    def __init__(self, file: str) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)

    def take(self) -> None:
        """From now on nobody else reads or writes."""
        self._connection.execute("BEGIN EXCLUSIVE")

    def give_back(self) -> None:
        """Everybody may go on."""
        self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Be gone."""
        self._connection.close()


@asynccontextmanager
async def occupier_of(database_url: str) -> AsyncIterator[Occupier]:
    """Somebody beside us in a database whose readers wait, which those of a WAL do not."""
    for wish in ("PRAGMA journal_mode = DELETE", "PRAGMA busy_timeout = 20"):
        await require_context().db().execute_query(wish)
    occupier = Occupier(database_url.removeprefix("sqlite://"))
    try:
        yield occupier
    finally:
        occupier.close()


async def let_us_hang(seconds: float = 20.0) -> None:
    """From now on we wait for a database that is taken, as for one that does not answer."""
    await require_context().db().execute_query(f"PRAGMA busy_timeout = {int(seconds * 1_000)}")
