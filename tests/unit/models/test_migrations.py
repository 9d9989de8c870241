"""Migrating, opening, and refusing to open."""

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from tortoise.context import require_context
from tortoise.migrations.autodetector import MigrationAutodetector

from models import call_log, provisioning
from models.config import APP, MIGRATIONS
from models.database import SchemaState, migrate, open_database, schema_state, transaction
from models.errors import (
    DatabaseBehind,
    DatabaseError,
    DatabaseLocked,
    DatabaseTooNew,
    DatabaseUnavailable,
)
from models.tenant import ChangeCounter
from tests.support.database import PostgresServer
from tests.unit.models.builders import a_step, a_tenant


async def test_an_empty_database_is_migrated_once_and_a_second_time_changes_nothing(
    empty_database_url: str,
) -> None:
    assert await schema_state(empty_database_url) is SchemaState.BEHIND
    first = await migrate(empty_database_url)
    second = await migrate(empty_database_url)
    assert first[0] == "0001_initial"
    assert second == []
    assert await schema_state(empty_database_url) is SchemaState.CURRENT


async def test_two_processes_that_migrate_together_do_not_disturb_each_other(
    empty_database_url: str,
) -> None:
    both = await asyncio.gather(migrate(empty_database_url), migrate(empty_database_url))
    assert sorted(len(applied) for applied in both)[0] == 0
    async with open_database(empty_database_url):
        assert await ChangeCounter.all().count() == 1


async def test_a_program_is_told_that_the_tables_are_older_than_itself(
    empty_database_url: str,
) -> None:
    with pytest.raises(DatabaseBehind):
        async with open_database(empty_database_url):
            pass


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    async with open_database(database_url) as context:
        await context.db().execute_query(
            "INSERT INTO tortoise_migrations (app, name, applied_at) "
            "VALUES ('models', '9999_from_the_future', CURRENT_TIMESTAMP)"
        )
    assert await schema_state(database_url) is SchemaState.NEWER
    with pytest.raises(DatabaseTooNew, match="newer version") as refusal:
        async with open_database(database_url):
            pass
    assert refusal.value.exit_code == 6
    with pytest.raises(DatabaseTooNew):
        await migrate(database_url)


async def test_the_migrations_make_what_the_tables_say(database: str) -> None:
    apps = require_context().apps
    assert apps is not None
    assert await MigrationAutodetector(apps, {APP: {"migrations": MIGRATIONS}}).changes() == []


@pytest.fixture
def somebody_else(migrated_sqlite: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process that uses the same file."""
    connection = sqlite3.connect(
        shutil.copy(migrated_sqlite, tmp_path / "pbx.db"), isolation_level=None
    )
    yield connection
    connection.close()


async def test_a_database_that_another_process_holds_is_called_locked(
    somebody_else: sqlite3.Connection, tmp_path: Path
) -> None:
    async with open_database(f"sqlite://{tmp_path}/pbx.db?busy_timeout=50"):
        somebody_else.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked, match="locked by another process") as refusal:
            async with transaction():
                pass
        assert (await ChangeCounter.get(id=1)).value == 0
        somebody_else.execute("ROLLBACK")
        async with transaction():
            await ChangeCounter.all().update(value=1)
        assert (await ChangeCounter.get(id=1)).value == 1
    assert refusal.value.exit_code == 6


async def test_a_change_waits_until_another_process_has_finished(
    somebody_else: sqlite3.Connection, tmp_path: Path
) -> None:
    async with open_database(f"sqlite://{tmp_path}/pbx.db"):
        somebody_else.execute("BEGIN IMMEDIATE")
        somebody_else.execute("UPDATE change_counter SET value = 7")
        asyncio.get_running_loop().call_later(0.1, somebody_else.execute, "COMMIT")
        async with transaction():
            counter = await ChangeCounter.get(id=1)
            counter.value += 1
            await counter.save()
        assert (await ChangeCounter.get(id=1)).value == 8


async def test_who_gives_up_waiting_leaves_the_database_usable(
    somebody_else: sqlite3.Connection, tmp_path: Path
) -> None:
    async def wait_for_ever() -> None:
        async with transaction():
            pass

    async with open_database(f"sqlite://{tmp_path}/pbx.db?busy_timeout=300"):
        somebody_else.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await wait_for_ever()
        somebody_else.execute("ROLLBACK")
        async with transaction():
            await ChangeCounter.all().update(value=1)
        assert somebody_else.execute("SELECT value FROM change_counter").fetchone() == (1,)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = await asyncio.to_thread(_letter, tmp_path)
    with pytest.raises(DatabaseUnavailable, match=r"letter\.db"):
        async with open_database(f"sqlite://{file}"):
            pass


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="nowhere"):
        await migrate(f"sqlite://{tmp_path}/nowhere/pbx.db")


@pytest.mark.parametrize(
    "url",
    [
        "postgres://pbx:very-secret@127.0.0.1:9/pbx",
        "mysql://pbx@127.0.0.1/pbx",
        "postgres://pbx@127.0.0.1:port/pbx",
        "pbx.db",
        "",
    ],
)
async def test_an_unreachable_database_is_said_so_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseError) as refusal:
        async with open_database(url):
            pass
    assert refusal.value.exit_code == 6
    assert "very-secret" not in str(refusal.value)


@pytest.mark.postgres
async def test_a_postgres_database_that_does_not_exist_is_unavailable(
    postgres_server: PostgresServer,
) -> None:
    with pytest.raises(DatabaseUnavailable, match="nobody_made_this"):
        async with open_database(postgres_server.url("nobody_made_this")):
            pass


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgres"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda: provisioning.revisions_after(0),
        lambda: provisioning.read_plan_rows(1),
        lambda: provisioning.get_tenant(name="acme"),
        lambda: provisioning.list_tenants(),
        lambda: a_tenant("other"),
        lambda: call_log.write([a_step(1, 1)]),
        lambda: call_log.live_calls(),
        lambda: call_log.list_calls(tenant="acme"),
    ],
)
async def test_a_server_that_went_away_is_said_so_and_found_again(
    ask: Callable[[], Awaitable[object]], engine: str, database_url: str
) -> None:
    async with open_database(database_url) as context:
        await a_tenant("acme")
        with contextlib.suppress(asyncpg.PostgresError, DatabaseError):
            await context.db().execute_query("SELECT pg_terminate_backend(pg_backend_pid())")
        with contextlib.suppress(DatabaseUnavailable):
            await ask()
        await provisioning.get_tenant(name="acme")


async def test_what_fails_halfway_leaves_nothing(database: str) -> None:
    async def fail_halfway() -> None:
        async with transaction():
            await ChangeCounter.all().update(value=99)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_halfway()
    assert (await ChangeCounter.get(id=1)).value == 0


def _letter(folder: Path) -> Path:
    file = folder / "letter.db"
    file.write_text("Dear Sir or Madam, " * 100)
    return file
