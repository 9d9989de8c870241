"""Calls out go by the customer's rules: which carrier gets them, and with which number."""

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import count

import msgspec
import pytest

from tests.support import sound
from tests.support.calls_out import call_out, number_of, ring_out, told_carrier
from tests.support.carrier import Carrier
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.sipp import Dialler, Sipp, carrier_by_sipp
from tests.support.tenant import Tenant
from tests.telephone.conftest import MOSCOW, SPB

FORBIDDEN, ALSO_FORBIDDEN = "100", "101"
BY_MOSCOW, ALSO_BY_MOSCOW = "102", "103"
BY_ZERO, ANYBODY = "104", "105"

MOBILE, TO_MOSCOW, TO_SUBURB = "89161112233", "84951234567", "84991234567"
OURS, OURS_TOO = "74951110000", "78121110000"
GROUP = "5200"
PIN, WRONG = "4711", "0000"

newcomers = count(200)

Two = dict[str, Carrier]


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], cities: dict[str, Place]) -> Tenant:
    """Two carriers, of which Petersburg's is the default, and rules for each need."""
    tenant = a_tenant(FORBIDDEN, ALSO_FORBIDDEN, BY_MOSCOW, ALSO_BY_MOSCOW, BY_ZERO, ANYBODY)
    tenant.add_trunk(SPB, cities[SPB])
    tenant.add_trunk(MOSCOW, cities[MOSCOW])
    tenant.add_number(OURS, trunk=MOSCOW)
    tenant.add_number(OURS_TOO, trunk=SPB)
    forbidden, by_moscow = f"{FORBIDDEN};{ALSO_FORBIDDEN}", f"{BY_MOSCOW};{ALSO_BY_MOSCOW}"
    tenant.add_rule("forbid", "+", output="0000", only=forbidden)
    tenant.add_rule("their own", "(+)", only=by_moscow, trunk=MOSCOW)
    tenant.add_rule("zero first", "0(+)", only=BY_ZERO, trunk=MOSCOW)
    tenant.add_rule("to Moscow", "{p7|7|8|}(495ddddddd)", output="8$", trunk=MOSCOW)
    tenant.add_rule("every form", "{p7|7|8|}(dddddddddd)", output="8$")
    outsider = f'[{{"number": "+7{TO_MOSCOW[1:]}", "confirm": false}}]'
    tenant.add_element("group", GROUP, members=outsider, ring_s="20")
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture
def newcomer(company: Tenant) -> str:
    """A person for whom a test makes rules of their own, before all others."""
    number = str(next(newcomers))
    company.add_extension(number)
    company.wait_until_in_effect()
    return number


def add_first_rule(tenant: Tenant, name: str, person: str, **options: str) -> None:
    """Make a rule for one person that is looked at before all others."""
    tenant.add_rule(name, "(+)", only=person, place="1", **options)


def forward_to_moscow(tenant: Tenant, person: str) -> None:
    """Let all calls to a person go on to somebody in Moscow."""
    rule = {"when": "always", "to": f"+7{TO_MOSCOW[1:]}", "confirm": False}
    tenant.set_extension(person, rules=json.dumps([rule]))


@pytest.mark.parametrize(
    ("person", "dialled", "by", "sent"),
    [
        *((ANYBODY, form, SPB, MOBILE) for form in ("+79161112233", "79161112233")),
        *((ANYBODY, form, SPB, MOBILE) for form in (MOBILE, "9161112233")),
        *((ANYBODY, form, MOSCOW, TO_MOSCOW) for form in ("+74951234567", "74951234567")),
        *((ANYBODY, form, MOSCOW, TO_MOSCOW) for form in (TO_MOSCOW, "4951234567")),
        (ANYBODY, TO_SUBURB, SPB, TO_SUBURB),
        (BY_MOSCOW, MOBILE, MOSCOW, MOBILE),
        (ALSO_BY_MOSCOW, "+79161112233", MOSCOW, "79161112233"),
        (BY_ZERO, f"0{MOBILE}", MOSCOW, MOBILE),
        (BY_ZERO, MOBILE, SPB, MOBILE),
    ],
)
async def test_the_first_rule_that_fits_says_which_carrier_gets_which_number(
    company: Tenant, two_carriers: Two, person: str, dialled: str, by: str, sent: str
) -> None:
    other = two_carriers[MOSCOW if by == SPB else SPB]
    async with PlainPhone(company.account(person)) as phone:
        invite = await ring_out(phone, dialled, two_carriers[by])

    assert number_of(invite) == sent
    assert other.times_rung == 0


