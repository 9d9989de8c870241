"""One real call over SIP and RTP, placed by a very small telephone; for `pbx doctor --call`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Final

from pbx_cli.doctor.listening import Ear
from pbx_cli.doctor.sip_text import (
    MAX_FORWARDS,
    Caller,
    Message,
    answer_to,
    authorization,
    offer,
    parse,
    request,
)

FIRST_RESEND_S: Final = 0.5  # RFC 3261, section 17.1.1.2: T1
SET_UP_LIMIT_S: Final = 10.0
OPTIONS_LIMIT_S: Final = 3.0
LATE_SOUND_S: Final = 0.05  # what was said before the BYE may arrive after it
CHALLENGED: Final = (401, 407)
ANSWERED: Final = 200
FIRST_FINAL: Final = 200

Address = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """How a call went.

    Attributes:
        status: The last answer to the INVITE; None when there was none.
        words: That answer as it was written.
        set_up_ms: From the first packet to the answer.
        heard_s: Seconds of audible sound.
        loudest_dbfs: How loud it was.
        packets: How many packets with sound came.
        was_ended_by_exchange: Whether the exchange hung up, as the plan says.
    """

    status: int | None
    words: str
    set_up_ms: float
    heard_s: float = 0.0
    loudest_dbfs: float | None = None
    packets: int = 0
    was_ended_by_exchange: bool = False


async def place_call(
    server: Address, *, user: str, domain: str, password: str, number: str, listen_s: float
) -> CallReport:
    """Call a number and listen until the exchange hangs up, or for a while.

    Args:
        server: Where the exchange listens for SIP over UDP.
        user: The phone's login.
        domain: The tenant's.
        password: The phone's.
        number: What is dialled.
        listen_s: How long to listen at most.
    """
    ear = Ear()
    async with _line_to(server) as signalling, _ear_at(signalling.local[0]) as media:
        host, port = signalling.local
        caller = Caller(user, domain, password, host, port)
        dialog = _Dialog(signalling, caller, number, offer(host, media.local[1]))
        clock = asyncio.get_running_loop().time
        began_at = clock()
        final = await dialog.invite()
        set_up_ms = round((clock() - began_at) * 1000, 1)
        if final is None or final.status != ANSWERED:
            words = final.first_line.partition(" ")[2] if final else "no answer"
            return CallReport(
                status=final.status if final else None, words=words, set_up_ms=set_up_ms
            )
        was_ended = await _listen(dialog, media, ear, listen_s)
    return CallReport(
        status=ANSWERED,
        words=final.first_line.partition(" ")[2],
        set_up_ms=set_up_ms,
        heard_s=round(ear.heard_s, 2),
        loudest_dbfs=round(ear.loudest_dbfs, 1) if ear.packets else None,
        packets=ear.packets,
        was_ended_by_exchange=was_ended,
    )


async def answers_options(server: Address) -> bool:
    """Whether anything that speaks SIP over UDP answers at an address."""
    async with _line_to(server) as line:
        caller = Caller("doctor", "doctor.invalid", "", *line.local)
        headers = {
            "Via": caller.via,
            "Max-Forwards": str(MAX_FORWARDS),
            "From": f"<sip:doctor@doctor.invalid>;tag={secrets.token_hex(4)}",
            "To": f"<sip:{_in_uri(server)}>",
            "Call-ID": secrets.token_hex(12),
            "CSeq": "1 OPTIONS",
            "Contact": caller.contact,
        }
        asked = request("OPTIONS", f"sip:{_in_uri(server)}", headers)
        return await _exchange(line, asked, "OPTIONS", OPTIONS_LIMIT_S) is not None


class _Mailbox(asyncio.DatagramProtocol):
    """Keeps what came until it is read; that nobody listens (ICMP) is noticed by the wait's end."""

    def __init__(self) -> None:
        self.packets: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, _addr: tuple[object, ...]) -> None:
        self.packets.put_nowait(data)


@dataclass(frozen=True, slots=True)
class _Line:
    """A UDP socket with a mailbox."""

    transport: asyncio.DatagramTransport
    mailbox: _Mailbox

    @property
    def local(self) -> Address:
        """Where packets for us arrive."""
        host, port, *_ = self.transport.get_extra_info("sockname")
        return str(host), int(port)

    def send(self, datagram: bytes) -> None:
        """Send to the exchange."""
        self.transport.sendto(datagram)

    async def receive(self) -> bytes:
        """Wait for the next packet."""
        return await self.mailbox.packets.get()


@asynccontextmanager
async def _line_to(server: Address) -> AsyncIterator[_Line]:
    loop = asyncio.get_running_loop()
    transport, mailbox = await loop.create_datagram_endpoint(_Mailbox, remote_addr=server)
    with closing(transport):
        yield _Line(transport, mailbox)


