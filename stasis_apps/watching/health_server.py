"""The HTTP server for those who watch over us: containers, systemd, Prometheus.

It has an address of its own, apart from the one that people reach: it tells how busy the exchange
is, but no name, number or password of anybody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from stasis_apps.services.serving import serve_http
from stasis_apps.settings import Address
from stasis_apps.watching.readiness import Vitals, are_calls_taken, parts_of, told


class HealthServer:
    """Answers whether the process lives, whether it takes calls, and with its figures."""

    def __init__(
        self,
        bind: Address,
        *,
        vitals: Callable[[], Vitals],
        figures: Callable[[], Awaitable[bytes]],
        node: str = "",
    ) -> None:
        """Know whom to ask.

        Args:
            bind: Where to listen.
            vitals: How the process is at this moment.
            figures: Everything that is measured, in Prometheus' words.
            node: The name of this exchange, that nobody takes another's answer for ours.
        """
        self._bind = bind
        self._vitals = vitals
        self._figures = figures
        self._node = node

    def application(self) -> web.Application:
        """What is served, without a port."""
        application = web.Application()
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/metrics", self._metrics)
        return application

    async def serve(self) -> None:
        """Serve until cancelled; a port that is in use is said and tried again: calls go on."""
        await serve_http(self.application(), self._bind, setting="PBX_HEALTH_BIND")

    async def _healthz(self, _request: web.Request) -> web.Response:
        """Who can answer lives: a process whose loop stands still cannot."""
        return web.Response(text="alive\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        parts = parts_of(self._vitals())
        status = HTTPStatus.OK if are_calls_taken(parts) else HTTPStatus.SERVICE_UNAVAILABLE
        body = msgspec.json.format(msgspec.json.encode(told(parts, self._node)), indent=2) + b"\n"
        return web.Response(status=status, body=body, content_type="application/json")

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=await self._figures(), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
