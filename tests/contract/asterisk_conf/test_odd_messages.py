"""Asterisk stays up, small and of use under messages that no sound phone sends."""

import asyncio
from contextlib import suppress

import pytest

from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.odd_messages import odd_messages
from tests.contract.asterisk_conf.raw_sip import RawPhone
from tests.contract.asterisk_conf.test_registration import secret
from tests.support.waiting import until

pytestmark = pytest.mark.asterisk

MOST_GROWTH_KIB = 60_000
AT_A_TIME = 20
"""Few enough for the socket's buffer, so that Asterisk sees every one."""


async def test_odd_messages_do_no_harm_over_udp(running: Exchange) -> None:
    pid = running.process.pid
    before_kib = running.resident_kib()
    async with running.phone() as stranger, running.phone() as phone:
        messages = list(odd_messages(stranger.port))
        for first in range(0, len(messages), AT_A_TIME):
            for message in messages[first : first + AT_A_TIME]:
                stranger.send(message)
            await still_serves(phone)
        answers = stranger.waiting()

    assert len(messages) > 300
    assert len(answers) > 300
    assert running.process.pid == pid
    assert running.resident_kib() - before_kib < MOST_GROWTH_KIB
    assert b"SIP/2.0 200" not in {answer[:11] for answer in answers}


async def test_odd_messages_do_no_harm_over_tcp(running: Exchange) -> None:
    before_kib = running.resident_kib()
    messages = list(odd_messages(9))[::4]
    async with running.phone() as phone:
        for first in range(0, len(messages), AT_A_TIME):
            batch = messages[first : first + AT_A_TIME]
            await asyncio.gather(*(say_over_tcp(running, message) for message in batch))
            await still_serves(phone)

    assert running.resident_kib() - before_kib < MOST_GROWTH_KIB


async def test_a_flood_of_faulty_registrations_does_not_grow_asterisk(running: Exchange) -> None:
    async with running.phone() as stranger, running.phone() as phone:
        await refused_logins(stranger, 200)
        settled_kib = running.resident_kib()
        await refused_logins(stranger, 1_000)
        await still_serves(phone)

    await until(
        lambda: running.resident_kib() - settled_kib < MOST_GROWTH_KIB // 4,
        saying=f"from {settled_kib} KiB to {running.resident_kib()} KiB",
    )


async def say_over_tcp(exchange: Exchange, message: bytes) -> None:
    """Connect, say it, and leave without waiting for an answer."""
    settings = exchange.settings
    _, writer = await asyncio.open_connection(settings.sip_bind_host, settings.sip_bind_port)
    writer.write(message)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def refused_logins(stranger: RawPhone, number: int) -> None:
    for attempt in range(number):
        answer = await stranger.ask("REGISTER", f"{attempt}", "acme.test")
        assert answer.status == 401


async def still_serves(phone: RawPhone) -> None:
    """A sound phone registers as if nothing were wrong."""
    answer = await phone.log_in("REGISTER", "101", "acme.test", secret("101"))
    assert answer.status == 200
