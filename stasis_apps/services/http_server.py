"""Our own HTTP server: messages by signed link, and nothing else; everything wrong is a 404."""

from __future__ import annotations

import asyncio
import contextlib
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
from stasis_apps.settings import Address

BIND_RETRY_S: Final = 30.0
"""How often a port that another program has is tried again."""

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

LAST_ANSWER_S: Final = 1.0
"""How long the end of the process waits for somebody who is still downloading."""

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
        runner = web.AppRunner(
            self.application(),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=LAST_ANSWER_S,
        )
        await runner.setup()
        try:
            await self._listen(runner)
            await asyncio.get_running_loop().create_future()
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2 * LAST_ANSWER_S):
                    await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        while True:
            site = web.TCPSite(runner, self._bind.host, self._bind.port)
            try:
                await site.start()
            except OSError as fault:
                log.error("http_not_served", PBX_HTTP_BIND=str(self._bind), fault=str(fault))  # noqa: TRY400 - the operator needs the fault, not our stack
                await site.stop()
                await asyncio.sleep(BIND_RETRY_S)
            else:
                log.info("http_served", address=str(self._bind))
                return

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
