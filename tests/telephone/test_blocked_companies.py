"""A customer who is blocked: nobody gets through to them or out, and nobody else notices."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import Carrier, carrier_place
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_announcements

NUMBER, TO_NEWS = "74992220101", "74992225101"
REFUSED = ("403", "404")


@pytest.fixture(scope="module")
def places() -> Iterator[list[Place]]:
    """Where the carriers of the two customers are."""
    with carrier_place() as first, carrier_place() as second:
        yield [first, second]


@pytest.fixture(scope="module")
def company(
    a_tenant: Callable[..., Tenant], sounds: dict[str, Path], places: list[Place]
) -> Tenant:
    """A customer whom carriers and strangers reach, and who is to be blocked."""
    return open_company(a_tenant, sounds, places[0])


@pytest.fixture(scope="module")
def other(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], places: list[Place]) -> Tenant:
    """Another one, with the same numbers."""
    return open_company(a_tenant, sounds, places[1])


@pytest.fixture
async def carriers(
    places: list[Place], exchange: Exchange
) -> AsyncIterator[tuple[Carrier, Carrier]]:
    """The carriers of both at work."""
    async with Carrier(places[0], exchange) as first, Carrier(places[1], exchange) as second:
        yield first, second


@pytest.fixture
def blocked(company: Tenant, other: Tenant) -> Iterator[Tenant]:
    """The customer while they are blocked."""
    put(company, "blocked")
    yield company
    put(company, "active")


def open_company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], place: Place) -> Tenant:
    """Make a customer with two people, a trunk, and an alias for strangers."""
    tenant = a_tenant("100", "101")
    add_announcements(tenant, sounds)
    tenant.add_trunk("city", place)
    tenant.add_number(NUMBER, trunk="city", to="101")
    tenant.add_number(TO_NEWS, trunk="city", to="5101")
    tenant.add_alias("info", to="5101", is_open=True)
    tenant.wait_until_in_effect()
    return tenant


def put(tenant: Tenant, state: str) -> None:
    """Block a customer, or let them go on."""
    tenant.exchange.pbx_now("tenant", "set", tenant.name, "--state", state)
    tenant.wait_until_in_effect()


async def test_a_carrier_is_refused_and_the_list_says_why(
    blocked: Tenant, carriers: tuple[Carrier, Carrier]
) -> None:
    calls = blocked.new_calls()
    async with PlainPhone(blocked.account("101")) as desk:
        for number in (NUMBER, TO_NEWS):
            assert (await carriers[0].call(number).closed())[:3] == "403"
        assert desk.times_rung == 0

    records = await calls.ended(2)
    assert {(record.reason, record.answered_at) for record in records} == {("blocked", None)}


async def test_a_stranger_is_refused(blocked: Tenant, exchange: Exchange, elsewhere: Place) -> None:
    async with Carrier(elsewhere, exchange) as stranger:
        caller = stranger.call("", uri=f"sip:info@{blocked.domain}", caller="anyone")
        assert (await caller.closed())[:3] in REFUSED


async def test_a_colleague_is_refused(blocked: Tenant) -> None:
    async with (
        PlainPhone(blocked.account("100")) as phone,
        PlainPhone(blocked.account("101")) as desk,
    ):
        assert (await phone.dial("101").closed())[:3] == "403"
        assert desk.times_rung == 0


async def test_another_company_is_reached_as_ever(
    blocked: Tenant,
    other: Tenant,
    carriers: tuple[Carrier, Carrier],
    exchange: Exchange,
    elsewhere: Place,
) -> None:
    async with (
        Carrier(elsewhere, exchange) as stranger,
        PlainPhone(other.account("100")) as phone,
        PlainPhone(other.account("101"), plays=sound.BORIS) as desk,
    ):
        caller = carriers[1].call(NUMBER)
        leg = await desk.rings()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()
        await leg.closed()
        for visitor in (
            phone.dial("5101"),
            stranger.call("", uri=f"sip:info@{other.domain}", caller="anyone"),
        ):
            await visitor.ear.hears(sound.NEWS)
            await visitor.hang_up()


async def test_a_company_that_has_paid_is_reached_again(
    company: Tenant, carriers: tuple[Carrier, Carrier], exchange: Exchange, elsewhere: Place
) -> None:
    put(company, "blocked")
    assert (await carriers[0].call(TO_NEWS).closed())[:3] == "403"
    put(company, "active")

    async with Carrier(elsewhere, exchange) as stranger:
        for visitor in (
            carriers[0].call(TO_NEWS),
            stranger.call("", uri=f"sip:info@{company.domain}", caller="anyone"),
        ):
            await visitor.ear.hears(sound.NEWS)
            await visitor.hang_up()
