"""Talks with people outside: what either side's phone is told of the other, and what it is not."""

from collections.abc import Callable

import pytest

from tests.support.calls_out import call_out
from tests.support.carrier import Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import MOSCOW

ALICE = "100"
SPOKEN_S = 1.0
MOBILE, OUR_NUMBER = "89161112299", "74951119900"


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], outside: Place) -> Tenant:
    tenant = a_tenant(ALICE)
    tenant.add_trunk(MOSCOW, outside)
    tenant.add_number(OUR_NUMBER, trunk=MOSCOW)
    tenant.change("trunk", MOSCOW, caller_id=OUR_NUMBER)
    tenant.wait_until_in_effect()
    return tenant


def identities(call: SipCall) -> set[str]:
    """Everything that a phone was told of who is at the other end."""
    names = ("From", "To", "P-Asserted-Identity", "Remote-Party-ID", "Diversion")
    return {message.header(name) for message in call.told for name in names} - {""}


async def test_neither_side_learns_what_the_exchange_calls_the_other(
    company: Tenant, carrier: Carrier
) -> None:
    async with (
        PlainPhone(company.account(ALICE)) as phone,
        call_out(phone, MOBILE, carrier) as (caller, callee),
    ):
        await callee.speaks(for_s=SPOKEN_S)
        await caller.speaks(for_s=SPOKEN_S)

        told_caller, told_callee = identities(caller), identities(callee)

    assert any(MOBILE in one for one in told_caller)
    assert not any("trunk-" in one or "Local" in one for one in told_caller)
    assert any(OUR_NUMBER in one for one in told_callee)
    assert not any(f"sip:{ALICE}@" in one for one in told_callee)


async def test_the_record_names_the_number_that_was_dialled(
    company: Tenant, carrier: Carrier
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account(ALICE)) as phone, call_out(phone, MOBILE, carrier):
        pass

    record = await calls.one()
    assert (record.dialled, record.answered_by) == (MOBILE, MOBILE)
