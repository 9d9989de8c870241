"""One HTTP request to a server that nobody vouches for; on a plain event loop, not on uvloop.

uvloop aborts the process when TLS connections are reset in the moment they are made, and goes on
receiving from those that were closed; and a socket of its own cannot be made to take so much and
no more.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from aiohttp.resolver import AsyncResolver
from yarl import URL

from stasis_apps.decisions.web_addresses import Network, is_opened, may_be_asked
from stasis_apps.decisions.webhook_reply import MOST_BYTES
from stasis_apps.services.web_questions import Answer, NoAnswer, Question

MOST_RECEIVED_BYTES: Final = 262_144
"""All that one server may send, with TLS, headers and what HTTP lets it send before an answer."""

CHUNK_BYTES: Final = 16_384

INSIDE: Final = "its address is not on the internet, and not in PBX_WEBHOOK_NETS"
TOO_MUCH: Final = "it sends more than is read"

_ANY_PORT: Final = 9

_HEADERS: Final = {
    "Accept": "text/plain, application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "pbx",
}


class _Inside(OSError):
    """The address is not on the internet; the text is the same for all of them on purpose."""

    def __init__(self) -> None:
        super().__init__("inside")


class _BoundedSocket(socket.socket):
    """Takes so many bytes and no more: what a client skips or unpacks counts as well."""

    _left = MOST_RECEIVED_BYTES

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive, until it is too much."""
        received = super().recv(min(size, self._left + 1), flags)
        self._count(len(received))
        return received

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> int:  # as its base
        """Receive into a buffer, until it is too much."""
        wanted = min(size or len(memoryview(buffer)), self._left + 1)
        received = super().recv_into(buffer, wanted, flags)
        self._count(received)
        return received

    def _count(self, received: int) -> None:
        self._left -= received
        if self._left < 0:
            raise ConnectionAbortedError(TOO_MUCH)


class WebClient:
    """Asks servers, each over a connection of its own.

    One that was kept may be closed by the server in the very moment it is used again, and a POST
    must not be repeated behind anybody's back.
    """

    def __init__(self, opened: Iterable[Network] = ()) -> None:
        """Open nothing yet.

        Args:
            opened: Networks inside that may be asked.
        """
        self._opened = tuple(opened)
        self._resolver: AsyncResolver | None = None
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
        if self._resolver is not None:
            await self._resolver.close()
        self._session = self._resolver = None

    async def post(self, question: Question) -> Answer | NoAnswer:
        """Send the form by POST; redirections are not followed, cookies not kept."""
        try:
            return await self._post(question)
        except (aiohttp.ClientError, ValueError, OSError) as fault:
            return NoAnswer(_words_for(fault))

    async def _post(self, question: Question) -> Answer:
        async with self._posted(question) as response:
            body = bytearray()
            while len(body) <= MOST_BYTES:
                wanted = min(CHUNK_BYTES, MOST_BYTES + 1 - len(body))
                chunk = await response.content.read(wanted)
                if not chunk:
                    break
                body += chunk
            content_type = response.headers.get("Content-Type", "")
            return Answer(status=response.status, content_type=content_type, body=bytes(body))

    @asynccontextmanager
    async def _posted(self, question: Question) -> AsyncIterator[aiohttp.ClientResponse]:
        session = self._session = self._session or self._new_session()
        url = URL(question.url, encoded=question.url.isascii())  # as it was written: signed, say
        form = dict(question.form)
        async with session.post(url, data=form, allow_redirects=False) as response:
            try:
                yield response
            finally:
                response.close()  # whatever else it has to say

    def _new_session(self) -> aiohttp.ClientSession:
        self._resolver = AsyncResolver()  # a silent DNS keeps no thread, and nobody else, waiting
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=self._socket,
            ssl=_believes_the_authorities_of_the_machine(),
            force_close=True,
            limit=0,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            trust_env=False,
        )

    def _socket(self, found: tuple[Any, ...]) -> socket.socket:  # as aiohttp has it
        """The last moment before a connection: the address cannot be another one any more."""
        family, kind, protocol, _, address = found
        host = str(address[0])
        if not may_be_asked(host, self._opened):
            raise _Inside
        if not is_opened(host, self._opened) and is_of_this_machine(family, host):
            raise _Inside
        return _BoundedSocket(family, kind, protocol)


def _believes_the_authorities_of_the_machine() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def is_of_this_machine(family: socket.AddressFamily, host: str) -> bool:
    """Whether packets to this address never leave the machine, and pass no firewall before it.

    No packet is sent for it: the address that the machine would send from is looked at.
    """
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, _ANY_PORT))
        except OSError:
            return False  # nothing leads there
        return str(probe.getsockname()[0]) == host


def _words_for(fault: Exception) -> str:
    """What has happened, for people; tells nothing of addresses inside."""
    if isinstance(fault, aiohttp.ClientConnectorError) and isinstance(fault.os_error, _Inside):
        return INSIDE
    if TOO_MUCH in str(fault):
        return TOO_MUCH
    for kind, words in _WORDS.items():
        if isinstance(fault, kind):
            return words
    return f"what it said is no HTTP ({type(fault).__name__})"


_WORDS: Final[Mapping[type[Exception], str]] = {  # the first that fits
    aiohttp.ClientConnectorDNSError: "its name cannot be found",
    aiohttp.ClientConnectorCertificateError: "its certificate cannot be trusted",
    aiohttp.ClientSSLError: "it does not speak TLS as it should",
    aiohttp.ClientConnectorError: "it cannot be reached",
    aiohttp.ClientPayloadError: "its answer broke off",
    aiohttp.ServerDisconnectedError: "it hung up without an answer",
    aiohttp.InvalidURL: "there is no such address",
    OSError: "it hung up without an answer",
    ValueError: "there is no such address",
}
