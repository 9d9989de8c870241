"""What trunks have refused: the newest of each, among the latest calls of one tenant."""

from datetime import timedelta

import pytest

from models import call_log, trunk_refusals
from models.call_log import JournalLine
from models.errors import NotFound
from models.facts import TenantFacts
from models.trunk_refusals import TrunkRefusal, last_refusals
from tests.unit.models.builders import NOON, a_call, a_tenant


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await a_tenant("acme")


async def a_leg_ended(
    tenant_id: int, *, minute: int, what: str = "leg_ended", **facts: object
) -> None:
    """A call rings somebody some minutes after noon, and nothing comes of it."""
    call_id = f"pbx-{tenant_id}.{minute}"
    at = NOON + timedelta(minutes=minute)
    line = JournalLine(tenant_id=tenant_id, call_id=call_id, seq=1, at=at, what=what, facts=facts)
    await call_log.write([a_call(tenant_id, call_id, minute=minute), line])


async def test_the_newest_refusal_of_each_trunk_is_found(acme: TenantFacts) -> None:
    await a_leg_ended(acme.id, minute=2, trunk="moscow", sip="503", refused="yes")
    await a_leg_ended(acme.id, minute=1, trunk="moscow", sip="403", refused="yes")
    await a_leg_ended(acme.id, minute=3, trunk="city", sip="404", refused="yes")

    assert await last_refusals(tenant="acme") == {
        "moscow": TrunkRefusal(trunk="moscow", status=503, at=NOON + timedelta(minutes=2)),
        "city": TrunkRefusal(trunk="city", status=404, at=NOON + timedelta(minutes=3)),
    }


async def test_a_trunk_whose_callee_was_busy_has_refused_nothing(acme: TenantFacts) -> None:
    await a_leg_ended(acme.id, minute=1, trunk="moscow", sip="486")
    await a_leg_ended(acme.id, minute=2, device="101@acme.test")
    await a_leg_ended(acme.id, minute=3, what="rang", trunk="moscow", sip="503", refused="yes")

    assert await last_refusals(tenant="acme") == {}


async def test_a_refusal_stays_in_its_tenant(acme: TenantFacts) -> None:
    other = await a_tenant("other")
    await a_leg_ended(other.id, minute=1, trunk="moscow", sip="503", refused="yes")

    assert await last_refusals(tenant="acme") == {}
    with pytest.raises(NotFound):
        await last_refusals(tenant="nobody")


async def test_only_the_latest_calls_are_looked_at(
    acme: TenantFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trunk_refusals, "LATEST_CALLS", 2)
    await a_leg_ended(acme.id, minute=1, trunk="moscow", sip="503", refused="yes")
    await a_leg_ended(acme.id, minute=2, trunk="city", sip="503", refused="yes")
    await a_leg_ended(acme.id, minute=3, device="101@acme.test")

    assert list(await last_refusals(tenant="acme")) == ["city"]
