"""Bridges: who hears whom, and what is told of it."""

from __future__ import annotations

import pytest

from ari_client import AriRefused, Bridge, Channel, ResourceGone, WrongState
from ari_client.ids import ChannelId, new_bridge_id, new_leg_id, new_recording_id
from tests.contract.ari.exchanges import Exchange
from tests.support.waiting import until_told


async def an_answered_caller(exchange: Exchange) -> Channel:
    """Somebody who called and was answered."""
    caller = Channel(exchange.ari, ChannelId(await exchange.incoming_call()))
    await caller.answer()
    return caller


async def an_answered_leg(exchange: Exchange) -> Channel:
    """Somebody who was called and answered."""
    id_ = new_leg_id("call")
    leg = await Channel.create(exchange.ari, id_, endpoint=exchange.endpoint("answers"))
    await exchange.heard.until(id_, "StasisStart")
    await leg.dial()
    await exchange.heard.until(id_, "Dial ANSWER")
    return leg


async def test_two_people_talk_until_one_hangs_up(exchange: Exchange) -> None:
    caller = await an_answered_caller(exchange)
    callee = await an_answered_leg(exchange)
    bridge = await Bridge.create(exchange.ari, new_bridge_id(caller.id))
    await bridge.add(caller.id, callee.id)
    await exchange.heard.until(bridge.id, "ChannelEnteredBridge", times=2)
    assert set((await bridge.get()).channels) == {caller.id, callee.id}

    await exchange.caller_hangs_up(caller.id)
    story = await exchange.heard.until(caller.id, "StasisEnd")
    assert story[-3:] == ["ChannelHangupRequest 16", "ChannelLeftBridge", "StasisEnd"]

    await callee.hang_up(16)
    await exchange.heard.until(callee.id, "ChannelDestroyed 16")
    await bridge.destroy()
    story = await exchange.heard.until(bridge.id, "BridgeDestroyed")
    assert story == [
        *["ChannelEnteredBridge"] * 2,
        *["ChannelLeftBridge"] * 2,
        "BridgeDestroyed",
    ]
    with pytest.raises(ResourceGone):
        await bridge.get()


async def test_a_destroyed_bridge_lets_its_channels_out_alive(exchange: Exchange) -> None:
    caller = await an_answered_caller(exchange)
    bridge = await Bridge.create(exchange.ari, new_bridge_id(caller.id))
    await bridge.add(caller.id)
    await exchange.heard.until(bridge.id, "ChannelEnteredBridge")
    await bridge.destroy()
    await exchange.heard.until(caller.id, "ChannelLeftBridge")
    assert (await caller.get()).state == "Up"
    with pytest.raises(ResourceGone):
        await bridge.get()


async def test_a_caller_moves_from_holding_to_talking(exchange: Exchange) -> None:
    caller = await an_answered_caller(exchange)
    holding = await Bridge.create(exchange.ari, new_bridge_id(caller.id), type_="holding")
    talking = await Bridge.create(exchange.ari, new_bridge_id(caller.id))
    await holding.start_music()
    await holding.add(caller.id)
    await exchange.heard.until(holding.id, "ChannelEnteredBridge")
    assert (await holding.get()).bridge_type == "holding"
    await talking.add(caller.id)
    await exchange.heard.until(talking.id, "ChannelEnteredBridge")
    story = exchange.heard.story(caller.id)
    assert story[-3:] == ["ChannelEnteredBridge", "ChannelLeftBridge", "ChannelEnteredBridge"]
    await talking.remove(caller.id)
    await exchange.heard.until(talking.id, "ChannelLeftBridge")
    assert (await talking.get()).channels == ()


async def test_only_channels_of_ours_are_let_in(exchange: Exchange) -> None:
    caller = await an_answered_caller(exchange)
    bridge = await Bridge.create(exchange.ari, new_bridge_id("call"))
    with pytest.raises(AriRefused) as refused:
        await bridge.add("nobody")
    assert refused.value.status == 400
    with pytest.raises(AriRefused) as refused:
        await bridge.remove(caller.id)
    assert refused.value.status == 422
    await caller.continue_in_dialplan("phones", "waits", 1)
    await exchange.heard.until(caller.id, "StasisEnd")

    async def status_of_adding() -> int | None:
        try:
            await bridge.add(caller.id)
        except AriRefused as refused:
            return refused.status
        return None

    # StasisEnd comes a moment before Asterisk takes no more commands.
    status = await until_told(status_of_adding, saying="adding is refused")
    assert status == 422


async def test_bridges_that_cannot_be_made(exchange: Exchange) -> None:
    bridge = await Bridge.create(exchange.ari, new_bridge_id("call"))
    with pytest.raises(WrongState, match="already exists"):
        await Bridge.create(exchange.ari, bridge.id)
    with pytest.raises(AriRefused) as refused:
        await Bridge.create(exchange.ari, new_bridge_id("call"), type_="nonsense")
    assert refused.value.status == 500
    with pytest.raises(ResourceGone):
        await exchange.ari.bridges.get("nobody's")


async def test_a_conversation_is_recorded(exchange: Exchange) -> None:
    caller = await an_answered_caller(exchange)
    bridge = await Bridge.create(exchange.ari, new_bridge_id(caller.id))
    await bridge.add(caller.id)
    name = new_recording_id(caller.id)
    recording = await bridge.record(name)
    await exchange.heard.until(name, "RecordingStarted")
    assert (await recording.get()).target_uri == f"bridge:{bridge.id}"
    await recording.stop()
    story = await exchange.heard.until(name, "RecordingFinished done")
    assert story == ["RecordingStarted", "RecordingFinished done"]
    assert (await exchange.ari.recordings.get_stored(name)).format == "wav"
    with pytest.raises(WrongState, match="already exists"):
        await bridge.record(name)
    await recording.delete()
    with pytest.raises(ResourceGone):
        await recording.delete()
    with pytest.raises(ResourceGone):
        await recording.get()
