"""SIP sent by hand, byte by byte: what no telephone would send, and what comes back for it."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import cast
from uuid import uuid4

from tests.support.account import Account
from tests.support.sip_text import SipMessage, parse_message
from tests.support.waiting import until

CHALLENGE = re.compile(r'(\w+)="?([^",]+)"?')


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed request, ready to be spoilt."""

    method: str
    user: str
    domain: str
    target: str
    port: int
    cseq: int = 1
    to: str = ""
    authorization: str = ""
    call_id: str = ""

    def text(self) -> str:
        """The request as it goes out."""
        body = SDP if self.method == "INVITE" else ""
        lines = [
            f"{self.method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{uuid4().hex}",
            f"From: <sip:{self.user}@{self.domain}>;tag={uuid4().hex[:8]}",
            f"To: <{self._callee()}>",
            f"Call-ID: {self.call_id or uuid4().hex}",
            f"CSeq: {self.cseq} {self.method}",
            f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>",
            "Max-Forwards: 70",
            *([f"Authorization: {self.authorization}"] if self.authorization else []),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def _callee(self) -> str:
        """A REGISTER names the phone itself, anything else the one it is for."""
        if self.to:
            return self.to
        return f"sip:{self.user}@{self.domain}" if self.method == "REGISTER" else self.target


SDP = "\r\n".join(
    [
        *("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"),
        *("m=audio 9000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""),
    ]
)


class Wire(asyncio.DatagramProtocol):
    """A UDP socket towards the exchange; all replies are kept."""

    def __init__(self) -> None:
        self.replies: list[SipMessage] = []
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember which port we have got."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, _addr: object) -> None:
        """Keep a message of the exchange."""
        self.replies.append(parse_message(data.decode(errors="replace"), sent=False))

    def send(self, message: bytes) -> None:
        """Send what the test has made."""
        self._transport.sendto(message)

    async def final_reply(self, call_id: str, cseq: int) -> SipMessage:
        """Wait for the final reply to one request."""
        return await until(
            lambda: next((reply for reply in self.replies if _ends(reply, call_id, cseq)), None),
            saying=f"a final reply to {call_id}",
        )

    async def ask(
        self, account: Account, method: str, target: str, *, to: str = ""
    ) -> list[SipMessage]:
        """Send a request without, then with the account's password; give both final replies."""
        call_id = uuid4().hex
        request = Request(method, account.user, account.domain, target, self.port, call_id=call_id)
        self.send(request.text().encode())
        first = await self.final_reply(call_id, 1)
        challenge = first.header("WWW-Authenticate")
        if not challenge:
            return [first]
        answer = authorization(account, method, target, challenge)
        again = Request(
            *(method, account.user, account.domain, target, self.port),
            cseq=2,
            to=to,
            authorization=answer,
            call_id=call_id,
        )
        self.send(again.text().encode())
        return [first, await self.final_reply(call_id, 2)]


@asynccontextmanager
async def wire_to(host: str, port: int) -> AsyncIterator[Wire]:
    """Open a wire to the exchange."""
    loop = asyncio.get_running_loop()
    transport, wire = await loop.create_datagram_endpoint(Wire, remote_addr=(host, port))
    try:
        yield wire
    finally:
        transport.close()


async def send_over_tcp(host: str, port: int, message: bytes) -> bytes:
    """Send one message over a connection of its own and give what comes back at once."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(message)
        writer.write_eof()
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(0.2):
                return await reader.read(65536)
        return b""
    finally:
        writer.close()


def authorization(account: Account, method: str, target: str, challenge: str) -> str:
    """Answer a digest challenge (RFC 2617, MD5, with or without qop)."""
    parts = dict(CHALLENGE.findall(challenge))
    realm, nonce, opaque = parts["realm"], parts["nonce"], parts.get("opaque", "")
    extra = ""
    if "qop" in parts:
        parts |= {"nc": "00000001", "cnonce": "0a4f113b", "qop": "auth"}
        extra = ', qop=auth, nc=00000001, cnonce="0a4f113b"'
    proof = proof_of(account.user, account.password, method, target, parts)
    return (
        f'Digest username="{account.user}", realm="{realm}", nonce="{nonce}", uri="{target}", '
        f'response="{proof}", algorithm=MD5, opaque="{opaque}"{extra}'
    )


def proof_of(user: str, password: str, method: str, target: str, parts: Mapping[str, str]) -> str:
    """What somebody who knows the password answers to a challenge with these parts."""
    first = _md5(f"{user}:{parts['realm']}:{password}")
    second = _md5(f"{method}:{target}")
    if "qop" in parts:
        between = f"{parts['nonce']}:{parts['nc']}:{parts['cnonce']}:{parts['qop']}"
    else:
        between = parts["nonce"]
    return _md5(f"{first}:{between}:{second}")


def _ends(reply: SipMessage, call_id: str, cseq: int) -> bool:
    return (
        re.match(r"SIP/2.0 [2-6]", reply.first_line) is not None
        and reply.header("Call-ID") == call_id
        and reply.header("CSeq").startswith(f"{cseq} ")
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
