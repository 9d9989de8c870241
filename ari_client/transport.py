"""The only door to the network: what a transport is, and the one that speaks HTTP."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from ari_client.errors import AriUnavailable, refusal
from ari_client.settings import AriSettings

KEEP_ALIVE_S: Final = 8.0
"""Shorter than Asterisk's 15 s, so that no request meets a connection that is being closed."""

HEARTBEAT_S: Final = 3.0
"""A ping each 3 s and a pong within half of that: a half-open socket is noticed within 4.5 s."""

MAX_EVENT_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """Asterisk's answer to one request."""

    status: int
    body: bytes


class Transport(Protocol):
    """Carries requests to Asterisk and events back."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def request(
        self, method: str, path: str, query: Mapping[str, str], json: bytes | None
    ) -> Response:
        """Send one request.

        Args:
            method: HTTP method.
            path: Path below the base URL, already percent-encoded.
            query: Parameters, not encoded.
            json: Body, or None for none.

        Raises:
            AriUnavailable: no answer came; the outcome is unknown.
        """
        ...

    def connect_events(
        self, query: Mapping[str, str]
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open the websocket; the iterator ends, or raises AriUnavailable, when it is gone.

        Raises:
            AriUnavailable: Asterisk does not answer.
            AriRefused: Asterisk answers, but not with a websocket (401: wrong password).
        """
        ...


class AiohttpTransport:
    """HTTP over a bounded pool of kept-alive connections, and one websocket."""

    def __init__(self, settings: AriSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        credentials = f"{settings.username}:{settings.password}".encode()
        self._session = aiohttp.ClientSession(
            # The websocket keeps one connection for itself.
            connector=aiohttp.TCPConnector(
                limit=settings.pool_size + 1,
                keepalive_timeout=KEEP_ALIVE_S,
                resolver=aiohttp.ThreadedResolver(),  # the machine's own, with all that it knows
            ),
            headers={"Authorization": "Basic " + base64.b64encode(credentials).decode()},
            timeout=aiohttp.ClientTimeout(total=settings.request_timeout_s),
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self, method: str, path: str, query: Mapping[str, str], json: bytes | None
    ) -> Response:
        """Send one request and read the whole answer; see `Transport`."""
        headers = {"Content-Type": "application/json"} if json is not None else None
        try:
            async with self._open().request(
                method, self._url(path, query), data=json, headers=headers
            ) as answer:
                return Response(answer.status, await answer.read())
        except (aiohttp.ClientError, OSError) as fault:  # TimeoutError is an OSError
            raise AriUnavailable(f"{method} {path}: {_words(fault)}") from fault

    @asynccontextmanager
    async def connect_events(self, query: Mapping[str, str]) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open the websocket; see `Transport`."""
        try:
            socket = await self._open().ws_connect(
                self._url("/events", query),
                heartbeat=HEARTBEAT_S,
                max_msg_size=MAX_EVENT_BYTES,
                decode_text=False,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            )
        except aiohttp.WSServerHandshakeError as fault:
            raise refusal(fault.status, fault.message, "GET /events") from fault
        except (aiohttp.ClientError, OSError) as fault:
            raise AriUnavailable(f"GET /events: {_words(fault)}") from fault
        try:
            yield self._frames(socket)
        finally:
            await socket.close()

    async def _frames(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> AsyncIterator[bytes]:
        while True:
            try:
                message = await socket.receive()
            except (aiohttp.ClientError, OSError) as fault:
                raise AriUnavailable(_words(fault)) from fault
            match message.type:
                case aiohttp.WSMsgType.TEXT | aiohttp.WSMsgType.BINARY:
                    yield message.data
                case aiohttp.WSMsgType.ERROR:
                    raise AriUnavailable(_words(message.data))
                case _:
                    return

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise AriUnavailable("the client is not open: use `async with`")
        return self._session

    def _url(self, path: str, query: Mapping[str, str]) -> URL:
        encoded = "?" + urlencode(query, quote_via=quote) if query else ""
        return URL(self._settings.base_url.rstrip("/") + path + encoded, encoded=True)


def _words(fault: object) -> str:
    """A fault in words; some of them have none of their own."""
    return str(fault) or type(fault).__name__
