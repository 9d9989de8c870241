"""Ways out of elements that only a fault opens: a sound, a phone, a carrier or the disk fails."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_announcements

CALLER, DESK, AWAY, NO_PHONE, NO_CARRIER = "100", "101", "210", "211", "212"
LOST = "lost-and-gone"
SPEECHLESS = {
    "play": ("5200", {"sound": LOST, "failed": "5101"}),
    "greeting": ("5201", {"sound": LOST, "failed": "5102"}),
    "greeting that repeats": (
        "5202",
        {"sound": "news", "repeat_sound": LOST, "first_digit_s": "0.5", "failed": "5102"},
    ),
    "group": ("5203", {"members": f'["{DESK}"]', "greeting": LOST, "failed": "5103"}),
    "voicemail": ("5204", {"greeting": LOST, "failed": "5101"}),
    "mailbox": ("5205", {"box_sound": LOST, "failed": "5102"}),
    "mailbox with a PIN": ("5206", {"box": "5204", "pin_sound": LOST, "failed": "5103"}),
}
HEARD = {"5101": sound.NEWS, "5102": sound.SILENT_END, "5103": sound.WRONG_END}


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place) -> Tenant:
    """Elements that all name a sound which is not on the disk any more; people nobody reaches."""
    tenant = a_tenant(CALLER, DESK)
    add_announcements(tenant, sounds)
    tenant.add_sound(LOST, sounds["welcome"])
    for kind, (number, settings) in SPEECHLESS.items():
        tenant.add_element(kind.partition(" ")[0], number, **settings)
    tenant.add_element("play", "5210", sound="silent-end", next="5101")
    tenant.add_element("switch", "5211", open="5101", closed="5102")
    tenant.add_element(
        *("set_switch", "5212"), switch="5211", position="closed", done="5102", failed="5103"
    )
    tenant.add_trunk("city", outside)
    for person in (AWAY, NO_PHONE, NO_CARRIER):
        tenant.add_extension(person)
    tenant.set_extension(AWAY, voicemail="true", mailbox__greeting=LOST, failed="5103")
    tenant.set_extension(NO_PHONE, unreachable="5101")
    to_mobile = {"when": "always", "to": f"+{MOBILE}", "confirm": False}
    tenant.set_extension(NO_CARRIER, rules=json.dumps([to_mobile]), unreachable="5102")
    tenant.wait_until_in_effect()
    files = list(tenant.exchange.home.rglob(f"{tenant.name}/{LOST}.*"))
    assert files, "the sound was on the disk"
    for file in files:
        file.unlink()
    return tenant


@contextmanager
def nothing_can_be_stored(tenant: Tenant) -> Iterator[None]:
    """Somebody else holds the database for longer than the exchange waits."""
    place = tenant.exchange.environment["PBX_DATABASE_URL"].removeprefix("sqlite://")
    other = sqlite3.connect(place, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@pytest.mark.parametrize("kind", SPEECHLESS)
async def test_a_call_leaves_by_failed_when_its_sound_cannot_be_played(
    company: Tenant, kind: str
) -> None:
    number, settings = SPEECHLESS[kind]
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(DESK)) as desk,
    ):
        caller = phone.dial(number)
        await caller.ear.hears(HEARD[settings["failed"]])
        assert caller.ear.seconds_of(sound.WELCOME) == 0
        assert desk.times_rung == 0
        await caller.hang_up()


async def test_a_call_leaves_a_person_whose_own_greeting_cannot_be_played_by_failed(
    company: Tenant,
) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial(AWAY)
        await caller.ear.hears(sound.WRONG_END)
        await caller.hang_up()


@pytest.mark.parametrize("status", ["500 Server Error", "404 Not Found", "408 Request Timeout"])
async def test_a_call_leaves_a_person_whose_phone_is_out_of_order_as_unreachable(
    company: Tenant, status: str
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(NO_PHONE)) as broken,
    ):
        caller = phone.dial(NO_PHONE)
        (await broken.rings()).refuse(status)
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_call_leaves_a_person_whom_the_carrier_does_not_reach_as_unreachable(
    company: Tenant, carrier: Carrier
) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial(NO_CARRIER)
        (await carrier.rings()).refuse("503 Service Unavailable")
        await caller.ear.hears(sound.SILENT_END)
        await caller.hang_up()


async def test_a_call_goes_on_after_an_announcement(company: Tenant) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial("5210")
        await caller.ear.hears(sound.SILENT_END)
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_switch_that_cannot_be_stored_is_not_said_to_be_thrown(company: Tenant) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        with nothing_can_be_stored(company):
            thrown = phone.dial("5212")
            await thrown.established()
            await thrown.ear.hears(sound.WRONG_END)
            assert thrown.ear.seconds_of(sound.SILENT_END) == 0
            await thrown.hang_up()
        caller = phone.dial("5211")
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()
