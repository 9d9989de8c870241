"""What the fake keeps of channels, bridges, playbacks and recordings, and how Asterisk shows it."""

from __future__ import annotations

import asyncio
import io
import wave
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ari_client.generated import models

SAMPLES_PER_S: Final = 8000


class Refusal(Exception):
    """The request is answered with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(slots=True, eq=False)
class FakePlayback:
    """One playback: what is left to play, and the clock of what is playing."""

    id: str
    app: str
    target_uri: str
    media: deque[str]
    state: str = "queued"
    remaining_s: float = 0.0
    started_at_s: float = 0.0
    timer: asyncio.TimerHandle | None = None

    def model(self) -> models.Playback:
        """As Asterisk shows it."""
        return models.Playback(
            id=self.id,
            media_uri=self.media[0],
            next_media_uri=self.media[1] if len(self.media) > 1 else None,
            target_uri=self.target_uri,
            language="en",
            state=self.state,
        )


@dataclass(slots=True, eq=False)
class FakeRecording:
    """One recording that is being made, or waits for a prompt to end.

    Attributes:
        longest_s: It ends here; 0 for no limit.
        longest_silence_s: It ends after so much silence; 0 for no limit.
        terminate_on: The key that ends it: ``none``, ``any``, ``*`` or ``#``.
        started_at_s: When it began, on the loop's clock.
        timers: What will end it.
    """

    name: str
    app: str
    format: str
    target_uri: str
    longest_s: float = 0.0
    longest_silence_s: float = 0.0
    terminate_on: str = "none"
    started_at_s: float = 0.0
    state: str = "queued"
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    def ends_on(self, digit: str) -> bool:
        """Whether this key ends it."""
        return self.terminate_on in ("any", digit)

    def model(self, duration_s: float | None = None) -> models.LiveRecording:
        """As Asterisk shows it."""
        duration = None if duration_s is None else int(duration_s)
        told_apart = duration is not None and self.longest_silence_s > 0
        return models.LiveRecording(
            name=self.name,
            format=self.format,
            target_uri=self.target_uri,
            state=self.state,
            duration=duration,
            talking_duration=duration if told_apart else None,
            silence_duration=0 if told_apart else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeStored:
    """A finished recording on Asterisk's disk."""

    format: str
    duration_s: float

    def file(self) -> bytes:
        """Its file: a WAV of silence, whatever its format says."""
        content = io.BytesIO()
        with wave.open(content, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLES_PER_S)
            file.writeframes(bytes(2 * round(self.duration_s * SAMPLES_PER_S)))
        return content.getvalue()


@dataclass(slots=True, eq=False)
class FakeChannel:
    """One channel.

    Attributes:
        app: The application that hears of it.
        in_stasis: Whether commands may be given to it.
        is_created: It came from a create or originate: its ChannelDestroyed is told. Of a
            caller that came through the dialplan, StasisEnd is the last that is told.
        endpoint: Whom it dials when told to.
        timers: What its telephone is going to do.
        playbacks: The first one is playing; commands wait until there are none.
        recording: What is being recorded of it; it waits while something plays, and what is
            to be played waits while it goes on.
        silent_since_s: Since when its telephone has sent silence, on the loop's clock; None while
            somebody speaks.
        music_class: The music on hold it hears; None when it hears none.
        continued_at: Where it was given back to the dialplan.
    """

    id: str
    name: str
    app: str
    created_at: datetime
    state: str = "Down"
    in_stasis: bool = False
    is_created: bool = False
    endpoint: str = ""
    args: tuple[str, ...] = ()
    dialled: str = ""
    caller_number: str = ""
    tenant_id: str | None = None
    bridge_id: str | None = None
    is_ringing_back: bool = False
    music_class: str | None = None
    continued_at: tuple[str, str, int] | None = None
    hangup_cause: int | None = None
    variables: dict[str, str] = field(default_factory=dict)
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    playbacks: deque[FakePlayback] = field(default_factory=deque)
    recording: FakeRecording | None = None
    silent_since_s: float | None = None
    fell_silent: asyncio.Event = field(default_factory=asyncio.Event)

    def model(self) -> models.Channel:
        """As Asterisk shows it."""
        return models.Channel(
            id=self.id,
            name=self.name,
            state=self.state,
            caller=models.CallerID(number=self.caller_number),
            dialplan=models.DialplanCEP(
                context="phones",
                exten=self.dialled,
                priority=1,
                app_name="Stasis" if self.in_stasis else "",
                app_data=",".join((self.app, *self.args)) if self.in_stasis else "",
            ),
            creationtime=self.created_at,
            language="en",
            tenantid=self.tenant_id,
        )


@dataclass(slots=True, eq=False)
class FakeBridge:
    """One bridge; `type` is mixing or holding."""

    id: str
    app: str
    type: str
    name: str
    created_at: datetime
    channel_ids: list[str] = field(default_factory=list)
    music_class: str | None = None

    def model(self) -> models.Bridge:
        """As Asterisk shows it."""
        return models.Bridge(
            id=self.id,
            technology="holding_bridge" if self.type == "holding" else "simple_bridge",
            bridge_type=self.type,
            bridge_class="stasis",
            creator="Stasis",
            name=self.name,
            channels=tuple(self.channel_ids),
            video_mode="talker",
            creationtime=self.created_at,
        )
