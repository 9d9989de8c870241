"""What each inbox is told after a reconnect."""

from __future__ import annotations

import pytest

from ari_client import Inbox, Snapshot, events, models
from ari_client.catch_up import catch_up
from ari_client.commands import Commands
from ari_client.generated import operations
from ari_client.routing import EventRouter
from ari_client.testing import FakeAsterisk
from tests.unit.ari_client.builders import a_channel, a_state_change


@pytest.fixture
def router() -> EventRouter:
    return EventRouter()


async def told(router: EventRouter, inbox: Inbox, *alive: models.Channel) -> list[object]:
    """What the inbox is told when these channels are all there is."""
    commands = Commands(FakeAsterisk())
    snapshot = Snapshot({channel.id: channel for channel in alive}, {})
    before = len(inbox)
    playbacks, recordings = operations.Playbacks(commands), operations.Recordings(commands)
    await catch_up(router, snapshot, playbacks, recordings)
    waiting: list[object] = [inbox.get_nowait() for _ in range(len(inbox))]
    return waiting[before:]


async def test_a_channel_that_has_gone_is_told_as_destroyed(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        router.route(a_state_change("1", "Ringing"))
        router.connected()
        gone = a_channel("1", "Ringing")
        expected = events.ChannelDestroyed(channel=gone, cause=0, cause_txt="Unknown")
        assert await told(router, inbox) == [expected]


async def test_it_is_told_only_once(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        router.connected()
        assert len(await told(router, inbox)) == 1
        assert await told(router, inbox) == []
        router.connected()
        assert await told(router, inbox) == []


async def test_a_channel_that_was_answered_meanwhile_is_told_as_changed(
    router: EventRouter,
) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        router.route(a_state_change("1", "Ringing"))
        router.connected()
        assert await told(router, inbox, a_channel("1", "Up")) == [a_state_change("1", "Up")]


async def test_a_channel_as_it_was_last_told_is_not_told_again(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        router.route(a_state_change("1", "Up"))
        router.connected()
        assert await told(router, inbox, a_channel("1", "Up")) == []


async def test_what_was_heard_since_the_connect_is_newer_than_the_snapshot(
    router: EventRouter,
) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        router.route(a_state_change("1", "Ringing"))
        router.connected()
        router.route(a_state_change("1", "Up"))
        assert await told(router, inbox, a_channel("1", "Ringing")) == []
        assert await told(router, inbox) == []


async def test_a_key_press_tells_nothing_of_the_state(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        router.route(a_state_change("1", "Ringing"))
        router.connected()
        router.route(events.ChannelDtmfReceived(channel=a_channel("1", "Up"), digit="1"))
        assert await told(router, inbox, a_channel("1", "Up")) == [a_state_change("1", "Up")]


async def test_a_leg_that_is_being_created_now_has_missed_nothing(router: EventRouter) -> None:
    router.connected()
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        assert await told(router, inbox) == []


async def test_bridges_prompts_and_recordings_that_have_gone_are_told(
    router: EventRouter,
) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_bridge("b")
        inbox.claim_playback("p")
        inbox.claim_recording("r")
        router.connected()
        missed = await told(router, inbox)
        assert [type(each) for each in missed] == [
            events.BridgeDestroyed,
            events.PlaybackFinished,
            events.RecordingFinished,
        ]


async def test_a_recording_that_goes_on_and_a_bridge_that_stands_are_left_alone() -> None:
    fake = FakeAsterisk()
    router = EventRouter()
    commands = Commands(fake)
    async with fake, fake.connect_events({"app": "pbx"}):
        bridges = operations.Bridges(commands)
        bridge = await bridges.create_with_id("b", type="mixing")
        await bridges.record("b", name="r", format="wav")
        with router.inbox("call") as inbox:
            inbox.claim_bridge("b")
            inbox.claim_recording("r")
            router.connected()
            snapshot = Snapshot({}, {"b": bridge})
            playbacks = operations.Playbacks(commands)
            await catch_up(router, snapshot, playbacks, operations.Recordings(commands))
            assert len(inbox) == 0


async def test_a_prompt_that_still_plays_is_left_alone() -> None:
    fake = FakeAsterisk()
    fake.sounds["sound:long"] = 600.0
    router = EventRouter()
    commands = Commands(fake)
    id_ = "p"
    async with fake, fake.connect_events({"app": "pbx"}):
        caller = fake.incoming_call(endpoint="101", dialled="100")
        await operations.Channels(commands).play_with_id(caller, id_, media=["sound:long"])
        with router.inbox("call") as inbox:
            inbox.claim_playback(id_)
            router.connected()
            playbacks = operations.Playbacks(commands)
            recordings = operations.Recordings(commands)
            await catch_up(router, Snapshot({}, {}), playbacks, recordings)
            assert len(inbox) == 0
