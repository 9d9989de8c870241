"""A UDP port at which the test speaks SIP itself: requests, replies, and the calls on it.

Not here: what a phone or a carrier does with it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast
from uuid import uuid4

from tests.support.sip_call import Dialling, SipCall
from tests.support.sip_text import SipMessage, parse_message
from tests.support.sound import Sound
from tests.support.waiting import COMES_S, until

BRANCH = re.compile(r"branch=([^;,\s]+)")
SHOWN_MESSAGES = 60

OnReply = Callable[[SipMessage], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class SipStation(asyncio.DatagramProtocol):
    """Speaks SIP with the exchange.

    Args:
        name: for the messages of failed tests.
        here: where it listens.
        exchange: to whom it speaks.
        plays: what is heard from it.
    """

    def __init__(self, name: str, here: Place, exchange: Place, plays: Sound | None) -> None:
        self._name = name
        self.host, self.port = here.host, here.port
        self._exchange = exchange
        self._plays = plays
        self.messages: list[SipMessage] = []
        self.calls: list[SipCall] = []
        self.is_deaf = False
        self.unheard: list[SipMessage] = []
        self.on_other: dict[str, Callable[[SipMessage], None]] = {}
        self._taken = 0
        self._came: list[SipCall] = []
        self._asked: dict[str, OnReply] = {}
        self._replied: dict[str, list[str]] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen while the block runs; a failed test is told what was said."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, self.port))
        try:
            yield
        except Exception as error:
            error.add_note(self.story())
            raise
        finally:
            for call in self.calls:
                call.close("switched off")
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way to the exchange."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, _addr: object) -> None:
        """Give a reply to who asked, and a request to the call or service that it is for."""
        if not data.strip():
            return
        message = parse_message(data.decode(errors="replace"), sent=False)
        if self.is_deaf:
            self.unheard.append(message)
            return
        if message.first_line.startswith("SIP/2.0"):
            self.messages.append(message)
            asked = self._asked.get(_transaction(message))
            if asked is not None:
                asked(message)
            return
        if self._repeated(message):
            return
        self.messages.append(message)
        self._take(message)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens at the exchange; the test will find out."""

    def send(self, text: str) -> None:
        """Send a message as it stands."""
        self.messages.append(parse_message(text, sent=True))
        self._transport.sendto(text.encode(), (self._exchange.host, self._exchange.port))

    def ask(self, text: str, on_reply: OnReply) -> None:
        """Send a request; every reply to it is given to ``on_reply``."""
        self._asked[_transaction(parse_message(text, sent=True))] = on_reply
        self.send(text)

    def reply(
        self, request: SipMessage, status: str, *headers: str, tag: str = "", body: str = ""
    ) -> None:
        """Reply to a request of the exchange; the same again when the request comes again."""
        same = {"via", "from", "call-id", "cseq", "record-route"}
        to = request.header("To")
        lines = [
            f"SIP/2.0 {status}",
            *(f"{name}: {value}" for name, value in request.headers if name.lower() in same),
            f"To: {to}" if not tag or ";tag=" in to else f"To: {to};tag={tag}",
            *headers,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        text = "\r\n".join(lines) + "\r\n\r\n" + body
        self._replied.setdefault(_transaction(request), []).append(text)
        self.send(text)

    async def request(self, method: str, uri: str, *headers: str, body: str = "") -> SipMessage:
        """Send a request that belongs to no call, and wait for its final reply."""
        final: list[SipMessage] = []
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.port};rport;branch=z9hG4bK{uuid4().hex}",
            *headers,
            "Max-Forwards: 70",
            f"Contact: <sip:{self.host}:{self.port}>",
            f"Content-Length: {len(body)}",
        ]
        self.ask("\r\n".join(lines) + "\r\n\r\n" + body, final.append)
        return await until(
            lambda: next(
                (one for one in final if not one.first_line.startswith("SIP/2.0 1")), None
            ),
            saying=lambda: f"{self._name}: a final reply to {method}",
        )

    def dial(self, dialling: Dialling) -> SipCall:
        """Call the exchange."""
        call = SipCall(self, self._plays, f"caller at {self._name}")
        self.calls.append(call)
        call.dial(dialling)
        return call

    async def rings(self, within_s: float = COMES_S) -> SipCall:
        """Wait for the next call of the exchange; each is given once."""
        await until(
            lambda: len(self._came) > self._taken,
            within_s=within_s,
            saying=lambda: f"{self._name} is called",
        )
        self._taken += 1
        return self._came[self._taken - 1]

    @property
    def times_rung(self) -> int:
        """How often the exchange has called, answered or not."""
        return len(self._came)

    def story(self) -> str:
        """Tell what was said, for the reader of a failed test."""
        talk = [
            f"  {'->' if message.sent else '<-'} {message.first_line}  {message.media_summary}"
            for message in self.messages[-SHOWN_MESSAGES:]
        ]
        return "\n".join([f"{self._name}:", *talk, *(f"  {call.story()}" for call in self.calls)])

    def _repeated(self, request: SipMessage) -> bool:
        """Say the same again to somebody who says the same again."""
        said = self._replied.get(_transaction(request))
        if said is None or request.first_line.startswith("ACK"):
            return False
        self.send(said[-1])
        return True

    def _take(self, request: SipMessage) -> None:
        method = request.first_line.split()[0]
        call_id = request.header("Call-ID")
        call = next((one for one in self.calls if one.call_id == call_id), None)
        if call is not None:
            call.take(request)
        elif method == "INVITE":
            call = SipCall(self, self._plays, f"callee at {self._name}")
            self.calls.append(call)
            call.came(request)
            self._came.append(call)
        elif method in self.on_other:
            self.on_other[method](request)
        elif method != "ACK":
            self.reply(request, "200 OK" if method == "OPTIONS" else "481 No Such Call", tag="none")


def _transaction(message: SipMessage) -> str:
    """What a request and its replies have in common (RFC 3261, 17.1.3)."""
    found = BRANCH.search(message.header("Via"))
    branch = found.group(1) if found else ""
    return f"{branch} {message.header('CSeq').split()[-1]}"
