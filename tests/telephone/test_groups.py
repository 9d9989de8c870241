"""A group of people is called: who rings when, who sees what, who talks, and how it ends."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.support.waiting import until
from tests.telephone.conftest import add_announcements

STEP_S = "3"
"""So long a phone rings alone, on a busy machine too."""

FIVE = ("101", "102", "103", "104", "105")
NUMBERS = {number: f"7499300{number}" for number in ("5200", "5210")}


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place) -> Tenant:
    """Five people, and a group for each way to ring them; every exit sounds different."""
    tenant = a_tenant("100", *FIVE)
    add_announcements(tenant, sounds)
    tenant.add_trunk("city", outside)
    exits = {"no_answer": "5101", "all_busy": "5102", "none_reachable": "5103"}
    pair = '["101", "102"]'
    groups: dict[str, dict[str, str]] = {
        "5200": {"members": pair, "ring_s": "20", "prefix": "Sales "},
        "5201": {"members": pair, "ring_s": "1"},
        "5202": {"members": pair, "strategy": "sequence", "step_s": STEP_S},
        "5203": {"members": pair, "strategy": "progressive", "step_s": STEP_S},
        "5204": {"members": pair, "strategy": "round_robin", "step_s": STEP_S},
        "5205": {"members": pair, "strategy": "random", "step_s": STEP_S},
        "5206": {"members": f'["101", {{"number": "+{MOBILE}", "confirm": true}}]'},
        "5207": {"members": f'["101", {{"number": "102", "delay_s": {STEP_S}}}]', "ring_s": "20"},
        "5210": {"members": str(list(FIVE)).replace("'", '"'), "ring_s": "20"},
    }
    for number, settings in groups.items():
        tenant.add_element("group", number, **{"ring_s": "20", **settings}, **exits)
    for number, outside_number in NUMBERS.items():
        tenant.add_number(outside_number, trunk="city", to=number)
    tenant.wait_until_in_effect()
    return tenant


async def test_members_see_who_calls_and_which_group(company: Tenant, carrier: Carrier) -> None:
    async with (
        PlainPhone(company.account("101")) as first,
        PlainPhone(company.account("102"), plays=sound.BORIS) as second,
    ):
        caller = carrier.call(NUMBERS["5200"], name="Ivan")
        legs = [await first.rings(), await second.rings()]
        assert [leg.shown for leg in legs] == [f"Sales Ivan <{MOBILE}>"] * 2
        await legs[1].answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()
        await legs[1].closed()


async def test_members_who_were_too_late_show_no_missed_call(
    company: Tenant, carrier: Carrier
) -> None:
    async with (
        PlainPhone(company.account("101")) as first,
        PlainPhone(company.account("102")) as second,
    ):
        caller = carrier.call(NUMBERS["5200"])
        lost, won = await first.rings(), await second.rings()
        await won.answer()
        assert await lost.closed() == "CANCEL"
        assert "cause=26" in lost.reason or "cause=200" in lost.reason, lost.reason
        await caller.hang_up()
        await won.closed()


async def test_members_who_rang_in_vain_do_show_a_missed_call(company: Tenant) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101")) as member,
    ):
        caller = phone.dial("5201")
        leg = await member.rings()
        assert await leg.closed() == "CANCEL"
        assert "cause=26" not in leg.reason
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_call_that_no_member_answers_leaves_by_no_answer(company: Tenant) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101")) as first,
        PlainPhone(company.account("102")) as second,
    ):
        caller = phone.dial("5201")
        await first.rings()
        await second.rings()
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_call_that_finds_all_members_busy_leaves_by_all_busy(company: Tenant) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101")) as first,
        PlainPhone(company.account("102")) as second,
    ):
        caller = phone.dial("5201")
        for member in (first, second):
            (await member.rings()).refuse("486 Busy Here")
        await caller.ear.hears(sound.SILENT_END)
        await caller.hang_up()


async def test_a_call_that_can_reach_no_member_leaves_by_none_reachable(company: Tenant) -> None:
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial("5201")
        await caller.ear.hears(sound.WRONG_END)
        await caller.hang_up()


async def test_members_ring_one_after_the_other(company: Tenant) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101")) as first,
        PlainPhone(company.account("102"), plays=sound.BORIS) as second,
    ):
        caller = phone.dial("5202")
        leg = await first.rings()
        assert second.times_rung == 0
        assert await leg.closed() == "CANCEL"
        await (await second.rings()).answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()


async def test_members_join_in_one_after_the_other(company: Tenant) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101"), plays=sound.CLARA) as first,
        PlainPhone(company.account("102")) as second,
    ):
        caller = phone.dial("5203")
        leg = await first.rings()
        assert second.times_rung == 0
        late = await second.rings()
        assert not leg.ended
        await leg.answer()
        assert await late.closed() == "CANCEL"
        await caller.ear.hears(sound.CLARA)
        await caller.hang_up()


async def test_a_member_may_be_rung_later_than_the_others(company: Tenant) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101")) as first,
        PlainPhone(company.account("102"), plays=sound.BORIS) as second,
    ):
        caller = phone.dial("5207")
        await first.rings()
        assert second.times_rung == 0
        await (await second.rings()).answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()


async def test_the_first_to_be_rung_changes_from_call_to_call(company: Tenant) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101")) as first,
        PlainPhone(company.account("102")) as second,
    ):
        rung: list[int] = []
        for _ in range(2):
            caller = phone.dial("5204")
            await until(
                lambda: first.times_rung + second.times_rung > len(rung),
                saying="somebody is rung",
            )
            rung.append(first.times_rung)
            await caller.hang_up()
            await company.exchange.nothing_left()
        assert first.times_rung == second.times_rung == 1, rung


async def test_chance_decides_who_is_rung_first(company: Tenant) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101"), plays=sound.CLARA) as first,
        PlainPhone(company.account("102")) as second,
    ):
        caller = phone.dial("5205")
        await (await first.rings()).answer()
        assert second.times_rung in (0, 1)
        await caller.ear.hears(sound.CLARA)
        await caller.hang_up()


async def test_an_outside_member_is_rung_through_the_trunk_and_confirms(
    company: Tenant, carrier: Carrier
) -> None:
    async with (
        PlainPhone(company.account("100"), plays=sound.ALICE) as phone,
        PlainPhone(company.account("101")) as member,
    ):
        caller = phone.dial("5206")
        leg, mobile = await member.rings(), await carrier.rings()
        await mobile.answer()
        await mobile.hears_something()
        assert not leg.ended, "who has not confirmed has not taken the call"
        await mobile.press("1")
        await caller.ear.hears(sound.CLARA)
        assert await leg.closed() == "CANCEL"
        await caller.hang_up()
        await mobile.closed()


async def test_a_member_wins_while_the_voicemail_of_a_mobile_speaks(
    company: Tenant, carrier: Carrier
) -> None:
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101"), plays=sound.BORIS) as member,
    ):
        caller = phone.dial("5206")
        leg, machine = await member.rings(), await carrier.rings()
        await machine.answer()
        await machine.hears_something()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)
        assert await machine.closed() == "BYE"
        assert caller.ear.seconds_of(sound.CLARA) == 0
        await caller.hang_up()
        await leg.closed()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("times", [5, pytest.param(200, marks=pytest.mark.stress)])
async def test_two_of_five_who_answer_at_the_same_moment_leave_one_talk(
    company: Tenant, carrier: Carrier, times: int
) -> None:
    async with AsyncExitStack() as stack:
        phones = [
            await stack.enter_async_context(PlainPhone(company.account(number), plays=sound.BORIS))
            for number in FIVE
        ]
        for turn in range(times):
            caller = carrier.call(NUMBERS["5210"])
            legs = [await phone.rings() for phone in phones]
            pair = (legs[turn % 5], legs[(turn + 1 + turn // 5 % 4) % 5])
            for leg in pair:
                leg.lift()

            winner = await only_one_talks(legs)
            assert winner in pair
            assert {leg.ended for leg in pair} == {"", "BYE"}, "both have answered"
            await company.exchange.has_one_talk()
            await caller.ear.hears(sound.BORIS)
            await winner.ear.hears(sound.CLARA)
            await caller.hang_up()
            assert await winner.closed() == "BYE"
            await company.exchange.nothing_left()


async def only_one_talks(legs: list[SipCall]) -> SipCall:
    """Wait until all but one have been hung up on."""

    def the_others_are_gone() -> bool:
        return sum(not leg.ended for leg in legs) == 1

    await until(
        the_others_are_gone,
        saying=lambda: f"one talks: {[leg.story() for leg in legs]}",
    )
    return next(leg for leg in legs if not leg.ended)
