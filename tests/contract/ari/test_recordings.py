"""A caller is recorded: how it ends, what is told of it, and what lies on disk afterwards."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable

import pytest

from ari_client import AriRefused, Channel, ResourceGone, WrongState
from ari_client.ids import ChannelId, new_playback_id, new_recording_id
from tests.contract.ari.exchanges import Exchange
from tests.support.waiting import until_told

BEGUN = "RecordingStarted"
ENDED = "RecordingFinished done"


async def a_caller(exchange: Exchange, behaviour: str = "talks") -> Channel:
    """Somebody who was answered, and speaks."""
    caller = Channel(exchange.ari, ChannelId(await exchange.incoming_call(behaviour)))
    await caller.answer()
    return caller


async def seconds_kept(exchange: Exchange, name: str) -> float:
    """How long the file of a recording is."""
    content = await exchange.ari.recordings.get_stored_file(name)
    with wave.open(io.BytesIO(content)) as file:
        return float(file.getnframes() / file.getframerate())


async def as_soon_as_it_can(end: Callable[[], Awaitable[None]]) -> None:
    """End a recording that has just begun: for a moment, a real Asterisk answers 500 to that."""

    async def is_taken() -> bool:
        try:
            await end()
        except ResourceGone:
            raise
        except AriRefused:
            return False
        return True

    await until_told(is_taken, saying="Asterisk ends the recording")


async def test_a_caller_who_hangs_up_leaves_a_complete_recording(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    name = new_recording_id(caller.id)
    await caller.record(name, longest_s=20, longest_silence_s=10, terminate_on="#")
    await exchange.heard.until(caller.id, BEGUN)
    await asyncio.sleep(0.8)
    await exchange.caller_hangs_up(caller.id)

    story = await exchange.heard.until(caller.id, "StasisEnd")

    assert story[-3:] == ["ChannelHangupRequest 16", ENDED, "StasisEnd"]
    assert await seconds_kept(exchange, name) > 0


async def test_the_hash_key_is_told_before_the_recording_it_ends(exchange: Exchange) -> None:
    caller = await a_caller(exchange, "talks-then-presses")
    name = new_recording_id(caller.id)
    await caller.record(name, longest_s=20, terminate_on="#")

    story = await exchange.heard.until(name, ENDED)
    of_caller = exchange.heard.story(caller.id)

    assert story == [BEGUN, ENDED]
    pressed = [word for word in of_caller if word.startswith("ChannelDtmf") or word == ENDED]
    assert pressed[:3] == ["ChannelDtmfReceived 7", "ChannelDtmfReceived #", ENDED]
    assert await seconds_kept(exchange, name) > 0.2


async def test_a_recording_ends_at_its_limit(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    name = new_recording_id(caller.id)
    await caller.record(name, longest_s=1)

    await exchange.heard.until(name, ENDED)

    assert await seconds_kept(exchange, name) > 0


async def test_a_recording_is_stopped_and_kept(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    name = new_recording_id(caller.id)
    recording = await caller.record(name, longest_s=20)
    await exchange.heard.until(name, BEGUN)
    await as_soon_as_it_can(recording.stop)

    await exchange.heard.until(name, ENDED)

    assert (await exchange.ari.recordings.get_stored(name)).format == "wav"
    with pytest.raises(WrongState):
        await caller.record(name)
    await recording.delete()
    with pytest.raises(ResourceGone):
        await recording.download()


async def test_a_discarded_recording_is_told_to_be_done_but_not_kept(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    name = new_recording_id(caller.id)
    recording = await caller.record(name, longest_s=20)
    await exchange.heard.until(name, BEGUN)
    await as_soon_as_it_can(recording.discard)

    await exchange.heard.until(name, ENDED)

    with pytest.raises(ResourceGone):
        await recording.download()


async def test_recording_waits_for_the_prompt_and_the_prompt_for_the_recording(
    exchange: Exchange,
) -> None:
    caller = await a_caller(exchange)
    name, first, second = new_recording_id(caller.id), *(new_playback_id(caller.id) for _ in "ab")
    prompt = await caller.play([exchange.prompt] * 20, first)
    recording = await caller.record(name, longest_s=1)
    await caller.play(exchange.prompt, second)
    assert (await recording.get()).state == "queued"
    await exchange.heard.until(first, "PlaybackStarted")
    await prompt.stop()

    await exchange.heard.until(second, "PlaybackFinished done")

    told = [word for word in exchange.heard.story(caller.id) if "ing" in word or "ed" in word]
    ends = [word for word in told if word in ("PlaybackFinished done", BEGUN, ENDED)]
    assert ends == ["PlaybackFinished done", BEGUN, ENDED, "PlaybackFinished done"]


async def test_a_playback_of_several_sounds_is_stopped_as_a_whole(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    playback_id = new_playback_id(caller.id)
    playback = await caller.play([exchange.prompt] * 2, playback_id)
    await exchange.heard.until(playback_id, "PlaybackStarted")
    await playback.stop()

    assert await exchange.heard.until(playback_id, "PlaybackFinished done") == [
        "PlaybackStarted",
        "PlaybackFinished done",
    ]


async def test_a_sound_that_is_missing_among_several_is_not_told(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    playback_id = new_playback_id(caller.id)
    await caller.play(["sound:/no/such/sound", exchange.prompt], playback_id)

    assert await exchange.heard.until(playback_id, "PlaybackFinished done")
