"""Calls to outside numbers of a whole exchange, also when it is started anew meanwhile."""

from __future__ import annotations

import pytest

from ari_client.testing import NeverAnswers, Unregistered
from models import provisioning
from models.call_log import journal_of
from models.seal import Seal
from stasis_apps.element import Catalogue
from stasis_apps.journal import What
from tests.support.waiting import until_told
from tests.unit.stasis_apps.exchange.house import BORIS, House

MOBILE = "+79161234567"


@pytest.fixture
async def house(house: House) -> House:
    """The same house, with a line to a carrier; who cannot reach Boris there reaches his mobile."""
    trunk = await provisioning.create_trunk(
        tenant="acme",
        name="moscow",
        seal=Seal(house.spool.parent / "key"),
        host="192.0.2.10",
        username="acme",
        password="secret",
        is_default=True,
    )
    await provisioning.set_extension(
        tenant="acme",
        number="101",
        settings={"unregistered": MOBILE},
        catalogue=Catalogue(),
    )
    house.fake.phone(f"Local/{trunk.endpoint}-{MOBILE}@outside/nm", NeverAnswers())
    await house.process.plans.refresh()
    return house


async def entered(house: House, call_id: str, times: int) -> list[tuple[str | None, object]]:
    """Wait until the call has reached so many elements; each with whoever acts there."""

    async def ask() -> list[tuple[str | None, object]] | None:
        steps = [one for one in await journal_of(call_id=call_id) if one.what == What.ENTERED]
        found = [(one.element, one.facts.get("acting")) for one in steps]
        return found if len(found) >= times else None

    return await until_told(ask, saying=lambda: f"{times} elements: {house.logged}")


async def restart_while_it_rings(house: House, call_id: str) -> None:
    await house.written(call_id, What.RANG)
    await house.process.kill()
    await house.start()


async def test_who_had_dialled_outside_does_so_for_themselves_after_a_restart(
    house: House,
) -> None:
    call_id = house.call(f"*67{MOBILE}")
    await restart_while_it_rings(house, call_id)

    assert await entered(house, call_id, 2) == [(MOBILE, "100")] * 2
    house.fake.hang_up(call_id)
    assert (await house.ended(call_id)).dialled == f"*67{MOBILE}"


async def test_whoever_had_forwarded_a_call_still_does_after_a_restart(house: House) -> None:
    house.fake.phone(BORIS, Unregistered())
    call_id = house.call("101")
    await restart_while_it_rings(house, call_id)

    assert await entered(house, call_id, 3) == [("101", None), (MOBILE, "101"), (MOBILE, "101")]
    house.fake.hang_up(call_id)
    await house.ended(call_id)
