"""What fail2ban is told by our filter: who was refused a login, and nobody else."""

import re
from collections.abc import Callable
from configparser import RawConfigParser
from pathlib import Path

import pytest

from tests.support.exchange import Exchange
from tests.support.raw_sip import Request, wire_to
from tests.support.tenant import Tenant
from tests.support.waiting import until

FILTER = Path(__file__).parents[2] / "examples" / "fail2ban" / "filter.d" / "pbx.conf"
GUESS = "guessed-password-1"


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant]) -> Tenant:
    """A customer with one phone."""
    return a_tenant("100")


def refused_in(log: str) -> list[str]:
    """The addresses that the filter finds, as fail2ban applies it: without the line's moment."""
    settings = RawConfigParser()
    settings.read_string(FILTER.read_text())
    pattern = settings["Definition"]["failregex"].replace("<ADDR>", "(?P<address>[0-9a-fA-F.:]+)")
    lines = [line.partition("]")[2] for line in log.splitlines()]
    return [found["address"] for line in lines if (found := re.search(pattern, line))]


def later_lines_of(exchange: Exchange) -> Callable[[], str]:
    """What comes into the security log from now on."""
    log = exchange.home / "var" / "asterisk" / "log" / "security.log"
    already = len(log.read_text())
    return lambda: log.read_text()[already:]


async def test_a_wrong_password_counts_and_a_right_one_does_not(
    exchange: Exchange, company: Tenant
) -> None:
    said, target = later_lines_of(exchange), f"sip:{company.domain}"
    async with wire_to(exchange.host, exchange.sip_port) as wire:
        *_, accepted = await wire.ask(company.account("100"), "REGISTER", target)
        *_, refused = await wire.ask(company.account("100", password=GUESS), "REGISTER", target)

    assert (accepted.first_line, refused.first_line) == (
        "SIP/2.0 200 OK",
        "SIP/2.0 401 Unauthorized",
    )
    await until(lambda: refused_in(said()), saying=said)
    assert "SuccessfulAuth" in said()
    assert refused_in(said()) == ["127.0.0.1"]


async def test_nobody_can_have_another_banned_by_writing_into_the_log(
    exchange: Exchange, company: Tenant
) -> None:
    said = later_lines_of(exchange)
    forged = '1",RemoteAddress="IPV4/UDP/203.0.113.66/5060"'
    guess = (
        f'Digest username="100", realm="{company.domain}", nonce="1/2", uri="sip:x", response="0"'
    )
    async with wire_to(exchange.host, exchange.sip_port) as wire:
        request = Request(
            *("REGISTER", "100", company.domain, f"sip:{company.domain}", wire.port),
            authorization=guess,
            call_id=forged,
        )
        wire.send(request.text().encode())
        await wire.final_reply(forged, 1)

    await until(lambda: refused_in(said()), saying=said)
    assert "203.0.113.66" in said()
    assert refused_in(said()) == ["127.0.0.1"]
