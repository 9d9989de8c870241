"""The fake's sound: playbacks that take their time, and recordings."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from ari_client.generated import events
from ari_client.testing.state import (
    FakeChannel,
    FakePlayback,
    FakeRecording,
    FakeStored,
    Refusal,
)
from ari_client.testing.switchboard import Switchboard

DEFAULT_SOUND_S: Final = 1.0


class Media:
    """All playbacks and recordings.

    Attributes:
        sounds: Length of a prompt in seconds, by media URI; None for one that cannot be played.
        stored: Each finished recording, by name.
    """

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self.sounds: dict[str, float | None] = {}
        self.playbacks: dict[str, FakePlayback] = {}
        self.recordings: dict[str, FakeRecording] = {}
        self.records_nothing = False
        self.stored: dict[str, FakeStored] = {}
        switchboard.when_hung_up = self._hung_up

    def play(
        self, app: str, target_uri: str, channel: FakeChannel | None, id_: str, media: Sequence[str]
    ) -> FakePlayback:
        """Play now, or after what is playing on this channel; None for a bridge."""
        playback = FakePlayback(id_, app, target_uri, deque(media))
        self.playbacks[id_] = playback
        if channel is not None:
            channel.playbacks.append(playback)
            channel.fell_silent.clear()
        if channel is None or (channel.playbacks[0] is playback and channel.recording is None):
            asyncio.get_running_loop().call_soon(self._start, playback, channel)
        return playback

    def playback(self, id_: str) -> FakePlayback:
        """One playback that has not ended.

        Raises:
            Refusal: 404.
        """
        found = self.playbacks.get(id_)
        if found is None:
            raise Refusal(404, "Playback not found")
        return found

    def stop(self, playback: FakePlayback) -> None:
        """Break off: what is queued behind it begins."""
        self._end(playback, "done")

    def pause(self, playback: FakePlayback) -> None:
        """The clock of the playback stands still."""
        if playback.timer is None:
            return
        playback.timer.cancel()
        playback.timer = None
        elapsed_s = asyncio.get_running_loop().time() - playback.started_at_s
        playback.remaining_s = max(0.0, playback.remaining_s - elapsed_s)
        playback.state = "paused"

    def resume(self, playback: FakePlayback) -> None:
        """The clock of the playback goes on, and PlaybackStarted is told again."""
        if playback.state == "paused":
            self._run(playback)

    async def silence(self, channel: FakeChannel) -> bool:
        """Wait as a command waits for the channel's thread, until nothing plays on it.

        Returns:
            Whether the channel still takes commands; false when it hung up meanwhile.
        """
        while channel.playbacks or channel.recording:
            await channel.fell_silent.wait()
        return channel.in_stasis

    def record(self, recording: FakeRecording, channel: FakeChannel | None) -> None:
        """Begin to record, on a channel after what is playing there; None for a bridge.

        Raises:
            Refusal: 409, there is one of this name.
        """
        name = recording.name
        if name in self.recordings or name in self.stored:
            raise Refusal(409, f"Recording '{name}' already exists and can not be overwritten")
        self.recordings[name] = recording
        if channel is not None:
            channel.recording = recording
            channel.fell_silent.clear()
        if channel is None or not channel.playbacks:
            asyncio.get_running_loop().call_soon(self._start_recording, recording, channel)

    def recording(self, name: str) -> FakeRecording:
        """One recording that is being made.

        Raises:
            Refusal: 404.
        """
        found = self.recordings.get(name)
        if found is None:
            raise Refusal(404, "Recording not found")
        return found

    def finish(self, recording: FakeRecording, *, is_kept: bool = True) -> None:
        """The recording ends; one that is not kept is told to be done all the same."""
        if self.recordings.pop(recording.name, None) is None:
            return
        _cancel(recording)
        has_begun = recording.state != "queued" and not self.records_nothing
        recording.state = "failed" if self.records_nothing else "done"
        ended = events.RecordingFailed if self.records_nothing else events.RecordingFinished
        duration_s = asyncio.get_running_loop().time() - recording.started_at_s
        if is_kept and has_begun:
            self.stored[recording.name] = FakeStored(format=recording.format, duration_s=duration_s)
        told = recording.model(duration_s if has_begun else None)
        self._switchboard.applications.send(recording.app, ended(recording=told))
        channel = self._channel(recording.target_uri)
        if channel is not None and channel.recording is recording:
            channel.recording = None
            self._next(channel)

    def key_pressed(self, channel: FakeChannel, digit: str) -> None:
        """A key ends the recording that goes on, if it was told to listen to it."""
        recording = channel.recording
        if recording is not None and recording.state == "recording" and recording.ends_on(digit):
            self.finish(recording)

    def fell_silent(self, channel: FakeChannel) -> None:
        """Nobody speaks into this telephone any more; that ends a recording after a while."""
        loop = asyncio.get_running_loop()
        channel.silent_since_s = loop.time()
        recording = channel.recording
        if recording is not None and recording.state == "recording":
            self._await_silence(recording, channel)

    def clear(self) -> None:
        """Asterisk died: everything but what is on its disk is gone, and nothing is told."""
        for playback in self.playbacks.values():
            if playback.timer is not None:
                playback.timer.cancel()
        for recording in self.recordings.values():
            _cancel(recording)
        self.playbacks.clear()
        self.recordings.clear()

    def _start(self, playback: FakePlayback, channel: FakeChannel | None) -> None:
        if playback.state != "queued" or (
            channel is not None and playback not in channel.playbacks
        ):
            return
        self._begin_sound(playback)

    def _begin_sound(self, playback: FakePlayback) -> None:
        length_s = self.sounds.get(playback.media[0], DEFAULT_SOUND_S)
        playback.remaining_s = length_s or 0.0
        self._run(playback)
        if length_s is None:
            self._sound_ended(playback, "failed")

    def _run(self, playback: FakePlayback) -> None:
        loop = asyncio.get_running_loop()
        playback.state = "playing"
        playback.started_at_s = loop.time()
        playback.timer = loop.call_later(playback.remaining_s, self._sound_ended, playback, "done")
        self._send(playback, events.PlaybackStarted(playback=playback.model()))

    def _sound_ended(self, playback: FakePlayback, state: str) -> None:
        if len(playback.media) == 1:
            self._end(playback, state)
            return
        if playback.timer is not None:
            playback.timer.cancel()
        playback.state = "continuing"
        self._send(playback, events.PlaybackContinuing(playback=playback.model()))
        playback.media.popleft()
        self._begin_sound(playback)

    def _end(self, playback: FakePlayback, state: str) -> None:
        if playback.timer is not None:
            playback.timer.cancel()
        playback.state = state
        if self.playbacks.get(playback.id) is playback:
            del self.playbacks[playback.id]
        self._send(playback, events.PlaybackFinished(playback=playback.model()))
        channel = self._channel(playback.target_uri)
        if channel is not None and playback in channel.playbacks:
            channel.playbacks.remove(playback)
            self._next(channel)

    def _next(self, channel: FakeChannel) -> None:
        if channel.recording is not None:
            self._start_recording(channel.recording, channel)
        elif channel.playbacks:
            self._start(channel.playbacks[0], channel)
        else:
            channel.fell_silent.set()

    def _start_recording(self, recording: FakeRecording, channel: FakeChannel | None) -> None:
        if recording.state != "queued" or recording.name not in self.recordings:
            return
        loop = asyncio.get_running_loop()
        recording.state = "recording"
        recording.started_at_s = loop.time()
        if recording.longest_s:
            recording.timers.append(loop.call_later(recording.longest_s, self.finish, recording))
        if channel is not None and channel.silent_since_s is not None:
            self._await_silence(recording, channel)
        started = events.RecordingStarted(recording=recording.model())
        self._switchboard.applications.send(recording.app, started)

    def _await_silence(self, recording: FakeRecording, channel: FakeChannel) -> None:
        def is_enough() -> None:
            if channel.silent_since_s is not None:
                self.finish(recording)

        if recording.longest_silence_s:
            loop = asyncio.get_running_loop()
            timer = loop.call_later(recording.longest_silence_s, is_enough)
            recording.timers.append(timer)

    def _channel(self, target_uri: str) -> FakeChannel | None:
        return self._switchboard.channels.get(target_uri.removeprefix("channel:"))

    def _hung_up(self, channel: FakeChannel) -> None:
        ended = list(channel.playbacks)
        channel.playbacks.clear()
        channel.fell_silent.set()
        for playback in ended:
            self._end(playback, "failed")
        if channel.recording is not None:
            self.finish(channel.recording)

    def _send(self, playback: FakePlayback, event: events.Event) -> None:
        self._switchboard.applications.send(playback.app, event)


def _cancel(recording: FakeRecording) -> None:
    for timer in recording.timers:
        timer.cancel()
    recording.timers.clear()
