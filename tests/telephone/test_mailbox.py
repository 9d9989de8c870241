"""The owner of a mailbox listens by phone, and the lamp tells when there is a message."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.support.waiting import until_told
from tests.telephone.conftest import add_announcements

SPOKEN_S = 2.5
PIN = "4711"
REPEAT, NEXT, DELETE, SAVE, CALL_BACK, END = "5", "6", "7", "9", "2", "#"
MENU, MENU_WITH_PIN, FROM_OUTSIDE = "5900", "5901", "74996005900"

people = count(210)


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place) -> Tenant:
    """Somebody who leaves messages, a menu for owners, and a number of it for the road."""
    tenant = a_tenant("100")
    add_announcements(tenant, sounds)
    for name in ("welcome", "still-there"):
        tenant.add_sound(name, sounds[name])
    tenant.add_element("mailbox", MENU, envelope="false", done="5101", refused="5102")
    tenant.add_element(
        *("mailbox", MENU_WITH_PIN),
        box_sound="welcome",
        pin_sound="still-there",
        envelope="false",
        refused="5102",
    )
    tenant.add_trunk("city", outside)
    tenant.add_number(FROM_OUTSIDE, trunk="city", to=MENU_WITH_PIN)
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture
def owner(company: Tenant) -> str:
    """Somebody with a mailbox, whose phone is switched off."""
    number = str(next(people))
    company.add_extension(number, ring_s=1)
    company.set_extension(
        number, voicemail="true", mailbox__greeting="silent-end", mailbox__instructions="false"
    )
    company.set_pin(number, PIN)
    company.wait_until_in_effect()
    return number


async def leave_message(company: Tenant, box: str, tone: sound.Sound) -> None:
    """A colleague speaks into the mailbox."""
    async with PlainPhone(company.account("100"), plays=tone) as phone:
        caller = phone.dial(box)
        await caller.ear.hears(sound.SILENT_END)
        await caller.press("1")
        await caller.ear.hears(sound.BEEP, for_s=0.2)
        await caller.speaks(SPOKEN_S)
        await caller.hang_up()
    await company.exchange.nothing_left()


@asynccontextmanager
async def menu_of(company: Tenant, owner: str) -> AsyncIterator[tuple[PlainPhone, SipCall]]:
    """The owner's phone, and a call from it to the menu."""
    async with PlainPhone(company.account(owner)) as phone:
        call = phone.dial(MENU)
        await call.established()
        yield phone, call


async def heard_or_not(company: Tenant, box: str) -> list[bool]:
    """Which messages of a mailbox have been heard."""
    return [message.is_heard for message in await company.messages(box)]


async def test_the_owner_hears_a_message_and_keeps_it(company: Tenant, owner: str) -> None:
    await leave_message(company, owner, sound.BORIS)
    async with menu_of(company, owner) as (_, call):
        await call.ear.hears(sound.BORIS, for_s=1.0)
        await call.press(SAVE)
        await call.ear.hears(sound.NEWS)
        await call.hang_up()

    assert await heard_or_not(company, owner) == [True]


async def test_the_owner_hears_one_message_after_the_other_and_deletes_one(
    company: Tenant, owner: str
) -> None:
    await leave_message(company, owner, sound.BORIS)
    await leave_message(company, owner, sound.CLARA)
    async with menu_of(company, owner) as (_, call):
        await call.ear.hears(sound.BORIS)
        await call.press(DELETE)
        await call.ear.hears(sound.CLARA)
        await call.press(REPEAT)
        await call.ear.hears(sound.CLARA, since=call.ear.mark())
        await call.press(END)
        await call.closed()

    (left,) = await company.messages(owner)
    assert left.is_heard


async def test_the_owner_calls_back_who_left_the_message(company: Tenant, owner: str) -> None:
    await leave_message(company, owner, sound.BORIS)
    async with (
        PlainPhone(company.account("100"), plays=sound.CLARA) as colleague,
        menu_of(company, owner) as (_, call),
    ):
        await call.ear.hears(sound.BORIS)
        await call.press(CALL_BACK)
        leg = await colleague.rings()
        await leg.answer()
        await call.ear.hears(sound.CLARA)
        await call.hang_up()
        await leg.closed()


async def test_the_owner_listens_from_the_road_with_a_pin(
    company: Tenant, carrier: Carrier, owner: str
) -> None:
    await leave_message(company, owner, sound.BORIS)
    call = carrier.call(FROM_OUTSIDE)
    await call.ear.hears(sound.WELCOME)
    await call.press(f"{owner}#")
    await call.ear.hears(sound.STILL_THERE)
    await call.press(f"{PIN}#")
    await call.ear.hears(sound.BORIS)
    await call.hang_up()


@pytest.mark.parametrize("pretends_to_be_the_owner", [False, True])
async def test_nobody_listens_without_the_pin(
    company: Tenant, carrier: Carrier, owner: str, pretends_to_be_the_owner: bool
) -> None:
    await leave_message(company, owner, sound.BORIS)
    call = carrier.call(FROM_OUTSIDE, caller=owner if pretends_to_be_the_owner else MOBILE)
    await call.ear.hears(sound.WELCOME)
    for _ in range(3):
        await call.press(f"{owner}#1234#")
    await call.ear.hears(sound.SILENT_END)
    assert call.ear.seconds_of(sound.BORIS) == 0
    await call.hang_up()

    assert await heard_or_not(company, owner) == [False]


async def test_the_lamp_lights_with_a_message_and_goes_out_after_listening(
    company: Tenant, owner: str
) -> None:
    async with (
        PlainPhone(company.account(owner)) as phone,
        PlainPhone(company.account("100"), plays=sound.BORIS) as colleague,
    ):
        await phone.lamp_goes_out()
        caller = colleague.dial(owner)
        (await phone.rings()).refuse("480 Temporarily Unavailable")
        await caller.ear.hears(sound.SILENT_END)
        await caller.press("1")
        await caller.ear.hears(sound.BEEP, for_s=0.2)
        await caller.speaks(SPOKEN_S)
        await caller.hang_up()

        await phone.lamp_lights(new=1)

        call = phone.dial(MENU)
        await call.ear.hears(sound.BORIS, for_s=1.0)
        await call.press(SAVE)
        await phone.lamp_goes_out()
        await call.hang_up()


async def test_a_phone_that_is_switched_on_later_shows_the_lamp(
    company: Tenant, owner: str
) -> None:
    await leave_message(company, owner, sound.BORIS)
    async with PlainPhone(company.account(owner)) as phone:
        await phone.lamp_lights(new=1)


async def test_the_lamp_goes_out_when_the_operator_deletes_the_message(
    company: Tenant, owner: str
) -> None:
    await leave_message(company, owner, sound.BORIS)
    async with PlainPhone(company.account(owner)) as phone:
        await phone.lamp_lights(new=1)
        (message,) = await company.messages(owner)
        company.remove_message(message.id)

        async def is_gone() -> bool:
            return not await company.messages(owner)

        await until_told(is_gone, saying="the message is gone")
        await phone.lamp_goes_out()
