"""Open, migrate and examine the database; every driver's failure becomes one of ours; no tables.

Open it before the TaskGroup that runs calls: tasks see the database of the context they were made
in.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import StrEnum
from pathlib import Path

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext, require_context
from tortoise.exceptions import DBConnectionError, OperationalError, TransactionManagementError
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_editor import (
    AsyncpgSchemaEditor,
    BaseSchemaEditor,
    SqliteSchemaEditor,
)
from tortoise.transactions import in_transaction

from models.config import (
    APP,
    MIGRATIONS,
    DatabaseAddress,
    parse_url,
    patient,
    tortoise_settings,
)
from models.errors import (
    DatabaseBehind,
    DatabaseError,
    DatabaseLocked,
    DatabaseTooNew,
    DatabaseUnavailable,
)

_UNREACHABLE = (
    OSError,
    TimeoutError,
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
)
_UNUSABLE = (
    asyncpg.ObjectNotInPrerequisiteStateError,  # it lets nobody in; a lock is taken
    asyncpg.ReadOnlySQLTransactionError,  # a standby, or a primary that has become one
    asyncpg.TransactionRollbackError,  # deadlocks, and others that were faster
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,  # tables changed under us; the next query sees them
    asyncpg.OutdatedSchemaCacheError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
)
_MIGRATION_LOCK = 5_060  # any number that nobody else uses as an advisory lock in our database
_SQLITE_BROKEN = ("unable to open", "not a database", "malformed", "disk", "readonly", "full")


class SchemaState(StrEnum):
    """How the tables in a database compare with what this program knows."""

    CURRENT = "current"
    BEHIND = "behind"
    NEWER = "newer"


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[TortoiseContext]:
    """Make the tables usable inside the block.

    Args:
        url: ``sqlite:///path/pbx.db`` or ``postgres://user:password@host:port/name``.

    Raises:
        DatabaseUnavailable: It does not answer.
        DatabaseLocked: Another process holds it.
        DatabaseTooNew: A newer version of this program has written it.
        DatabaseBehind: It has to be migrated first.
    """
    address = parse_url(url)
    async with _connected(url, address) as context:
        match await _state(context, address):
            case SchemaState.NEWER:
                raise DatabaseTooNew(_too_new(address))
            case SchemaState.BEHIND:
                raise DatabaseBehind(
                    f"The tables in {address.shown} are older than this program: migrate them first"
                )
            case SchemaState.CURRENT:
                yield context


async def schema_state(url: str) -> SchemaState:
    """Compare the tables with what this program knows; changes nothing.

    Raises:
        DatabaseUnavailable: It does not answer, or the file is not there yet.
        DatabaseLocked: Another process holds it.
    """
    address = parse_url(url)
    if await _is_missing(address):
        return SchemaState.BEHIND
    async with _connected(url, address) as context:
        return await _state(context, address)


async def applied_migrations(url: str) -> frozenset[str]:
    """Name what has made the tables what they are, nothing where there are none; changes nothing.

    Raises:
        DatabaseUnavailable: It does not answer.
        DatabaseLocked: Another process holds it.
    """
    address = parse_url(url)
    if await _is_missing(address):
        return frozenset()
    async with _connected(url, address) as context:
        with failures_named(address.shown):
            return frozenset(await _applied_migrations(context.db()))


@asynccontextmanager
async def database_as_it_is(url: str) -> AsyncIterator[BaseDBAsyncClient]:
    """Look into a database that is there, however old or new its tables are.

    Raises:
        DatabaseUnavailable: It does not answer, or went away.
        DatabaseLocked: Another process holds it.
    """
    address = parse_url(url)
    async with _connected(url, address) as context:
        with failures_named(address.shown):
            yield context.db()


async def migrate(
    url: str, *, afterwards: Callable[[], Awaitable[None]] | None = None
) -> list[str]:
    """Bring the tables up to date; harmless when they are, or when another process just does it.

    Args:
        url: Of the database.
        afterwards: What is done with the rows then, in the same transaction: nobody ever sees the
            tables up to date without it.

    Returns:
        The names of the migrations that were applied now.

    Raises:
        DatabaseUnavailable: It does not answer.
        DatabaseLocked: Another process holds it.
        DatabaseTooNew: A newer version of this program has written it.
    """
    address = parse_url(url)
    applied: list[str] = []

    def note(event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            applied.append(name)

    async with _connected(patient(url), address) as context:
        if await _state(context, address) is SchemaState.NEWER:
            raise DatabaseTooNew(_too_new(address))
        with failures_named(address.shown):
            await _migrate_in_one_transaction(note, afterwards)
    return applied


@asynccontextmanager
async def transaction() -> AsyncIterator[BaseDBAsyncClient]:
    """Do everything inside the block or nothing; not in a task that may be cancelled midway.

    Raises:
        DatabaseUnavailable: The database went away.
        DatabaseLocked: Another process held it for too long.
    """
    with failures_named("The database"), _connection_restored():
        async with in_transaction() as connection:
            yield connection


@contextmanager
def _connection_restored() -> Iterator[None]:
    """Leave the task with the connection that it came with.

    Tortoise leaves it with that of a transaction which could not begin, because the database went
    away at that moment: whatever the task did from then on would fail, however long it is back.
    """
    database = require_context().db()
    token = get_connections().set(database.connection_name, database)
    try:
        yield
    finally:
        get_connections().reset(token)


@contextmanager
def failures_named(shown: str) -> Iterator[None]:
    """Turn what drivers raise when a database is away, locked or broken into our errors.

    Args:
        shown: How the message names the database.

    Raises:
        DatabaseError: One of its kinds; other exceptions pass.
    """
    try:
        yield
    except _UNREACHABLE as failure:
        raise DatabaseUnavailable(
            f"{shown} does not answer: {str(failure) or type(failure).__name__}"
        ) from failure
    except _UNUSABLE as failure:
        raise DatabaseUnavailable(f"{shown} cannot be used: {failure}") from failure
    except (sqlite3.Error, OperationalError, TransactionManagementError) as failure:
        named = _wrapped_failure(shown, failure)
        if named is None:
            raise
        raise named from failure


def _wrapped_failure(shown: str, failure: Exception) -> DatabaseError | None:
    """Look behind what Tortoise makes of a driver's failure."""
    if isinstance(failure.__cause__, (*_UNREACHABLE, *_UNUSABLE)):
        return DatabaseUnavailable(f"{shown} cannot be used: {failure.__cause__}")
    return _sqlite_failure(shown, str(failure))


