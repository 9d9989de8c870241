"""Trunks: they register without a reload, tell how they stand, and fail without harm to others."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.support import sound
from tests.support.account import Account
from tests.support.carrier import Carrier, carrier_place
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import SeenTrunk, Tenant
from tests.support.waiting import until_told

PASSWORD = "the-carriers-own-password-1"
NEXT_TRY_S = 60.0
"""The exchange tries again every half minute."""

BRIEF_S = 12
"""A registration that holds for so short is renewed every other second."""


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant]) -> Tenant:
    """A customer with two people and no trunk yet."""
    return a_tenant("100", "101")


@pytest.fixture(scope="module", autouse=True)
def late_carrier(company: Tenant) -> Iterator[Place]:
    """A carrier that does not answer when a trunk is to register there for the first time."""
    with carrier_place() as place:
        add_registering_trunk(company, "late", place)
        yield place


@asynccontextmanager
async def registered_trunk(
    tenant: Tenant, name: str, place: Place, exchange: Exchange, *, refuses: str = ""
) -> AsyncIterator[Carrier]:
    """A carrier at work, and a new trunk that registers there as its customer ``acme``."""
    async with Carrier(place, exchange) as carrier:
        carrier.registrar.passwords["acme"] = PASSWORD
        carrier.registrar.refuses = refuses
        add_registering_trunk(tenant, name, place)
        yield carrier


def add_registering_trunk(tenant: Tenant, name: str, place: Place) -> None:
    """Create a trunk that registers as ``acme``."""
    tenant.add_trunk(name, place, password=PASSWORD, registration="outbound", username="acme")
    tenant.wait_until_in_effect()


async def trunk_says(tenant: Tenant, name: str, wanted: Callable[[SeenTrunk], bool]) -> SeenTrunk:
    """Wait until ``pbx trunk list`` says so."""
    seen: list[SeenTrunk] = []

    async def says() -> bool:
        seen[:] = [await tenant.trunk(name)]
        return wanted(seen[0])

    await until_told(says, saying=lambda: f"{name}: {seen}", pause_s=0.2)
    return seen[0]


async def two_colleagues_talk(tenant: Tenant) -> None:
    """An internal call goes as ever."""
    async with (
        PlainPhone(tenant.account("100"), plays=sound.ALICE) as caller,
        PlainPhone(tenant.account("101"), plays=sound.BORIS) as callee,
    ):
        talk = caller.dial("101")
        leg = await callee.rings()
        await leg.answer()
        await talk.ear.hears(sound.BORIS)
        await leg.ear.hears(sound.ALICE)
        await talk.hang_up()
        await leg.closed()


async def test_a_new_trunk_registers_at_once_and_takes_calls(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    async with (
        registered_trunk(company, "moscow", elsewhere, exchange) as carrier,
        PlainPhone(company.account("101"), plays=sound.BORIS) as callee,
    ):
        contact = await carrier.has_registration("acme")
        company.add_number("74991000001", trunk="moscow", to="101")
        company.wait_until_in_effect()

        caller = carrier.call("74991000001", uri=contact, to=f"<sip:74991000001@{elsewhere.host}>")
        leg = await callee.rings()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()
        await leg.closed()

        shown = await trunk_says(company, "moscow", lambda one: one.round_trip_ms is not None)
        assert (shown.state, shown.last_refusal) == ("registered", None)


async def test_a_refused_registration_is_shown_with_its_sip_cause(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    async with registered_trunk(
        company, "refused", elsewhere, exchange, refuses="403 Forbidden"
    ) as carrier:
        await carrier.has_refused()

        shown = await trunk_says(company, "refused", lambda one: one.last_refusal is not None)
        assert shown.state != "registered"
        assert shown.last_refusal is not None
        assert (shown.last_refusal.status, shown.last_refusal.text) == (403, "Forbidden")
        await two_colleagues_talk(company)


async def test_a_wrong_password_is_shown_as_a_refusal(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    async with Carrier(elsewhere, exchange) as carrier:
        carrier.registrar.passwords["acme"] = "another password"
        add_registering_trunk(company, "mistyped", elsewhere)
        await carrier.has_refused(times=2)

        shown = await trunk_says(company, "mistyped", lambda one: one.last_refusal is not None)
        assert shown.last_refusal is not None
        assert shown.last_refusal.status == 401


async def test_a_carrier_that_comes_back_is_registered_with_again(
    late_carrier: Place, company: Tenant, exchange: Exchange
) -> None:
    await two_colleagues_talk(company)
    async with Carrier(late_carrier, exchange) as carrier:
        carrier.registrar.passwords["acme"] = PASSWORD
        await carrier.has_registration("acme", within_s=NEXT_TRY_S)
        await trunk_says(company, "late", lambda one: one.state.startswith("registered"))


async def test_a_registration_that_was_lost_is_shown_and_regained(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    async with Carrier(elsewhere, exchange) as carrier:
        registrar = carrier.registrar
        registrar.passwords["acme"] = PASSWORD
        registrar.expires_s = BRIEF_S
        add_registering_trunk(company, "unsteady", elsewhere)
        await carrier.has_registration("acme")
        await trunk_says(company, "unsteady", lambda one: one.state.startswith("registered"))

        registrar.refuses, registrar.retry_after_s = "503 Service Unavailable", 2
        lost = await trunk_says(company, "unsteady", lambda one: one.last_refusal is not None)
        assert lost.last_refusal is not None
        assert lost.last_refusal.status == 503
        await trunk_says(company, "unsteady", lambda one: one.state != "registered")

        registrar.refuses = ""
        await trunk_says(company, "unsteady", lambda one: one.state.startswith("registered"))
    company.remove("trunk", "unsteady")


async def test_a_removed_trunk_signs_off(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    async with registered_trunk(company, "brief", elsewhere, exchange) as carrier:
        await carrier.has_registration("acme")

        company.remove("trunk", "brief")

        await carrier.has_signed_off("acme")
        assert (await carrier.call("74991000009").closed())[:3] in ("401", "403", "404")


async def test_a_gateway_registers_here_and_its_calls_come_in(
    company: Tenant, elsewhere: Place
) -> None:
    company.add_trunk(
        "gateway", elsewhere, password=PASSWORD, registration="inbound", username="gateway-1"
    )
    company.add_number("74991000002", trunk="gateway", to="101")
    company.wait_until_in_effect()
    account = Account(
        user=(await company.trunk("gateway")).endpoint,
        password=PASSWORD,
        domain=company.domain,
        host=company.exchange.host,
        port=company.exchange.sip_port,
    )
    async with (
        PlainPhone(account, plays=sound.CLARA) as gateway,
        PlainPhone(company.account("101"), plays=sound.BORIS) as callee,
    ):
        await trunk_says(company, "gateway", lambda one: one.state == "registered")
        caller = gateway.dial("74991000002")
        leg = await callee.rings()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)
        await leg.ear.hears(sound.CLARA)
        await caller.hang_up()
        await leg.closed()


async def test_a_failing_trunk_disturbs_neither_colleagues_nor_another_trunk(
    company: Tenant, exchange: Exchange, elsewhere: Place, outside: Place
) -> None:
    add_registering_trunk(company, "dead", elsewhere)
    company.add_trunk("alive", outside)
    company.add_number("74991000003", trunk="alive", to="101")
    company.wait_until_in_effect()
    async with (
        Carrier(outside, exchange) as carrier,
        PlainPhone(company.account("101"), plays=sound.BORIS) as callee,
    ):
        caller = carrier.call("74991000003")
        leg = await callee.rings()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()
        await leg.closed()
    await two_colleagues_talk(company)
    shown = await trunk_says(company, "dead", lambda one: one.state != "registered")
    assert shown.round_trip_ms is None
