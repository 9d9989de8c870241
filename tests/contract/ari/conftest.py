"""Every scenario of this suite runs twice: against the fake, and against a real Asterisk 22."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from ari_client import AriClient, ResourceGone
from ari_client.testing import FakeAsterisk
from ari_client.transport import AiohttpTransport
from tests.contract.ari.asterisk_server import AsteriskServer, running_asterisk
from tests.contract.ari.exchanges import (
    Cuttable,
    Exchange,
    FakeExchange,
    RealExchange,
    settings_of_fake,
)


@pytest.fixture(scope="session")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskServer]:
    """A real Asterisk for all tests of this process."""
    with running_asterisk(tmp_path_factory.mktemp("asterisk")) as server:
        yield server


@pytest.fixture(params=["fake", pytest.param("asterisk", marks=pytest.mark.asterisk)])
async def exchange(request: pytest.FixtureRequest) -> AsyncIterator[Exchange]:
    """An Asterisk and a client that listens to it, under an application name of its own."""
    opened = _fake_exchange() if request.param == "fake" else _real_exchange(request)
    async with opened as exchange:
        yield exchange


@asynccontextmanager
async def _fake_exchange() -> AsyncIterator[Exchange]:
    fake = FakeAsterisk()
    transport = Cuttable(fake)
    async with AriClient(settings_of_fake(), transport) as ari:
        exchange = FakeExchange(fake, ari, transport)
        async with listening(exchange):
            yield exchange


@asynccontextmanager
async def _real_exchange(request: pytest.FixtureRequest) -> AsyncIterator[Exchange]:
    server: AsteriskServer = request.getfixturevalue("asterisk")
    settings = server.settings(f"contract-{secrets.token_hex(4)}")
    transport = Cuttable(AiohttpTransport(settings))
    async with AriClient(settings, transport) as ari:
        exchange = RealExchange(ari, transport, AiohttpTransport(settings), server.home)
        async with listening(exchange):
            yield exchange
        for channel in await ari.channels.list():
            with suppress(ResourceGone):  # one half of a Local channel takes the other along
                await ari.channels.hangup(channel.id)


@asynccontextmanager
async def listening(exchange: Exchange) -> AsyncIterator[None]:
    """Listen, and put whatever comes into `exchange.heard`."""
    tasks = (
        asyncio.create_task(exchange.ari.listen()),
        asyncio.create_task(exchange.heard.collect(exchange.ari)),
    )
    try:
        await exchange.heard.until_true(lambda: bool(exchange.heard.notices), "Connected")
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
