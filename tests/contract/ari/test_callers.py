"""Callers: what can be done with a channel that came in, and what is told of it."""

from __future__ import annotations

import asyncio

import pytest

from ari_client import Channel, ResourceGone, WrongState
from ari_client.ids import ChannelId, new_playback_id
from tests.contract.ari.exchanges import Exchange
from tests.support.waiting import until_told


async def a_caller(exchange: Exchange, behaviour: str = "waits") -> Channel:
    """A caller who hears nothing yet."""
    return Channel(exchange.ari, ChannelId(await exchange.incoming_call(behaviour)))


async def test_a_caller_rings_until_answered(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    assert (await caller.get()).state == "Ring"
    await caller.ring()
    await caller.stop_ringing()
    await caller.answer()
    story = await exchange.heard.until(caller.id, "ChannelStateChange Up")
    assert story == ["StasisStart", "ChannelStateChange Up"]


async def test_the_last_word_of_a_caller_who_hangs_up_is_stasis_end(exchange: Exchange) -> None:
    """Only of channels that we created is ChannelDestroyed told."""
    caller = await a_caller(exchange)
    await exchange.caller_hangs_up(caller.id)
    story = await exchange.heard.until(caller.id, "StasisEnd")
    assert story == ["StasisStart", "ChannelHangupRequest 16", "StasisEnd"]


async def test_a_caller_we_hang_up_on_is_gone(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.hang_up(17)
    story = await exchange.heard.until(caller.id, "StasisEnd")
    assert story == ["StasisStart", "ChannelHangupRequest 32", "StasisEnd"]


async def test_a_caller_presses_keys(exchange: Exchange) -> None:
    caller = await a_caller(exchange, "presses")
    await caller.answer()
    story = await exchange.heard.until(caller.id, "ChannelDtmfReceived 2")
    keys = [word for word in story if word.startswith("ChannelDtmfReceived")]
    assert keys == ["ChannelDtmfReceived 1", "ChannelDtmfReceived 2"]


async def test_a_caller_given_back_to_the_dialplan_is_ours_no_more(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.continue_in_dialplan("phones", "waits", 1)
    await exchange.heard.until(caller.id, "StasisEnd")

    async def is_refused() -> bool:
        try:
            await caller.ring()
        except WrongState:
            return True
        return False

    # StasisEnd comes a moment before Asterisk takes no more commands.
    await until_told(is_refused, saying="ring is refused")
    for command in (caller.answer, caller.ring, caller.start_music):
        with pytest.raises(WrongState, match="not in Stasis"):
            await command()


async def test_variables_are_kept(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    odd = 'a, b=c;"ü" & + %41'
    await caller.set_variables({"ODD": odd, "PLAIN": "1"})
    assert await caller.variable("ODD") == odd
    assert await caller.variable("PLAIN") == "1"
    with pytest.raises(ResourceGone):
        await caller.variable("NEVER_SET")


async def test_a_prompt_is_heard_to_its_end(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.answer()
    playback = await caller.play(exchange.prompt, new_playback_id(caller.id))
    story = await exchange.heard.until(playback.id, "PlaybackFinished done")
    assert story == ["PlaybackStarted", "PlaybackFinished done"]

    async def is_gone() -> bool:
        try:
            await playback.stop()
        except ResourceGone:
            return True
        return False

    # The event comes a moment before Asterisk forgets the playback.
    await until_told(is_gone, saying="the playback is gone")


async def test_a_prompt_is_broken_off(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.answer()
    playback = await caller.play([exchange.prompt] * 20, new_playback_id(caller.id))
    await exchange.heard.until(playback.id, "PlaybackStarted")
    assert (await playback.get()).state == "playing"
    await playback.stop()
    await exchange.heard.until(playback.id, "PlaybackFinished done")


async def test_prompts_follow_one_another(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.answer()
    many = await caller.play([exchange.prompt] * 20, new_playback_id(caller.id))
    last = await caller.play(exchange.prompt, new_playback_id(caller.id))
    assert (await last.get()).state == "queued"
    await exchange.heard.until(many.id, "PlaybackStarted", times=2)
    await many.stop()
    await exchange.heard.until(last.id, "PlaybackFinished done")
    story = exchange.heard.story(many.id)
    assert story[:3] == ["PlaybackStarted", "PlaybackContinuing", "PlaybackStarted"]
    assert story[-1] == "PlaybackFinished done"


async def test_a_prompt_pauses_and_goes_on(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.answer()
    playback = await caller.play([exchange.prompt] * 20, new_playback_id(caller.id))
    await exchange.heard.until(playback.id, "PlaybackStarted")
    await playback.pause()
    assert (await playback.get()).state == "paused"
    heard = exchange.heard.story(playback.id).count("PlaybackContinuing")
    await playback.resume()
    await exchange.heard.until(playback.id, "PlaybackContinuing", times=heard + 1)
    await playback.stop()


async def test_a_missing_sound_is_told_as_a_failure(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.answer()
    playback = await caller.play("sound:/no/such/sound", new_playback_id(caller.id))
    story = await exchange.heard.until(playback.id, "PlaybackFinished failed")
    assert story == ["PlaybackStarted", "PlaybackFinished failed"]


async def test_a_prompt_that_russian_lacks_is_played_in_english(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.answer()
    playback = await caller.play(
        "sound:please-try-call-later", new_playback_id(caller.id), language="ru"
    )
    await exchange.heard.until(playback.id, "PlaybackFinished done")


async def test_a_prompt_that_english_lacks_is_played_in_no_language(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    await caller.answer()
    playback = await caller.play("sound:vm-newn", new_playback_id(caller.id), language="en")
    await exchange.heard.until(playback.id, "PlaybackFinished failed")


async def test_the_answer_waits_for_the_end_of_a_prompt(exchange: Exchange) -> None:
    caller = await a_caller(exchange)
    playback = await caller.play(exchange.prompt, new_playback_id(caller.id))
    await exchange.heard.until(playback.id, "PlaybackStarted")
    await caller.answer()
    story = await exchange.heard.until(caller.id, "ChannelStateChange Up")
    assert story.index("PlaybackFinished done") < story.index("ChannelStateChange Up")


async def test_a_caller_hangs_up_while_the_answer_waits(exchange: Exchange) -> None:
    """An answer that comes late finds the channel gone, or a moment before that out of Stasis."""
    caller = await a_caller(exchange)
    playback = await caller.play([exchange.prompt] * 20, new_playback_id(caller.id))
    await exchange.heard.until(playback.id, "PlaybackStarted")
    answer = asyncio.create_task(caller.answer())
    await exchange.ari.asterisk.ping()
    await exchange.caller_hangs_up(caller.id)
    story = await exchange.heard.until(caller.id, "StasisEnd")
    assert story[-3:] == ["ChannelHangupRequest 16", "PlaybackFinished failed", "StasisEnd"]
    with pytest.raises((ResourceGone, WrongState)):
        await answer