async def test_two_carriers_at_work_get_what_the_rules_say(
    company: Tenant, cities: dict[str, Place], exchange: Exchange
) -> None:
    """The same by SIPp on both ends, for everybody at once."""
    dials = {
        FORBIDDEN: [MOBILE, "+79161112233"],
        BY_MOSCOW: [MOBILE],
        BY_ZERO: [f"0{MOBILE}", "0"],
        ANYBODY: ["+79161112233", "9161112233", "+74951234567", "4951234567"],
    }
    async with AsyncExitStack() as stack:
        moscow, spb = [
            await stack.enter_async_context(carrier_by_sipp(cities[city], exchange))
            for city in (MOSCOW, SPB)
        ]
        phones = [
            await stack.enter_async_context(
                Sipp(company.account(person), Dialler(), numbers=numbers)
            )
            for person, numbers in dials.items()
        ]
        for phone in phones:
            assert (await phone.finished()).failed == 0, phone.story()
        answers = [dict(phone.statuses()) for phone in phones]
        sent = [sorted(map(number_of, sipp.invites())) for sipp in (moscow, spb)]

    assert answers == [{"403": 2}, {"200": 1}, {"200": 1, "484": 1}, {"200": 4}]
    assert sent == [[TO_MOSCOW, TO_MOSCOW, MOBILE, MOBILE], [MOBILE, MOBILE]]


@pytest.mark.parametrize("dialled", [MOBILE, "+79161112233"])
@pytest.mark.parametrize("person", [FORBIDDEN, ALSO_FORBIDDEN])
async def test_whom_a_rule_forbids_to_call_out_reaches_no_carrier(
    company: Tenant, two_carriers: Two, person: str, dialled: str
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(person)) as phone:
        assert (await phone.dial(dialled).closed())[:3] == "403"

    record = await calls.one()
    assert (record.reason, record.comment) == ("forbidden", "outgoing forbidden")
    assert [one.times_rung for one in two_carriers.values()] == [0, 0]


async def test_who_may_not_call_out_still_calls_colleagues(company: Tenant) -> None:
    async with (
        PlainPhone(company.account(FORBIDDEN)) as phone,
        PlainPhone(company.account(ANYBODY)) as colleague,
    ):
        caller = phone.dial(ANYBODY)
        leg = await colleague.rings()
        await leg.answer()
        await caller.hang_up()
        await leg.closed()


async def test_the_zero_alone_is_a_bad_number(company: Tenant, two_carriers: Two) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(BY_ZERO)) as phone:
        assert (await phone.dial("0").closed())[:3] == "484"

    record = await calls.one()
    assert (record.reason, record.comment) == ("invalid_number", "bad number")
    assert [one.times_rung for one in two_carriers.values()] == [0, 0]


async def test_a_number_with_letters_is_a_bad_number(company: Tenant, two_carriers: Two) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(ANYBODY)) as phone:
        assert (await phone.dial("8916CALLME1").closed())[:3] == "484"

    assert (await calls.one()).reason == "invalid_number"
    assert [one.times_rung for one in two_carriers.values()] == [0, 0]


async def test_both_sides_of_a_call_out_hear_each_other(company: Tenant, two_carriers: Two) -> None:
    calls = company.new_calls()
    async with (
        PlainPhone(company.account(ANYBODY), plays=sound.ALICE) as phone,
        call_out(phone, MOBILE, two_carriers[SPB]) as (caller, callee),
    ):
        await caller.ear.hears(sound.CLARA)
        await callee.ear.hears(sound.ALICE)

    record = await calls.one()
    assert (record.caller_number, record.dialled) == (ANYBODY, MOBILE)
    assert (record.answered_by, record.reason) == (MOBILE, "normal")
    story = await company.story(record.id)
    assert "every form" in story.text
    assert SPB in story.text


async def test_what_is_foretold_is_what_happens(company: Tenant, two_carriers: Two) -> None:
    foretold = msgspec.json.decode(await company.explain(f"0{MOBILE}", user=BY_ZERO))
    async with PlainPhone(company.account(BY_ZERO)) as phone:
        invite = await ring_out(phone, f"0{MOBILE}", two_carriers[MOSCOW])

    assert "zero first" in str(foretold)
    assert number_of(invite) in str(foretold)
    assert two_carriers[SPB].times_rung == 0


async def test_an_outside_member_of_a_group_is_dialled_by_the_rules_for_everybody(
    company: Tenant, two_carriers: Two
) -> None:
    async with PlainPhone(company.account(FORBIDDEN)) as phone:
        invite = await ring_out(phone, GROUP, two_carriers[MOSCOW])
    assert number_of(invite) == TO_MOSCOW
    assert two_carriers[SPB].times_rung == 0


