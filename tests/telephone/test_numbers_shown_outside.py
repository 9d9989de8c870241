"""Which number an outside phone shows when a call is forwarded to it."""

from collections.abc import Callable

import pytest

from tests.support.carrier import Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_station import Place
from tests.support.tenant import Tenant

CALLER, FORWARDED = "100", "110"
OURS, SHOWN, STRANGER = "74992000120", "74990000000", "74957654321"


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], outside: Place) -> Tenant:
    """One whose calls all go on to a mobile, and a trunk with a number of its own."""
    tenant = a_tenant(CALLER, FORWARDED)
    tenant.add_trunk("city", outside)
    rule = '[{"when": "always", "to": "+79031112233", "confirm": false}]'
    tenant.set_extension(FORWARDED, rules=rule)
    tenant.add_number(OURS, trunk="city", to=FORWARDED)
    tenant.add_number(SHOWN, trunk="city")
    tenant.change("trunk", "city", caller_id=SHOWN)
    tenant.wait_until_in_effect()
    return tenant


def shown(mobile: SipCall) -> tuple[str, bool]:
    """The number in From, and whether the carrier reads that ours has forwarded the call."""
    number = mobile.shown.partition("<")[2].rstrip(">")
    return number, SHOWN in mobile.invite.header("Diversion")


async def test_the_company_shows_its_own_number(company: Tenant, carrier: Carrier) -> None:
    async with PlainPhone(company.account(CALLER)) as phone:
        caller = phone.dial(FORWARDED)
        mobile = await carrier.rings()
        await mobile.answer()
        assert shown(mobile) == (SHOWN, True)
        await caller.hang_up()
        await mobile.closed()


async def test_a_trunk_may_show_the_number_of_who_calls(company: Tenant, carrier: Carrier) -> None:
    company.exchange.pbx_now(
        *("trunk", "set", "city", "--passes-caller-id", "--tenant", company.name)
    )
    company.wait_until_in_effect()

    caller = carrier.call(OURS, caller=STRANGER, name="Ivan")
    mobile = await carrier.rings()
    await mobile.answer()
    assert shown(mobile) == (STRANGER, True)
    await caller.hang_up()
    await mobile.closed()
