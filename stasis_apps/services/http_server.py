"""Our own HTTP server: messages by signed link, and nothing else; everything wrong is a 404."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web

from models import voicemail
from models.errors import ModelsError, NotFound
from models.message import MessageState
from models.message_files import MessageFolder
from stasis_apps.services.links import Links
from stasis_apps.services.serving import serve_http
from stasis_apps.settings import Address

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

log = structlog.get_logger(__name__)


class HttpServer:
    """Answers who has a link from one of our mails."""

    def __init__(
        self,
        bind: Address,
        links: Links,
        files: MessageFolder,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._bind = bind
        self._links = links
        self._files = files
        self._now = now

    def application(self) -> web.Application:
        """What is served, without a port."""
        application = web.Application(middlewares=[_nothing_told])
        application.router.add_get("/voicemail/{token}", self._message)
        return application

    async def serve(self) -> None:
        """Serve until cancelled; a port that is in use is said and tried again: calls go on."""
        await serve_http(self.application(), self._bind, setting="PBX_HTTP_BIND")

    async def _message(self, request: web.Request) -> web.Response:
        linked = self._links.read(request.match_info["token"], now=self._now())
        if linked is None:
            raise web.HTTPNotFound
        message = await voicemail.get_message(
            tenant_id=linked.tenant_id, message_id=linked.message_id
        )
        if message.state != MessageState.KEPT:
            raise web.HTTPNotFound
        sound = await self._files.read(linked.tenant_id, linked.message_id)
        name = f"voicemail-{message.received_at:%Y%m%d-%H%M%S}.wav"
        return web.Response(
            body=sound,
            content_type="audio/wav",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


@web.middleware
async def _nothing_told(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Say no more than a 404 to whoever has no right link, whatever the reason is."""
    try:
        response = await handler(request)
    except (web.HTTPException, NotFound):
        response = _not_found()
    except ModelsError as fault:
        log.warning("message_not_served", fault=str(fault))
        response = _not_found()
    response.headers.update(_HEADERS)
    return response


def _not_found() -> web.Response:
    return web.Response(status=HTTPStatus.NOT_FOUND, text="Not found\n")
