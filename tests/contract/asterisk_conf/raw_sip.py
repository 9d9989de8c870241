"""A telephone made of text: sends any SIP message, odd ones too, and shows the answer as bytes."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Self
from uuid import uuid4

from tests.support.waiting import COMES_S

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """One SIP response."""

    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1])

    def header(self, name: str) -> str | None:
        found = re.search(rf"^{name}:\s*(.*?)\r$", self.raw.decode("latin-1"), re.I | re.M)
        return found.group(1) if found else None

    @property
    def challenge(self) -> dict[str, str]:
        return dict(re.findall(r'(\w+)="?([^",]*)"?', self.header("WWW-Authenticate") or ""))

    def without_what_differs_every_time(self, *names: str) -> bytes:
        """Blank tags, branches, nonces and opaque values, and the names that were sent."""
        text = self.raw.decode("latin-1")
        for pattern in (r"tag=[^;>\r]+", r"branch=[^;\r]+", r'(nonce|opaque)="[^"]*"'):
            text = re.sub(pattern, "-", text)
        text = re.sub(r"^(Call-ID|i|CSeq|Via|v):.*\r\n", r"\1: -\r\n", text, flags=re.M | re.I)
        for name in names:
            text = text.replace(f"sip:{name}@", "sip:-@")
        return text.encode("latin-1")


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self.received.put_nowait(data)


class RawPhone:
    """One UDP socket towards Asterisk."""

    def __init__(
        self, transport: asyncio.DatagramTransport, protocol: _Datagrams, server: tuple[str, int]
    ) -> None:
        self._transport = transport
        self._received = protocol.received
        self.server = server
        self.port: int = transport.get_extra_info("sockname")[1]

    @classmethod
    @asynccontextmanager
    async def on(cls, host: str, port: int) -> AsyncIterator[Self]:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_datagram_endpoint(
            _Datagrams, local_addr=("127.0.0.1", 0)
        )
        try:
            yield cls(transport, protocol, (host, port))
        finally:
            transport.close()

    def send(self, message: bytes) -> None:
        self._transport.sendto(message, self.server)

    async def receive(self) -> Answer:
        async with asyncio.timeout(COMES_S):
            return Answer(await self._received.get())

    def waiting(self) -> list[bytes]:
        """Everything that has come and was not looked at."""
        return [self._received.get_nowait() for _ in range(self._received.qsize())]

    async def final_answer(self, call_id: str) -> Answer:
        """Wait for the last word on a request, passing over 100 and 180, and over strangers."""
        while True:
            answer = await self.receive()
            is_response = answer.raw.startswith(b"SIP/2.0 ")
            if is_response and call_id.encode() in answer.raw and answer.status >= 200:
                return answer

    def request(
        self,
        method: str,
        user: str,
        domain: str,
        *,
        to: str | None = None,
        call_id: str,
        **more: str,
    ) -> bytes:
        """Write a request as a sound phone would; ``more`` are further headers."""
        to_user = user if to is None else to
        target = f"sip:{domain}" if method == "REGISTER" else f"sip:{to_user}@{domain}"
        number = next(_numbers)
        body = self._offer() if method == "INVITE" else ""
        headers = {
            "Via": f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{uuid4().hex}",
            "Max-Forwards": "70",
            "From": f"<sip:{user}@{domain}>;tag=f{number}",
            "To": f"<sip:{to_user}@{domain}>",
            "Call-ID": call_id,
            "CSeq": f"{number} {method}",
            "Contact": f"<sip:{user}@127.0.0.1:{self.port}>",
            **{name.replace("_", "-"): text for name, text in more.items()},
            **({"Content-Type": "application/sdp"} if body else {}),
            "Content-Length": str(len(body)),
        }
        lines = [f"{method} {target} SIP/2.0", *(f"{n}: {v}" for n, v in headers.items()), "", body]
        return "\r\n".join(lines).encode()

    async def ask(
        self, method: str, user: str, domain: str, *, to: str | None = None, **more: str
    ) -> Answer:
        call_id = f"raw-{uuid4().hex}"
        request = self.request(method, user, domain, to=to, call_id=call_id, **more)
        self.send(request)
        answer = await self.final_answer(call_id)
        if method == "INVITE" and answer.status >= 300:
            self.send(_acknowledgement(request, answer))
        return answer

    async def log_in(
        self,
        method: str,
        user: str,
        domain: str,
        password: str,
        *,
        to: str | None = None,
        login: str | None = None,
        **more: str,
    ) -> Answer:
        """Ask, answer the challenge with this password, and return what comes then."""
        challenge = (await self.ask(method, user, domain, to=to, **more)).challenge
        target = f"sip:{domain}" if method == "REGISTER" else f"sip:{to or user}@{domain}"
        return await self.ask(
            method,
            user,
            domain,
            to=to,
            Authorization=_authorization(challenge, method, target, login or user, password),
            **more,
        )

    def _offer(self) -> str:
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.port + 2} RTP/AVP 0 8\r\n"
        )


def response_to(request: bytes, status: str) -> bytes:
    """Answer a request of Asterisk's."""
    copied = [
        line
        for line in request.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")[1:]
        if line.split(":")[0] in {"Via", "From", "To", "Call-ID", "CSeq"}
    ]
    tagged = [f"{line};tag=phone" if line.startswith("To:") else line for line in copied]
    lines = [f"SIP/2.0 {status}", *tagged, "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _acknowledgement(request: bytes, answer: Answer) -> bytes:
    """Confirm a refusal within its own transaction (RFC 3261 section 17.1.1.3)."""
    kept = [
        line
        for line in request.decode().split("\r\n\r\n")[0].split("\r\n")[1:]
        if line.split(":")[0] in {"Via", "Max-Forwards", "From", "Call-ID", "CSeq"}
    ]
    target = request.split(b" ", 2)[1].decode()
    lines = [f"ACK {target} SIP/2.0", *kept, f"To: {answer.header('To')}", "Content-Length: 0"]
    return "\r\n".join([*lines, "", ""]).replace(" INVITE\r\n", " ACK\r\n").encode()


def _authorization(
    challenge: dict[str, str], method: str, target: str, user: str, password: str
) -> str:
    ha1 = _md5(f"{user}:{challenge['realm']}:{password}")
    ha2 = _md5(f"{method}:{target}")
    response = _md5(f"{ha1}:{challenge['nonce']}:00000001:abcdef:auth:{ha2}")
    parts = {
        "username": user,
        "realm": challenge["realm"],
        "nonce": challenge["nonce"],
        "uri": target,
        "response": response,
        "cnonce": "abcdef",
        "opaque": challenge.get("opaque", ""),
    }
    quoted = ", ".join(f'{name}="{text}"' for name, text in parts.items())
    return f"Digest {quoted}, algorithm=MD5, qop=auth, nc=00000001"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
