"""Events and clients, made in a word, for the tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ari_client import AriClient, AriSettings, Connected, events, models
from ari_client.testing import FakeAsterisk
from tests.support.waiting import COMES_S

SETTINGS = AriSettings(username="fake", password="fake")


def a_channel(id_: str, state: str = "Up") -> models.Channel:
    """A channel as Asterisk shows it."""
    return models.Channel(id=id_, state=state)


def a_state_change(id_: str, state: str = "Up") -> events.ChannelStateChange:
    """A channel that changes."""
    return events.ChannelStateChange(channel=a_channel(id_, state))


@asynccontextmanager
async def a_listening_client(
    fake: FakeAsterisk, settings: AriSettings = SETTINGS
) -> AsyncIterator[AriClient]:
    """A client that is connected and goes on listening."""
    async with AriClient(settings, fake) as ari:
        listening = asyncio.create_task(ari.listen())
        try:
            async with asyncio.timeout(COMES_S):
                assert await ari.lobby.get() == Connected()
            yield ari
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
