"""SQLite for several processes at once: Tortoise's backend with some habits mended; no tables.

* A transaction takes the write lock at its start (``BEGIN IMMEDIATE``). Tortoise's starts as a
  reader, and a reader that wants to write after another process has written fails at once, whatever
  the busy timeout.
* A transaction that could not start gives the connection back. Tortoise's keeps it locked for ever.
* A script inside a transaction does not end it. Python's ``executescript`` commits first, so that a
  migration which fails half-way would stay half-way.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

from tortoise.backends.base.client import NestedTransactionContext, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections


def statements(script: str) -> Iterator[str]:
    """Cut a script into its statements; a semicolon in a text or a trigger does not cut."""
    statement = ""
    for piece in script.split(";"):
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \t\r\n;"):
                yield statement
            statement = ""


class _Transaction(SqliteTransactionWrapper):
    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Transaction(self))

    async def begin(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")

    @translate_exceptions
    async def execute_script(self, query: str) -> None:
        async with self.acquire_connection() as connection:
            for statement in statements(query):
                await connection.execute(statement)


class _TransactionContext(SqliteTransactionContext):
    async def __aenter__(self) -> Any:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            await self._leave_connection_clean()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection

    async def _leave_connection_clean(self) -> None:
        try:
            if self.connection._connection:  # noqa: SLF001 - Tortoise has no other name for it
                await self.connection._connection.rollback()  # noqa: SLF001 - the same
        finally:
            self._trxlock.release()


class SharedSqliteClient(SqliteClient):
    """A SQLite file that the exchange, the command line and Asterisk use at the same time."""

    async def create_connection(self, with_db: bool) -> None:
        """Open the file, or fail without leaving a thread of aiosqlite's behind.

        Raises:
            sqlite3.OperationalError: It cannot be opened or made.
        """
        if not self._connection:
            await asyncio.to_thread(_try_to_open, self.filename)
        await super().create_connection(with_db)

    def _in_transaction(self) -> TransactionContext:
        return _TransactionContext(_Transaction(self), self._lock)


def _try_to_open(path: str) -> None:
    sqlite3.connect(path).close()


client_class = SharedSqliteClient
