"""Prompts on the caller's line: played to the end, or until a key says enough."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from ari_client import AriError, Notice, Playback, events
from ari_client.ids import new_playback_id
from stasis_apps.call import SoundUnplayable
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.journal import What
from stasis_apps.live_call.line import Line
from stasis_apps.plan import PlannedSound

SHORT_S = 2.0
"""A prompt no longer than this (a word of a number) is not in the journal: it has ended by itself
before another process could take the call over."""

LATE_END_S = 10.0
"""Seconds after a prompt's own length when its end counts as come, heard of or not."""


class Prompt:
    """One prompt while it plays.

    Attributes:
        ended_at: When it ended, on the event loop's clock; None while it plays.
    """

    def __init__(self, playback: Playback, sound: PlannedSound) -> None:
        self._playback = playback
        self._sound = sound
        self.overdue_at = _clock() + sound.duration_s + LATE_END_S
        self.ended_at: float | None = None

    def hear_of(self, event: Notice | None) -> None:
        """Take note of an event, or of the fact that none came in time.

        Raises:
            SoundUnplayable: Asterisk could not play the prompt.
        """
        match event:
            case None if self.ended_at is None and _clock() >= self.overdue_at:
                self.ended_at = _clock()
            case events.PlaybackFinished(playback=playback) if playback.id == self._playback.id:
                self.ended_at = _clock()
                if playback.state == "failed":
                    message = f"Asterisk cannot play {self._sound.media}"
                    raise SoundUnplayable(message)
            case _:
                pass

    async def stop(self) -> None:
        """Cut the prompt short; does nothing when it has ended."""
        if self.ended_at is None:
            self.ended_at = _clock()
            await self._playback.stop()


async def play_to_end(line: Line, sounds: Sequence[PlannedSound]) -> None:
    """Let the caller hear the whole prompts; keys pressed meanwhile are kept for later.

    Each is a playback of its own: of several sounds in one, Asterisk tells only when the last
    cannot be played.
    """
    for sound in sounds:
        await _play_until(line, sound, lambda: False)


async def play_for(line: Line, sound: PlannedSound, seconds: float) -> None:
    """Let the caller hear something that has no end of its own, such as the busy tone."""
    until = _clock() + seconds
    async with _playing(line, sound) as prompt:
        while prompt.ended_at is None and _clock() < until:
            prompt.hear_of(await line.next_event(until=until))


async def ask(
    line: Line,
    sounds: Sequence[PlannedSound],
    *,
    wants_more: Callable[[str], bool],
    clocks: DigitClocks,
    barge_in: bool,
) -> str:
    """Play prompts and collect keys, as `stasis_apps.call.Call.ask` promises."""
    typed_ahead = _take_keys(line, "", wants_more) if barge_in else ""
    if typed_ahead:
        return await _listen(line, typed_ahead, wants_more, clocks)
    for sound in sounds:
        await _play_until(line, sound, lambda: barge_in and bool(line.keys))
        if barge_in and line.keys:
            break
    return await _listen(line, "", wants_more, clocks)


async def _play_until(line: Line, sound: PlannedSound, is_enough: Callable[[], bool]) -> None:
    """Play to the end, or until it is enough; the spare when Asterisk lacks the sound."""
    try:
        async with _playing(line, sound) as prompt:
            while prompt.ended_at is None and not is_enough():
                prompt.hear_of(await line.next_event(until=prompt.overdue_at))
    except SoundUnplayable:
        if sound.spare is None:
            raise
        await _play_until(line, replace(sound, media=sound.spare, spare=None), is_enough)


async def _listen(
    line: Line, pressed: str, wants_more: Callable[[str], bool], clocks: DigitClocks
) -> str:
    """Collect keys after the prompt until no further key can help or the clock has run out."""
    started_at, last_key_at = _clock(), _clock() if pressed else None
    while True:
        longer = _take_keys(line, pressed, wants_more)
        if longer != pressed:
            pressed, last_key_at = longer, _clock()
        if not wants_more(pressed):
            return pressed
        until = clocks.deadline(prompt_ended_at=started_at, last_key_at=last_key_at)
        if await line.next_event(until=until) is None:
            return pressed


def _take_keys(line: Line, pressed: str, wants_more: Callable[[str], bool]) -> str:
    while line.keys and wants_more(pressed):
        pressed += line.keys.popleft()
    return pressed


@asynccontextmanager
async def _playing(line: Line, sound: PlannedSound) -> AsyncIterator[Prompt]:
    playback_id = new_playback_id(line.call_id)
    line.inbox.claim_playback(playback_id)
    if sound.duration_s > SHORT_S:
        line.journal.write(What.PLAYING, media=sound.media, playback=playback_id)
    try:
        playback = await line.command(
            line.channel.play(sound.media, playback_id=playback_id, language=sound.language)
        )
        prompt = Prompt(playback, sound)
        try:
            yield prompt
        except SoundUnplayable:
            # A prompt that a hang-up cut short "fails" too; then the caller has gone, nothing else.
            await line.command(line.channel.get())
            raise
        finally:
            await _stop_quietly(prompt)
    finally:
        line.inbox.release(playback_id)


async def _stop_quietly(prompt: Prompt) -> None:
    try:
        await prompt.stop()
    except AriError:
        prompt.ended_at = _clock()  # it has ended by itself, its caller has gone, or Asterisk has


def _clock() -> float:
    return asyncio.get_running_loop().time()
