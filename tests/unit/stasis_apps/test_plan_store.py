"""Plans in memory: they follow the database, and outlive its absence."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.typing import EventDict

from models import provisioning
from models.facts import TenantRows
from models.seal import Seal
from stasis_apps import plan_store as module
from stasis_apps.call import Target
from stasis_apps.element import Catalogue
from stasis_apps.plan import NumberPlan
from stasis_apps.plan_store import PlanStore
from stasis_apps.planning import build_plan
from tests.support.waiting import until
from tests.unit.stasis_apps.occupied import Occupier


@pytest.fixture
async def acme(database: str) -> int:
    return (await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")).id


@pytest.fixture
async def store(acme: int, tmp_path: Path) -> PlanStore:
    opened = PlanStore(tmp_path)
    await opened.refresh()
    return opened


@pytest.fixture
async def watched(store: PlanStore) -> AsyncIterator[PlanStore]:
    watching = asyncio.create_task(store.watch())
    yield store
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def a_person(number: str, folder: Path) -> None:
    await provisioning.create_extension(
        tenant="acme", number=number, name="Alice", seal=Seal(folder / "key")
    )


def knows(store: PlanStore, number: str) -> bool:
    plan = store.plan_named("acme")
    return plan is not None and plan.behind(Target(number)) is not None


async def test_a_change_is_looked_for_several_times_a_second_and_in_effect_for_the_next_call(
    watched: PlanStore, tmp_path: Path
) -> None:
    assert module.POLL_S <= 0.25
    await a_person("100", tmp_path)

    await until(lambda: knows(watched, "100"), saying="Alice in the plan")


async def test_a_call_keeps_the_plan_it_began_with(
    store: PlanStore, acme: int, tmp_path: Path
) -> None:
    before = store.plan_of(str(acme))
    await a_person("100", tmp_path)
    await store.refresh()

    assert before is not None
    assert before.behind(Target("100")) is None
    after = store.plan_of(str(acme))
    assert after is not None
    assert after.revision > before.revision


async def test_who_is_blocked_or_removed_meanwhile_is_blocked_for_calls_that_are_up(
    store: PlanStore, acme: int
) -> None:
    before = store.plan_of(str(acme))
    assert before is not None
    assert store.newest(before.tenant) == before.tenant

    await provisioning.set_tenant(name="acme", state="trial")
    await store.refresh()
    assert store.newest(before.tenant).state == "trial"

    await provisioning.remove_tenant(name="acme")
    await store.refresh()
    assert store.newest(before.tenant).state == "blocked"


async def test_only_tenants_that_changed_are_read_again(store: PlanStore, acme: int) -> None:
    before = store.plan_of(str(acme))
    await provisioning.create_tenant(name="other", domain="other.test", country="RU")

    await store.refresh()

    assert store.plan_of(str(acme)) is before
    assert store.plan_named("other") is not None


async def test_a_tenant_that_was_removed_has_no_plan(store: PlanStore, acme: int) -> None:
    await provisioning.remove_tenant(name="acme", files=NoFiles())

    await store.refresh()

    assert store.plan_of(str(acme)) is None
    assert store.plan_named("acme") is None


async def test_everybody_who_listens_hears_of_every_change_of_a_plan(
    store: PlanStore, tmp_path: Path
) -> None:
    trunks, lamps = store.listen(), store.listen()
    await store.refresh()
    assert not trunks.is_set()

    await a_person("100", tmp_path)
    await store.refresh()
    assert trunks.is_set()
    assert lamps.is_set()
    trunks.clear()

    await provisioning.remove_tenant(name="acme", files=NoFiles())
    await store.refresh()
    assert trunks.is_set()


async def test_all_plans_are_those_of_the_tenants_that_are_there(store: PlanStore) -> None:
    await provisioning.create_tenant(name="other", domain="other.test", country="RU")
    await store.refresh()
    before = store.all()
    await provisioning.remove_tenant(name="acme", files=NoFiles())
    await store.refresh()

    assert {plan.tenant.name for plan in before} == {"acme", "other"}
    assert [plan.tenant.name for plan in store.all()] == ["other"]


class NoFiles:
    """A tenant that never uploaded anything."""

    async def remove_all(self, tenant: str) -> None:
        """Nothing to delete."""


@pytest.mark.parametrize("tenant_id", ["", "acme", "-1", "²", "999999999"])
async def test_a_tenant_id_that_is_none_has_no_plan(store: PlanStore, tenant_id: str) -> None:
    assert store.plan_of(tenant_id) is None


async def test_calls_go_on_with_the_last_plans_while_the_database_is_away(
    store: PlanStore,
    acme: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
    occupier: Occupier,
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.02)
    monkeypatch.setattr(module, "POLL_S", 0.02)
    await a_person("100", tmp_path)
    occupier.take()
    watching = asyncio.create_task(store.watch())
    await until(lambda: told_of_trouble(logged), saying="the warning")
    assert store.plan_of(str(acme)) is not None
    occupier.give_back()

    await until(lambda: knows(store, "100"), saying="Alice in the plan")
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def told_of_trouble(logged: list[EventDict]) -> bool:
    return any(entry["event"] == "plans_not_refreshed" for entry in logged)


async def test_an_element_that_cannot_be_run_is_reported_to_the_operator(
    store: PlanStore, acme: int, database: str, logged: list[EventDict]
) -> None:
    await provisioning.create_element(
        tenant="acme", kind="hang_up", number="5000", settings={}, catalogue=Catalogue()
    )
    with sqlite3.connect(database.removeprefix("sqlite://")) as other:
        other.execute("UPDATE element SET kind = 'telepathy'")
    other.close()

    await store.refresh()

    (fault,) = [entry for entry in logged if entry["event"] == "element_unusable"]
    assert (fault["tenant"], fault["element"]) == ("acme", "5000")
    assert not knows(store, "5000")


class Fault:
    """A fault of the machine that makes plans impossible while it lasts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.words = "Too many open files"
        self._build = build_plan
        monkeypatch.setattr(module, "build_plan", self._built)

    def _built(self, rows: TenantRows, *, sound_folder: Path) -> NumberPlan:
        if self.words and rows.tenant.name == "acme":
            raise OSError(self.words)
        return self._build(rows, sound_folder=sound_folder)


