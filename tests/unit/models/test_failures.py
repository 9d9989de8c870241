"""What drivers raise when a database is there and of no use; every one becomes ours."""

from __future__ import annotations

import asyncpg
import pytest

from models import provisioning
from models.database import failures_named, transaction
from models.errors import DatabaseUnavailable

on_postgres = pytest.mark.parametrize(
    "engine", [pytest.param("postgres", marks=pytest.mark.postgres)]
)


@on_postgres
async def test_a_database_that_became_a_standby_is_away(database: str) -> None:
    async def on_a_standby() -> None:
        async with transaction() as connection:
            await connection.execute_query("SET TRANSACTION READ ONLY")
            await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")

    with pytest.raises(DatabaseUnavailable, match="read-only"):
        await on_a_standby()


@on_postgres
@pytest.mark.parametrize("state", ["40P01", "40001", "25006", "25P03", "57P01", "58030", "XX000"])
async def test_a_database_that_gives_up_midway_is_away(database: str, state: str) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with transaction() as connection:
            await connection.execute_query(
                f"DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END $$"
            )


@pytest.mark.parametrize(
    "failure", [asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError]
)
def test_tables_that_change_under_a_query_are_away_for_that_query(
    failure: type[Exception],
) -> None:
    with pytest.raises(DatabaseUnavailable), failures_named("The database"):
        raise failure("changed")
