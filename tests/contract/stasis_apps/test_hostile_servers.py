"""Servers that mean harm, asked as the application does: from uvloop, on which calls run."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from threading import Event, Thread

import pytest
import uvloop

from stasis_apps.services.web_client import MOST_RECEIVED_BYTES, TOO_MUCH
from stasis_apps.services.web_questions import Answer, NoAnswer, Question
from stasis_apps.services.web_requests import WebRequests
from tests.support.certificates import Authority
from tests.support.waiting import COMES_S, until

LOOPBACK = ip_network("127.0.0.0/8")
AT_ONCE, ROUNDS = 4, 40

ON_THE_WAY_BYTES = 16 * 1024 * 1024
"""More than kernels keep for a connection whose other end reads nothing."""

RESET = struct.pack("ii", 1, 0)


@dataclass
class Hostile:
    """A server in a thread, on plain sockets.

    Attributes:
        port: Where it listens on 127.0.0.1.
        sent: How many bytes it got rid of.
        gone: Set once a connection was closed by us.
    """

    port: int = 0
    sent: int = 0
    gone: Event = field(default_factory=Event)

    def keep_sending(self, line: socket.socket, flood: bytes) -> None:
        """Send until the other side has gone, or far more than anybody should take."""
        try:
            while self.sent < ON_THE_WAY_BYTES * 4:
                line.sendall(flood)
                self.sent += len(flood)
        except OSError:
            self.gone.set()


Meets = Callable[[Hostile, socket.socket], None]


@contextmanager
def hostile(meets: Meets) -> Iterator[Hostile]:
    """A server that meets each connection in this way."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    server = Hostile(listener.getsockname()[1])

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = listener.accept()
                Thread(target=meet, args=(line,), daemon=True).start()

    def meet(line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.settimeout(COMES_S)
            meets(server, line)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


def question(server: Hostile, scheme: str = "http") -> Question:
    url = f"{scheme}://127.0.0.1:{server.port}/"
    return Question(tenant_id=1, element="5500", url=url, form={"a": "b"}, timeout_s=COMES_S)


def asked(server: Hostile, scheme: str = "http") -> Answer | NoAnswer:
    """Ask it once, on uvloop."""

    async def ask() -> Answer | NoAnswer:
        async with WebRequests([LOOPBACK]) as requests:
            return await requests.ask(question(server, scheme))

    return uvloop.run(ask())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_servers_that_reset_every_connection_at_once_end_no_exchange(scheme: str) -> None:
    def resets(_server: Hostile, line: socket.socket) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    async def ask_often(server: Hostile) -> set[str]:
        told: set[str] = set()
        async with WebRequests([LOOPBACK]) as requests:
            for _ in range(ROUNDS):
                asking = (requests.ask(question(server, scheme)) for _ in range(AT_ONCE))
                told |= {type(one).__name__ for one in await asyncio.gather(*asking)}
        return told

    with hostile(resets) as server:
        assert uvloop.run(ask_often(server)) == {"NoAnswer"}


@pytest.mark.parametrize(
    "flood",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" * 1_000,
    ],
    ids=["continue", "early hints"],
)
def test_a_server_that_is_about_to_answer_for_ever_is_not_heard_out(flood: bytes) -> None:
    def floods(server: Hostile, line: socket.socket) -> None:
        line.recv(65_536)
        server.keep_sending(line, flood)

    with hostile(floods) as server:
        assert asked(server) == NoAnswer(TOO_MUCH)
        assert server.gone.wait(COMES_S), "the connection is closed"
        assert server.sent < ON_THE_WAY_BYTES


def test_a_server_that_sends_chunks_of_nothing_for_ever_is_not_heard_out() -> None:
    def floods(server: Hostile, line: socket.socket) -> None:
        line.recv(65_536)
        line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        server.keep_sending(line, b"1;" + b"a" * 8_000 + b"\r\nx\r\n")

    with hostile(floods) as server:
        assert asked(server) == NoAnswer(TOO_MUCH)
        assert server.gone.wait(COMES_S), "the connection is closed"
        assert server.sent < ON_THE_WAY_BYTES


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server needs whose certificate is believed."""
    authority = Authority(tmp_path)
    pair = authority.pair()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate_file, pair.key_file)
    return context


def endless_by(tls: ssl.SSLContext) -> Meets:
    """Answer by TLS, and never come to the end."""

    def floods(server: Hostile, line: socket.socket) -> None:
        with tls.wrap_socket(line, server_side=True) as safe:
            safe.recv(65_536)
            safe.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            server.keep_sending(safe, b"x" * 65_536)

    return floods


def test_a_connection_by_tls_is_closed_when_enough_was_read(tls: ssl.SSLContext) -> None:
    async def ask_and_wait(server: Hostile) -> Answer | NoAnswer:
        async with WebRequests([LOOPBACK]) as requests:
            answer = await requests.ask(question(server, "https"))
            await until(server.gone.is_set, saying="the connection is closed")
            return answer

    with hostile(endless_by(tls)) as server:
        answer = uvloop.run(ask_and_wait(server))

        assert isinstance(answer, Answer), answer
        assert server.sent < ON_THE_WAY_BYTES


def test_a_connection_by_tls_is_closed_when_the_caller_has_gone(tls: ssl.SSLContext) -> None:
    met = Event()

    def is_silent(server: Hostile, line: socket.socket) -> None:
        with tls.wrap_socket(line, server_side=True) as safe:
            safe.recv(65_536)
            met.set()
            if not safe.recv(1):
                server.gone.set()

    async def ask_and_leave(server: Hostile) -> None:
        async with WebRequests([LOOPBACK]) as requests:
            asking = asyncio.create_task(requests.ask(question(server, "https")))
            await until(met.is_set, saying="the server is asked")
            asking.cancel()
            await asyncio.wait([asking])
            await until(server.gone.is_set, saying="the connection is closed")

    with hostile(is_silent) as server:
        uvloop.run(ask_and_leave(server))


def test_what_an_honest_server_may_send_is_well_below_what_is_too_much() -> None:
    assert MOST_RECEIVED_BYTES >= 4 * 65_536
