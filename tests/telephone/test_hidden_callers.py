"""Who hides their number is anonymous, and yet no stranger: they come in by the trunk."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import Carrier
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_announcements

NUMBER = "74951005101"


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place) -> Tenant:
    """A customer with a trunk, whom strangers may call at one alias as well."""
    firm = a_tenant("100")
    add_announcements(firm, sounds)
    firm.add_trunk("city", outside)
    firm.add_number(NUMBER, trunk="city", to="5101")
    firm.add_alias("info", to="5101", is_open=True)
    firm.wait_until_in_effect()
    return firm


@pytest.mark.parametrize("is_in_our_domain", [False, True])
async def test_a_hidden_caller_comes_in_by_the_trunk_although_strangers_may_call(
    company: Tenant, carrier: Carrier, *, is_in_our_domain: bool
) -> None:
    calls = company.new_calls()
    caller = carrier.call(
        NUMBER, caller="anonymous", domain=company.domain if is_in_our_domain else ""
    )
    await caller.established()
    await caller.ear.hears(sound.NEWS)
    await caller.hang_up()

    record = await calls.one()
    assert (record.caller_number, record.dialled) == ("", NUMBER)
