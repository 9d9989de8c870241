"""A carrier or a phone that answers "ask there" (302): it does not choose whom we call instead.

Whoever has a trunk, or the password of a phone, could otherwise ring phones of other customers and
call through their trunks, past every limit.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest

from tests.support.carrier import Carrier
from tests.support.exchange import Exchange, started
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import MOSCOW, SPB, new_tenant

PERSON, COLLEAGUE = "100", "101"
MOBILE, BY_MOSCOW = "89161112233", "84951112233"
DEAR = "+881600000001"

Two = dict[str, Carrier]


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], cities: dict[str, Place]) -> Tenant:
    """A customer with two carriers; calls to one number leave by Moscow alone."""
    tenant = a_tenant(PERSON, COLLEAGUE)
    for name, place in cities.items():
        tenant.add_trunk(name, place)
    tenant.add_rule("Moscow", f"({BY_MOSCOW})", trunk=MOSCOW)
    tenant.add_rule("all", "(+)", trunk=[MOSCOW, SPB])
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture(scope="module")
def victim(a_tenant: Callable[..., Tenant], outside: Place) -> Tenant:
    """Another customer, with a phone and a trunk."""
    tenant = a_tenant(PERSON, COLLEAGUE)
    tenant.add_trunk("theirs", outside)
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture(scope="module")
def fragile_exchange() -> Iterator[Exchange]:
    """An exchange that the tests here may break."""
    with started(Exchange()) as running:
        yield running


async def through_trunk(tenant: Tenant, name: str, place: Place) -> str:
    """What names a costly number through a trunk to Asterisk."""
    endpoint = (await tenant.trunk(name)).endpoint
    return f"PJSIP/{endpoint}/sip:{DEAR}@{place}"


def sends_to(call: SipCall, whereto: str) -> None:
    """Answer that somebody else is to be asked."""
    contact = f"<sip:{quote(whereto, safe='+')}@nowhere.test>"
    call.refuse("302 Moved Temporarily", f"Contact: {contact}")


@asynccontextmanager
async def not_a_call_for(*others: PlainPhone | Carrier) -> AsyncIterator[None]:
    """Whatever goes on while the block runs, none of these is called."""
    yield
    assert [one.times_rung for one in others] == [0] * len(others)


@pytest.fixture
async def whereto(company: Tenant, victim: Tenant, outside: Place) -> dict[str, str]:
    """Whom a carrier may try to have called, as Asterisk would understand it."""
    return {
        "their phone": f"PJSIP/{COLLEAGUE}@{victim.domain}",
        "their trunk": await through_trunk(victim, "theirs", outside),
        "a colleague": COLLEAGUE,
        "a phone of ours": f"PJSIP/{COLLEAGUE}@{company.domain}",
        "a number": MOBILE,
        "a costly number": DEAR,
        "help": "Local/112@phones",
    }


ANYBODY = (
    *("their phone", "their trunk", "a colleague", "a phone of ours"),
    *("a number", "a costly number", "help"),
)


@pytest.mark.parametrize("who", ANYBODY)
async def test_a_carrier_that_sends_a_call_elsewhere_has_not_taken_it(
    company: Tenant,
    victim: Tenant,
    exchange: Exchange,
    two_carriers: Two,
    outside: Place,
    whereto: dict[str, str],
    who: str,
) -> None:
    """The next one is asked; the one who was named is not."""
    calls = company.new_calls()
    async with (
        PlainPhone(company.account(PERSON)) as phone,
        PlainPhone(company.account(COLLEAGUE)) as colleague,
        PlainPhone(victim.account(COLLEAGUE)) as theirs,
        Carrier(outside, exchange) as their_carrier,
        not_a_call_for(colleague, theirs, their_carrier),
    ):
        caller = phone.dial(MOBILE)
        sends_to(await two_carriers[MOSCOW].rings(), whereto[who])
        callee = await two_carriers[SPB].rings()
        assert callee.dialled == MOBILE
        await callee.answer()
        await caller.established()
        await caller.hang_up()
        await callee.closed()

    record = await calls.one()
    assert (record.reason, record.ended_by) == ("normal", "caller")
    assert [one.times_rung for one in two_carriers.values()] == [1, 1]
    story = await company.story(record.id)
    assert story.trunks == [MOSCOW, SPB]


@pytest.mark.parametrize("who", ANYBODY)
async def test_when_no_other_carrier_is_left_the_carrier_did_not_take_the_call(
    company: Tenant,
    victim: Tenant,
    exchange: Exchange,
    two_carriers: Two,
    outside: Place,
    whereto: dict[str, str],
    who: str,
) -> None:
    calls = company.new_calls()
    async with (
        PlainPhone(company.account(PERSON)) as phone,
        PlainPhone(company.account(COLLEAGUE)) as colleague,
        PlainPhone(victim.account(COLLEAGUE)) as theirs,
        Carrier(outside, exchange) as their_carrier,
        not_a_call_for(colleague, theirs, their_carrier),
    ):
        caller = phone.dial(BY_MOSCOW)
        sends_to(await two_carriers[MOSCOW].rings(), whereto[who])
        assert (await caller.closed())[:3] == "503"

    record = await calls.one()
    assert (record.reason, record.comment) == (
        "carrier_failed",
        "the carrier did not take the call",
    )
    assert [one.times_rung for one in two_carriers.values()] == [1, 0]
    story = await company.story(record.id)
    assert "SIP 100" not in story.text


async def test_a_phone_does_not_choose_who_is_called_instead_of_it(
    company: Tenant, victim: Tenant, exchange: Exchange, outside: Place
) -> None:
    calls = company.new_calls()
    async with (
        PlainPhone(company.account(PERSON)) as phone,
        PlainPhone(company.account(COLLEAGUE)) as colleague,
        Carrier(outside, exchange) as their_carrier,
        not_a_call_for(their_carrier),
    ):
        caller = phone.dial(COLLEAGUE)
        leg = await colleague.rings()
        sends_to(leg, await through_trunk(victim, "theirs", outside))
        await caller.closed()

    assert (await calls.one()).answered_by is None


async def test_nor_while_the_application_is_away_and_nor_does_a_carrier_that_help_is_called_through(
    fragile_exchange: Exchange, cities: dict[str, Place]
) -> None:
    tenant = new_tenant(fragile_exchange, PERSON, COLLEAGUE)
    tenant.add_trunk(MOSCOW, cities[MOSCOW])
    tenant.wait_until_in_effect()
    dear = await through_trunk(tenant, MOSCOW, cities[MOSCOW])
    async with (
        Carrier(cities[MOSCOW], fragile_exchange) as carrier,
        PlainPhone(tenant.account(PERSON)) as phone,
        PlainPhone(tenant.account(COLLEAGUE)) as colleague,
        fragile_exchange.without_application(),
    ):
        caller = phone.dial(COLLEAGUE)
        sends_to(await colleague.rings(), dear)
        await caller.closed()
        assert (carrier.times_rung, colleague.times_rung) == (0, 1)

        caller = phone.dial("112")
        sends_to(await carrier.rings(), f"PJSIP/{COLLEAGUE}@{tenant.domain}")
        again = await carrier.rings()
        assert again.dialled == "112"
        await again.answer()
        await caller.established()
        await caller.hang_up()
        assert (carrier.times_rung, colleague.times_rung) == (2, 1)
