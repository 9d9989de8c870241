"""Asterisk reads its phones from PostgreSQL as it does from SQLite."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from asterisk_conf import AsteriskProcess, PostgresDatabase
from stasis_apps.services.trunk_lines import TrunkLines
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.trunks import PASSWORD, moscow
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


@pytest.fixture
async def on_postgres(
    exchange: Exchange, postgres_server: PostgresServer, database_name: str
) -> AsyncIterator[Exchange]:
    """A running exchange whose phones are in PostgreSQL."""
    database = PostgresDatabase(
        host=postgres_server.host,
        port=postgres_server.port,
        user=postgres_server.user,
        password=postgres_server.password,
        name=database_name,
    )
    connection = await asyncpg.connect(postgres_server.url(database_name))
    await connection.execute(SCHEMA)
    await connection.close()
    settings = replace(exchange.settings, database=database)
    process = AsteriskProcess(settings)
    await process.start()
    try:
        yield replace(exchange, settings=settings, process=process)
    finally:
        await process.stop()


async def test_phones_in_postgresql_register_and_strangers_learn_nothing(
    on_postgres: Exchange, postgres_server: PostgresServer, database_name: str
) -> None:
    connection = await asyncpg.connect(postgres_server.url(database_name))
    try:
        async with on_postgres.phone() as phone:
            known = await phone.log_in("REGISTER", "100", "acme.test", "a password")
            early = await phone.log_in("REGISTER", "101", "acme.test", "a password")
            await connection.execute(NEW_PHONE)
            late = await phone.log_in("REGISTER", "101", "acme.test", "a password")
            challenge = await phone.ask("INVITE", "100", "acme.test")
            stranger = await phone.ask("INVITE", "999", "acme.test")
        assert await on_postgres.process.complaints() == []
    finally:
        await connection.close()

    assert (known.status, early.status, late.status) == (200, 401, 200)
    assert challenge.without_what_differs_every_time(
        "100"
    ) == stranger.without_what_differs_every_time("999")


async def test_a_trunk_beside_phones_in_postgresql(on_postgres: Exchange) -> None:
    async with Carrier.listening(PASSWORD) as carrier, on_postgres.ari() as ari:
        lines = TrunkLines(ari)
        await lines.make_equal([moscow(carrier)])
        await carrier.has_registration(300)
        await lines.make_equal([moscow(carrier, expires_s=120, codecs=("g722",))])
        await carrier.has_registration(120)
        async with on_postgres.phone() as phone:
            registered = await phone.log_in("REGISTER", "100", "acme.test", "a password")
        await lines.make_equal([])
        await carrier.has_registration(0)

    assert registered.status == 200
    assert await on_postgres.process.complaints() == []
    assert PASSWORD not in on_postgres.settings.log_file.read_text()