def _sqlite_failure(shown: str, message: str) -> DatabaseError | None:
    if "locked" in message or "busy" in message:
        return DatabaseLocked(
            f"{shown} is locked by another process; try again when it has finished"
        )
    if any(word in message for word in _SQLITE_BROKEN):
        return DatabaseUnavailable(f"{shown} cannot be used: {message}")
    return None


@asynccontextmanager
async def _connected(url: str, address: DatabaseAddress) -> AsyncIterator[TortoiseContext]:
    context = TortoiseContext()
    async with context:
        with failures_named(address.shown):
            await context.init(config=dict(tortoise_settings(url)))
            await context.db().execute_query("SELECT 1")
        yield context


async def _migrate_in_one_transaction(
    note: Callable[[str, str, str], None], afterwards: Callable[[], Awaitable[None]] | None
) -> None:
    """Apply what is missing while nobody else does; all of it or nothing."""
    async with in_transaction() as connection:
        executor = MigrationExecutor(connection, _migrated_apps(connection))
        editor: BaseSchemaEditor = SqliteSchemaEditor(connection, atomic=False)
        if _is_postgres(connection):
            await connection.execute_query(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            editor = AsyncpgSchemaEditor(connection, atomic=False)
        # The executor would ask a table that is not there, which ends PostgreSQL's transaction.
        await executor.recorder.ensure_schema(editor)
        await executor.migrate(progress=note)
        if afterwards is not None:
            await afterwards()


async def _state(context: TortoiseContext, address: DatabaseAddress) -> SchemaState:
    with failures_named(address.shown):
        applied = await _applied_migrations(context.db())
    known = await asyncio.to_thread(known_migrations)
    if applied - known:
        return SchemaState.NEWER
    return SchemaState.CURRENT if known == applied else SchemaState.BEHIND


async def _is_missing(address: DatabaseAddress) -> bool:
    """Whether it is a file that is not there yet; looking into it would make it."""
    path = address.sqlite_path
    return path is not None and not await asyncio.to_thread(Path(path).exists)


def known_migrations() -> frozenset[str]:
    """Name all that this program knows to do to the tables."""
    return frozenset(file.stem for file in Path(__file__).with_name("migrations").glob("[0-9]*.py"))


async def _applied_migrations(connection: BaseDBAsyncClient) -> set[str]:
    """Read the names, none in an empty database; Tortoise's own reader hides all failures."""
    there = (
        "SELECT 1 FROM pg_catalog.pg_class WHERE oid = to_regclass('tortoise_migrations')"
        if _is_postgres(connection)
        else "SELECT 1 FROM sqlite_master WHERE name = 'tortoise_migrations'"
    )
    if not await connection.execute_query_dict(there):
        return set()
    rows = await connection.execute_query_dict(
        f"SELECT name FROM tortoise_migrations WHERE app = '{APP}'"  # noqa: S608 - a constant of ours
    )
    return {row["name"] for row in rows}


def _migrated_apps(connection: BaseDBAsyncClient) -> dict[str, dict[str, str]]:
    return {APP: {"migrations": MIGRATIONS, "default_connection": connection.connection_name}}


def _is_postgres(connection: BaseDBAsyncClient) -> bool:
    return connection.capabilities.dialect == "postgres"


def _too_new(address: DatabaseAddress) -> str:
    return (
        f"{address.shown} was written by a newer version of this program; "
        "use that version, or restore the copy made before the upgrade"
    )
