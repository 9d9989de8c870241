"""A database of the version before revisions: its tables, and one customer in them."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, SqliteSchemaEditor
from tortoise.transactions import in_transaction

from models.config import APP, MIGRATIONS, tortoise_settings
from models.seal import Seal
from tests.support.database import PostgresServer

_PROJECT = Path(__file__).parents[2]

PEOPLE = {"100": "Anna", "101": "Boris", "102": "Clara"}
PHONE_PASSWORD = "of-the-old-days-{number}"
REVISION = 7
"""Of the latest change that the older version has made of acme."""

_LAST_MIGRATION = "0006_calls_out"


@pytest.fixture(scope="session")
def older_postgres(postgres_server: PostgresServer) -> str:
    """Make the older tables once; the others are copies of this database."""
    name = postgres_server.create()
    _make_tables_now(postgres_server.url(name))
    return name


@pytest.fixture(scope="session")
def older_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the older tables once; the others are copies of this file."""
    file = tmp_path_factory.mktemp("older") / "pbx.db"
    _make_tables_now(f"sqlite://{file}")
    return file


@pytest.fixture
def older_database_url(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Give a database of the version before, with nothing in it."""
    if engine == "sqlite":
        file = tmp_path / "older.db"
        shutil.copy(request.getfixturevalue("older_sqlite"), file)
        yield f"sqlite://{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create(template=request.getfixturevalue("older_postgres"))
    yield server.url(name)
    server.drop(name)


async def fill_older_database(url: str, seal: Seal) -> None:
    """Write acme with three people, as the version before wrote them."""
    async with _opened(url) as connection:
        for statement in _acme(seal):
            await connection.execute_query(statement)


def _make_tables_now(url: str) -> None:
    """In a process of its own, away from the event loop of whichever test asks first."""
    program = (sys.executable, "-m", "tests.support.older_database", url)
    subprocess.run(program, check=True, cwd=_PROJECT, timeout=120)


async def _make_tables(url: str) -> None:
    async with _opened(url) as connection:
        await _migrate(connection)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[BaseDBAsyncClient]:
    async with TortoiseContext() as context:
        await context.init(config=dict(tortoise_settings(url)))
        async with in_transaction() as connection:
            yield connection


async def _migrate(connection: BaseDBAsyncClient) -> None:
    is_postgres = connection.capabilities.dialect == "postgres"
    editor = (AsyncpgSchemaEditor if is_postgres else SqliteSchemaEditor)(connection, atomic=False)
    apps = {APP: {"migrations": MIGRATIONS, "default_connection": connection.connection_name}}
    executor = MigrationExecutor(connection, apps)
    await executor.recorder.ensure_schema(editor)
    await executor.migrate([MigrationTarget(app_label=APP, name=_LAST_MIGRATION)])


def _acme(seal: Seal) -> list[str]:
    """Its rows, in words that both engines understand."""
    return [
        f"UPDATE change_counter SET value = {REVISION}",  # noqa: S608 - constants of ours
        "INSERT INTO tenant"  # noqa: S608 - constants of ours
        " (name, domain, stranger_id, timezone, country, language, state, revision) VALUES"
        f" ('acme', 'acme.test', 'anonymous@acme.test', 'UTC', 'RU', 'en', 'active', {REVISION})",
        *(_person(number, name) for number, name in PEOPLE.items()),
        *(_phone(number, seal.close(PHONE_PASSWORD.format(number=number))) for number in PEOPLE),
    ]


def _person(number: str, name: str) -> str:
    return (
        "INSERT INTO extension (number, address, name, ring_s, tenant_id)"  # noqa: S608 - constants of ours
        f" SELECT '{number}', '{number}@acme.test', '{name}', 20, id FROM tenant"
    )


def _phone(number: str, sealed: str) -> str:
    return (
        "INSERT INTO device (name, endpoint, digest_md5, digest_sha256, sealed_password,"  # noqa: S608 - constants of ours
        " extension_id, tenant_id)"
        f" SELECT '{number}', '{number}@acme.test', '', '', '{sealed}', id, tenant_id"
        f" FROM extension WHERE number = '{number}'"
    )


if __name__ == "__main__":
    asyncio.run(_make_tables(sys.argv[1]))
