"""Asterisk reads its phones from PostgreSQL as it does from SQLite."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from asterisk_conf import AsteriskProcess, PostgresDatabase
from tests.contract.asterisk_conf.exchange import Exchange
from tests.support.database import PostgresServer, postgres_server

__all__ = ["postgres_server"]

pytestmark = [pytest.mark.asterisk, pytest.mark.postgres]

SCHEMA = Path(__file__).with_name("realtime_postgres.sql").read_text()
NEW_PHONE = (
    "INSERT INTO device (name, domain, number, ha1) "
    "VALUES ('101', 'acme.test', '101', md5('101:acme.test:a password'))"
)


@pytest.fixture
def database_name(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create()
    yield name
    postgres_server.drop(name)


async def test_phones_in_postgresql_register_and_strangers_learn_nothing(
    exchange: Exchange, postgres_server: PostgresServer, database_name: str
) -> None:
    database = PostgresDatabase(
        host=postgres_server.host,
        port=postgres_server.port,
        user=postgres_server.user,
        password=postgres_server.password,
        name=database_name,
    )
    connection = await asyncpg.connect(postgres_server.url(database_name))
    await connection.execute(SCHEMA)
    process = AsteriskProcess(replace(exchange.settings, database=database))
    await process.start()
    try:
        async with exchange.phone() as phone:
            known = await phone.log_in("REGISTER", "100", "acme.test", "a password")
            early = await phone.log_in("REGISTER", "101", "acme.test", "a password")
            await connection.execute(NEW_PHONE)
            late = await phone.log_in("REGISTER", "101", "acme.test", "a password")
            challenge = await phone.ask("INVITE", "100", "acme.test")
            stranger = await phone.ask("INVITE", "999", "acme.test")
        assert await process.complaints() == []
    finally:
        await process.stop()
        await connection.close()

    assert (known.status, early.status, late.status) == (200, 401, 200)
    assert challenge.without_what_differs_every_time(
        "100"
    ) == stranger.without_what_differs_every_time("999")
