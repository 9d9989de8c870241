"""The client against the fake: listening, losing the connection, finding it again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_client import (
    AriClient,
    AriRefused,
    AriUnavailable,
    Bridge,
    Channel,
    Connected,
    Disconnected,
    ResourceGone,
    Response,
    WrongState,
    events,
)
from ari_client.backoff import Backoff
from ari_client.ids import (
    ChannelId,
    call_of,
    new_bridge_id,
    new_leg_id,
    new_playback_id,
    new_recording_id,
)
from ari_client.testing import Answers, FakeAsterisk, NeverAnswers
from tests.support.waiting import COMES_S
from tests.unit.ari_client.builders import SETTINGS, a_listening_client


@pytest.fixture
def fake() -> FakeAsterisk:
    return FakeAsterisk()


async def test_the_connection_comes_back_after_every_cut(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari, asyncio.timeout(COMES_S):
        for _ in range(3):
            fake.cut_websocket()
            assert await ari.lobby.get() == Disconnected("closed")
            assert await ari.lobby.get() == Connected()


async def test_an_asterisk_that_is_away_is_awaited(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari, asyncio.timeout(COMES_S):
        fake.is_down = True
        fake.cut_websocket()
        assert isinstance(await ari.lobby.get(), Disconnected)
        with pytest.raises(AriUnavailable):
            await ari.channels.list()
        fake.is_down = False
        assert await ari.lobby.get() == Connected()
        assert await ari.channels.list() == ()


async def test_a_filter_that_is_refused_counts_as_no_connection(fake: FakeAsterisk) -> None:
    fake.refuse_next("PUT /applications/{}/eventFilter", 500)
    async with a_listening_client(fake):
        filters = [each for each in fake.requests if each.path.endswith("eventFilter")]
        assert len(filters) == 2


async def test_the_filter_names_the_wanted_events_after_every_connect(
    fake: FakeAsterisk,
) -> None:
    settings = dataclasses.replace(SETTINGS, event_types=frozenset({events.StasisStart}))
    async with a_listening_client(fake, settings) as ari, asyncio.timeout(COMES_S):
        fake.cut_websocket()
        await ari.lobby.get()
        await ari.lobby.get()
        bodies = [each.json for each in fake.requests if each.path.endswith("eventFilter")]
        allowed = [{"type": "ApplicationReplaced"}, {"type": "StasisStart"}]
        assert bodies == [{"allowed": allowed, "disallowed": []}] * 2


async def test_events_before_a_cut_are_told_before_the_disconnection(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari, asyncio.timeout(COMES_S):
        caller = fake.incoming_call(endpoint="101@acme.test", dialled="100", tenant_id="7")
        match await ari.lobby.get():
            case events.StasisStart(channel=channel, args=("phone",)):
                assert (channel.id, channel.tenantid) == (caller, "7")
                assert channel.dialplan.exten == "100"
            case other:
                pytest.fail(f"{other}")


async def test_whoever_is_replaced_stops_listening(fake: FakeAsterisk) -> None:
    async with (
        AriClient(SETTINGS, fake) as first,
        AriClient(SETTINGS, fake) as second,
        asyncio.timeout(COMES_S),
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(first.listen())
        assert await first.lobby.get() == Connected()
        other = tasks.create_task(second.listen())
        assert isinstance(await first.lobby.get(), events.ApplicationReplaced)
        assert await first.lobby.get() == Disconnected("replaced")
        assert await second.lobby.get() == Connected()
        other.cancel()


async def test_a_crashed_asterisk_has_no_calls_left(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari, asyncio.timeout(COMES_S):
        caller = fake.incoming_call(endpoint="101@acme.test", dialled="100")
        with ari.inbox("call") as inbox:
            inbox.claim_channel(caller)
            fake.crash()
            while await ari.lobby.get() != Connected():
                pass
            await ari.catch_up(await ari.snapshot())
            assert isinstance(await inbox.get(), events.ChannelDestroyed)


async def test_a_create_whose_answer_got_lost_is_not_repeated_blindly(
    fake: FakeAsterisk,
) -> None:
    """The first request is done but its answer lost; the client looks and finds the leg."""

    class LosesOneAnswer(FakeAsterisk):
        """Does what is asked, and keeps quiet about it once."""

        has_lost = False

        async def request(
            self, method: str, path: str, query: Mapping[str, str], json: bytes | None
        ) -> Response:
            answer = await super().request(method, path, query, json)
            if method == "POST" and not self.has_lost:
                self.has_lost = True
                raise AriUnavailable("lost")
            return answer

    lossy = LosesOneAnswer()
    lossy.phone("100", NeverAnswers())
    async with a_listening_client(lossy) as ari:
        leg = await Channel.create(ari, new_leg_id("c"), endpoint="PJSIP/100")
        assert list(lossy.channels) == [leg.id]
        creates = [each for each in lossy.requests if each.path == "/channels/create"]
        assert len(creates) == 1


async def test_a_create_that_never_arrived_is_sent_once_more(fake: FakeAsterisk) -> None:
    class DropsOneRequest(FakeAsterisk):
        """Never sees one of the requests."""

        has_dropped = False

        async def request(
            self, method: str, path: str, query: Mapping[str, str], json: bytes | None
        ) -> Response:
            if method == "POST" and not self.has_dropped:
                self.has_dropped = True
                raise AriUnavailable("dropped")
            return await super().request(method, path, query, json)

    dropping = DropsOneRequest()
    async with a_listening_client(dropping) as ari:
        bridge = await Bridge.create(ari, new_bridge_id("c"))
        assert list(dropping.bridges) == [bridge.id]


async def test_a_taken_id_on_the_second_attempt_means_the_first_had_worked() -> None:
    """The first request is slow: it arrives after the client has looked and found nothing."""

    class IsSlowOnce(FakeAsterisk):
        """Creates the leg only just before the second attempt."""

        delayed: tuple[str, str, Mapping[str, str], bytes | None] | None = None
        is_over = False

        async def request(
            self, method: str, path: str, query: Mapping[str, str], json: bytes | None
        ) -> Response:
            if method == "POST" and not self.is_over and self.delayed is None:
                self.delayed = (method, path, query, json)
                raise AriUnavailable("slow")
            if method == "POST" and self.delayed is not None:
                delayed, self.delayed, self.is_over = self.delayed, None, True
                await super().request(*delayed)
            return await super().request(method, path, query, json)

    slow = IsSlowOnce()
    slow.phone("100", NeverAnswers())
    async with a_listening_client(slow) as ari:
        leg = await Channel.create(ari, new_leg_id("c"), endpoint="PJSIP/100")
        assert list(slow.channels) == [leg.id]


async def test_a_leg_dialled_before_it_is_ours_rings_for_ever(fake: FakeAsterisk) -> None:
    """As Asterisk does; so that whoever forgets to wait for StasisStart finds out in a test."""
    fake.phone("100@acme.test", Answers(after_s=0.0))
    async with a_listening_client(fake) as ari:
        leg = await Channel.create(ari, new_leg_id("c"), endpoint="PJSIP/100@acme.test")
        await leg.dial()
        async with asyncio.timeout(COMES_S):
            assert isinstance(await ari.lobby.get(), events.StasisStart)
        assert (await leg.get()).state == "Down"
        assert fake.channels[leg.id].timers == []


async def test_commands_that_fail_say_what_was_asked(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari:
        nobody = Channel(ari, ChannelId("no/body"))
        with pytest.raises(ResourceGone, match="POST /channels/no%2Fbody/ring: 404 Channel"):
            await nobody.ring()
        fake.refuse_next("GET /asterisk/ping", 503, "Overloaded")
        with pytest.raises(AriRefused, match="503 Overloaded"):
            await ari.asterisk.ping()
        caller = Channel(ari, ChannelId(fake.incoming_call(endpoint="101", dialled="1")))
        fake.refuse_next("POST /channels/{}/answer", 409, "busy with something else")
        with pytest.raises(WrongState):
            await caller.answer()
        await ari.channels.set_channel_var(caller.id, variable="A", value="1")
        both = await ari.channels.get_channel_vars(caller.id, variables=["A", "B"])
        assert both.variables == {"A": "1", "B": ""}


async def test_seconds_become_what_asterisk_wants(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari:
        caller = Channel(ari, ChannelId(fake.incoming_call(endpoint="101", dialled="1")))
        await caller.send_digits("1", between_s=0.25, duration_s=0.05)
        await caller.play(["sound:a,b", "sound:c"], new_playback_id("c"), offset_s=1.5)
        await caller.record(new_recording_id("c"), longest_s=1.2, longest_silence_s=3)
        digits, play, record = fake.requests[-3:]
        assert (digits.query["between"], digits.query["duration"]) == ("250", "50")
        assert play.query["offsetms"] == "1500"
        assert play.json == {"media": ["sound:a,b", "sound:c"]}
        assert record.query["maxDurationSeconds"] == "2"


async def test_music_digits_and_mute_reach_the_telephone(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari:
        caller = Channel(ari, ChannelId(fake.incoming_call(endpoint="101", dialled="1")))
        await caller.start_music("jazz")
        assert fake.channels[caller.id].music_class == "jazz"
        await caller.stop_music()
        assert fake.channels[caller.id].music_class is None
        await caller.mute("in")
        await caller.unmute("in")
        await caller.progress()
        bridge = await Bridge.create(ari, new_bridge_id("c"), type_="holding")
        await bridge.start_music("jazz")
        assert fake.bridges[bridge.id].music_class == "jazz"
        await bridge.stop_music()
        await bridge.play("sound:x", new_playback_id("c"))


async def test_a_person_holds_and_comes_back(fake: FakeAsterisk) -> None:
    async with a_listening_client(fake) as ari, asyncio.timeout(COMES_S):
        caller = fake.incoming_call(endpoint="101", dialled="1")
        fake.hold(caller)
        fake.unhold(caller)
        heard = [type(await ari.lobby.get()) for _ in range(3)]
        assert heard == [events.StasisStart, events.ChannelHold, events.ChannelUnhold]


@given(st.integers(min_value=0, max_value=50), st.integers())
def test_back_off_grows_to_its_limit_and_never_beyond(failures: int, seed: int) -> None:
    backoff = Backoff(Random(seed))  # noqa: S311 - a test of spreading
    for _ in range(failures):
        backoff.next_s()
    longest_s = min(5.0, 0.2 * 2.0 ** min(failures, 16))
    assert longest_s / 2 <= backoff.next_s() <= longest_s
    backoff.reset()
    assert backoff.next_s() <= 0.2


def test_an_id_of_ours_names_its_call() -> None:
    call = "pbx-1700000000.17"
    new = (new_leg_id, new_bridge_id, new_playback_id, new_recording_id)
    ids = [make(call) for make in new for _ in range(2)]
    assert len(set(ids)) == len(ids)
    assert {call_of(each) for each in ids} == {call}
    assert call_of(call) == call