@pytest.mark.parametrize(
    ("by_rules", "by", "sent"), [(False, SPB, f"+7{TO_MOSCOW[1:]}"), (True, MOSCOW, TO_MOSCOW)]
)
async def test_a_forwarded_call_leaves_by_the_default_trunk_unless_rules_shall_say(
    company: Tenant, two_carriers: Two, newcomer: str, by_rules: bool, by: str, sent: str
) -> None:
    forward_to_moscow(company, newcomer)
    company.set_tenant(forwards_by_rules=by_rules)
    company.wait_until_in_effect()
    async with PlainPhone(company.account(ANYBODY)) as phone:
        invite = await ring_out(phone, newcomer, two_carriers[by])
    assert number_of(invite) == sent


async def test_who_may_not_call_out_may_not_forward_out_either(
    company: Tenant, two_carriers: Two
) -> None:
    forward_to_moscow(company, ALSO_FORBIDDEN)
    company.wait_until_in_effect()
    calls = company.new_calls()
    async with PlainPhone(company.account(ANYBODY)) as phone:
        assert (await phone.dial(ALSO_FORBIDDEN).closed())[:3] == "403"

    assert (await calls.one()).reason == "forbidden"
    assert [one.times_rung for one in two_carriers.values()] == [0, 0]


async def test_a_rule_that_is_moved_up_counts_from_the_next_call_on(
    company: Tenant, two_carriers: Two, newcomer: str
) -> None:
    by_moscow, by_spb = f"{newcomer} by Moscow", f"{newcomer} by Petersburg"
    add_first_rule(company, by_moscow, newcomer, trunk=MOSCOW)
    add_first_rule(company, by_spb, newcomer, trunk=SPB)
    company.wait_until_in_effect()
    async with PlainPhone(company.account(newcomer)) as phone:
        async with call_out(phone, MOBILE, two_carriers[SPB]) as (caller, _):
            company.move_rule(by_moscow, up=True)
            company.wait_until_in_effect()
            await ring_out(phone, MOBILE, two_carriers[MOSCOW])
            assert not caller.ended
        company.move_rule(by_moscow, down=True)
        company.wait_until_in_effect()
        await ring_out(phone, MOBILE, two_carriers[SPB])


@pytest.mark.parametrize(("days", "by"), [("mon-sun", MOSCOW), ("2020-01-01", SPB)])
async def test_a_rule_holds_in_its_hours_alone(
    company: Tenant, two_carriers: Two, newcomer: str, days: str, by: str
) -> None:
    rule = {"trunk": MOSCOW, "hours": f"{days} 00:00-24:00"}
    add_first_rule(company, f"{newcomer} at times", newcomer, **rule)
    company.wait_until_in_effect()

    async with PlainPhone(company.account(newcomer)) as phone:
        await ring_out(phone, MOBILE, two_carriers[by])


async def test_a_rule_may_show_another_number(
    company: Tenant, two_carriers: Two, newcomer: str
) -> None:
    rule = {"trunk": MOSCOW, "caller_id": OURS_TOO}
    add_first_rule(company, f"{newcomer} as another", newcomer, **rule)
    company.wait_until_in_effect()

    async with PlainPhone(company.account(newcomer)) as phone:
        invite = await ring_out(phone, MOBILE, two_carriers[MOSCOW])
    assert told_carrier(invite).sender == OURS_TOO


@pytest.mark.parametrize("wrong_ones", [0, 2])
async def test_a_rule_may_want_a_pin(
    company: Tenant, two_carriers: Two, newcomer: str, wrong_ones: int
) -> None:
    add_first_rule(company, f"{newcomer} with a PIN", newcomer, trunk=MOSCOW, pin=PIN)
    company.wait_until_in_effect()
    async with PlainPhone(company.account(newcomer), plays=sound.ALICE) as phone:
        caller = phone.dial(MOBILE)
        await caller.established()
        await caller.press(f"{WRONG}#" * wrong_ones)
        await caller.press(f"{PIN}#")
        callee = await two_carriers[MOSCOW].rings()
        await callee.answer()
        await caller.ear.hears(sound.CLARA)
        await callee.ear.hears(sound.ALICE)
        await caller.hang_up()
        await callee.closed()


async def test_who_does_not_know_the_pin_does_not_get_out(
    company: Tenant, two_carriers: Two, newcomer: str
) -> None:
    add_first_rule(company, f"{newcomer} with a PIN", newcomer, trunk=MOSCOW, pin=PIN)
    company.wait_until_in_effect()
    calls = company.new_calls()
    async with PlainPhone(company.account(newcomer)) as phone:
        caller = phone.dial(MOBILE)
        await caller.established()
        await caller.press(f"{WRONG}#" * 3)
        await caller.closed()

    record = await calls.one()
    assert (record.reason, record.comment) == ("wrong_pin", "wrong PIN")
    assert [one.times_rung for one in two_carriers.values()] == [0, 0]
