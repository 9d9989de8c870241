"""The connection: what is let through, what is missed while it is away, who takes it over."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from ari_client import AriClient, Channel, Connected, Disconnected, ResourceGone, events
from ari_client.ids import new_leg_id
from tests.contract.ari.exchanges import Exchange
from tests.support.waiting import COMES_S, until_told


async def a_ringing_leg(exchange: Exchange) -> Channel:
    """A leg that nobody answers."""
    id_ = new_leg_id("call")
    leg = await Channel.create(exchange.ari, id_, endpoint=exchange.endpoint("rings"))
    await exchange.heard.until(id_, "StasisStart")
    await leg.dial()
    await exchange.heard.until(id_, "Dial RINGING")
    return leg


async def connect_again(exchange: Exchange) -> None:
    """Lose the websocket and wait until the client has found its way back."""
    heard = exchange.heard
    exchange.cut_websocket()
    exchange.mend_websocket()
    await heard.until_true(lambda: heard.notices.count(Connected()) == 2, "the second Connected")


async def is_gone(leg: Channel) -> bool:
    """Whether Asterisk knows it no more."""
    try:
        await leg.get()
    except ResourceGone:
        return True
    return False


async def test_a_reconnect_keeps_channels_and_tells_no_second_stasis_start(
    exchange: Exchange,
) -> None:
    leg = await a_ringing_leg(exchange)
    await connect_again(exchange)
    news = [n for n in exchange.heard.notices if isinstance(n, Connected | Disconnected)]
    assert [type(each) for each in news] == [Connected, Disconnected, Connected]
    assert leg.id in (await exchange.ari.snapshot()).channels
    await leg.hang_up(16)
    story = await exchange.heard.until(leg.id, "ChannelDestroyed 16")
    assert story.count("StasisStart") == 1


async def test_what_was_missed_is_told_to_those_who_claimed_it(exchange: Exchange) -> None:
    leg = await a_ringing_leg(exchange)
    with exchange.ari.inbox("call") as inbox:
        inbox.claim_channel(leg.id)
        inbox.claim_playback("nobody heard it")
        exchange.cut_websocket()
        await leg.hang_up(16)
        await until_told(lambda: is_gone(leg), saying="the leg is gone")
        await connect_again(exchange)
        await exchange.ari.catch_up(await exchange.ari.snapshot())
        missed = [inbox.get_nowait(), inbox.get_nowait()]
        assert [type(each) for each in missed] == [
            events.ChannelDestroyed,
            events.PlaybackFinished,
        ]
        assert len(inbox) == 0


async def test_only_the_wanted_events_are_sent(exchange: Exchange) -> None:
    wanted: frozenset[type[events.Event]] = frozenset({events.StasisStart, events.ChannelDestroyed})
    ari = exchange.ari
    settings = dataclasses.replace(ari.settings, event_types=wanted)
    ari.settings = settings
    await connect_again(exchange)
    id_ = new_leg_id("call")
    leg = await Channel.create(ari, id_, endpoint=exchange.endpoint("busy"))
    await exchange.heard.until(id_, "StasisStart")
    await leg.dial()
    story = await exchange.heard.until(id_, "ChannelDestroyed 17")
    assert story == ["StasisStart", "ChannelDestroyed 17"]
    shown = await ari.applications.get(settings.app)
    assert {"type": "StasisStart"} in shown.events_allowed


async def test_whoever_connects_later_takes_over_and_the_first_stays_away(
    exchange: Exchange,
) -> None:
    leg = await a_ringing_leg(exchange)
    async with AriClient(exchange.ari.settings, exchange.other_transport) as successor:
        listening = asyncio.create_task(successor.listen())
        heard = exchange.heard
        await heard.until_true(
            lambda: Disconnected("replaced") in heard.notices, "Disconnected: replaced"
        )
        async with asyncio.timeout(COMES_S):
            assert await successor.lobby.get() == Connected()
            await leg.hang_up(16)
            while not isinstance(await successor.lobby.get(), events.ChannelDestroyed):
                pass
        listening.cancel()
    assert heard.notices.count(Connected()) == 1


async def test_an_application_that_never_was_is_not_known(exchange: Exchange) -> None:
    with pytest.raises(ResourceGone):
        await exchange.ari.applications.get("nobody listens here")
    assert (await exchange.ari.asterisk.ping()).ping == "pong"
    assert exchange.ari.settings.app in {a.name for a in await exchange.ari.applications.list()}
