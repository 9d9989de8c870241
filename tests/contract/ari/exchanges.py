"""One exchange, two kinds: what a scenario may do to the telephones, faked or real."""

from __future__ import annotations

import asyncio
import secrets
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from ari_client import AriClient, AriSettings, Response, Transport, events
from ari_client.inbox import Notice
from ari_client.routing import mentioned
from ari_client.testing import Answers, Busy, Declines, FakeAsterisk, HangsUp, NeverAnswers
from tests.support.waiting import COMES_S

PROMPT_S: Final = 0.6
PRESSES: Final = {"presses": (1.0, "12"), "talks-then-presses": (2.0, "7#")}
"""Callers who press keys of their own accord: after how many seconds, and which."""

# What only real channels tell, of the dialplan they went through.
UNTOLD: Final = (events.ChannelDialplan, events.ChannelVarset)

DETAILS: Final[Mapping[type[events.Event], Callable[[events.Event], object]]] = {
    events.Dial: lambda event: isinstance(event, events.Dial) and event.dialstatus,
    events.ChannelStateChange: lambda event: (
        isinstance(event, events.ChannelStateChange) and event.channel.state
    ),
    events.ChannelHangupRequest: lambda event: (
        isinstance(event, events.ChannelHangupRequest) and event.cause
    ),
    events.ChannelDestroyed: lambda event: (
        isinstance(event, events.ChannelDestroyed) and event.cause
    ),
    events.PlaybackFinished: lambda event: (
        isinstance(event, events.PlaybackFinished) and event.playback.state
    ),
    events.RecordingFinished: lambda event: (
        isinstance(event, events.RecordingFinished) and event.recording.state
    ),
    events.ChannelDtmfReceived: lambda event: (
        isinstance(event, events.ChannelDtmfReceived) and event.digit
    ),
}


def told(event: events.Event) -> str:
    """An event in two words: its type and what matters in it."""
    detail = DETAILS.get(type(event))
    return f"{type(event).__name__} {detail(event) if detail else ''}".strip()


def strands(story: list[str]) -> tuple[list[str], list[str]]:
    """What Dial told, in any order, and what the channel told, in its own.

    Several threads of Asterisk tell of a dialled leg: now and then RINGING overtakes the empty
    status, and either overtakes the change of state.
    """
    dial = sorted(word for word in story if word.startswith("Dial"))
    return dial, [word for word in story if word not in dial]


class Heard:
    """Everything that came into the lobby so far."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self._more = asyncio.Condition()

    async def collect(self, ari: AriClient) -> None:
        """Empty the lobby for ever."""
        while True:
            notice = await ari.lobby.get()
            async with self._more:
                self.notices.append(notice)
                self._more.notify_all()

    def story(self, id_: str) -> list[str]:
        """What was told of one channel, bridge, playback or recording, in order."""
        return [
            told(notice)
            for notice in self.notices
            if isinstance(notice, events.Event)
            and not isinstance(notice, UNTOLD)
            and id_ in (resource.id for resource, _ in mentioned(notice))
        ]

    async def until(self, id_: str, end: str, times: int = 1) -> list[str]:
        """Wait until this was told of the thing, and give back its story so far."""
        await self.until_true(lambda: self.story(id_).count(end) >= times, f"{end} of {id_}")
        return self.story(id_)

    async def until_true(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until what was heard makes this true."""
        try:
            async with asyncio.timeout(COMES_S), self._more:
                await self._more.wait_for(is_so)
        except TimeoutError:
            raise AssertionError(f"never heard: {what}; but: {self.notices}") from None


