"""Calls for help: nothing that was set up stands in their way, and somebody is told of each.

The carriers here are SIPp; no call ever leaves this machine.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec
import pytest

from tests.support.calls_out import told_carrier
from tests.support.exchange import CommandError, Exchange, started
from tests.support.mail_server import Letter, MailServer
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_station import Place
from tests.support.sipp import Callee, Sipp, carrier_by_sipp
from tests.support.tenant import Tenant
from tests.support.waiting import until, until_told
from tests.telephone.conftest import MOSCOW, SPB, new_tenant

DESK, BRANCH, TALKER = "105", "106", "107"
HELP, MOBILE = "112", "89161112233"
OFFICE_NUMBER, BRANCH_NUMBER = "74951110000", "78121110000"
WATCHMAN = "watchman@acme.test"

answers = Callee(ring_ms=(0, 50))
refuses = Callee(rings=False, refuse_chance=1, refuse_status="503 Service Unavailable")
announces = Callee(
    early_media=True, ring_ms=(500, 600), refuse_chance=1, refuse_status="404 Not Found"
)
rings_in_vain = Callee(ring_ms=(300, 400), refuse_chance=1, refuse_status="486 Busy Here")


@pytest.fixture(scope="module")
def town_postman() -> Iterator[MailServer]:
    """The mail server of that exchange."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def fragile_exchange(town_postman: MailServer) -> Iterator[Exchange]:
    """An exchange that the tests here may break."""
    with started(Exchange({"PBX_SMTP_URL": town_postman.url})) as running:
        yield running


@pytest.fixture(scope="module")
def company(fragile_exchange: Exchange, cities: dict[str, Place]) -> Tenant:
    """An office in Moscow with a branch in Petersburg, and one line to each carrier."""
    tenant = new_tenant(fragile_exchange, DESK, BRANCH, TALKER)
    for name, place in cities.items():
        tenant.add_trunk(name, place, max_channels="1")
    tenant.add_number(OFFICE_NUMBER, trunk=MOSCOW)
    tenant.add_number(BRANCH_NUMBER, trunk=SPB)
    tenant.set_tenant(caller_id=OFFICE_NUMBER, alert_email=WATCHMAN)
    tenant.add_location("branch", number=BRANCH_NUMBER, detail="second floor")
    tenant.change("device", BRANCH, location="branch")
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture
async def moscow(fragile_exchange: Exchange, cities: dict[str, Place]) -> AsyncIterator[Sipp]:
    """The first carrier, where help answers."""
    async with carrier_by_sipp(cities[MOSCOW], fragile_exchange, answers) as working:
        yield working


@asynccontextmanager
async def help_answers(tenant: Tenant, person: str, carrier: Sipp) -> AsyncIterator[SipCall]:
    """Somebody dials for help and is answered at this carrier; they hang up after the block."""
    async with PlainPhone(tenant.account(person)) as phone:
        caller = phone.dial(HELP)
        await caller.established()
        await carrier.received(f"INVITE sip:{HELP}@")
        yield caller
        await caller.hang_up()


@contextmanager
def everything_closed(tenant: Tenant) -> Iterator[None]:
    """While the block runs, nobody of this customer may call anybody outside."""
    tenant.add_rule("nobody", "+", output="0000")
    tenant.set_tenant(state="blocked", max_outside_calls="1", outside_calls_per_second="1")
    tenant.wait_until_in_effect()
    try:
        yield
    finally:
        tenant.set_tenant(state="active", max_outside_calls="5", outside_calls_per_second="0")
        tenant.remove("rule", "nobody")
        tenant.wait_until_in_effect()


async def notice(postman: MailServer, tenant: Tenant, before: int) -> Letter:
    """Wait for the letter that tells of one more call for help."""
    letters = await until(
        lambda: _letters_of_help(postman)[before:],
        saying=lambda: f"a letter of a call for help: {postman.letters(WATCHMAN)}",
    )
    assert len(letters) == 1
    assert tenant.name in str(letters[0].message["From"])
    return letters[0]


def _letters_of_help(postman: MailServer) -> list[Letter]:
    return [one for one in postman.letters(WATCHMAN) if HELP in one.subject + one.text]


async def test_help_is_reached_whatever_was_set_up(
    company: Tenant, moscow: Sipp, town_postman: MailServer
) -> None:
    """The customer is blocked, a rule forbids all, and their only line and only call are taken."""
    before = len(_letters_of_help(town_postman))
    async with PlainPhone(company.account(TALKER)) as talker:
        busy = talker.dial(MOBILE)
        await busy.established()
        with everything_closed(company):
            async with PlainPhone(company.account(DESK)) as phone:
                assert (await phone.dial(MOBILE).closed())[:3] == "403"
            async with help_answers(company, DESK, moscow):
                assert not busy.ended
        await busy.hang_up()

    letter = await notice(town_postman, company, before)
    assert DESK in letter.text
    assert "emergency_call" in {event.kind for event in await company.events()}


