"""A customer's server leads real calls: where they ring, what phones show, and what if it fails."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier
from tests.support.exchange import Exchange, started
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.support.waiting import until
from tests.support.web_server import WebServer, web_server
from tests.telephone.conftest import add_announcements, new_tenant

HOTLINE, CUSTOMER = "74998005500", "79160000001"


@pytest.fixture(scope="module")
def running_server() -> Iterator[WebServer]:
    """The customer's server."""
    with web_server() as server:
        yield server


@pytest.fixture
def server(running_server: WebServer) -> Iterator[WebServer]:
    """The same, when it has not been asked yet; after a test it talks to everybody again."""
    running_server.asked.clear()
    running_server.says("")
    yield running_server
    running_server.speaks.set()


@pytest.fixture(scope="module")
def company(
    a_tenant: Callable[..., Tenant],
    sounds: dict[str, Path],
    outside: Place,
    running_server: WebServer,
) -> Tenant:
    """Two people, a hotline whose calls a server leads, and an announcement for when it does not.

    Another server has gone, and a third shall be silent for a second at most.
    """
    tenant = a_tenant("100", "101")
    add_announcements(tenant, sounds)
    tenant.add_element("http_request", "5500", url=running_server.url, default="5101")
    gone = "http://127.0.0.1:9/call"
    tenant.add_element("http_request", "5501", url=gone, default="5101")
    tenant.add_element(
        "http_request", "5502", url=running_server.url, default="5101", timeout_s="1"
    )
    tenant.add_trunk("city", outside)
    tenant.add_rule("all", "(+)", trunk=["city"])
    tenant.add_number(HOTLINE, trunk="city", to="5500")
    tenant.wait_until_in_effect()
    return tenant


async def test_a_server_leads_a_customer_to_whoever_looks_after_them(
    company: Tenant, carrier: Carrier, server: WebServer
) -> None:
    server.says('set_name: "Vera, gold"\ntransfer: "101"')
    calls = company.new_calls()
    async with PlainPhone(company.account("101"), plays=sound.BORIS) as phone:
        caller = carrier.call(HOTLINE, caller=CUSTOMER)
        leg = await phone.rings()
        assert leg.shown == f"Vera, gold <{CUSTOMER}>"
        await leg.answer()
        await caller.established()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()

    record = await calls.one()
    assert record.answered_by == "101"
    (asked,) = server.asked
    assert asked == {
        "caller_number": CUSTOMER,
        "caller_e164": f"+{CUSTOMER}",
        "caller_name": "",
        "uuid": record.id,
        "called_number": HOTLINE,
        "trunk": "city",
        "element": "5500",
    }
    told = (await company.story(record.id)).text
    assert 'call them "Vera, gold" and lead them to 101' in told, told


async def test_a_caller_hears_ringing_while_the_server_thinks_and_may_leave(
    company: Tenant, carrier: Carrier, server: WebServer
) -> None:
    server.speaks.clear()
    calls = company.new_calls()
    caller = carrier.call(HOTLINE, caller=CUSTOMER)
    await caller.hears_ringing()
    await until(lambda: bool(server.asked), saying="the server is asked")

    await caller.hang_up()

    record = await calls.one()
    assert (record.ended_by, record.reason) == ("caller", "cancelled")


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ("transfer: 777", 200),
        ("<html>Internal error</html>", 200),
        ('transfer: "101"', 500),
        ('transfer: "101"', 302),
        ("x" * 100_000, 200),
    ],
    ids=["nobody", "a page", "a fault", "elsewhere", "a lot"],
)
async def test_a_server_that_says_nothing_useful_leads_to_the_default_number(
    company: Tenant, server: WebServer, reply: str, status: int
) -> None:
    server.says(reply, status=status)
    await announced(company, "5500")
    assert len(server.asked) == 1


async def test_a_server_that_has_gone_costs_no_call(company: Tenant) -> None:
    await announced(company, "5501")


async def test_a_server_that_is_silent_costs_no_call(company: Tenant, server: WebServer) -> None:
    server.speaks.clear()
    await announced(company, "5502")


async def test_a_server_may_lead_a_call_to_a_mobile(
    company: Tenant, carrier: Carrier, server: WebServer
) -> None:
    server.says(f'transfer: "{MOBILE}"')
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial("5500")
        leg = await carrier.rings()
        assert leg.dialled == MOBILE
        await leg.answer()
        await caller.established()
        await caller.hang_up()
        await leg.closed()


async def test_a_server_leads_nobody_to_help(company: Tenant, server: WebServer) -> None:
    """Only who dials 112 reaches it; a fault of a server must not."""
    server.says('transfer: "112"')
    await announced(company, "5500")


async def announced(company: Tenant, number: str) -> None:
    """Whoever dials this number comes to the announcement."""
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial(number)
        await caller.established()
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


@pytest.fixture(scope="module")
def fragile_exchange() -> Iterator[Exchange]:
    """An exchange that the test here may break."""
    with started(Exchange()) as running:
        yield running


async def test_a_caller_whose_server_thinks_when_the_application_dies_is_asked_for_again(
    fragile_exchange: Exchange, server: WebServer
) -> None:
    server.says('transfer: "101"')
    workshop = new_tenant(fragile_exchange, "100", "101")
    workshop.add_element("http_request", "5500", url=server.url, timeout_s="30")
    workshop.wait_until_in_effect()
    async with (
        PlainPhone(workshop.account("100")) as phone,
        PlainPhone(workshop.account("101"), plays=sound.BORIS) as callee,
    ):
        server.speaks.clear()
        caller = phone.dial("5500")
        await until(lambda: bool(server.asked), saying="the server is asked")
        await asyncio.to_thread(fragile_exchange.kill_application)
        server.speaks.set()
        await fragile_exchange.starts_again()

        leg = await callee.rings()
        await leg.answer()
        await caller.established()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()

    assert len(server.asked) == 2
    assert len({asked["uuid"] for asked in server.asked}) == 1, "it can tell that it is one call"
