"""The application dies in the middle of calls from and to carriers, and comes back.

Several calls go through each death: after many deaths in a row it is started later and later.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier
from tests.support.exchange import Exchange, started
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SWALLOWED_S, SipCall
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import new_tenant

TO_DESK, TO_GROUP, TO_ASKED, TO_MOBILE, TO_MAILBOX = (
    f"7499700{place}" for place in ("0101", "5200", "0111", "0113", "5120")
)
LINES = 4
SPOKEN_S = 2.5


@pytest.fixture(scope="module")
def fragile_exchange() -> Iterator[Exchange]:
    """An exchange that the tests here may break."""
    with started(Exchange()) as running:
        yield running


@pytest.fixture(scope="module")
def workshop(fragile_exchange: Exchange, sounds: dict[str, Path], outside: Place) -> Tenant:
    """People, a group and a mailbox, all behind one trunk with four lines."""
    tenant = new_tenant(fragile_exchange, "101", "102", "111", "113")
    tenant.add_sound("welcome", sounds["welcome"])
    tenant.add_trunk("city", outside, max_channels=str(LINES))
    to_mobile = {"when": "always", "to": f"+{MOBILE}", "ring_s": 20}
    tenant.set_extension("111", rules=json.dumps([to_mobile]))
    tenant.set_extension("113", rules=json.dumps([{**to_mobile, "confirm": False}]))
    tenant.add_element("group", "5200", members='["101", "102"]', ring_s="20")
    tenant.add_element("voicemail", "5120", greeting="welcome", instructions="false")
    for number in (TO_DESK, TO_GROUP, TO_ASKED, TO_MOBILE, TO_MAILBOX):
        tenant.add_number(number, trunk="city", to=number[-4:].lstrip("0"))
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture
async def world(fragile_exchange: Exchange, outside: Place) -> AsyncIterator[Carrier]:
    """The carrier of that trunk at work."""
    async with Carrier(outside, fragile_exchange) as carrier:
        yield carrier


async def all_hear(heard_by: Sequence[tuple[SipCall, sound.Sound]]) -> None:
    """Everybody listens for a whole second from now on, at the same time."""
    await asyncio.gather(
        *(one.ear.hears(wanted, for_s=1.0, since=one.ear.mark()) for one, wanted in heard_by)
    )


async def the_mailbox_greets_anew(caller: SipCall) -> None:
    """Hear the greeting from its beginning and skip the rest; the beep comes, and we speak."""
    since = caller.ear.mark()
    await caller.ear.hears(sound.WELCOME, since=since, for_s=0.5)
    await caller.press("1")
    await caller.ear.hears(sound.BEEP, since=since, for_s=0.2)
    await caller.speaks(SPOKEN_S)


async def one_member_wins(caller: SipCall, lost: SipCall, won: SipCall) -> None:
    """One answers, and the other stops ringing."""
    await won.answer()
    assert await lost.closed() == "CANCEL"
    await caller.ear.hears(sound.BORIS)
    await won.ear.hears(sound.CLARA)


async def no_line_is_free(world: Carrier) -> None:
    """One more caller than the trunk has lines is turned away."""
    assert (await world.call(TO_DESK).closed())[:3] == "503"


async def a_line_is_free(world: Carrier, desk: PlainPhone) -> None:
    """A caller is put through to the desk."""
    caller = world.call(TO_DESK)
    leg = await desk.rings()
    await caller.hang_up()
    assert await leg.closed() == "CANCEL"


async def test_all_talk_on_and_every_line_stays_counted(
    workshop: Tenant, fragile_exchange: Exchange, world: Carrier
) -> None:
    """Two callers talk with a desk, which are two lines, and one with a mobile, two more."""
    calls = workshop.new_calls()
    async with PlainPhone(workshop.account("101"), plays=sound.BORIS) as desk:
        callers, legs = [], []
        for _ in range(2):
            callers.append(world.call(TO_DESK))
            legs.append(await desk.rings())
            await legs[-1].answer()
        roaming = world.call(TO_MOBILE)
        mobile = await world.rings()
        await mobile.answer()
        heard_by = [(one, sound.BORIS) for one in callers]
        heard_by += [(one, sound.CLARA) for one in (*legs, roaming, mobile)]
        await all_hear(heard_by)
        fragile_exchange.kill_application()
        await all_hear(heard_by)
        await fragile_exchange.starts_again()
        await all_hear(heard_by)

        await no_line_is_free(world)
        await callers[0].hang_up()
        assert await legs[0].closed() == "BYE"
        await a_line_is_free(world, desk)
        await legs[1].hang_up()
        assert await callers[1].closed() == "BYE"
        await mobile.hang_up()
        assert await roaming.closed() == "BYE"

    first, second, forwarded, refused, given_up = await calls.ended(5)
    assert first.caller_number == forwarded.caller_number == MOBILE
    assert (first.answered_by, forwarded.answered_by) == ("101", f"+{MOBILE}")
    ends = [(one.ended_by, one.reason) for one in (first, second, forwarded)]
    assert ends == [("caller", "normal"), ("callee", "normal"), ("callee", "normal")]
    assert all(one.talk_s and one.talk_s >= 2 for one in (first, second, forwarded))
    assert (refused.reason, given_up.reason) == ("no_channel", "cancelled")


async def test_who_waits_is_served_anew(
    workshop: Tenant, fragile_exchange: Exchange, world: Carrier
) -> None:
    """A group rings, somebody on the road is asked to press 1, and a mailbox greets."""
    calls = workshop.new_calls()
    async with (
        PlainPhone(workshop.account("101")) as first,
        PlainPhone(workshop.account("102"), plays=sound.BORIS) as second,
    ):
        to_group = world.call(TO_GROUP)
        stale = [await first.rings(), await second.rings()]
        to_mobile = world.call(TO_ASKED)
        asked = await world.rings()
        await asked.answer()
        await asked.hears_something()
        to_mailbox = world.call(TO_MAILBOX)
        await to_mailbox.ear.hears(sound.WELCOME)
        assert to_mailbox.ear.seconds_of(sound.BEEP) == 0
        fragile_exchange.kill_application()
        await fragile_exchange.starts_again()

        await the_mailbox_greets_anew(to_mailbox)
        assert [await leg.closed() for leg in (*stale, asked)] == ["CANCEL", "CANCEL", "BYE"]
        await one_member_wins(to_group, await first.rings(), await second.rings())
        mobile = await world.rings()
        await mobile.answer()
        await mobile.hears_something()
        await no_line_is_free(world)
        await mobile.press("1")
        await to_mobile.ear.hears(sound.CLARA)
        for caller in (to_mobile, to_group, to_mailbox):
            await caller.hang_up()
        await mobile.closed()
        assert first.times_rung == second.times_rung == 2

    group, road, mailbox, _ = await calls.ended(4)
    assert (group.answered_by, group.ended_by, group.reason) == ("102", "caller", "normal")
    assert (road.answered_by, road.ended_by, road.reason) == (f"+{MOBILE}", "caller", "normal")
    assert (mailbox.ended_by, mailbox.reason) == ("caller", "message_left")
    (message,) = await workshop.messages("5120")
    assert (message.caller_number, message.duration_s >= SPOKEN_S - SWALLOWED_S) == (MOBILE, True)


async def test_a_forwarded_talk_that_ends_meanwhile_gives_both_lines_back(
    workshop: Tenant, fragile_exchange: Exchange, world: Carrier
) -> None:
    calls = workshop.new_calls()
    async with PlainPhone(workshop.account("101")) as desk:
        caller = world.call(TO_MOBILE)
        mobile = await world.rings()
        await mobile.answer()
        await caller.ear.hears(sound.CLARA)
        fragile_exchange.kill_application()
        await caller.hang_up()
        await fragile_exchange.starts_again()

        assert await mobile.closed() == "BYE"
        await a_line_is_free(world, desk)

    first, _ = await calls.ended(2)
    assert first.answered_by == f"+{MOBILE}"
    assert (first.ended_by, first.reason) == ("caller", "normal")