@pytest.mark.parametrize(
    ("person", "shown"), [(DESK, OFFICE_NUMBER), (BRANCH, BRANCH_NUMBER)], ids=["office", "branch"]
)
async def test_help_sees_the_number_of_the_place_where_the_phone_stands(
    company: Tenant, moscow: Sipp, person: str, shown: str
) -> None:
    async with help_answers(company, person, moscow):
        invite = await moscow.received("INVITE")
    assert told_carrier(invite).sender == shown


async def test_help_sees_the_number_of_who_hides_it(company: Tenant, moscow: Sipp) -> None:
    company.change("device", DESK, hides_number=True)
    company.wait_until_in_effect()
    async with help_answers(company, DESK, moscow):
        invite = await moscow.received("INVITE")
    company.change("device", DESK, hides_number=False)
    told = told_carrier(invite)
    assert (told.sender, told.privacy) == (OFFICE_NUMBER, "")


@pytest.mark.parametrize(
    "first", [refuses, announces, rings_in_vain], ids=["refuses", "announces", "rings in vain"]
)
async def test_help_is_called_by_the_next_carrier_when_one_fails(
    company: Tenant, fragile_exchange: Exchange, cities: dict[str, Place], first: Callee
) -> None:
    async with (
        carrier_by_sipp(cities[MOSCOW], fragile_exchange, first) as moscow,
        carrier_by_sipp(cities[SPB], fragile_exchange, answers) as spb,
        help_answers(company, DESK, spb),
    ):
        assert len(moscow.calls_at_once()) == 1


async def test_help_has_an_order_of_carriers_of_its_own(
    company: Tenant, fragile_exchange: Exchange, cities: dict[str, Place], moscow: Sipp
) -> None:
    company.exchange.pbx_now("emergency", "trunks", SPB, MOSCOW, "--tenant", company.name)
    company.wait_until_in_effect()
    async with (
        carrier_by_sipp(cities[SPB], fragile_exchange, answers) as spb,
        help_answers(company, DESK, spb),
    ):
        assert not moscow.calls_at_once()
    company.exchange.pbx_now("emergency", "trunks", "--usual", "--tenant", company.name)
    company.wait_until_in_effect()


async def test_help_leaves_by_a_carrier_that_is_there_before_one_that_is_known_to_be_down(
    company: Tenant, fragile_exchange: Exchange, moscow: Sipp, elsewhere: Place
) -> None:
    company.add_trunk("dead", elsewhere)
    company.change("trunk", "dead", qualify_s="1")
    company.exchange.pbx_now("emergency", "trunks", "dead", MOSCOW, "--tenant", company.name)
    company.wait_until_in_effect()
    inside = fragile_exchange.inside
    dead, working = [(await company.trunk(name)).endpoint for name in ("dead", MOSCOW)]
    await until_told(lambda: inside.is_down(dead), saying="the dead trunk is down")
    assert not await inside.is_down(working)
    calls = company.new_calls()
    async with help_answers(company, DESK, moscow):
        pass

    assert (await company.story((await calls.one()).id)).trunks == [MOSCOW]
    company.exchange.pbx_now("emergency", "trunks", "--usual", "--tenant", company.name)
    company.remove("trunk", "dead")
    company.wait_until_in_effect()


async def test_help_is_reached_while_the_application_is_away(
    company: Tenant, fragile_exchange: Exchange, moscow: Sipp, town_postman: MailServer
) -> None:
    before = len(_letters_of_help(town_postman))
    async with (
        PlainPhone(company.account(DESK)) as phone,
        fragile_exchange.without_application(),
    ):
        caller = phone.dial(HELP)
        await caller.established()
        await moscow.received(f"INVITE sip:{HELP}@")
        await caller.hang_up()

    letter = await notice(town_postman, company, before)
    assert DESK in letter.text


async def test_the_audit_names_the_phones_whose_calls_for_help_would_go_wrong(
    fragile_exchange: Exchange, elsewhere: Place
) -> None:
    """In the United States, where a number needs an address on record."""
    tenant = american_tenant(fragile_exchange, elsewhere)
    tenant.add_number("12125550100", trunk="city")
    with pytest.raises(CommandError, match="101"):
        audit(tenant)
    with pytest.raises(CommandError, match="address"):
        tenant.change("device", "101", caller_id="12125550100")

    street = {"party": "Acme", "street": "1 Main St", "city": "New York"}
    tenant.set_emergency_address("12125550100", **street, region="NY", postal_code="10001")
    tenant.change("device", "101", caller_id="12125550100")
    tenant.add_location("office", number="12125550100", default=True)
    assert audit(tenant) == []


def audit(tenant: Tenant) -> list[object]:
    """What ``pbx emergency audit`` finds when nothing would go wrong: hints at most."""
    said = tenant.exchange.pbx_now("emergency", "audit", "--tenant", tenant.name)
    return msgspec.json.decode(said, type=list[object])


def american_tenant(exchange: Exchange, place: Place) -> Tenant:
    """A customer in New York with one person and a carrier."""
    name = f"us{place.port}"
    tenant = Tenant(exchange, name, f"{name}.test")
    exchange.pbx_now(
        *("tenant", "create", name, "--domain", tenant.domain),
        *("--timezone", "America/New_York", "--country", "US"),
    )
    tenant.set_tenant(alert_email=WATCHMAN)
    tenant.add_extension("101")
    tenant.add_trunk("city", place)
    return tenant
