"""Servers of tenants, good and bad ones, and questions to them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

from aiohttp import web

from stasis_apps.services.web_questions import Answer, NoAnswer, Question
from stasis_apps.services.web_requests import WebRequests
from tests.support.ports import small_block
from tests.support.waiting import COMES_S

LOOPBACK = ip_network("127.0.0.0/8")

FORM = {"caller_number": "+79161234567", "caller_name": "Анна & Co + 1=2", "trunk": ""}

MUCH = 10 * 1024 * 1024

ANNA, VERA = 1, 2
"""Two tenants."""


@dataclass(slots=True)
class Server:
    """A server of a tenant's.

    Attributes:
        port: Where it listens at 127.0.0.1.
        asked: The paths that were asked for.
        headers: Those of each request.
        may_end: Whoever waits in the server goes on when it is set; it is, at the end of the test.
    """

    port: int
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/call", *, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"


Handler = Callable[[Server, web.Request], Awaitable[web.StreamResponse]]
Speaker = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server that speaks HTTP."""

    async def answer(request: web.Request) -> web.StreamResponse:
        server.asked.append(request.raw_path)
        server.headers.append(request.headers)
        return await handler(server, request)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    with small_block() as ports:
        server = Server(ports.one())
        try:
            await web.TCPSite(runner, "127.0.0.1", server.port, ssl_context=tls).start()
            yield server
        finally:
            server.may_end.set()
            await runner.cleanup()


@asynccontextmanager
async def speaking(speak: Speaker) -> AsyncIterator[Server]:
    """A server that hears a request to its end and then does as it likes."""

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        server.asked.append(head.split()[1].decode())
        (length,) = [line for line in head.lower().splitlines() if b"content-length" in line]
        await reader.readexactly(int(length.split()[1]))
        await speak(writer)
        writer.close()
        await writer.wait_closed()

    with small_block() as ports:
        server = Server(ports.one())
        async with await asyncio.start_server(hear, "127.0.0.1", server.port):
            yield server
            server.may_end.set()


async def greets(_server: Server, _request: web.Request) -> web.Response:
    return web.Response(text="transfer: 101")


async def waits(server: Server, _request: web.Request) -> web.Response:
    await server.may_end.wait()
    return web.Response(text="transfer: 101")


def question(url: str, *, tenant_id: int = ANNA, timeout_s: float = COMES_S) -> Question:
    return Question(tenant_id=tenant_id, element="5500", url=url, form=FORM, timeout_s=timeout_s)


async def asked(url: str, *, timeout_s: float = COMES_S) -> Answer | NoAnswer:
    """What comes of a question to a server of loopback, which the operator lets be asked."""
    async with WebRequests([LOOPBACK]) as requests:
        return await requests.ask(question(url, timeout_s=timeout_s))
