"""Phones that mean ill: refused without a hint, and nothing breaks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support import sound
from tests.support.account import Account
from tests.support.baresip import Phone
from tests.support.exchange import Exchange
from tests.support.odd_messages import odd_messages
from tests.support.raw_sip import Wire, send_over_tcp, wire_to
from tests.support.sip_text import SipMessage
from tests.support.tenant import Tenant

GUESS = "guessed-password-1"
FEWEST_ODD_MESSAGES = 300


@pytest.fixture
async def wire(exchange: Exchange) -> AsyncIterator[Wire]:
    async with wire_to(exchange.host, exchange.sip_port) as wire:
        yield wire


def seen_from_outside(replies: list[SipMessage]) -> list[tuple[str, tuple[str, ...], str]]:
    """What an attacker can compare: status, names of headers, and the realm of the challenge."""
    return [
        (
            reply.first_line,
            tuple(sorted(name for name, _ in reply.headers)),
            reply.header("WWW-Authenticate").partition("nonce")[0],
        )
        for reply in replies
    ]


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
async def test_nobody_learns_by_guessing_whether_a_user_exists(
    office: Tenant, wire: Wire, method: str
) -> None:
    target = f"sip:{office.domain}" if method == "REGISTER" else f"sip:101@{office.domain}"
    known = office.account("100", password=GUESS)
    unknown = stranger_in(office)

    for_known = seen_from_outside(await wire.ask(known, method, target))
    for_unknown = seen_from_outside(await wire.ask(unknown, method, target))

    assert for_known == for_unknown
    assert for_known[-1][0].startswith("SIP/2.0 401")


async def test_an_unknown_user_cannot_register(office: Tenant) -> None:
    async with Phone(stranger_in(office)) as phone:
        assert (await phone.register_fails()).startswith("401")


async def test_nobody_calls_without_a_password(office: Tenant) -> None:
    async with Phone(stranger_in(office), registers=False) as phone:
        await phone.dial("101")

        assert (await phone.closed()).startswith("401")


async def test_a_phone_cannot_register_under_the_name_of_a_colleague(
    office: Tenant, wire: Wire
) -> None:
    """The login is right, but the address that wants to be registered is somebody else's."""
    replies = await wire.ask(
        office.account("100"), "REGISTER", f"sip:{office.domain}", to=f"sip:101@{office.domain}"
    )

    assert not replies[-1].first_line.startswith("SIP/2.0 2")


async def test_odd_messages_are_refused_and_the_telephones_still_work(
    office: Tenant, wire: Wire, exchange: Exchange
) -> None:
    pids = (exchange.application_pid(), exchange.asterisk_pid())
    odd = list(
        odd_messages(domain=office.domain, user="100", host=exchange.host, port=exchange.sip_port)
    )
    assert len(odd) >= FEWEST_ODD_MESSAGES

    for count, (name, message) in enumerate(odd):
        wire.send(message)
        if count % 5 == 0:
            answer = await send_over_tcp(exchange.host, exchange.sip_port, message)
            assert not answer.startswith(b"SIP/2.0 2"), name
        if count % 20 == 0:
            await wire.ask(office.account("100"), "OPTIONS", f"sip:{office.domain}")

    accepted = [reply for reply in wire.replies if reply.first_line.startswith("SIP/2.0 2")]
    assert {reply.header("CSeq").split()[-1] for reply in accepted} <= {"OPTIONS"}
    assert (exchange.application_pid(), exchange.asterisk_pid()) == pids
    async with two_talk(office):
        pass


@asynccontextmanager
async def two_talk(tenant: Tenant) -> AsyncIterator[None]:
    async with (
        Phone(tenant.account("100"), plays=sound.ALICE) as caller,
        Phone(tenant.account("101"), plays=sound.BORIS, answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await caller.established()
        await caller.ear.hears(sound.BORIS)
        await callee.ear.hears(sound.ALICE)
        yield
        await caller.hang_up()
        await callee.closed()


def stranger_in(tenant: Tenant) -> Account:
    """Somebody who knows the company's domain and guesses a user and a password."""
    return Account(
        user="4321",
        password=GUESS,
        domain=tenant.domain,
        host=tenant.exchange.host,
        port=tenant.exchange.sip_port,
    )
