"""A switch that a caller throws by phone stands for the next call, and stays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.typing import EventDict

from models import provisioning
from models.errors import DatabaseError, DatabaseUnavailable, NotFound
from models.provisioning.revisions import history
from stasis_apps.call import Position
from stasis_apps.element import Catalogue
from stasis_apps.plan_store import PlanStore
from stasis_apps.services import patience
from stasis_apps.services.switches import StoredSwitches
from tests.support.waiting import COMES_S, until, until_told
from tests.unit.stasis_apps.occupied import Occupier, let_us_hang

NOW = datetime.now(UTC).replace(microsecond=0)
TONIGHT = NOW + timedelta(hours=6)

BEFORE_THE_CALL = 2
"""Revisions of the tenant that `plans` has made, and its switch."""


@pytest.fixture
async def plans(database: str, tmp_path: Path) -> PlanStore:
    await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
    await provisioning.create_element(
        tenant="acme", kind="switch", number="5300", settings={}, catalogue=Catalogue()
    )
    return PlanStore(tmp_path)


async def position(plans: PlanStore, at: datetime = NOW) -> Position | None:
    """Which way it stands for a call that comes now."""
    await plans.refresh()
    plan = plans.plan_named("acme")
    assert plan is not None
    return plan.position("5300", at)


@pytest.mark.parametrize("wanted", list(Position))
async def test_the_next_call_finds_the_switch_as_it_was_thrown(
    plans: PlanStore, wanted: Position
) -> None:
    await StoredSwitches().throw("acme", "5300", wanted, "100", None)

    assert await position(plans) is wanted
    (thrown,) = await provisioning.list_switches(tenant="acme")
    assert (thrown.set_by, thrown.until_at) == ("100", None)


async def test_a_switch_that_was_thrown_for_a_while_falls_back(plans: PlanStore) -> None:
    await StoredSwitches().throw("acme", "5300", Position.CLOSED, "100", TONIGHT)

    assert await position(plans) is Position.CLOSED
    assert await position(plans, at=TONIGHT) is None


async def test_a_switch_is_left_to_the_plan_again(plans: PlanStore) -> None:
    switches = StoredSwitches()
    await switches.throw("acme", "5300", Position.CLOSED, "100", None)

    await switches.throw("acme", "5300", None, "100", None)

    assert await position(plans) is None


@pytest.mark.parametrize(
    ("by", "who"), [("100", "caller 100"), ("", "a caller who hides their number")]
)
async def test_the_history_tells_who_has_thrown_it(plans: PlanStore, by: str, who: str) -> None:
    await StoredSwitches().throw("acme", "5300", Position.CLOSED, by, None)

    told = (await history(tenant="acme"))[0]
    assert (told.who, told.what, told.patch) == (who, "by phone", {})
    assert told.notes == (f"the switch of 5300 was forced closed by {by or 'nobody known'}",)


async def test_a_switch_that_was_removed_meanwhile_cannot_be_thrown(plans: PlanStore) -> None:
    await provisioning.remove_element(tenant="acme", number="5300", catalogue=Catalogue())

    with pytest.raises(NotFound):
        await StoredSwitches().throw("acme", "5300", Position.OPEN, "100", None)


async def test_a_caller_is_not_told_that_it_was_thrown_while_the_database_is_away(
    plans: PlanStore, occupier: Occupier
) -> None:
    occupier.take()
    with pytest.raises(DatabaseError):
        await StoredSwitches().throw("acme", "5300", Position.OPEN, "100", None)
    occupier.give_back()

    assert await position(plans) is None


async def test_a_caller_does_not_wait_for_a_database_that_hangs_and_what_it_does_late_is_undone(
    plans: PlanStore,
    occupier: Occupier,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(patience, "CALLER_WAITS_S", 0.05)
    await let_us_hang()
    occupier.take()
    throwing = StoredSwitches().throw("acme", "5300", Position.OPEN, "100", None)
    with pytest.raises(DatabaseUnavailable):
        await asyncio.wait_for(throwing, COMES_S)
    occupier.give_back()

    (late,) = await until(lambda: logged, saying="the database answers late")
    assert late["fault"] == "it came too late for the caller, and is undone"
    assert await position(plans) is None
    assert len(await history(tenant="acme")) == BEFORE_THE_CALL


async def test_a_switch_is_thrown_for_a_caller_who_hangs_up_too_early_to_hear_it(
    plans: PlanStore, occupier: Occupier
) -> None:
    await let_us_hang()
    occupier.take()
    throw = StoredSwitches().throw("acme", "5300", Position.OPEN, "100", None)
    calling = asyncio.create_task(throw)
    await asyncio.wait([calling], timeout=0)
    calling.cancel()
    await asyncio.wait([calling])
    occupier.give_back()

    await until_told(lambda: is_open(plans), saying="it is thrown")


async def is_open(plans: PlanStore) -> bool:
    """Whether the database has taken it."""
    return await position(plans) is Position.OPEN
