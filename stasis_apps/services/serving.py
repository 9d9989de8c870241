"""Serves HTTP on a port of ours; a port that somebody else has costs no call."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import structlog
from aiohttp import web

from stasis_apps.settings import Address

BIND_RETRY_S: Final = 30.0
"""How often a port that another program has is tried again."""

LAST_ANSWER_S: Final = 1.0
"""How long the end of the process waits for somebody who is still downloading."""

log = structlog.get_logger(__name__)


async def serve_http(application: web.Application, bind: Address, *, setting: str) -> None:
    """Serve until cancelled; a port that is in use is said and tried again: calls go on.

    Args:
        application: What is served.
        bind: Where.
        setting: The setting that says where, for the log.
    """
    runner = web.AppRunner(
        application, access_log=None, handle_signals=False, shutdown_timeout=LAST_ANSWER_S
    )
    await runner.setup()
    try:
        await _listen(runner, bind, setting)
        await asyncio.get_running_loop().create_future()
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * LAST_ANSWER_S):
                await runner.cleanup()


async def _listen(runner: web.AppRunner, bind: Address, setting: str) -> None:
    while True:
        site = web.TCPSite(runner, bind.host, bind.port)
        try:
            await site.start()
        except OSError as fault:
            log.error("http_not_served", fault=str(fault), **{setting: str(bind)})  # noqa: TRY400 - the operator needs the fault, not our stack
            await site.stop()
            await asyncio.sleep(BIND_RETRY_S)
        else:
            log.info("http_served", address=str(bind), setting=setting)
            return
