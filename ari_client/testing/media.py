"""The fake's sound: playbacks that take their time, and recordings."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from ari_client.generated import events
from ari_client.testing.state import FakeChannel, FakePlayback, FakeRecording, Refusal
from ari_client.testing.switchboard import Switchboard

DEFAULT_SOUND_S: Final = 1.0


class Media:
    """All playbacks and recordings.

    Attributes:
        sounds: Length of a prompt in seconds, by media URI; None for one that cannot be played.
        stored: Format of each finished recording, by name.
    """

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self.sounds: dict[str, float | None] = {}
        self.playbacks: dict[str, FakePlayback] = {}
        self.recordings: dict[str, FakeRecording] = {}
        self.stored: dict[str, str] = {}
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
        if channel is None or channel.playbacks[0] is playback:
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
        while channel.playbacks:
            await channel.fell_silent.wait()
        return channel.in_stasis

    def record(
        self, app: str, target_uri: str, name: str, format_: str, longest_s: float
    ) -> FakeRecording:
        """Begin to record.

        Raises:
            Refusal: 409, there is one of this name.
        """
        if name in self.recordings or name in self.stored:
            raise Refusal(409, f"Recording '{name}' already exists and can not be overwritten")
        loop = asyncio.get_running_loop()
        recording = FakeRecording(name, app, format_, target_uri, loop.time())
        self.recordings[name] = recording
        if longest_s:
            recording.timer = loop.call_later(longest_s, self.finish, recording, "done")
        started = events.RecordingStarted(recording=recording.model())
        loop.call_soon(self._switchboard.applications.send, app, started)
        return recording

    def recording(self, name: str) -> FakeRecording:
        """One recording that is being made.

        Raises:
            Refusal: 404.
        """
        found = self.recordings.get(name)
        if found is None:
            raise Refusal(404, "Recording not found")
        return found

    def finish(self, recording: FakeRecording, state: str) -> None:
        """The recording ends: `done` is kept, `canceled` is not."""
        if self.recordings.pop(recording.name, None) is None:
            return
        if recording.timer is not None:
            recording.timer.cancel()
        recording.state = state
        if state == "done":
            self.stored[recording.name] = recording.format
        duration_s = asyncio.get_running_loop().time() - recording.started_at_s
        finished = events.RecordingFinished(recording=recording.model(duration_s))
        self._switchboard.applications.send(recording.app, finished)

    def clear(self) -> None:
        """Asterisk died: everything but what is on its disk is gone, and nothing is told."""
        timers = [each.timer for each in self.playbacks.values()]
        timers += [each.timer for each in self.recordings.values()]
        for timer in filter(None, timers):
            timer.cancel()
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
        channel = self._switchboard.channels.get(playback.target_uri.removeprefix("channel:"))
        if channel is not None and playback in channel.playbacks:
            channel.playbacks.remove(playback)
            self._next(channel)

    def _next(self, channel: FakeChannel) -> None:
        if channel.playbacks:
            self._start(channel.playbacks[0], channel)
        else:
            channel.fell_silent.set()

    def _hung_up(self, channel: FakeChannel) -> None:
        ended = list(channel.playbacks)
        channel.playbacks.clear()
        channel.fell_silent.set()
        for playback in ended:
            self._end(playback, "failed")
        uri = f"channel:{channel.id}"
        for recording in [each for each in self.recordings.values() if each.target_uri == uri]:
            self.finish(recording, "done")

    def _send(self, playback: FakePlayback, event: events.Event) -> None:
        self._switchboard.applications.send(playback.app, event)
