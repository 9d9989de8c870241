"""Servers that hang up, break off or speak something else harm nobody who calls."""

from __future__ import annotations

import asyncio

import pytest

from stasis_apps.services.web_questions import NoAnswer
from tests.contract.stasis_apps.servers import asked, speaking


async def test_a_server_may_hang_up_without_an_answer() -> None:
    async def hangs_up(_writer: asyncio.StreamWriter) -> None:
        pass

    async with speaking(hangs_up) as server:
        assert await asked(server.url()) == NoAnswer("it hung up without an answer")
        assert server.asked == ["/call"], "a POST is not repeated"


@pytest.mark.parametrize(
    "beginning",
    [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 100 Go\r\n\r\n"],
)
async def test_a_server_may_hang_up_in_the_middle_of_its_beginning(beginning: bytes) -> None:
    async def hangs_up(writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)

    async with speaking(hangs_up) as server:
        assert await asked(server.url()) == NoAnswer("it hung up without an answer")


async def test_a_server_may_drop_the_connection() -> None:
    async def drops(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with speaking(drops) as server:
        assert await asked(server.url()) == NoAnswer("it hung up without an answer")


@pytest.mark.parametrize(
    "head", [b"Content-Length: 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nff\r\n"]
)
async def test_what_breaks_off_is_no_answer(head: bytes) -> None:
    async def breaks_off(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"transfer: 101")

    async with speaking(breaks_off) as server:
        assert await asked(server.url()) == NoAnswer("its answer broke off")


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"transfer: 101\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n101\r\nmany\r\n",
        bytes(range(256)) * 100,
    ],
    ids=lambda said: ascii(said[17:40].decode("latin-1")),
)
async def test_a_server_may_speak_something_else(said: bytes) -> None:
    async def speaks(writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    async with speaking(speaks) as server:
        answer = await asked(server.url())

    assert isinstance(answer, NoAnswer)
    assert answer.why.startswith("what it said is no HTTP")
