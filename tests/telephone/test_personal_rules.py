"""What becomes of a call to a person by their own rules, and when these rules do not run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_announcements

CALLER, COLLEAGUE = "100", "101"
ALWAYS, BUSY, NO_ANSWER, UNREGISTERED, DISTURBED = "210", "211", "212", "213", "214"
HANDED_OVER, CONFIRMED, STEPS, OPENED, LOOP_A, LOOP_B = "215", "216", "217", "218", "219", "220"

PLAIN, ONE_CALL, TO_ONE_CALL = "221", "222", "74992000222"
SHORT_RING_S = 4
"""Time enough to refuse a call, on a busy machine too."""


def rule(when: str, to: str = f"+{MOBILE}", **more: object) -> dict[str, object]:
    """One personal rule; a mobile is not asked to confirm unless a test is about that."""
    return {"when": when, "to": to, "confirm": False, **more}


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place) -> Tenant:
    """People with one rule each, a group that two of them are in, and a trunk."""
    rules = {
        ALWAYS: [rule("always")],
        BUSY: [rule("busy")],
        NO_ANSWER: [rule("no_answer", after_s=1)],
        UNREGISTERED: [rule("unregistered", "5101")],
        DISTURBED: [rule("dnd", "5102")],
        HANDED_OVER: [rule("no_answer", ALWAYS, after_s=1)],
        CONFIRMED: [rule("no_answer", after_s=1, confirm=True, ring_s=8)],
        STEPS: [
            rule("no_answer", COLLEAGUE, after_s=1),
            rule("no_answer", after_s=1),
            rule("no_answer", "5103", after_s=1),
        ],
        OPENED: [rule("no_answer", after_s=1)],
        LOOP_A: [rule("always", LOOP_B)],
        LOOP_B: [rule("always", LOOP_A)],
    }
    tenant = a_tenant(CALLER, COLLEAGUE, *rules)
    add_announcements(tenant, sounds)
    tenant.add_trunk("city", outside)
    for person, theirs in rules.items():
        tenant.set_extension(person, rules=json.dumps(theirs))
    tenant.set_extension(DISTURBED, dnd="true")
    tenant.add_extension(PLAIN, ring_s=SHORT_RING_S)
    tenant.set_extension(PLAIN, busy="5101", declined="5102", no_answer="5103", unregistered="5101")
    tenant.add_extension(ONE_CALL)
    tenant.set_extension(ONE_CALL, max_calls="1", rules=json.dumps([rule("busy", "5101")]))
    tenant.add_number(TO_ONE_CALL, trunk="city", to=ONE_CALL)
    tenant.set_extension(OPENED, apply_rules_via__group="true")
    tenant.add_element(
        *("group", "5200"), members=f'["{NO_ANSWER}", "{ALWAYS}"]', ring_s="2", no_answer="5103"
    )
    tenant.add_element("group", "5201", members=f'["{OPENED}"]', ring_s="6", no_answer="5103")
    tenant.add_number("74992000212", trunk="city", to=NO_ANSWER)
    tenant.wait_until_in_effect()
    return tenant


@pytest.mark.parametrize(
    ("status", "heard"),
    [
        ("486 Busy Here", sound.NEWS),
        ("603 Decline", sound.SILENT_END),
        ("", sound.WRONG_END),
    ],
    ids=["busy", "declined", "no answer"],
)
async def test_a_call_leaves_a_person_without_rules_by_what_happened(
    company: Tenant, status: str, heard: sound.Sound
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(PLAIN)) as desk,
    ):
        caller = phone.dial(PLAIN)
        leg = await desk.rings()
        if status:
            leg.refuse(status)
        await caller.ear.hears(heard)
        await caller.hang_up()


async def test_a_call_leaves_a_person_whose_phone_is_off_as_unregistered(company: Tenant) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial(PLAIN)
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_person_takes_no_more_calls_at_once_than_they_like(
    company: Tenant, carrier: Carrier
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(ONE_CALL), plays=sound.BORIS) as desk,
    ):
        first = carrier.call(TO_ONE_CALL)
        leg = await desk.rings()
        await leg.answer()
        await first.ear.hears(sound.BORIS)
        second = phone.dial(ONE_CALL)
        await second.ear.hears(sound.NEWS)
        assert desk.times_rung == 1
        await second.hang_up()
        await first.hang_up()
        await leg.closed()


async def test_a_call_is_always_led_to_the_mobile(company: Tenant, carrier: Carrier) -> None:
    async with (
        PlainPhone(company.account(CALLER), plays=sound.ALICE) as phone,
        PlainPhone(company.account(ALWAYS)) as desk,
    ):
        caller = phone.dial(ALWAYS)
        mobile = await carrier.rings()
        assert mobile.dialled.endswith(MOBILE[1:])
        mobile.ring()
        await caller.hears_ringing()
        await mobile.answer()

        await caller.ear.hears(sound.CLARA)
        await mobile.ear.hears(sound.ALICE)
        await caller.hang_up()
        await mobile.closed()
        assert desk.times_rung == 0


async def test_a_busy_person_is_looked_for_on_the_mobile(company: Tenant, carrier: Carrier) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(BUSY)) as desk,
    ):
        caller = phone.dial(BUSY)
        (await desk.rings()).refuse("486 Busy Here")
        await (await carrier.rings()).answer()
        await caller.ear.hears(sound.CLARA)
        await caller.hang_up()


async def test_a_person_who_does_not_answer_is_looked_for_on_the_mobile(
    company: Tenant, carrier: Carrier
) -> None:
    async with PlainPhone(company.account(NO_ANSWER)) as desk:
        caller = carrier.call("74992000212", caller="74957654321")
        leg = await desk.rings()
        mobile = await carrier.rings()
        await leg.closed()
        await mobile.answer()
        await caller.ear.hears(sound.CLARA)
        await caller.hang_up()
        await mobile.closed()


async def test_a_person_whose_phone_is_off_is_represented_by_the_rule_for_that(
    company: Tenant,
) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial(UNREGISTERED)
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_person_who_wants_no_calls_is_not_rung(company: Tenant) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(DISTURBED)) as desk,
    ):
        caller = phone.dial(DISTURBED)
        await caller.ear.hears(sound.SILENT_END)
        await caller.hang_up()
        assert desk.times_rung == 0


async def test_rules_are_tried_one_after_the_other(company: Tenant, carrier: Carrier) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(STEPS)) as desk,
        PlainPhone(company.account(COLLEAGUE)) as colleague,
    ):
        caller = phone.dial(STEPS)
        first, second = await desk.rings(), await colleague.rings()
        assert await first.closed() == "CANCEL"
        mobile = await carrier.rings()
        assert await second.closed() == "CANCEL"
        mobile.ring()
        await caller.ear.hears(sound.WRONG_END)
        assert await mobile.closed() == "CANCEL"
        await caller.hang_up()


async def test_the_last_rule_hands_the_call_over_and_the_other_persons_rules_run(
    company: Tenant, carrier: Carrier
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(HANDED_OVER)) as desk,
    ):
        caller = phone.dial(HANDED_OVER)
        await desk.rings()
        mobile = await carrier.rings()
        await mobile.answer()
        await caller.ear.hears(sound.CLARA)
        await caller.hang_up()
        await mobile.closed()


async def test_rules_do_not_run_for_a_call_through_a_group(
    company: Tenant, carrier: Carrier
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(NO_ANSWER)) as first,
        PlainPhone(company.account(ALWAYS)) as second,
    ):
        caller = phone.dial("5200")
        await first.rings()
        await second.rings()
        await caller.ear.hears(sound.WRONG_END)
        await caller.hang_up()
        assert carrier.times_rung == 0


async def test_rules_run_for_a_group_when_they_were_opened_for_it(
    company: Tenant, carrier: Carrier
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(OPENED)) as desk,
    ):
        caller = phone.dial("5201")
        await desk.rings()
        mobile = await carrier.rings()
        await mobile.answer()
        await caller.ear.hears(sound.CLARA)
        await caller.hang_up()
        await mobile.closed()


async def test_a_mobile_takes_the_call_by_pressing_1(company: Tenant, carrier: Carrier) -> None:
    async with (
        PlainPhone(company.account(CALLER), plays=sound.ALICE) as phone,
        PlainPhone(company.account(CONFIRMED)) as desk,
    ):
        caller = phone.dial(CONFIRMED)
        await desk.rings()
        mobile = await carrier.rings()
        await mobile.answer()
        await mobile.hears_something()
        assert caller.ear.seconds_of(sound.CLARA) == 0
        await mobile.press("1")

        await caller.ear.hears(sound.CLARA)
        await mobile.ear.hears(sound.ALICE)
        await caller.hang_up()
        await mobile.closed()


async def test_the_voicemail_of_a_mobile_does_not_swallow_the_call(
    company: Tenant, carrier: Carrier
) -> None:
    """It picks up and speaks, but it presses no key."""
    calls = company.new_calls()
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(CONFIRMED)) as desk,
    ):
        caller = phone.dial(CONFIRMED)
        await desk.rings()
        machine = await carrier.rings()
        await machine.answer()

        await machine.closed()
        await caller.closed()
        assert caller.ear.seconds_of(sound.CLARA) == 0

    record = await calls.one()
    assert (record.reason, record.answered_at) == ("no_answer", None)


async def test_people_who_forward_to_each_other_do_not_hang_a_call(company: Tenant) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(CALLER)) as phone:
        await phone.dial(LOOP_A).closed()

    assert (await calls.one()).reason == "loop"


@pytest.mark.parametrize("status", ["503 Service Unavailable", "500 Server Error", "404 Not Found"])
async def test_a_carrier_that_fails_does_not_lose_the_caller(
    company: Tenant, carrier: Carrier, status: str
) -> None:
    async with (
        PlainPhone(company.account(CALLER)) as phone,
        PlainPhone(company.account(STEPS)) as desk,
        PlainPhone(company.account(COLLEAGUE)) as colleague,
    ):
        caller = phone.dial(STEPS)
        await desk.rings()
        await colleague.rings()
        (await carrier.rings()).refuse(status)
        await caller.ear.hears(sound.WRONG_END)
        await caller.hang_up()


async def test_a_carrier_that_fails_is_named_as_the_one_who_ended_the_call(
    company: Tenant, carrier: Carrier
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial(ALWAYS)
        (await carrier.rings()).refuse("503 Service Unavailable")
        await caller.closed()

    record = await calls.one()
    assert (record.ended_by, record.reason) == ("carrier", "carrier_failed")


async def test_a_busy_mobile_is_busy(company: Tenant, carrier: Carrier) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial(ALWAYS)
        (await carrier.rings()).refuse("486 Busy Here")
        assert (await caller.closed())[:3] == "486"


async def test_the_caller_hears_what_the_mobile_says_before_it_answers(
    company: Tenant, carrier: Carrier
) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial(ALWAYS)
        mobile = await carrier.rings()
        mobile.speak_early()
        await caller.ear.hears(sound.CLARA)
        await caller.hang_up()
        await mobile.closed()
