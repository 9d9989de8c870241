"""Those who connect to our HTTP servers and ask nothing keep nobody else from being answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from aiohttp import ClientSession, web
from structlog.typing import EventDict

from stasis_apps.services import serving
from stasis_apps.settings import Address
from tests.support.ports import small_block
from tests.support.waiting import COMES_S, until

HALF_A_REQUEST = b"GET / HTTP/1.1\r\nHost: pbx\r\n"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def served(logged: list[EventDict]) -> AsyncIterator[int]:
    """A server that answers whoever asks; its port."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="here\n")

    application = web.Application()
    application.router.add_get("/", answer)
    with small_block() as ports:
        port = ports.one()
        async with serving_at(port, application):
            await until(lambda: is_said(logged, "http_served"), saying="served")
            yield port


@asynccontextmanager
async def serving_at(port: int, application: web.Application) -> AsyncIterator[None]:
    bind = Address("127.0.0.1", port)
    task = asyncio.create_task(serving.serve_http(application, bind, setting="PBX_HTTP_BIND"))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def is_said(logged: list[EventDict], event: str) -> bool:
    return event in [entry["event"] for entry in logged]


@asynccontextmanager
async def who_never_finish(port: int, count: int) -> AsyncIterator[Sequence[Connection]]:
    """Connections on which a request is begun and never ended."""
    there = []
    for _ in range(count):
        connection = await asyncio.open_connection("127.0.0.1", port)
        connection[1].write(HALF_A_REQUEST)
        there.append(connection)
    try:
        yield there
    finally:
        for _, writer in there:
            writer.transport.abort()


async def is_answered(port: int) -> bool:
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
        return answer.status == HTTPStatus.OK


async def is_closed(connection: Connection) -> bool:
    """Wait until it is."""
    async with asyncio.timeout(COMES_S):
        try:
            return await connection[0].read() == b""
        except ConnectionResetError:
            return True


async def test_who_begins_a_request_and_does_not_end_it_is_closed_in_time(
    logged: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "REQUEST_LIMIT_S", 0.1)
    async with served(logged) as port, who_never_finish(port, 3) as there:
        assert [await is_closed(one) for one in there] == [True] * 3


async def test_a_crowd_that_asks_nothing_is_bounded_and_whoever_asks_is_answered(
    logged: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 4)
    async with served(logged) as port, who_never_finish(port, 10) as there:
        assert await is_answered(port)

        assert [await is_closed(one) for one in there[:6]] == [True] * 6
        assert not there[9][0].at_eof()


async def test_where_we_are_reached_is_told_alike_when_we_are_and_when_we_are_not(
    logged: list[EventDict],
) -> None:
    async with served(logged) as port, serving_at(port, web.Application()):
        await until(lambda: is_said(logged, "http_not_served"), saying="not served")

    told = {entry["event"]: entry for entry in logged if entry["event"].startswith("http_")}
    assert {(one["address"], one["setting"]) for one in told.values()} == {
        (f"127.0.0.1:{port}", "PBX_HTTP_BIND")
    }
    assert set(told) == {"http_served", "http_not_served"}
