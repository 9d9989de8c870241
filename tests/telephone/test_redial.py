"""The last number again, by a short code."""

from collections.abc import Callable

import pytest

from tests.support.calls_out import number_of, ring_out
from tests.support.carrier import Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant

PERSON, COLLEAGUE, NEWCOMER = "100", "101", "102"
MOBILE = "89161112233"


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], outside: Place) -> Tenant:
    """Three people and a carrier."""
    tenant = a_tenant(PERSON, COLLEAGUE, NEWCOMER)
    tenant.add_trunk("city", outside)
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture(scope="module")
def redial(company: Tenant) -> str:
    """The code, as the operator is shown it."""
    return company.feature_codes()["redial"]


async def test_the_last_number_is_dialled_again(
    company: Tenant, carrier: Carrier, redial: str
) -> None:
    async with (
        PlainPhone(company.account(PERSON)) as phone,
        PlainPhone(company.account(COLLEAGUE)) as colleague,
    ):
        await ring_out(phone, MOBILE, carrier)
        assert number_of(await ring_out(phone, redial, carrier)) == MOBILE
        assert number_of(await ring_out(phone, redial, carrier)) == MOBILE

        await ring_inside(phone, COLLEAGUE, colleague)
        await ring_inside(phone, redial, colleague)


async def test_who_has_dialled_nothing_yet_is_told(company: Tenant, redial: str) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(NEWCOMER)) as phone:
        await phone.dial(redial).closed()
    assert (await calls.one()).answered_at is None


async def ring_inside(phone: PlainPhone, number: str, colleague: PlainPhone) -> None:
    """Dial, let it ring at a colleague, and put down."""
    caller = phone.dial(number)
    leg = await colleague.rings()
    await caller.hang_up()
    await leg.closed()
