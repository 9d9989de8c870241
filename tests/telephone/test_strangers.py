"""Direct SIP: strangers reach what has been opened to them, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import Carrier
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_announcements

REFUSED = ("401", "403", "404")


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place) -> Tenant:
    """A customer with an open alias, a closed one, an open person, a closed one, and a trunk."""
    tenant = a_tenant("100", "101", "102")
    add_announcements(tenant, sounds)
    tenant.add_trunk("city", outside)
    tenant.add_alias("info", to="5101", is_open=True)
    tenant.add_alias("office", to="5101")
    tenant.set_extension("101", allow_direct_sip="true")
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture(scope="module")
def closed_company(a_tenant: Callable[..., Tenant]) -> Tenant:
    """A customer who has opened nothing; the same numbers."""
    return a_tenant("100", "101")


async def test_a_stranger_reaches_an_alias_that_is_open(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    calls = company.new_calls()
    async with Carrier(elsewhere, exchange) as stranger:
        caller = stranger.call("", uri=f"sip:info@{company.domain}", caller="anyone")
        await caller.established()
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()

    record = await calls.one()
    assert (record.caller_number, record.dialled) == ("anyone", "info")


async def test_a_stranger_reaches_a_person_who_wants_it(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    async with (
        Carrier(elsewhere, exchange, plays=sound.CLARA) as stranger,
        PlainPhone(company.account("101"), plays=sound.BORIS) as callee,
    ):
        caller = stranger.call("", uri=f"sip:101@{company.domain}", caller="anyone")
        leg = await callee.rings()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)
        await leg.ear.hears(sound.CLARA)
        await caller.hang_up()
        await leg.closed()


@pytest.mark.parametrize(
    "wanted",
    ["office", "102", "5101", "+79161234567", "89161234567", "nobody", "s", "000"],
)
async def test_a_stranger_reaches_nothing_that_is_not_open(
    company: Tenant, exchange: Exchange, elsewhere: Place, carrier: Carrier, wanted: str
) -> None:
    calls = company.new_calls()
    async with (
        Carrier(elsewhere, exchange) as stranger,
        PlainPhone(company.account("102")) as person,
    ):
        refused = await stranger.call("", uri=f"sip:{wanted}@{company.domain}").closed()
        assert refused[:3] in REFUSED
        assert person.times_rung == carrier.times_rung == 0
    assert not await calls.so_far()


async def test_a_stranger_reaches_nobody_of_a_customer_who_opened_nothing(
    company: Tenant, closed_company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    async with Carrier(elsewhere, exchange) as stranger:
        for wanted in ("info", "101"):
            uri = f"sip:{wanted}@{closed_company.domain}"
            assert (await stranger.call("", uri=uri).closed())[:3] in REFUSED


async def test_a_stranger_cannot_pretend_to_be_a_colleague(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    async with Carrier(elsewhere, exchange) as stranger:
        identity = f"P-Asserted-Identity: <sip:100@{company.domain}>"
        refused = stranger.call(
            "", uri=f"sip:102@{company.domain}", caller="100", headers=(identity,)
        )
        assert (await refused.closed())[:3] in REFUSED


async def test_a_colleague_dials_the_alias_too(company: Tenant) -> None:
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial("office")
        await caller.established()
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_stranger_who_calls_too_often_is_slowed_down(
    a_tenant: Callable[..., Tenant], sounds: dict[str, Path], exchange: Exchange, elsewhere: Place
) -> None:
    tenant = a_tenant("100")
    add_announcements(tenant, sounds)
    tenant.add_alias("info", to="5101", is_open=True)
    tenant.wait_until_in_effect()
    async with Carrier(elsewhere, exchange) as stranger:
        statuses: list[str] = []
        for _ in range(12):
            caller = stranger.call("", uri=f"sip:info@{tenant.domain}")
            statuses.append(await caller.outcome())
            if not caller.ended:
                await caller.hang_up()

    assert statuses[0].startswith("200")
    assert statuses[-1].startswith(("480", "486", "503"))
