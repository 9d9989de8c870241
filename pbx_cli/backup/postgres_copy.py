"""PostgreSQL: a dump of how it was in one moment, by its own programs, and the way back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg

from models.config import parse_url
from models.database import failures_named
from models.errors import DatabaseUnavailable
from pbx_cli.errors import Refused

_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_VIEWS: Final = "SELECT viewname FROM pg_views WHERE schemaname = current_schema()"
_OUR_ROWS: Final = ("tenant", "call_record")


class FrozenPostgres:
    """The database as it was in one moment, whatever is written to it since."""

    def __init__(self, url: str, snapshot: str, major: int) -> None:
        self._url = url
        self._snapshot = snapshot
        self._major = major

    async def write(self, file: Path) -> None:
        """Write it in PostgreSQL's own archive format.

        Raises:
            DatabaseUnavailable: The server went away, or the file cannot be written.
            Refused: pg_dump is missing, or older than the server.
        """
        command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges"]
        await _run(
            [*command, "--snapshot", self._snapshot, "--file", str(file)], self._url, self._major
        )


@asynccontextmanager
async def frozen_postgres(url: str) -> AsyncIterator[FrozenPostgres]:
    """Hold a moment: what is written inside the block is not seen.

    Raises:
        DatabaseUnavailable: The server does not answer.
    """
    async with (
        _connected(url) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        snapshot = str(await connection.fetchval("SELECT pg_export_snapshot()"))
        yield FrozenPostgres(url, snapshot, connection.get_server_version().major)


async def load_postgres(url: str, file: Path) -> None:
    """Put a dump into the place of all that is there, in one transaction.

    Raises:
        DatabaseUnavailable: It cannot be written; it is as it was.
        Refused: PostgreSQL's programs are missing.
    """
    async with _connected(url) as connection:
        major = connection.get_server_version().major
        tables = [str(row[0]) for row in await connection.fetch(_TABLES)]
        views = [str(row[0]) for row in await connection.fetch(_VIEWS)]
    script, drops = file.with_suffix(".sql"), file.with_suffix(".drop.sql")
    # The whole script first: one that is cut short must not be committed.
    how = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error"]
    await _run([*how, "--file", str(script), str(file)], url, major)
    await asyncio.to_thread(_blank_what_older_servers_lack, script)
    await asyncio.to_thread(drops.write_text, _dropping(tables, views), encoding="utf-8")
    how = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    await _run([*how, f"--file={drops}", f"--file={script}"], url, major)


async def is_postgres_used(url: str) -> bool:
    """Whether there is something to lose.

    Raises:
        DatabaseUnavailable: The server does not answer.
    """
    async with _connected(url) as connection:
        there = {str(row[0]) for row in await connection.fetch(_TABLES)}
        ours = [one for one in _OUR_ROWS if one in there]
        for one in ours:
            if await connection.fetchval(f"SELECT 1 FROM {one} LIMIT 1"):  # noqa: S608 - constants of ours
                return True
    return bool(there) and not ours


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    address = parse_url(url)
    given = address.connection["credentials"]
    # Any: what Tortoise has read of the address is in asyncpg's own words.
    words: dict[str, Any] = {name: given[name] for name in given if name in _ASYNCPG_WORDS}
    with failures_named(address.shown):
        connection: asyncpg.Connection = await asyncpg.connect(**words)
        try:
            yield connection
        finally:
            await connection.close()


async def _run(command: list[str], url: str, server_major: int) -> None:
    """Run one of PostgreSQL's programs; the password never stands in its arguments."""
    try:
        running = await asyncio.create_subprocess_exec(
            *command,
            env={"PGSSLMODE": _ssl_mode(url), **os.environ, **_environment(url)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is ours to mind
        )
    except FileNotFoundError as fault:
        raise Refused(
            f"{command[0]} is missing: apt-get install postgresql-client-{server_major}"
        ) from fault
    try:
        _, said = await running.communicate()
    except BaseException:
        running.kill()
        await running.wait()
        raise
    words = said.decode(errors="replace").strip()
    if "version mismatch" in words:
        raise Refused(
            f"{command[0]} is older than the server, which is PostgreSQL {server_major}: "
            f"apt-get install postgresql-client-{server_major}"
        )
    if running.returncode:
        shown = parse_url(url).shown
        raise DatabaseUnavailable(f"{shown}: {command[0]} ended with a fault: {words}")


def _environment(url: str) -> Mapping[str, str]:
    """The same database in the words of PostgreSQL's programs."""
    given = parse_url(url).connection["credentials"]
    return {ours: str(given[word]) for ours, word in _LIBPQ_WORDS.items() if given.get(word)}


def _ssl_mode(url: str) -> str:
    return "require" if parse_url(url).connection["credentials"].get("ssl") else "prefer"


def _blank_what_older_servers_lack(script: Path) -> None:
    """The programs may be newer than the server, and write this whether it knows it or not."""
    with script.open("r+b") as file:
        at = file.read(_LONGEST_HEAD).find(_SINCE_17)
        if at >= 0:
            file.seek(at)
            file.write(b" " * len(_SINCE_17))


def _dropping(tables: list[str], views: list[str]) -> str:
    """Take everything away, in whatever order."""
    there = [*(("VIEW", name) for name in views), *(("TABLE", name) for name in tables)]
    lines = (f"DROP {kind} IF EXISTS {_quoted(name)} CASCADE;\n" for kind, name in there)
    return "".join(["SET client_min_messages = warning;\n", *lines])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_SINCE_17: Final = b"SET transaction_timeout = 0;"
_LONGEST_HEAD: Final = 4_096
_ASYNCPG_WORDS: Final = frozenset(
    {"host", "port", "user", "password", "database", "ssl", "timeout"}
)
_LIBPQ_WORDS: Final = {
    "PGHOST": "host",
    "PGPORT": "port",
    "PGUSER": "user",
    "PGPASSWORD": "password",
    "PGDATABASE": "database",
}
