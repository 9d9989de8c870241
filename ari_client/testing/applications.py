"""The fake's Stasis applications: who listens, and what the event filter lets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec

from ari_client.generated import events, models
from ari_client.testing.state import Refusal

ENTITY_ID: Final = "fake"

Frames: TypeAlias = asyncio.Queue[bytes | None]


@dataclass(slots=True)
class Application:
    """One application; `frames` is its websocket, None while it is away."""

    name: str
    frames: Frames | None = None
    allowed: frozenset[str] = frozenset()
    disallowed: frozenset[str] = frozenset()
    sent: list[events.Event] = field(default_factory=list)

    def wants(self, event: events.Event) -> bool:
        """Whether the event filter lets it through."""
        name = type(event).__name__
        if name in self.disallowed:
            return False
        return not self.allowed or name in self.allowed

    def model(
        self, channel_ids: tuple[str, ...], bridge_ids: tuple[str, ...]
    ) -> models.Application:
        """As Asterisk shows it."""
        return models.Application(
            name=self.name,
            channel_ids=channel_ids,
            bridge_ids=bridge_ids,
            events_allowed=tuple({"type": name} for name in sorted(self.allowed)),
            events_disallowed=tuple({"type": name} for name in sorted(self.disallowed)),
        )


class Applications:
    """All applications that ever connected."""

    def __init__(self) -> None:
        self._by_name: dict[str, Application] = {}

    def get(self, name: str) -> Application:
        """One application.

        Raises:
            Refusal: 404, nobody ever connected under this name.
        """
        found = self._by_name.get(name)
        if found is None:
            raise Refusal(404, "Application not found")
        return found

    def all(self) -> tuple[Application, ...]:
        """Every application."""
        return tuple(self._by_name.values())

    def is_listening(self, name: str) -> bool:
        """Whether somebody is connected under this name."""
        application = self._by_name.get(name)
        return application is not None and application.frames is not None

    def connect(self, name: str) -> Frames:
        """Open a websocket; whoever listened before hears that it was replaced."""
        application = self._by_name.setdefault(name, Application(name))
        if application.frames is not None:
            self.send(name, events.ApplicationReplaced())
        application.frames = asyncio.Queue()
        return application.frames

    def disconnect(self, name: str, frames: Frames) -> None:
        """The websocket is gone, if it still was this one."""
        application = self._by_name.get(name)
        if application is not None and application.frames is frames:
            application.frames = None

    def cut(self) -> None:
        """All websockets end cleanly; what was under way in them is lost."""
        for application in self._by_name.values():
            if application.frames is not None:
                while not application.frames.empty():
                    application.frames.get_nowait()
                application.frames.put_nowait(None)
                application.frames = None

    def forget(self) -> None:
        """Asterisk died: websockets end, and no application is known any more."""
        self.cut()
        self._by_name.clear()

    def send(self, name: str, event: events.Event) -> None:
        """Tell an application; nothing is kept for one that is away."""
        application = self._by_name.get(name)
        if application is None or application.frames is None or not application.wants(event):
            return
        stamped = msgspec.structs.replace(event, application=name, asterisk_id=ENTITY_ID)
        application.sent.append(stamped)
        application.frames.put_nowait(msgspec.json.encode(stamped))


async def frames_of(frames: Frames) -> AsyncIterator[bytes]:
    """What comes over a websocket, until it ends."""
    while True:
        frame = await frames.get()
        if frame is None:
            return
        yield frame
