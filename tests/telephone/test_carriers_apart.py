"""Two companies, each with a carrier known by its address: no trunk takes the calls of another."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import count

import pytest

from tests.support import sound
from tests.support.carrier import Carrier
from tests.support.exchange import CommandError, Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant

NUMBER = "74993330101"
PASSWORD = "the-carriers-own-password-1"
SECRETIVE = "another trunk is known by this address"

elsewhere_hosts = (f"127.9.{place // 250}.{place % 250 + 1}" for place in count())
"""Addresses where nobody is, each once."""

Claim = Callable[[Tenant, str], object]


@dataclass(frozen=True, slots=True)
class Company:
    """A customer whose carrier leads to the person at 101."""

    tenant: Tenant
    carrier: Carrier

    async def gets_its_calls(self, other: Tenant) -> None:
        """A call of our carrier rings our phone, and nobody's at the other company."""
        before = other.new_calls()
        async with (
            PlainPhone(self.tenant.account("101"), plays=sound.BORIS) as ours,
            PlainPhone(other.account("101")) as theirs,
        ):
            caller = self.carrier.call(NUMBER)
            leg = await ours.rings()
            await leg.answer()
            await caller.ear.hears(sound.BORIS)
            await caller.hang_up()
            await leg.closed()
            assert theirs.times_rung == 0
        assert not await before.so_far()


@pytest.fixture(scope="module")
def acme(a_tenant: Callable[..., Tenant], outside: Place) -> Tenant:
    """A customer whose carrier is known by its address."""
    tenant = a_tenant("101")
    tenant.add_trunk("carrier", outside)
    tenant.add_number(NUMBER, trunk="carrier", to="101")
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture
def thief(a_tenant: Callable[..., Tenant]) -> Tenant:
    """Another customer, who wants calls that are not theirs."""
    return a_tenant("101")


@pytest.fixture
async def company(acme: Tenant, outside: Place, exchange: Exchange) -> AsyncIterator[Company]:
    """That customer, with the carrier at work."""
    async with Carrier(outside, exchange) as carrier:
        yield Company(acme, carrier)


def add_trunk(tenant: Tenant, registration: str, address: str, *more: str) -> None:
    """Create a trunk that claims an address, and have the number lead to 101."""
    login = () if registration == "none" else ("--username", "x", "--password-stdin")
    host = () if registration == "inbound" else ("--host", next(elsewhere_hosts))
    tenant.exchange.pbx_now(
        *("trunk", "create", "carrier", "--registration", registration, *host, *login),
        *("--address", address, "--qualify-s", "0", "--tenant", tenant.name, *more),
        typed=f"{PASSWORD}\n",
    )
    tenant.add_number(NUMBER, trunk="carrier", to="101")
    tenant.wait_until_in_effect()


def change_trunk(tenant: Tenant, *change: str) -> None:
    """Change the trunk."""
    tenant.exchange.pbx_now("trunk", "set", "carrier", *change, "--tenant", tenant.name)


def network_of(address: str) -> str:
    """All addresses that differ from this one in the last number alone."""
    return f"{address.rpartition('.')[0]}.0/24"


def by_moving_there(tenant: Tenant, address: str) -> None:
    """Claim the address with a trunk that was harmless when it was made."""
    add_trunk(tenant, "none", next(elsewhere_hosts))
    change_trunk(tenant, "--address", address)


def by_dialling_there(tenant: Tenant, address: str) -> None:
    """Claim the address as the host of a trunk; from there calls come, too."""
    add_trunk(tenant, "none", next(elsewhere_hosts))
    change_trunk(tenant, "--host", address)


def by_sending_through_it(tenant: Tenant, address: str) -> None:
    """Claim the address as the proxy of a trunk; from there calls come, too."""
    add_trunk(tenant, "none", next(elsewhere_hosts), "--proxy", f"{address}:5060")


def by_switching_on(tenant: Tenant, address: str) -> None:
    """Claim the address with a trunk that was switched off when it was made."""
    add_trunk(tenant, "none", address, "--disabled")
    change_trunk(tenant, "--enabled")


CLAIMS: dict[str, Claim] = {
    "the address": lambda tenant, address: add_trunk(tenant, "none", address),
    "its network": lambda tenant, address: add_trunk(tenant, "none", network_of(address)),
    "with a registration": lambda tenant, address: add_trunk(tenant, "outbound", address),
    "moved there": by_moving_there,
    "as a host": by_dialling_there,
    "as a proxy": by_sending_through_it,
    "switched on": by_switching_on,
}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
async def test_nobody_else_can_claim_the_address_of_a_carrier(
    company: Company, thief: Tenant, claim: Claim
) -> None:
    with pytest.raises(CommandError) as refused:
        claim(thief, company.carrier.place.host)

    assert SECRETIVE in refused.value.complaint
    assert company.tenant.name not in refused.value.complaint
    await company.gets_its_calls(thief)


async def test_a_gateway_that_registers_here_can_claim_no_address(
    company: Company, thief: Tenant
) -> None:
    with pytest.raises(CommandError, match="known by its login"):
        add_trunk(thief, "inbound", company.carrier.place.host)

    await company.gets_its_calls(thief)


async def test_two_carriers_lead_the_same_number_to_two_companies(
    company: Company, thief: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    thief.add_trunk("carrier", elsewhere)
    thief.add_number(NUMBER, trunk="carrier", to="101")
    thief.wait_until_in_effect()
    async with Carrier(elsewhere, exchange) as theirs:
        await company.gets_its_calls(thief)
        await Company(thief, theirs).gets_its_calls(company.tenant)
        await company.gets_its_calls(thief)


async def test_an_address_that_was_given_up_is_free_for_others(
    a_tenant: Callable[..., Tenant], thief: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    first = a_tenant("101")
    first.add_trunk("carrier", elsewhere)
    first.wait_until_in_effect()
    first.remove("trunk", "carrier")
    thief.add_trunk("carrier", elsewhere)
    thief.add_number(NUMBER, trunk="carrier", to="101")
    thief.wait_until_in_effect()
    async with Carrier(elsewhere, exchange) as carrier:
        await Company(thief, carrier).gets_its_calls(first)


async def test_two_companies_with_accounts_at_one_carrier_get_their_own_calls(
    a_tenant: Callable[..., Tenant], exchange: Exchange, elsewhere: Place
) -> None:
    first, second = a_tenant("101"), a_tenant("101")
    async with Carrier(elsewhere, exchange) as carrier:
        for tenant in (first, second):
            carrier.registrar.passwords[tenant.name] = PASSWORD
            tenant.add_trunk(
                *("carrier", elsewhere),
                password=PASSWORD,
                registration="outbound",
                username=tenant.name,
                qualify_s="0",
            )
            tenant.add_number(NUMBER, trunk="carrier", to="101")
            tenant.wait_until_in_effect()
        async with (
            PlainPhone(first.account("101")) as ours,
            PlainPhone(second.account("101")) as theirs,
        ):
            rung = {first.name: ours, second.name: theirs}
            for name in (first.name, second.name, first.name):
                contact = await carrier.has_registration(name)
                caller = carrier.call(NUMBER, uri=contact, to=f"<sip:{NUMBER}@{elsewhere.host}>")
                leg = await rung[name].rings()
                await caller.hang_up()
                await leg.closed()
            assert (ours.times_rung, theirs.times_rung) == (2, 1)

            unmarked = carrier.call(NUMBER)
            assert (await unmarked.closed())[:1] == "4", "it could be anybody's"
            assert (ours.times_rung, theirs.times_rung) == (2, 1)
