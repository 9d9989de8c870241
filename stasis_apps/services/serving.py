"""Serves HTTP on a port of ours; neither a port that is taken nor a crowd at it costs a call."""

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

REQUEST_LIMIT_S: Final = 10.0
"""How long a connection may stay without a whole request, the first or the next."""

MOST_CONNECTIONS: Final = 96
"""Each holds a file, and files are what calls need, too. With one more the oldest goes: who comes
to ask has an answer long before it is their turn."""

log = structlog.get_logger(__name__)


async def serve_http(application: web.Application, bind: Address, *, setting: str) -> None:
    """Serve until cancelled; a port that is in use is said and tried again: calls go on.

    Args:
        application: What is served.
        bind: Where.
        setting: The setting that says where, for the log.
    """
    runner = web.AppRunner(
        application,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=REQUEST_LIMIT_S,  # runs from the connection's begin, too
        shutdown_timeout=LAST_ANSWER_S,
    )
    await runner.setup()
    listening: asyncio.Server | None = None
    try:
        listening = await _listen(runner, bind, setting)
        await asyncio.get_running_loop().create_future()
    finally:
        if listening is not None:
            listening.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * LAST_ANSWER_S):
                await runner.cleanup()


async def _listen(runner: web.AppRunner, bind: Address, setting: str) -> asyncio.Server:
    told = log.bind(address=str(bind), setting=setting)
    server = runner.server
    if server is None:
        raise RuntimeError("the runner has not been set up")
    while True:
        try:
            listening = await asyncio.get_running_loop().create_server(
                lambda: _let_in(server), bind.host, bind.port
            )
        except OSError as fault:
            told.error("http_not_served", fault=str(fault))
            await asyncio.sleep(BIND_RETRY_S)
        else:
            told.info("http_served")
            return listening


def _let_in(server: web.Server) -> asyncio.Protocol:
    """Make room for somebody who has just connected."""
    there = [
        one.transport
        for one in server.connections  # the oldest first
        if one.transport is not None and not one.transport.is_closing()
    ]
    for oldest in there[: max(0, len(there) + 1 - MOST_CONNECTIONS)]:
        oldest.abort()  # one that does not read what it asked for would never be closed otherwise
    return server()
