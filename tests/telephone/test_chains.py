"""Calls that pass through several people and groups: whose rules run, and by which carrier."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier, carrier_place
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_announcements

CALLER, COLLEAGUE, OTHER = "100", "101", "103"
ANNA, BERTA, CARLA = "210", "211", "212"
FIRST, SECOND, THIRD = "220", "221", "222"
LEADS_TO_ROAMER, ROAMER, ROAMER_IN_GROUP = "230", "231", "232"
GROUP_OF_MOBILE, GROUP_OF_ROAMER, PATIENT_GROUP = "5200", "5201", "5202"
OUTWARD = (ROAMER, LEADS_TO_ROAMER, GROUP_OF_MOBILE, GROUP_OF_ROAMER)

USUAL, KEEPS, LETS_GO = "usual", "keeps", "lets-go"


def number_of(trunk: str, target: str) -> str:
    """The outside number of this trunk that leads there."""
    return f"749980{(USUAL, KEEPS, LETS_GO).index(trunk)}{target:0>4}"


def rule(when: str, to: str, **more: object) -> dict[str, object]:
    """One personal rule; nobody is asked to press a key."""
    return {"when": when, "to": to, "confirm": False, **more}


@pytest.fixture(scope="module")
def places() -> Iterator[dict[str, Place]]:
    """Where the three carriers are."""
    with carrier_place() as usual, carrier_place() as keeps, carrier_place() as lets_go:
        yield {USUAL: usual, KEEPS: keeps, LETS_GO: lets_go}


@pytest.fixture
async def carriers(
    places: dict[str, Place], exchange: Exchange
) -> AsyncIterator[dict[str, Carrier]]:
    """All three at work."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(Carrier(place, exchange))
            for name, place in places.items()
        }


@pytest.fixture(scope="module")
def company(
    a_tenant: Callable[..., Tenant], sounds: dict[str, Path], places: dict[str, Place]
) -> Tenant:
    """People who lead to each other, groups, and three carriers of which one keeps its forwards."""
    mobile = f"+{MOBILE}"
    rules = {
        ANNA: [rule("no_answer", BERTA, after_s=1, ring_s=1)],
        BERTA: [rule("always", "5103")],
        CARLA: [rule("no_answer", BERTA, after_s=1, ring_s=20)],
        FIRST: [rule("no_answer", SECOND, after_s=1)],
        SECOND: [rule("busy", THIRD)],
        THIRD: [rule("no_answer", "5101", after_s=1)],
        LEADS_TO_ROAMER: [rule("always", ROAMER)],
        ROAMER: [rule("always", mobile)],
        ROAMER_IN_GROUP: [rule("always", mobile)],
    }
    tenant = a_tenant(CALLER, COLLEAGUE, OTHER, *rules)
    add_announcements(tenant, sounds)
    tenant.add_sound("again", sounds["again"])
    for name, place in places.items():
        tenant.add_trunk(name, place)
    tenant.exchange.pbx_now("trunk", "set", KEEPS, "--forward-via-same", "--tenant", tenant.name)
    for person, theirs in rules.items():
        tenant.set_extension(person, rules=json.dumps(theirs))
    for person in (ANNA, CARLA):
        tenant.set_extension(
            person, voicemail="true", mailbox__greeting="again", mailbox__instructions="false"
        )
    tenant.set_extension(ROAMER_IN_GROUP, apply_rules_via__group="true")
    add_groups(tenant)
    for trunk in (KEEPS, LETS_GO):
        for target in OUTWARD:
            tenant.add_number(number_of(trunk, target), trunk=trunk, to=target)
    tenant.add_number(number_of(USUAL, PATIENT_GROUP), trunk=USUAL, to=PATIENT_GROUP)
    tenant.wait_until_in_effect()
    return tenant


