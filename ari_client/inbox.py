"""What waits to be read: a bounded queue of notices for one reader, which complains when full."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final, TypeAlias

import structlog

from ari_client.generated.events import Event

INBOX_CAPACITY: Final = 512
LOBBY_CAPACITY: Final = 8192

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Connected:
    """Events flow from here on; what happened before is to be asked for (`AriClient.snapshot`)."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """No events until the next `Connected`; Asterisk keeps none for us meanwhile."""

    reason: str


@dataclass(frozen=True, slots=True)
class Overflowed:
    """The reader was too slow: this many events are missing between its neighbours."""

    dropped: int


Notice: TypeAlias = Event | Connected | Disconnected | Overflowed


class Queue:
    """Notices in the order they came, for one reader.

    When it is full, further events are counted instead of kept: the reader finds one `Overflowed`
    where they are missing, and the log has an error. News of the connection is always kept.
    """

    def __init__(self, name: str, capacity: int) -> None:
        self.name = name
        self._capacity = capacity
        self._waiting: deque[Notice] = deque()
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    async def get(self) -> Notice:
        """Wait for the next notice; put `asyncio.timeout` around it, as around every wait."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    def get_nowait(self) -> Notice | None:
        """The next notice if there is one already."""
        return self._waiting.popleft() if self._waiting else None

    def put(self, notice: Notice) -> None:
        """Add a notice, or count it as missing; never waits."""
        is_event = isinstance(notice, Event)
        if is_event and len(self._waiting) >= self._capacity:
            self._count_as_missing()
        else:
            self._waiting.append(notice)
        self._arrived.set()

    def _count_as_missing(self) -> None:
        match self._waiting[-1]:
            case Overflowed(dropped):
                self._waiting[-1] = Overflowed(dropped + 1)
            case _:
                _log.error("inbox_overflowed", inbox=self.name, capacity=self._capacity)
                self._waiting.append(Overflowed(1))