class Cuttable:
    """A transport whose websocket can be cut in the middle."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._cut = asyncio.Event()
        self._is_whole = asyncio.Event()
        self._is_whole.set()

    async def __aenter__(self) -> Cuttable:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._inner.__aexit__(None, None, None)

    async def request(
        self, method: str, path: str, query: Mapping[str, str], json: bytes | None
    ) -> Response:
        """Pass a request on."""
        return await self._inner.request(method, path, query, json)

    @asynccontextmanager
    async def connect_events(self, query: Mapping[str, str]) -> AsyncIterator[AsyncIterator[bytes]]:
        """Pass frames on until cut; as long as it is cut, nobody gets through."""
        await self._is_whole.wait()
        async with self._inner.connect_events(query) as frames:
            self._cut.clear()
            yield self._until_cut(frames)

    def cut(self) -> None:
        """Let the websocket end, and none begin."""
        self._is_whole.clear()
        self._cut.set()

    def mend(self) -> None:
        """Let the next one begin."""
        self._is_whole.set()

    async def _until_cut(self, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async def next_frame() -> bytes | None:
            return await anext(frames, None)

        cut = asyncio.ensure_future(self._cut.wait())
        frame = asyncio.ensure_future(next_frame())
        try:
            while True:
                await asyncio.wait((cut, frame), return_when=asyncio.FIRST_COMPLETED)
                if cut.done() or (received := frame.result()) is None:
                    return
                yield received
                frame = asyncio.ensure_future(next_frame())
        finally:
            cut.cancel()
            frame.cancel()
            await asyncio.gather(cut, frame, return_exceptions=True)


class Exchange(Protocol):
    """An Asterisk with telephones, and a client that listens to it."""

    @property
    def ari(self) -> AriClient: ...

    @property
    def heard(self) -> Heard: ...

    @property
    def prompt(self) -> str:
        """Media of a sound of PROMPT_S seconds."""
        ...

    @property
    def other_transport(self) -> Transport: ...

    def endpoint(self, behaviour: str) -> str:
        """A telephone that answers, rings, declines, hangs-up or is busy or unregistered."""
        ...

    async def incoming_call(self, behaviour: str = "waits") -> str:
        """A telephone calls; the id of its channel, which is in the application."""
        ...

    async def caller_hangs_up(self, channel_id: str) -> None:
        """The person who called puts the receiver down."""
        ...

    def cut_websocket(self) -> None:
        """The connection for events ends, and none begins."""
        ...

    def mend_websocket(self) -> None:
        """The next one may begin."""
        ...


class FakeExchange:
    """The fake, with the telephones of the scenarios."""

    def __init__(self, fake: FakeAsterisk, ari: AriClient, transport: Cuttable) -> None:
        self.fake = fake
        self.ari = ari
        self.heard = Heard()
        self.prompt = "sound:prompt"
        self.other_transport: Transport = fake
        self.cut_websocket, self.mend_websocket = transport.cut, transport.mend
        fake.sounds["sound:prompt"] = PROMPT_S
        fake.sounds["sound:/no/such/sound"] = None
        fake.sounds["sound:vm-newn"] = None  # English lacks it
        fake.phone("Local/answers@phones", Answers(0.3))
        fake.phone("Local/busy@phones", Busy(0.2))
        fake.phone("Local/declines@phones", Declines(0.3))
        fake.phone("Local/rings@phones", NeverAnswers())
        fake.phone("Local/hangs-up@phones", HangsUp(0.0, talks_s=0.5))

    def endpoint(self, behaviour: str) -> str:
        """See `Exchange`."""
        return "PJSIP/unregistered" if behaviour == "unregistered" else f"Local/{behaviour}@phones"

    async def incoming_call(self, behaviour: str = "waits") -> str:
        """See `Exchange`."""
        app = self.ari.settings.app
        id_ = self.fake.incoming_call(endpoint="101@acme.test", dialled="caller", app=app)
        await self.heard.until(id_, "StasisStart")
        if behaviour in PRESSES:
            after_s, keys = PRESSES[behaviour]
            asyncio.get_running_loop().call_later(after_s, self.fake.press, id_, keys)
        return id_

    async def caller_hangs_up(self, channel_id: str) -> None:
        """See `Exchange`."""
        self.fake.hang_up(channel_id)


class RealExchange:
    """A real Asterisk, its telephones played by the dialplan of the suite."""

    def __init__(self, ari: AriClient, transport: Cuttable, other: Transport, home: Path) -> None:
        self.ari = ari
        self.heard = Heard()
        self.prompt = f"sound:{_tone(home)}"
        self.other_transport = other
        self.cut_websocket, self.mend_websocket = transport.cut, transport.mend

    def endpoint(self, behaviour: str) -> str:
        """See `Exchange`."""
        return "PJSIP/unregistered" if behaviour == "unregistered" else f"Local/{behaviour}@phones"

    async def incoming_call(self, behaviour: str = "waits") -> str:
        """See `Exchange`."""
        id_ = f"call-{secrets.token_hex(4)}"
        await self.ari.channels.originate(
            endpoint="Local/caller@phones",
            extension=behaviour,
            context="phones",
            channel_id=f"far-{id_}",
            other_channel_id=id_,
            variables={"APP": self.ari.settings.app},
        )
        await self.heard.until(id_, "StasisStart")
        return id_

    async def caller_hangs_up(self, channel_id: str) -> None:
        """See `Exchange`."""
        await self.ari.channels.hangup(f"far-{channel_id}", reason_code="16")


def settings_of_fake() -> AriSettings:
    """For a client of the fake."""
    return AriSettings(username="fake", password="fake", app="contract")


def _tone(home: Path) -> Path:
    """Write a prompt of silence; the path without extension, as Asterisk wants it."""
    path = home / "prompt.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(8000 * PROMPT_S) * 2))
    return path.with_suffix("")
