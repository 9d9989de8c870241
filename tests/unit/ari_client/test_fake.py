"""What a test may do to the world behind the fake; that it is like Asterisk is tested elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

import pytest

from ari_client import (
    AriClient,
    AriRefused,
    Bridge,
    Channel,
    Connected,
    ResourceGone,
    events,
    models,
)
from ari_client.ids import ChannelId, new_bridge_id, new_leg_id, new_playback_id, new_recording_id
from ari_client.testing import (
    Answers,
    Busy,
    Declines,
    FakeAsterisk,
    HangsUp,
    JumpingClockLoop,
    NeverAnswers,
    Phone,
    Step,
    StepKind,
    Unreachable,
    Unregistered,
)
from tests.support.waiting import COMES_S
from tests.unit.ari_client.builders import SETTINGS, a_listening_client

E = TypeVar("E", bound=events.Event)


@pytest.fixture
def fake() -> FakeAsterisk:
    return FakeAsterisk()


async def all_until(ari: AriClient, end: type[events.Event]) -> list[events.Event]:
    """Everything that is told up to this event."""
    found: list[events.Event] = []
    async with asyncio.timeout(COMES_S):
        while not found or not isinstance(found[-1], end):
            notice = await ari.lobby.get()
            if isinstance(notice, events.Event):
                found.append(notice)
    return found


async def heard_until(ari: AriClient, end: type[E]) -> E:
    """The next event of this type."""
    last = (await all_until(ari, end))[-1]
    assert isinstance(last, end)
    return last


async def a_dialled_leg(ari: AriClient, endpoint: str, timeout_s: float | None = None) -> Channel:
    """A leg whose telephone has been told to ring."""
    leg = await Channel.create(ari, new_leg_id("c"), endpoint=endpoint)
    await heard_until(ari, events.StasisStart)
    await leg.dial(timeout_s=timeout_s)
    return leg


@pytest.mark.parametrize(
    ("phone", "cause", "sip_status"),
    [
        (Busy(after_s=0.0), 17, 486),
        (Declines(after_s=0.0), 21, 603),
        (HangsUp(after_s=0.0, talks_s=0.0), 16, None),
    ],
)
async def test_telephones_end_a_call_as_real_ones_do(
    fake: FakeAsterisk, phone: Phone, cause: int, sip_status: int | None
) -> None:
    fake.phone("100@acme.test", phone)
    async with a_listening_client(fake) as ari:
        await a_dialled_leg(ari, "PJSIP/100@acme.test")
        destroyed = await heard_until(ari, events.ChannelDestroyed)
        assert (destroyed.cause, destroyed.tech_cause) == (cause, sip_status)
        assert fake.channels == {}


async def test_a_telephone_in_a_dead_network_is_given_up_in_time(fake: FakeAsterisk) -> None:
    fake.phone("100", Unreachable())
    async with a_listening_client(fake) as ari:
        await a_dialled_leg(ari, "PJSIP/100", timeout_s=1)
        told = await all_until(ari, events.ChannelDestroyed)
        names = [type(each).__name__ for each in told]
        assert names == ["Dial", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"]


async def test_early_media_comes_before_the_answer(fake: FakeAsterisk) -> None:
    fake.phone("100", Answers(after_s=0.0, is_early_media=True))
    async with a_listening_client(fake) as ari:
        await a_dialled_leg(ari, "PJSIP/100")
        told = [
            each.dialstatus
            for each in await all_until(ari, events.ChannelStateChange)
            if isinstance(each, events.Dial)
        ]
        assert told == ["", "PROGRESS"]


async def test_a_test_may_pick_up_by_hand(fake: FakeAsterisk) -> None:
    fake.phone("100", NeverAnswers())
    async with a_listening_client(fake) as ari:
        leg = await a_dialled_leg(ari, "PJSIP/100")
        await heard_until(ari, events.ChannelStateChange)
        fake.answer(leg.id)
        fake.answer(leg.id)
        await heard_until(ari, events.ChannelStateChange)
        assert (await leg.get()).state == "Up"


async def test_a_telephone_may_follow_steps_of_the_tests_own(fake: FakeAsterisk) -> None:
    class RingsAndDies:
        """Rings, and its battery is empty."""

        is_registered = True

        def steps(self) -> tuple[Step, ...]:
            return (Step(0.0, StepKind.RING), Step(0.0, StepKind.HANG_UP, cause=27))

    fake.phone("100", RingsAndDies())
    async with a_listening_client(fake) as ari:
        await a_dialled_leg(ari, "PJSIP/100")
        destroyed = await heard_until(ari, events.ChannelDestroyed)
        assert (destroyed.cause, destroyed.cause_txt) == (27, "Unknown")


async def test_endpoints_tell_who_is_registered(fake: FakeAsterisk) -> None:
    fake.phone("100@acme.test", NeverAnswers())
    fake.phone("101@acme.test", Unregistered())
    async with a_listening_client(fake) as ari:
        states = {each.resource: each.state for each in await ari.endpoints.list()}
        assert states == {"100@acme.test": "online", "101@acme.test": "offline"}
        assert (await ari.endpoints.get("PJSIP", "100@acme.test")).state == "online"
        with pytest.raises(ResourceGone):
            await ari.endpoints.get("PJSIP", "102@acme.test")
        info = await ari.asterisk.get_info(only=["system"])
        assert info.system == models.SystemInfo(version="22.10.1", entity_id="fake")


async def test_prompts_end_when_the_test_says_so(fake: FakeAsterisk) -> None:
    fake.sounds["sound:long"] = 3600.0
    async with a_listening_client(fake) as ari:
        caller = Channel(ari, ChannelId(fake.incoming_call(endpoint="101", dialled="1")))
        playback = await caller.play("sound:long", new_playback_id("c"))
        await heard_until(ari, events.PlaybackStarted)
        fake.finish_playback(playback.id)
        await heard_until(ari, events.PlaybackFinished)
        with pytest.raises(ResourceGone):
            await playback.get()
        assert [type(each) for each in fake.events_sent()][-1] is events.PlaybackFinished


async def test_a_recording_pauses_and_is_thrown_away(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari:
        caller = Channel(ari, ChannelId(fake.incoming_call(endpoint="101", dialled="1")))
        recording = await caller.record(new_recording_id("c"), longest_s=3600)
        await recording.pause()
        assert (await recording.get()).state == "paused"
        await recording.resume()
        await recording.discard()
        finished = await heard_until(ari, events.RecordingFinished)
        assert finished.recording.state == "done"
        assert await ari.recordings.list_stored() == ()


async def test_a_recording_ends_with_the_caller_and_is_kept(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari:
        caller = Channel(ari, ChannelId(fake.incoming_call(endpoint="101", dialled="1")))
        recording = await caller.record(new_recording_id("c"))
        await heard_until(ari, events.RecordingStarted)
        fake.hang_up(caller.id)
        fake.hang_up(caller.id)
        await heard_until(ari, events.RecordingFinished)
        kept = await ari.recordings.list_stored()
        assert kept == (models.StoredRecording(name=recording.id, format="wav"),)


async def test_a_bridge_plays_to_all_in_it(fake: FakeAsterisk) -> None:
    fake.sounds["sound:short"] = 0.0
    async with a_listening_client(fake) as ari:
        bridge = await Bridge.create(ari, new_bridge_id("c"))
        caller = fake.incoming_call(endpoint="101", dialled="1")
        await bridge.add(caller)
        await bridge.play("sound:short", new_playback_id("c"))
        finished = await heard_until(ari, events.PlaybackFinished)
        assert finished.playback.target_uri == f"bridge:{bridge.id}"


async def test_nobody_enters_an_application_that_is_away(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari:
        fake.cut_websocket()
        caller = fake.incoming_call(endpoint="101", dialled="1")
        assert not fake.channels[caller].in_stasis
        async with asyncio.timeout(COMES_S):
            while await ari.lobby.get() != Connected():
                pass
        with pytest.raises(AriRefused):
            await Channel(ari, ChannelId(caller)).answer()


async def test_a_request_the_fake_does_not_know_is_a_loud_mistake(fake: FakeAsterisk) -> None:
    async with AriClient(SETTINGS, fake) as ari:
        with pytest.raises(LookupError, match="does not know GET /sounds"):
            await ari.sounds.list()


async def test_a_test_may_tell_anything(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari:
        fake.send(
            events.ContactStatusChange(
                endpoint=models.Endpoint(technology="PJSIP", resource="100"),
                contact_info=models.ContactInfo(contact_status="Reachable"),
            )
        )
        await heard_until(ari, events.ContactStatusChange)


def on_a_jumping_clock(test: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run it at once, however long it takes."""
    with asyncio.Runner(loop_factory=JumpingClockLoop) as runner:
        runner.run(test())


def test_an_hour_of_ringing_takes_no_time() -> None:
    async def an_hour() -> None:
        fake = FakeAsterisk()
        fake.phone("100", Answers(after_s=3600.0))
        clock = asyncio.get_running_loop().time
        async with AriClient(SETTINGS, fake) as ari:
            listening = asyncio.create_task(ari.listen())
            assert await ari.lobby.get() == Connected()
            leg = await Channel.create(ari, new_leg_id("c"), endpoint="PJSIP/100")
            while not isinstance(await ari.lobby.get(), events.StasisStart):
                pass
            began_s = clock()
            await leg.dial()
            while (await leg.get()).state != "Up":
                await ari.lobby.get()
            assert 3600.0 <= clock() - began_s < 3601.0
            listening.cancel()

    on_a_jumping_clock(an_hour)
