"""The same exchange with PostgreSQL behind it: Asterisk reads its phones from there too."""

from collections.abc import Iterator

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.database import PostgresServer, postgres_server
from tests.support.exchange import Exchange, started
from tests.support.tenant import Tenant
from tests.telephone.conftest import new_tenant

__all__ = ["postgres_server"]

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def exchange_on_postgres(postgres_server: PostgresServer) -> Iterator[Exchange]:
    """An exchange whose database is PostgreSQL."""
    name = postgres_server.create()
    with started(Exchange({"PBX_DATABASE_URL": postgres_server.url(name)})) as running:
        yield running
        postgres_server.drop(name)


@pytest.fixture(scope="module")
def bureau(exchange_on_postgres: Exchange) -> Tenant:
    """A customer on that exchange."""
    return new_tenant(exchange_on_postgres, "100", "101")


async def test_two_people_on_postgres_talk_and_find_it_in_their_call_list(bureau: Tenant) -> None:
    calls = bureau.new_calls()
    async with (
        Phone(bureau.account("100"), plays=sound.ALICE) as caller,
        Phone(bureau.account("101"), plays=sound.BORIS, answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await caller.established()
        await caller.ear.hears(sound.BORIS)
        await callee.ear.hears(sound.ALICE)
        await caller.hang_up()
        await callee.closed()

    assert (await calls.one()).answered_by == "101"


async def test_a_wrong_password_is_wrong_on_postgres_too(bureau: Tenant) -> None:
    async with Phone(bureau.account("100", password="guessed")) as phone:
        assert await phone.register_fails() == "401 Unauthorized"
