"""FakeAsterisk: the in-memory transport, and what a test may do to the world behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self
from urllib.parse import unquote

import msgspec

from ari_client.errors import AriUnavailable
from ari_client.generated import events
from ari_client.testing.applications import Applications, frames_of
from ari_client.testing.bridge_commands import BRIDGE_COMMANDS
from ari_client.testing.channel_commands import CHANNEL_COMMANDS
from ari_client.testing.media import Media
from ari_client.testing.media_commands import MEDIA_COMMANDS
from ari_client.testing.phones import Phone
from ari_client.testing.requests import Command, Request, Routes, World
from ari_client.testing.server_commands import SERVER_COMMANDS
from ari_client.testing.state import FakeBridge, FakeChannel, Refusal
from ari_client.testing.switchboard import Switchboard
from ari_client.transport import Response

_COMMANDS: Final[Mapping[str, Command]] = {
    **CHANNEL_COMMANDS,
    **BRIDGE_COMMANDS,
    **MEDIA_COMMANDS,
    **SERVER_COMMANDS,
}

_ROUTES: Final = Routes({pattern: pattern for pattern in _COMMANDS})

KEY_PRESS_MS: Final = 100


class FakeAsterisk:
    """An Asterisk in memory.

    Example:
        fake = FakeAsterisk()
        fake.phone("100@acme.test", Answers(after_s=1.0))
        async with AriClient(settings, fake) as ari:
            ...
            caller = fake.incoming_call(endpoint="101@acme.test", dialled="100", tenant_id="7")

    Attributes:
        requests: Every request so far, the refused ones too.
        sounds: Seconds that a prompt takes, by media URI (1.0 for those not named); None for one
            that cannot be played.
        is_down: While true, no request is answered and no websocket opens.
    """

    def __init__(self) -> None:
        self._applications = Applications()
        self._switchboard = Switchboard(self._applications)
        self._media = Media(self._switchboard)
        self._refusals: dict[str, Refusal] = {}
        self.requests: list[Request] = []
        self.is_down = False

    @property
    def channels(self) -> Mapping[str, FakeChannel]:
        """The channels there are, by id."""
        return self._switchboard.channels

    @property
    def bridges(self) -> Mapping[str, FakeBridge]:
        """The bridges there are, by id."""
        return self._switchboard.bridges

    @property
    def sounds(self) -> dict[str, float | None]:
        """Seconds that a prompt takes, by media URI; None for one that cannot be played."""
        return self._media.sounds

    def events_sent(self, app: str = "pbx") -> Sequence[events.Event]:
        """Every event that went out to an application so far."""
        return self._applications.get(app).sent

    def phone(self, endpoint: str, phone: Phone) -> None:
        """Say what a telephone does when dialled; unnamed ones are unregistered.

        Args:
            endpoint: `100@acme.test`, or with another technology `Local/x@phones`.
            phone: What it does.
        """
        self._switchboard.phones[endpoint] = phone

    def incoming_call(
        self,
        *,
        endpoint: str,
        dialled: str,
        tenant_id: str | None = None,
        app: str = "pbx",
        args: Sequence[str] = ("phone",),
        channel_id: str | None = None,
    ) -> str:
        """A telephone dials, and its channel enters the application.

        Returns:
            The id of the caller's channel.
        """
        technology, _, name = endpoint.rpartition("/")
        channel = FakeChannel(
            id=channel_id or self._switchboard.next_id(),
            name=f"{technology or 'PJSIP'}/{name}-{len(self.channels):08x}",
            app=app,
            created_at=datetime.now(UTC),
            state="Ring",
            args=tuple(args),
            dialled=dialled,
            caller_number=name.partition("@")[0],
            tenant_id=tenant_id,
        )
        self._switchboard.add(channel)
        self._switchboard.enter_stasis(channel)
        return channel.id

    def press(self, channel_id: str, digits: str) -> None:
        """The person at this telephone presses keys, one after another."""
        channel = self._switchboard.channel(channel_id)
        for digit in digits:
            pressed = events.ChannelDtmfReceived(
                channel=channel.model(), digit=digit, duration_ms=KEY_PRESS_MS
            )
            self._switchboard.tell(channel, pressed)
            self._media.key_pressed(channel, digit)

    def fall_silent(self, channel_id: str) -> None:
        """The person at this telephone stops speaking; until then everybody speaks all the time."""
        self._media.fell_silent(self._switchboard.channel(channel_id))

    def answer(self, channel_id: str) -> None:
        """The person at this ringing telephone picks up now."""
        self._switchboard.answered(self._switchboard.channel(channel_id))

    def hang_up(self, channel_id: str, cause: int = 16) -> None:
        """The person at this telephone hangs up; harmless when the channel has gone already."""
        channel = self.channels.get(channel_id)
        if channel is not None:
            self._switchboard.hung_up(channel, cause)

    def hold(self, channel_id: str) -> None:
        """The person at this telephone puts the other one on hold."""
        channel = self._switchboard.channel(channel_id)
        self._switchboard.tell(channel, events.ChannelHold(channel=channel.model()))

    def unhold(self, channel_id: str) -> None:
        """The person at this telephone takes the other one back."""
        channel = self._switchboard.channel(channel_id)
        self._switchboard.tell(channel, events.ChannelUnhold(channel=channel.model()))

    def fail_recordings(self) -> None:
        """From now on what is recorded fails, and nothing of it is kept."""
        self._media.records_nothing = True

    def finish_playback(self, playback_id: str) -> None:
        """A prompt comes to its end now."""
        self._media.stop(self._media.playback(playback_id))

    def send(self, event: events.Event, app: str = "pbx") -> None:
        """Tell an application something of the test's own making."""
        self._applications.send(app, event)

    def refuse_next(self, route: str, status: int, message: str = "refused") -> None:
        """Answer the next request of a kind with an error.

        Args:
            route: Such as `POST /channels/{}/answer`.
            status: HTTP status.
            message: Asterisk's words.
        """
        self._refusals[route] = Refusal(status, message)

    def cut_websocket(self) -> None:
        """The websocket ends; channels live on, and what happens meanwhile is told to nobody."""
        self._applications.cut()

    def crash(self) -> None:
        """Asterisk dies and is back at once: no channel, bridge or application is left."""
        self._applications.forget()
        self._switchboard.clear()
        self._media.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._applications.cut()
        self._switchboard.clear()
        self._media.clear()

    async def request(
        self, method: str, path: str, query: Mapping[str, str], json: bytes | None
    ) -> Response:
        """Do what a request asks; see `Transport`."""
        segments = [unquote(each) for each in path.strip("/").split("/")]
        body = msgspec.json.decode(json, type=dict[str, object]) if json else {}
        route, ids = _ROUTES.find(method, segments)
        request = Request(method, "/" + "/".join(segments), dict(query), body, ids)
        self.requests.append(request)
        if self.is_down:
            raise AriUnavailable(f"{method} {path}: the fake is down")
        try:
            return await self._answer(route, request)
        except Refusal as refusal:
            return Response(refusal.status, msgspec.json.encode({"message": refusal.message}))

    @asynccontextmanager
    async def connect_events(self, query: Mapping[str, str]) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a websocket; see `Transport`."""
        if self.is_down:
            raise AriUnavailable("GET /events: the fake is down")
        app = query["app"]
        frames = self._applications.connect(app)
        try:
            yield frames_of(frames)
        finally:
            self._applications.disconnect(app, frames)

    async def _answer(self, route: str, request: Request) -> Response:
        refusal = self._refusals.pop(route, None)
        if refusal is not None:
            raise refusal
        answer = await _COMMANDS[route](World(self._switchboard, self._media), request)
        if answer is None:
            return Response(204, b"")
        if isinstance(answer, bytes):
            return Response(200, answer)
        return Response(200, msgspec.json.encode(answer))
