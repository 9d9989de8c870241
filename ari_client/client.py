"""AriClient: one Asterisk, its operations, and its events in inboxes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from random import Random
from types import TracebackType
from typing import Final, Self

import structlog

from ari_client.backoff import Backoff
from ari_client.catch_up import Snapshot, catch_up
from ari_client.commands import Commands
from ari_client.decoding import decode_event
from ari_client.errors import AriError
from ari_client.generated import events, operations
from ari_client.inbox import INBOX_CAPACITY, Queue
from ari_client.routing import EventRouter, Inbox
from ari_client.settings import AriSettings
from ari_client.transport import AiohttpTransport, Transport

FRAMES_AT_A_TIME: Final = 64
"""After so many the calls get their turn: frames that have arrived already come without a wait."""

_log = structlog.get_logger(__name__)


class AriClient:
    """Everything one can ask of an Asterisk, and everything it tells.

    Requests may be sent as soon as the client is open; events come while `listen` runs.

    Attributes:
        lobby: News of the connection, and every event that no inbox has claimed, in order.
    """

    def __init__(self, settings: AriSettings, transport: Transport | None = None) -> None:
        self.settings = settings
        self._transport = transport or AiohttpTransport(settings)
        self._router = EventRouter()
        commands = Commands(self._transport)
        self.applications = operations.Applications(commands)
        self.asterisk = operations.Asterisk(commands)
        self.bridges = operations.Bridges(commands)
        self.channels = operations.Channels(commands)
        self.device_states = operations.DeviceStates(commands)
        self.endpoints = operations.Endpoints(commands)
        self.events = operations.Events(commands)
        self.mailboxes = operations.Mailboxes(commands)
        self.playbacks = operations.Playbacks(commands)
        self.recordings = operations.Recordings(commands)
        self.sounds = operations.Sounds(commands)

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._transport.__aexit__(exc_type, exc, traceback)

    @property
    def lobby(self) -> Queue:
        """News of the connection, and every event that no inbox has claimed, in order."""
        return self._router.lobby

    @property
    def is_connected(self) -> bool:
        """Whether events flow at this moment."""
        return self._router.is_connected

    @property
    def lost_at(self) -> datetime | None:
        """When events ceased to flow the last time; None when they never have."""
        return self._router.lost_at

    def waiting_in_inboxes(self) -> int:
        """How many events lie in inboxes and have not been looked at yet; the lobby is apart."""
        return sum(len(inbox) for inbox in self._router.inboxes())

    def inbox(self, name: str, capacity: int = INBOX_CAPACITY) -> Inbox:
        """A new inbox, to be used in a `with` block.

        Args:
            name: For the log, when it overflows.
            capacity: Most events that may wait in it.
        """
        return self._router.inbox(name, capacity)

    async def listen(self) -> None:
        """Receive events until cancelled, or until another connection has taken over our name.

        Connects again whenever the websocket ends, in whatever manner, after 0.2 s to 5 s. In the
        lobby, `Connected` comes before the first event of a connection and `Disconnected` after
        its last. After ApplicationReplaced there is no reconnect: that would take the calls back.
        """
        backoff = Backoff(Random())  # noqa: S311 - spreads reconnects, guards nothing
        while not await self._listen_once(backoff):  # noqa: ASYNC110 - a pause, not a poll
            await asyncio.sleep(backoff.next_s())

    async def snapshot(self) -> Snapshot:
        """Ask for all channels and bridges; meant for once after each `Connected`."""
        channels = await self.channels.list()
        bridges = await self.bridges.list()
        return Snapshot({each.id: each for each in channels}, {each.id: each for each in bridges})

    async def catch_up(self, snapshot: Snapshot) -> None:
        """Tell each inbox what it missed while no events came; see `ari_client.catch_up`."""
        await catch_up(self._router, snapshot, self.playbacks, self.recordings)

    async def _listen_once(self, backoff: Backoff) -> bool:
        """Connect, and receive until it ends; say whether another connection took over."""
        is_connected = False
        reason = "closed"
        try:
            async with self._transport.connect_events({"app": self.settings.app}) as frames:
                await self._set_event_filter()
                is_connected = True
                backoff.reset()
                _log.info("ari_connected", app=self.settings.app)
                self._router.connected()
                if await self._receive(frames):
                    reason = "replaced"
        except AriError as fault:
            reason = str(fault)
        if is_connected:
            self._router.disconnected(reason)
        _log.warning("ari_disconnected", app=self.settings.app, reason=reason)
        return reason == "replaced"

    async def _receive(self, frames: AsyncIterator[bytes]) -> bool:
        received = 0
        async for frame in frames:
            received += 1
            if received % FRAMES_AT_A_TIME == 0:
                await asyncio.sleep(0)
            event = decode_event(frame)
            self._router.route(event)
            if isinstance(event, events.ApplicationReplaced):
                return True
        return False

    async def _set_event_filter(self) -> None:
        """Asterisk forgets the filter with the connection, or keeps one of an older program."""
        wanted = self.settings.event_types
        names = {each.__name__ for each in wanted | {events.ApplicationReplaced}} if wanted else ()
        allowed = [{"type": name} for name in sorted(names)]
        await self.applications.filter(
            self.settings.app, filter={"allowed": allowed, "disallowed": []}
        )
