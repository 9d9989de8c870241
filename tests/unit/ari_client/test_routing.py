"""Who gets which event."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from ari_client import Connected, Disconnected, Inbox, Overflowed, events, models
from ari_client.inbox import Queue
from ari_client.routing import EventRouter
from tests.support.waiting import COMES_S
from tests.unit.ari_client.builders import a_channel, a_state_change


@pytest.fixture
def router() -> EventRouter:
    return EventRouter()


def drained(queue: Queue) -> list[object]:
    """Everything that waits."""
    return [queue.get_nowait() for _ in range(len(queue))]


def test_what_nobody_claimed_waits_in_the_lobby(router: EventRouter) -> None:
    event = a_state_change("1")
    router.route(event)
    assert drained(router.lobby) == [event]


def test_a_call_hears_of_its_channel_and_the_lobby_does_not(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        event = a_state_change("1")
        router.route(event)
        assert drained(inbox) == [event]
        assert drained(router.lobby) == []


def test_ids_are_claimed_by_kind(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_bridge("1")
        inbox.claim_playback("1")
        inbox.claim_recording("1")
        router.route(a_state_change("1"))
        assert drained(inbox) == []


def test_an_event_about_two_things_of_one_call_is_told_once(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        inbox.claim_bridge("b")
        event = events.ChannelEnteredBridge(bridge=models.Bridge(id="b"), channel=a_channel("1"))
        router.route(event)
        assert drained(inbox) == [event]


def test_an_event_about_two_calls_is_told_to_both(router: EventRouter) -> None:
    with router.inbox("caller's") as one, router.inbox("callee's") as other:
        one.claim_channel("1")
        other.claim_channel("2")
        event = events.Dial(caller=a_channel("1"), peer=a_channel("2"))
        router.route(event)
        assert drained(one) == drained(other) == [event]


def test_a_prompt_is_told_to_whoever_has_the_channel_it_plays_to(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        inbox.claim_bridge("b")
        to_channel = events.PlaybackFinished(
            playback=models.Playback(id="p", target_uri="channel:1")
        )
        to_bridge = events.RecordingStarted(
            recording=models.LiveRecording(name="r", target_uri="bridge:b")
        )
        elsewhere = events.PlaybackFinished(playback=models.Playback(id="q", target_uri="odd"))
        for event in (to_channel, to_bridge, elsewhere):
            router.route(event)
        assert drained(inbox) == [to_channel, to_bridge]
        assert drained(router.lobby) == [elsewhere]


def test_things_deep_inside_an_event_count(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        event = events.ChannelTransfer(
            refer_to=models.ReferTo(requested_destination=models.RequiredDestination()),
            referred_by=models.ReferredBy(source_channel=a_channel("1")),
        )
        router.route(event)
        assert drained(inbox) == [event]


def test_two_calls_may_claim_the_same_bridge(router: EventRouter) -> None:
    with router.inbox("one") as one, router.inbox("other") as other:
        one.claim_bridge("b")
        other.claim_bridge("b")
        one.claim_bridge("b")
        event = events.BridgeDestroyed(bridge=models.Bridge(id="b"))
        router.route(event)
        assert drained(one) == drained(other) == [event]
        one.release("b")
        router.route(event)
        assert drained(one) == []
        assert drained(other) == [event]


def test_a_released_channel_is_heard_of_no_more(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        inbox.release("1")
        inbox.release("never claimed")
        router.route(a_state_change("1"))
        assert drained(inbox) == []


def test_a_call_that_is_over_leaves_no_claims(router: EventRouter) -> None:
    with router.inbox("call") as inbox:
        inbox.claim_channel("1")
        inbox.claim_recording("r")
    assert router.claims == {}


def overflowing(router: EventRouter, count: int) -> Inbox:
    """An inbox for two events that got more."""
    inbox = router.inbox("slow call", capacity=2)
    inbox.claim_channel("1")
    for number in range(count):
        router.route(a_state_change("1", str(number)))
    return inbox


def test_a_slow_reader_is_told_how_much_is_missing_and_where(router: EventRouter) -> None:
    with capture_logs() as logs:
        inbox = overflowing(router, 5)
    assert drained(inbox) == [a_state_change("1", "0"), a_state_change("1", "1"), Overflowed(3)]
    assert [(log["event"], log["log_level"]) for log in logs] == [("inbox_overflowed", "error")]
    router.route(a_state_change("1", "5"))
    assert drained(inbox) == [a_state_change("1", "5")]


def test_news_of_the_connection_finds_room_in_a_full_lobby() -> None:
    lobby = Queue("lobby", capacity=1)
    for notice in (a_state_change("1"), Disconnected("cut"), a_state_change("2"), Connected()):
        lobby.put(notice)
    assert drained(lobby) == [
        a_state_change("1"),
        Disconnected("cut"),
        Overflowed(1),
        Connected(),
    ]


async def test_a_reader_waits_until_something_comes(router: EventRouter) -> None:
    reader = asyncio.create_task(router.lobby.get())
    await asyncio.sleep(0)
    assert not reader.done()
    router.connected()
    async with asyncio.timeout(COMES_S):
        assert await reader == Connected()
    assert router.lobby.get_nowait() is None
