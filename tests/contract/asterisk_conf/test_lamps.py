"""Message-waiting lamps of phones, lit and put out through AMI."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

import pytest

from stasis_apps.services.lamps import Lamps
from stasis_apps.settings import read_settings
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.raw_sip import RawPhone, response_to
from tests.contract.asterisk_conf.test_registration import secret
from tests.support.account import Account
from tests.support.baresip import Phone
from tests.support.waiting import COMES_S, until

pytestmark = pytest.mark.asterisk


@pytest.fixture
async def lamps(running: Exchange) -> AsyncIterator[Lamps]:
    switchboard = Lamps(read_settings({"PBX_HOME": str(running.settings.home)}))
    listening = asyncio.create_task(switchboard.run())
    try:
        await until(lambda: switchboard.is_connected, saying=lambda: f"AMI: {listening}")
        yield switchboard
    finally:
        listening.cancel()
        await asyncio.wait((listening,))


async def told(phone: RawPhone) -> str:
    """The next NOTIFY, accepted as a phone does."""
    while True:
        message = (await phone.receive()).raw
        if message.startswith((b"NOTIFY", b"OPTIONS")):
            phone.send(response_to(message, "200 OK"))
        if message.startswith(b"NOTIFY"):
            return message.decode()


async def next_of(lamps: Lamps) -> str:
    async with asyncio.timeout(COMES_S), aclosing(lamps.registrations()) as registrations:
        return await anext(registrations)


async def test_a_lamp_is_lit_and_put_out(running: Exchange, lamps: Lamps) -> None:
    async with running.phone() as phone:
        await phone.log_in("REGISTER", "100", "acme.test", secret("100"))

        await lamps.show("100@acme.test", new=2, old=1)
        lit = await told(phone)
        await lamps.show("100@acme.test", new=0, old=3)
        out = await told(phone)

    assert "Event: message-summary\r\n" in lit
    assert "Content-Type: application/simple-message-summary\r\n" in lit
    assert lit.endswith("Messages-Waiting: yes\r\nVoice-Message: 2/1 (0/0)\r\n")
    assert out.endswith("Messages-Waiting: no\r\nVoice-Message: 0/3 (0/0)\r\n")


async def test_a_phone_that_registers_is_heard_of(running: Exchange, lamps: Lamps) -> None:
    async with running.phone() as phone:
        await phone.log_in("REGISTER", "100-kitchen", "acme.test", secret("100-kitchen"))

        assert await next_of(lamps) == "100-kitchen@acme.test"


async def test_a_phone_that_moved_is_heard_of_again(running: Exchange, lamps: Lamps) -> None:
    async with running.phone() as desk, running.phone() as sofa:
        await desk.log_in("REGISTER", "100", "acme.test", secret("100"))
        first = await next_of(lamps)
        await sofa.log_in("REGISTER", "100", "acme.test", secret("100"))
        second = await next_of(lamps)

    assert (first, second) == ("100@acme.test", "100@acme.test")


async def test_a_phone_that_is_off_is_no_fault(running: Exchange, lamps: Lamps) -> None:
    await lamps.show("101@acme.test", new=1, old=0)
    await lamps.show("nobody@acme.test", new=1, old=0)

    assert lamps.is_connected
    assert await running.process.complaints() == []


async def test_lamps_work_again_after_asterisk_was_restarted(
    running: Exchange, lamps: Lamps
) -> None:
    await running.process.stop()
    await until(lambda: not lamps.is_connected, saying="AMI is gone")
    await running.process.start()
    await until(lambda: lamps.is_connected, saying="AMI is back")

    async with running.phone() as phone:
        await phone.log_in("REGISTER", "100", "acme.test", secret("100"))
        await lamps.show("100@acme.test", new=1, old=0)

        assert "Messages-Waiting: yes" in await told(phone)


async def test_a_real_phone_lights_its_lamp_when_it_registers(
    running: Exchange, lamps: Lamps
) -> None:
    running.add_device("102", "acme.test", "plain")
    settings = running.settings
    account = Account(
        user="102",
        password="plain",
        domain="acme.test",
        host=settings.sip_bind_host,
        port=settings.sip_bind_port,
        transport="udp",
    )
    async with Phone(account) as phone:
        await phone.registered()
        await lamps.show(await next_of(lamps), new=3, old=0)

        notify = await until(
            lambda: next(iter(phone.messages("NOTIFY", sent=False)), None),
            saying="the phone is told",
        )

    assert "Messages-Waiting: yes" in notify.body
    assert "Voice-Message: 3/0" in notify.body


async def test_a_talk_makes_no_events_that_nobody_wants(running: Exchange, lamps: Lamps) -> None:
    """AMI would else wake us some thirty times for every call."""
    async with running.phone() as phone:
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await phone.log_in("INVITE", "100", "acme.test", secret("100"), to="5000")

    shown = await running.process.console("manager show eventq")

    assert "Event: Newchannel" not in shown
    assert "Event: VarSet" not in shown
