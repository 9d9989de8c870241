"""A carrier that does not take a call: when another one is asked, when not, and what is told."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.support import sound
from tests.support.calls_out import call_out
from tests.support.carrier import Carrier
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import MOSCOW, SPB

PERSON, COLLEAGUE = "100", "101"
MOBILE = "89161112233"
PASSWORD = "the-carriers-own-password-1"
PATIENCE_S = "1"
SHORT_RING_S = "6"
GROUP = "5100"

newcomers = count(200)

Two = dict[str, Carrier]


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], cities: dict[str, Place]) -> Tenant:
    """A customer whose calls leave by Moscow and, when that fails, by Petersburg."""
    tenant = a_tenant(PERSON, COLLEAGUE)
    for name, place in cities.items():
        tenant.add_trunk(name, place)
    tenant.add_rule("all", "(+)", trunk=[MOSCOW, SPB])
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture
def final_codes(company: Tenant) -> Iterator[Callable[[str], None]]:
    """Say after which answers of Moscow nobody else is asked; the usual ones after the test."""

    def put(codes: str) -> None:
        company.change("trunk", MOSCOW, final_codes=codes)
        company.wait_until_in_effect()

    yield put
    put("")


async def is_taken_by(carrier: Carrier, caller: SipCall) -> None:
    """The call comes to this carrier, is answered there, and both sides hang up."""
    callee = await carrier.rings()
    await callee.answer()
    await caller.ear.hears(sound.CLARA)
    await caller.hang_up()
    await callee.closed()


@pytest.mark.parametrize(
    "status",
    [
        "503 Service Unavailable",
        "500 Server Internal Error",
        "502 Bad Gateway",
        "402 Payment Required",
        "403 Forbidden",
        "408 Request Timeout",
        "429 Too Many Requests",
        "488 Not Acceptable Here",
    ],
)
async def test_another_carrier_is_asked_when_the_first_does_not_take_the_call(
    company: Tenant, two_carriers: Two, status: str
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(PERSON)) as phone:
        caller = phone.dial(MOBILE)
        (await two_carriers[MOSCOW].rings()).refuse(status)
        await is_taken_by(two_carriers[SPB], caller)

    record = await calls.one()
    assert (record.reason, record.ended_by) == ("normal", "caller")
    story = await company.story(record.id)
    assert story.trunks == [MOSCOW, SPB]
    assert f"SIP {status[:3]}" in story.text


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        ("486 Busy Here", "busy", "486"),
        ("600 Busy Everywhere", "busy", "486"),
        ("603 Decline", "declined", "403"),
        ("404 Not Found", "unreachable", ""),
        ("480 Temporarily Unavailable", "no_answer", "480"),
        ("484 Address Incomplete", "invalid_number", "484"),
    ],
)
async def test_nobody_else_is_asked_when_the_person_called_has_spoken(
    company: Tenant, two_carriers: Two, status: str, reason: str, told: str
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(PERSON)) as phone:
        caller = phone.dial(MOBILE)
        (await two_carriers[MOSCOW].rings()).refuse(status)
        assert (await caller.closed()).startswith(told)

    assert (await calls.one()).reason == reason
    assert two_carriers[SPB].times_rung == 0


@pytest.mark.parametrize("status", ["480 Temporarily Unavailable", "503 Service Unavailable"])
async def test_nobody_else_is_asked_when_it_has_rung(
    company: Tenant, two_carriers: Two, status: str
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(PERSON)) as phone:
        caller = phone.dial(MOBILE)
        callee = await two_carriers[MOSCOW].rings()
        callee.ring()
        await caller.hears_ringing()
        callee.refuse(status)
        await caller.closed()

    assert (await calls.one()).reason in ("no_answer", "carrier_failed")
    assert two_carriers[SPB].times_rung == 0


async def test_nobody_else_is_asked_when_the_carrier_has_spoken(
    company: Tenant, two_carriers: Two
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(PERSON)) as phone:
        caller = phone.dial(MOBILE)
        callee = await two_carriers[MOSCOW].rings()
        callee.speak_early()
        await caller.ear.hears(sound.CLARA)
        callee.refuse("503 Service Unavailable")
        await caller.closed()

    assert (await calls.one()).reason == "carrier_failed"
    assert two_carriers[SPB].times_rung == 0


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("503 Service Unavailable", "SIP 503"),
        ("402 Payment Required", "SIP 402: no credit at the carrier"),
        ("429 Too Many Requests", "SIP 429: too many calls for the carrier"),
    ],
)
async def test_when_no_carrier_takes_the_call_the_caller_is_told(
    company: Tenant, two_carriers: Two, status: str, told: str
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(PERSON)) as phone:
        caller = phone.dial(MOBILE)
        (await two_carriers[MOSCOW].rings()).refuse(status)
        (await two_carriers[SPB].rings()).refuse("500 Server Internal Error")
        assert (await caller.closed())[:3] == "503"

    record = await calls.one()
    assert (record.reason, record.comment, record.ended_by) == (
        "carrier_failed",
        "the carrier did not take the call",
        "carrier",
    )
    story = await company.story(record.id)
    assert story.trunks == [MOSCOW, SPB]
    assert told in story.text
    assert "SIP 500" in story.text


async def test_the_operator_says_which_answers_are_final(
    company: Tenant, two_carriers: Two, final_codes: Callable[[str], None]
) -> None:
    final_codes("503")
    async with PlainPhone(company.account(PERSON)) as phone:
        caller = phone.dial(MOBILE)
        (await two_carriers[MOSCOW].rings()).refuse("503 Service Unavailable")
        await caller.closed()
        assert two_carriers[SPB].times_rung == 0

        caller = phone.dial(MOBILE)
        (await two_carriers[MOSCOW].rings()).refuse("404 Not Found")
        await is_taken_by(two_carriers[SPB], caller)

        caller = phone.dial(MOBILE)
        (await two_carriers[MOSCOW].rings()).refuse("603 Decline")
        await caller.closed()
        assert two_carriers[SPB].times_rung == 1


async def test_a_call_that_finds_all_channels_taken_leaves_by_the_other_carrier(
    company: Tenant, two_carriers: Two
) -> None:
    company.change("trunk", MOSCOW, max_channels="1")
    company.wait_until_in_effect()
    calls = company.new_calls()
    async with (
        PlainPhone(company.account(PERSON)) as phone,
        PlainPhone(company.account(COLLEAGUE)) as other,
        call_out(phone, MOBILE, two_carriers[MOSCOW]),
        call_out(other, MOBILE, two_carriers[SPB]),
    ):
        assert two_carriers[MOSCOW].times_rung == 1
    company.change("trunk", MOSCOW, max_channels="0")
    company.wait_until_in_effect()

    records = await calls.ended(2)
    assert [record.reason for record in records] == ["normal", "normal"]


@pytest.mark.parametrize("registration", ["outbound", "inbound"])
async def test_a_call_leaves_by_the_other_carrier_while_the_first_is_not_registered(
    company: Tenant, two_carriers: Two, elsewhere: Place, registration: str
) -> None:
    name = f"not {registration} yet"
    login = {"registration": registration, "username": "acme", "password": PASSWORD}
    company.add_trunk(name, elsewhere, patience_s=PATIENCE_S, **login)
    person = add_person(company, name, SPB)
    async with PlainPhone(company.account(person)) as phone:
        await is_taken_by(two_carriers[SPB], phone.dial(MOBILE))


async def test_a_carrier_that_says_nothing_rests_and_is_asked_last(
    company: Tenant, exchange: Exchange, two_carriers: Two, elsewhere: Place
) -> None:
    company.add_trunk("quiet", elsewhere, patience_s=PATIENCE_S)
    person = add_person(company, "quiet", SPB)
    calls = company.new_calls()
    async with (
        Carrier(elsewhere, exchange) as quiet,
        PlainPhone(company.account(person)) as phone,
        quiet.away(),
    ):
        await is_taken_by(two_carriers[SPB], phone.dial(MOBILE))
        caller = phone.dial(MOBILE)
        (await two_carriers[SPB].rings()).refuse("503 Service Unavailable")
        await quiet.is_called_in_vain(times=2)
        await caller.hang_up()

    first, second = [await company.story(record.id) for record in await calls.ended(2)]
    assert first.trunks == ["quiet", SPB]
    assert second.trunks == [SPB, "quiet"]


async def test_who_rings_for_a_short_time_is_reached_though_the_first_carrier_says_nothing(
    company: Tenant, exchange: Exchange, two_carriers: Two, elsewhere: Place
) -> None:
    """The first carrier may be silent for longer than the person is rung at all."""
    company.add_trunk("dead", elsewhere)
    mobile = f'[{{"number": "{MOBILE}", "confirm": false}}]'
    company.add_element("group", GROUP, members=mobile, ring_s=SHORT_RING_S)
    company.add_rule("of the group", "(+)", only=GROUP, trunk=["dead", SPB], place="1")
    company.wait_until_in_effect()
    calls = company.new_calls()
    async with (
        Carrier(elsewhere, exchange) as dead,
        PlainPhone(company.account(PERSON)) as phone,
        dead.away(),
    ):
        caller = phone.dial(GROUP)
        await caller.hears_ringing()
        await is_taken_by(two_carriers[SPB], caller)

    story = await company.story((await calls.one()).id)
    assert story.trunks == ["dead", SPB]
    assert f"Answered by {MOBILE} by trunk {SPB}" in story.text


async def test_a_carrier_that_is_still_trying_after_a_while_is_given_up(
    company: Tenant, exchange: Exchange, two_carriers: Two, elsewhere: Place
) -> None:
    company.add_trunk("slow", elsewhere, patience_s=PATIENCE_S)
    person = add_person(company, "slow", SPB)
    async with Carrier(elsewhere, exchange) as slow, PlainPhone(company.account(person)) as phone:
        caller = phone.dial(MOBILE)
        tried = await slow.rings()
        await is_taken_by(two_carriers[SPB], caller)
        assert await tried.closed() == "CANCEL"


def add_person(tenant: Tenant, *trunks: str) -> str:
    """Take in a person whose calls leave by these trunks, one after the other."""
    person = str(next(newcomers))
    tenant.add_extension(person)
    tenant.add_rule(f"of {person}", "(+)", only=person, trunk=trunks, place="1")
    tenant.wait_until_in_effect()
    return person
