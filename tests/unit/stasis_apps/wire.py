"""The way between a client and the fake Asterisk, with somebody listening in on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self

from ari_client import Response
from ari_client.testing import FakeAsterisk


async def _at_once(_method: str, _path: str) -> None:
    """A request takes no time on its way."""


class Wire:
    """The way to the fake; somebody may act just when a request is under way.

    Attributes:
        before: Called with the number of each request (the first is 1) before Asterisk has it.
        after: The same, when Asterisk has done what was asked.
        on_the_way: Awaited with method and path before Asterisk has the request; may take its
            time, or raise.
    """

    def __init__(self, fake: FakeAsterisk) -> None:
        self._fake = fake
        self._count = 0
        self.before: Callable[[int], None] = lambda _: None
        self.after: Callable[[int], None] = lambda _: None
        self.on_the_way: Callable[[str, str], Awaitable[None]] = _at_once

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """The fake stays: others may be connected to it."""

    async def request(
        self, method: str, path: str, query: Mapping[str, str], json: bytes | None
    ) -> Response:
        """Pass a request on, and let the world move around it."""
        self._count += 1
        number = self._count
        self.before(number)
        await self.on_the_way(method, path)
        response = await self._fake.request(method, path, query, json)
        self.after(number)
        return response

    def connect_events(
        self, query: Mapping[str, str]
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Pass the websocket on."""
        return self._fake.connect_events(query)
