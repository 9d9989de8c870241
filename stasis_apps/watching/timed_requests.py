"""Times every request to Asterisk on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from time import perf_counter
from types import TracebackType
from typing import Final, Self

from ari_client import AriUnavailable, Response, Transport
from ari_client.operation_names import operation_of
from stasis_apps.watching.figures import Figures

NO_ANSWER: Final = "none"


class TimedRequests:
    """A transport that carries everything over another one and looks at the clock."""

    def __init__(self, transport: Transport, figures: Figures) -> None:
        self._transport = transport
        self._figures = figures

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

    async def request(
        self, method: str, path: str, query: Mapping[str, str], json: bytes | None
    ) -> Response:
        """Send one request; see `Transport`."""
        operation = operation_of(method, path)
        began_at = perf_counter()
        try:
            response = await self._transport.request(method, path, query, json)
        except AriUnavailable:
            self._figures.request_errors.labels(operation, NO_ANSWER).inc()
            raise
        self._figures.requests.labels(operation).observe(perf_counter() - began_at)
        if response.status >= HTTPStatus.MULTIPLE_CHOICES:
            self._figures.request_errors.labels(operation, str(response.status)).inc()
        return response

    def connect_events(
        self, query: Mapping[str, str]
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open the websocket; see `Transport`."""
        return self._transport.connect_events(query)
