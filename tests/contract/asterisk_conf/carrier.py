"""A carrier made of text: we register there, it answers our questions, and calls us."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from tests.contract.asterisk_conf.raw_sip import response_to
from tests.support.waiting import COMES_S, until

REALM = "carrier"
NONCE = "0123456789"


@dataclass(frozen=True, slots=True)
class Registration:
    """An accepted one; with 0 s it was taken back."""

    contact: str
    expires_s: int
    user: str


class Carrier(asyncio.DatagramProtocol):
    """A registrar on a socket of its own; what is said twice, it answers twice and counts once.

    Attributes:
        password: What it accepts.
        is_silent: Whether it hears all and answers nothing.
        refusal: A status with which every registration is refused.
        accepted: The registrations, in order.
        refused: How many it has refused for good.
    """

    def __init__(self, password: str) -> None:
        self.password = password
        self.is_silent = False
        self.refusal = ""
        self.accepted: list[Registration] = []
        self.refused = 0
        self.says = "486 Busy Here"
        self.invitations: list[bytes] = []
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport
        self._answered: dict[bytes, bytes] = {}

    @classmethod
    @asynccontextmanager
    async def listening(cls, password: str) -> AsyncIterator[Self]:
        loop = asyncio.get_running_loop()
        transport, carrier = await loop.create_datagram_endpoint(
            lambda: cls(password), local_addr=("127.0.0.1", 0)
        )
        carrier._transport = transport
        try:
            yield carrier
        finally:
            transport.close()

    @property
    def port(self) -> int:
        return int(self._transport.get_extra_info("sockname")[1])

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        method = data.split(b" ", 1)[0]
        match method:
            case b"REGISTER" | b"OPTIONS" | b"INVITE":
                answer = self._answer_once(method, data)
                if not self.is_silent:
                    self._transport.sendto(answer, addr)
            case b"CANCEL":
                ringing = data.replace(b"CANCEL", b"INVITE")
                self._transport.sendto(response_to(data, "200 OK"), addr)
                self._transport.sendto(response_to(ringing, "487 Request Terminated"), addr)
            case b"SIP/2.0":
                self.answers.put_nowait(data)
            case _:
                pass

    async def has_registration(self, expires_s: int) -> Registration:
        """Wait until the latest registration is for so long."""
        return await until(
            lambda: next((one for one in self.accepted[-1:] if one.expires_s == expires_s), None),
            saying=lambda: f"{expires_s} s, not {self.accepted}",
        )

    async def has_refused(self, times: int) -> None:
        """Wait until it has refused so often."""
        await until(lambda: self.refused >= times, saying="nobody was refused")

    async def call(self, target: str, *, caller: str, port: int, also: tuple[str, ...] = ()) -> int:
        """Bring a call, with these headers also, and give the status of the final answer."""
        call_id = uuid4().hex
        headers = (
            f"INVITE {target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{call_id}",
            "Max-Forwards: 70",
            f"From: <{caller}>;tag=c",
            f"To: <{target}>",
            f"Call-ID: {call_id}",
            "CSeq: 1 INVITE",
            f"Contact: <sip:127.0.0.1:{self.port}>",
            *also,
            "Content-Length: 0",
        )
        self._transport.sendto("\r\n".join((*headers, "", "")).encode(), ("127.0.0.1", port))
        async with asyncio.timeout(COMES_S):
            while True:
                answer = await self.answers.get()
                status = int(answer.split(b" ", 2)[1])
                if call_id.encode() in answer and status >= 200:
                    return status

    def _answer_once(self, method: bytes, request: bytes) -> bytes:
        """Asterisk says again what we have not answered soon enough (RFC 3261 section 17.1)."""
        said = request.split(b";branch=", 1)[1].split(b"\r\n", 1)[0]
        if said not in self._answered:
            self._answered[said] = self._answer(method, request)
        return self._answered[said]

    def _answer(self, method: bytes, request: bytes) -> bytes:
        if method == b"REGISTER":
            return self._registrar(request)
        if method == b"OPTIONS":
            return response_to(request, "200 OK")
        self.invitations.append(request)
        return response_to(request, self.says)

    def _registrar(self, request: bytes) -> bytes:
        text = request.decode()
        login = dict(re.findall(r'(\w+)="?([^",]*)"?', _header(text, "Authorization")))
        if self.refusal:
            self.refused += 1
            return response_to(request, self.refusal)
        if not login:
            challenge = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}"'
            return _also(response_to(request, "401 Unauthorized"), challenge)
        if login["response"] != self._proof(login):
            self.refused += 1
            return response_to(request, "403 Forbidden")
        contact, expires_s = _header(text, "Contact"), int(_header(text, "Expires"))
        self.accepted.append(Registration(contact, expires_s, login["username"]))
        granted = response_to(request, "200 OK")
        return _also(granted, f"Contact: {contact};expires={expires_s}") if expires_s else granted

    def _proof(self, login: dict[str, str]) -> str:
        first = _md5(f"{login['username']}:{REALM}:{self.password}")
        return _md5(f"{first}:{NONCE}:{_md5('REGISTER:' + login['uri'])}")


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r$", text, re.M | re.I)
    return found[1] if found else ""


def _also(answer: bytes, header: str) -> bytes:
    return answer.replace(b"Content-Length", f"{header}\r\nContent-Length".encode(), 1)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
