"""The doctor's telephone against an exchange of a few lines: real packets over loopback."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from pbx_cli.doctor.patient import finding_about
from pbx_cli.doctor.sip_text import Caller, Message, authorization, parse
from pbx_cli.doctor.trial_call import CallReport, answers_options, place_call

LOUD = b"\x2a\xaa" * 80  # A-law, full scale
PACKETS = 50
NONCE = "abc123"

Address = tuple[str, int]


@dataclass
class TinyExchange(asyncio.DatagramProtocol):
    """Answers one call as it was told to; what is said again, it has heard and answered."""

    final: str = "200 OK"
    hangs_up: bool = True
    speaks: bool = True
    heard: list[str] = field(default_factory=list)
    _numbers: set[str] = field(default_factory=set)
    _transport: asyncio.DatagramTransport | None = None

    def opened(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        message = parse(data)
        assert message is not None
        number = f"{message.method} {message.header('cseq')}"
        if number in self._numbers:
            return
        self._numbers.add(number)
        self.heard.append(message.first_line)
        if message.method == "OPTIONS":
            self._answer(message, "401 Unauthorized", addr)
        elif message.method == "INVITE":
            self._invited(message, addr)
        elif message.method == "ACK" and self._is_answered() and message.status is None:
            self._talk(addr)

    def _is_answered(self) -> bool:
        return self.final == "200 OK" and sum("INVITE" in line for line in self.heard) > 1

    def _invited(self, message: Message, addr: Address) -> None:
        if not self._is_logged_in(message):
            challenge = f'Digest realm="doctor.invalid", nonce="{NONCE}", qop="auth"'
            self._answer(message, "401 Unauthorized", addr, f"WWW-Authenticate: {challenge}\r\n")
            return
        self._rtp_port = int(re.findall(r"m=audio (\d+)", message.body)[0])
        self._answer(message, "100 Trying", addr)
        self._answer(message, self.final, addr)

    def _is_logged_in(self, message: Message) -> bool:
        proof = message.header("authorization")
        return f'nonce="{NONCE}"' in proof and 'username="100"' in proof

    def _talk(self, addr: Address) -> None:
        assert self._transport is not None
        for _ in range(PACKETS if self.speaks else 0):
            self._transport.sendto(bytes([0x80, 8]) + bytes(10) + LOUD, (addr[0], self._rtp_port))
        if self.hangs_up:
            bye = (
                f"BYE sip:100@{addr[0]}:{addr[1]} SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nCSeq: 9 BYE\r\n"
            )
            self._transport.sendto(f"{bye}\r\n".encode(), addr)

    def _answer(self, asked: Message, status: str, addr: Address, more: str = "") -> None:
        assert self._transport is not None
        copied = "".join(
            f"{name}: {asked.header(name.lower())}\r\n" for name in ("Via", "From", "CSeq")
        )
        to = f"To: {asked.header('to')};tag=x\r\nContact: <sip:exchange@127.0.0.1>\r\n"
        self._transport.sendto(f"SIP/2.0 {status}\r\n{copied}{to}{more}\r\n".encode(), addr)


@asynccontextmanager
async def open_for_calls(exchange: TinyExchange) -> AsyncIterator[Address]:
    """Let the exchange listen, and say where."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: exchange, local_addr=("127.0.0.1", 0)
    )
    exchange.opened(transport)
    host, port = transport.get_extra_info("sockname")
    try:
        yield host, port
    finally:
        transport.close()


async def call(server: Address, *, listen_s: float = 5.0) -> CallReport:
    return await place_call(
        server, user="100", domain="doctor.invalid", password="x", number="5000", listen_s=listen_s
    )


async def test_a_call_that_speaks_and_ends_is_reported_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_cli.doctor.trial_call.LATE_SOUND_S", 1.0)
    exchange = TinyExchange()
    async with open_for_calls(exchange) as server:
        report = await call(server)

    assert (report.status, report.words) == (200, "200 OK")
    assert report.was_ended_by_exchange
    assert report.packets == PACKETS
    assert report.heard_s == pytest.approx(1.0)
    assert finding_about(report, "").health == "up"
    assert "heard 1.0 s" in finding_about(report, "").words
    assert [line.split()[0] for line in exchange.heard][:4] == ["INVITE", "ACK", "INVITE", "ACK"]


async def test_a_call_that_nobody_ends_is_hung_up_by_the_doctor() -> None:
    exchange = TinyExchange(hangs_up=False)
    async with open_for_calls(exchange) as server:
        report = await call(server, listen_s=0.2)
        await asyncio.sleep(0)

    assert not report.was_ended_by_exchange
    assert finding_about(report, "").health == "down"


async def test_a_call_without_a_sound_is_down() -> None:
    async with open_for_calls(TinyExchange(speaks=False)) as server:
        report = await call(server)

    assert report.loudest_dbfs is None
    assert "heard nothing" in finding_about(report, "").words


async def test_a_refusal_is_told_with_its_words() -> None:
    async with open_for_calls(TinyExchange(final="486 Busy Here")) as server:
        report = await call(server)

    assert report.status == 486
    assert "486 Busy Here" in finding_about(report, "").words


async def test_an_exchange_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_cli.doctor.trial_call.SET_UP_LIMIT_S", 0.1)
    monkeypatch.setattr("pbx_cli.doctor.trial_call.OPTIONS_LIMIT_S", 0.1)
    async with open_for_calls(TinyExchange()) as server:
        pass

    report = await call(server)

    assert report.status is None
    assert "no answer" in finding_about(report, "").words
    assert not await answers_options(server)


async def test_anything_that_speaks_sip_answers_options() -> None:
    async with open_for_calls(TinyExchange()) as server:
        assert await answers_options(server)


async def test_what_the_exchange_noted_outweighs_what_was_heard() -> None:
    report = CallReport(status=200, words="200 OK", set_up_ms=5, heard_s=2, loudest_dbfs=-10)

    finding = finding_about(report, "Something went wrong: no such sound")

    assert (finding.health, "no such sound" in finding.words) == ("down", True)


def test_a_challenge_without_qop_is_answered_in_the_old_way() -> None:
    caller = Caller("100", "doctor.invalid", "x", "127.0.0.1", 5070)

    answer = authorization('Digest realm="r", nonce="n"', caller=caller, method="BYE", uri="sip:x")

    assert "qop" not in answer
    assert 'realm="r"' in answer