def add_groups(tenant: Tenant) -> None:
    """A group of a mobile, one of somebody whose rules lead to it, and one that skips the busy."""
    outsider = f'[{{"number": "+{MOBILE}", "confirm": false}}]'
    tenant.add_element("group", GROUP_OF_MOBILE, members=outsider, ring_s="20")
    tenant.add_element("group", GROUP_OF_ROAMER, members=f'["{ROAMER_IN_GROUP}"]', ring_s="20")
    tenant.add_element(
        *("group", PATIENT_GROUP),
        members=f'["{COLLEAGUE}", "{OTHER}"]',
        ring_s="20",
        skip_busy="true",
        all_busy="5102",
    )


async def test_who_has_a_mailbox_keeps_the_call_that_the_next_does_not_answer(
    company: Tenant,
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(ANNA)) as anna,
        PlainPhone(company.account(BERTA)) as berta,
    ):
        caller = phone.dial(ANNA)
        first, second = await anna.rings(), await berta.rings()
        assert await first.closed() == "CANCEL"
        assert await second.closed() == "CANCEL"
        await caller.ear.hears(sound.AGAIN)
        await caller.ear.hears(sound.BEEP, for_s=0.2)
        await caller.speaks(2.5)
        await caller.hang_up()
        assert caller.ear.seconds_of(sound.WRONG_END) == 0, "the rules of the other did not run"

    await company.exchange.no_call_is_run()
    assert len(await company.messages(ANNA)) == 1
    assert not await company.messages(BERTA)


async def test_the_next_may_answer_for_who_has_a_mailbox(company: Tenant) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(CARLA)) as carla,
        PlainPhone(company.account(BERTA), plays=sound.BORIS) as berta,
    ):
        caller = phone.dial(CARLA)
        await carla.rings()
        leg = await berta.rings()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()
        await leg.closed()


async def test_a_call_is_handed_over_twice_and_the_third_persons_rules_run(
    company: Tenant,
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(FIRST)) as first,
        PlainPhone(company.account(SECOND)) as second,
        PlainPhone(company.account(THIRD)) as third,
    ):
        caller = phone.dial(FIRST)
        assert await (await first.rings()).closed() == "CANCEL"
        (await second.rings()).refuse("486 Busy Here")
        assert await (await third.rings()).closed() == "CANCEL"
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()
        assert [phone.times_rung for phone in (first, second, third)] == [1, 1, 1]


@pytest.mark.parametrize(("came_by", "leaves_by"), [(KEEPS, KEEPS), (LETS_GO, USUAL)])
@pytest.mark.parametrize("target", OUTWARD)
async def test_a_call_that_goes_out_again_takes_the_carrier_that_the_trunk_wants(
    company: Tenant, carriers: dict[str, Carrier], came_by: str, leaves_by: str, target: str
) -> None:
    caller = carriers[came_by].call(number_of(came_by, target), caller="74957654321")
    mobile = await carriers[leaves_by].rings()
    assert mobile.dialled.endswith(MOBILE[1:])
    await mobile.answer()
    await caller.ear.hears(sound.CLARA)
    await caller.hang_up()
    await mobile.closed()
    assert sum(carrier.times_rung for carrier in carriers.values()) == 1


async def test_a_group_leaves_members_in_peace_who_are_on_a_call(
    company: Tenant, carriers: dict[str, Carrier]
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(COLLEAGUE), plays=sound.ALICE) as busy,
        PlainPhone(company.account(OTHER), plays=sound.BORIS) as free,
    ):
        talk = phone.dial(COLLEAGUE)
        await (await busy.rings()).answer()
        await talk.ear.hears(sound.ALICE)

        caller = carriers[USUAL].call(number_of(USUAL, PATIENT_GROUP))
        leg = await free.rings()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)

        late = carriers[USUAL].call(number_of(USUAL, PATIENT_GROUP))
        await late.ear.hears(sound.SILENT_END)
        assert (busy.times_rung, free.times_rung) == (1, 1)
        for one in (late, caller, talk):
            await one.hang_up()
        await leg.closed()