async def test_a_tenant_gets_its_plan_when_a_passing_fault_is_over_and_others_have_not_waited(
    store: PlanStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: list[EventDict]
) -> None:
    monkeypatch.setattr(module, "FIRST_AGAIN_S", 0.0)
    fault = Fault(monkeypatch)
    await a_person("100", tmp_path)
    await provisioning.create_tenant(name="other", domain="other.test", country="RU")

    for _ in range(3):
        await store.refresh()
    assert store.plan_named("other") is not None
    assert store.plan_named("acme") is not None
    assert not knows(store, "100")
    assert store.unusable == 1
    assert [entry["event"] for entry in logged].count("plan_unusable") == 1

    fault.words = "Input/output error"
    await store.refresh()
    assert [entry["event"] for entry in logged].count("plan_unusable") == 2

    fault.words = ""
    await store.refresh()
    assert knows(store, "100")
    assert store.unusable == 0


async def test_what_cannot_be_made_is_not_tried_at_every_look(
    store: PlanStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault(monkeypatch)
    await a_person("100", tmp_path)
    await store.refresh()

    fault.words = ""
    await store.refresh()
    assert not knows(store, "100")

    await a_person("101", tmp_path)
    await store.refresh()
    assert knows(store, "100")
    assert store.unusable == 0


async def test_a_tenant_without_a_usable_plan_that_is_removed_troubles_nobody(
    store: PlanStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Fault(monkeypatch)
    await a_person("100", tmp_path)
    await store.refresh()
    assert store.unusable == 1

    await provisioning.remove_tenant(name="acme", files=NoFiles())
    await store.refresh()

    assert store.unusable == 0
    assert store.plan_named("acme") is None