@asynccontextmanager
async def _ear_at(host: str) -> AsyncIterator[_Line]:
    """Sound comes from a port that is not known before the call: anybody may send."""
    loop = asyncio.get_running_loop()
    transport, mailbox = await loop.create_datagram_endpoint(_Mailbox, local_addr=(host, 0))
    with closing(transport):
        yield _Line(transport, mailbox)


def _in_uri(server: Address) -> str:
    host, port = server
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _Dialog:
    """One call's signalling."""

    def __init__(self, line: _Line, caller: Caller, number: str, sdp: str) -> None:
        self._line = line
        self._caller = caller
        self._uri = f"sip:{number}@{caller.domain}"
        self._sdp = sdp
        self._call_id = secrets.token_hex(12)
        self._from = f"<sip:{caller.user}@{caller.domain}>;tag={secrets.token_hex(4)}"
        self._answer: Message | None = None
        self._sequence = 0

    async def invite(self) -> Message | None:
        """Call, log in when asked, and say what the last answer was."""
        final = await self._invite({})
        if final is not None and final.status in CHALLENGED:
            challenge = final.header("www-authenticate") or final.header("proxy-authenticate")
            name = "Authorization" if final.status == CHALLENGED[0] else "Proxy-Authorization"
            proof = authorization(challenge, caller=self._caller, method="INVITE", uri=self._uri)
            final = await self._invite({name: proof})
        self._answer = final
        return final

    async def next_request(self) -> Message:
        """Wait for what the exchange asks of us, and agree to it."""
        while True:
            message = parse(await self._line.receive())
            if message is None:
                continue
            if message.status is None:
                self._line.send(answer_to(message, "200 OK"))
                return message
            if message.method == "INVITE" and message.status >= FIRST_FINAL:
                self._acknowledge(message, self._headers("ACK", {}))  # our ACK was lost

    def hang_up(self) -> None:
        """Say goodbye."""
        self._sequence += 1
        self._line.send(request("BYE", self._remote(), self._headers("BYE", {})))

    async def _invite(self, more: dict[str, str]) -> Message | None:
        self._sequence += 1
        headers = self._headers("INVITE", more)
        asked = request("INVITE", self._uri, headers, self._sdp)
        final = await _exchange(self._line, asked, "INVITE", SET_UP_LIMIT_S)
        if final is not None:
            self._answer = final
            self._acknowledge(final, headers)
        return final

    def _acknowledge(self, final: Message, invite: dict[str, str]) -> None:
        """A refusal is acknowledged in its own transaction, an answer in a new one."""
        headers = self._headers("ACK", {})
        if final.status == ANSWERED:
            self._line.send(request("ACK", self._remote(), headers))
        else:
            headers["Via"] = invite["Via"]
            self._line.send(request("ACK", self._uri, headers))

    def _headers(self, method: str, more: dict[str, str]) -> dict[str, str]:
        to = self._answer.header("to") if self._answer and method != "INVITE" else ""
        return {
            "Via": self._caller.via,
            "Max-Forwards": str(MAX_FORWARDS),
            "From": self._from,
            "To": to or f"<{self._uri}>",
            "Call-ID": self._call_id,
            "CSeq": f"{self._sequence} {method}",
            "Contact": self._caller.contact,
            "User-Agent": "pbx doctor",
            **more,
        }

    def _remote(self) -> str:
        contact = self._answer.header("contact") if self._answer else ""
        return contact.partition("<")[2].partition(">")[0] or self._uri


async def _exchange(line: _Line, asked: bytes, method: str, limit_s: float) -> Message | None:
    """Send a request, again while nothing comes, and wait for its final answer."""
    try:
        async with asyncio.timeout(limit_s):
            resending = asyncio.create_task(_send_until_cancelled(line, asked))
            try:
                return await _final_answer(line, method, resending)
            finally:
                resending.cancel()
    except TimeoutError:
        return None


async def _final_answer(line: _Line, method: str, resending: asyncio.Task[None]) -> Message:
    while True:
        message = parse(await line.receive())
        if message is None or message.status is None or message.method != method:
            continue
        resending.cancel()
        if message.status >= FIRST_FINAL:
            return message


async def _send_until_cancelled(line: _Line, asked: bytes) -> None:
    pause_s = FIRST_RESEND_S
    while True:
        line.send(asked)
        await asyncio.sleep(pause_s)
        pause_s *= 2


async def _listen(dialog: _Dialog, media: _Line, ear: Ear, listen_s: float) -> bool:
    """Listen until the exchange hangs up; say whether it did."""
    hearing = asyncio.create_task(_hear(media, ear))
    try:
        async with asyncio.timeout(listen_s):
            while (await dialog.next_request()).method != "BYE":
                pass
            await asyncio.sleep(LATE_SOUND_S)
    except TimeoutError:
        dialog.hang_up()
        return False
    finally:
        hearing.cancel()
    return True


async def _hear(media: _Line, ear: Ear) -> None:
    while True:
        ear.hear(await media.receive())
