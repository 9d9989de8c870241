"""Talking time over restarts: what was talked stays talked, and nothing is counted twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest
from structlog.typing import EventDict

from models import outside_use, provisioning
from models.facts import TenantFacts
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.plan import PlannedTenant
from stasis_apps.services import outside_minutes as module
from stasis_apps.services.outside_minutes import OutsideMinutes
from tests.support.waiting import until, until_told
from tests.unit.stasis_apps.occupied import Occupier
from tests.unit.stasis_apps.outside import NOON, Clock, a_leg, a_planned_tenant

TODAY = date(2026, 11, 23)


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")


@pytest.fixture
def company(acme: TenantFacts) -> PlannedTenant:
    return a_planned_tenant(acme.id, minutes_per_day=10)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> OutsideGate:
    return OutsideGate(now=clock)


@asynccontextmanager
async def kept(gate: OutsideGate, clock: Clock) -> AsyncIterator[OutsideMinutes]:
    """A process that keeps the talking time of this gate, until it is told to end."""
    minutes = OutsideMinutes(gate, now=clock)
    await minutes.take_up()
    task = asyncio.create_task(minutes.run())
    await asyncio.sleep(0)  # it has begun
    try:
        yield minutes
    finally:
        task.cancel()
        await asyncio.wait([task])


def talk(gate: OutsideGate, company: PlannedTenant, leg_id: str = "leg-1") -> None:
    gate.hold(a_leg(company), leg_id)
    gate.answered(leg_id)


async def stored_s() -> int:
    return sum(one.talked_s for one in await outside_use.read(since=TODAY))


async def is_stored(seconds: int) -> None:
    async def ask() -> bool:
        return await stored_s() == seconds

    await until_told(ask, saying=f"{seconds} s are stored")


async def test_a_talk_is_stored_as_soon_as_it_has_ended(
    gate: OutsideGate, company: PlannedTenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAVE_S", 3_600.0)
    async with kept(gate, clock):
        talk(gate, company)
        clock.later(minutes=3)
        gate.let_go("leg-1")

        await is_stored(180)


async def test_a_talk_that_goes_on_is_stored_every_few_seconds(
    gate: OutsideGate, company: PlannedTenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAVE_S", 0.02)
    async with kept(gate, clock):
        talk(gate, company)
        for minutes in (1, 2, 3):
            clock.later(minutes=1)
            await is_stored(60 * minutes)


async def test_a_process_that_is_told_to_end_stores_the_last_seconds_too(
    gate: OutsideGate, company: PlannedTenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAVE_S", 3_600.0)
    async with kept(gate, clock):
        talk(gate, company)
        clock.later(seconds=59)

    assert await stored_s() == 59


async def test_after_a_kill_the_talk_that_went_on_is_counted_once_and_whole(
    gate: OutsideGate, company: PlannedTenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earlier process stored four minutes of it; nobody saw the next two."""
    monkeypatch.setattr(module, "SAVE_S", 0.02)
    async with kept(gate, clock):
        talk(gate, company)
        clock.later(minutes=4)
        await is_stored(240)
    clock.later(minutes=2)

    second = OutsideGate(now=clock)
    async with kept(second, clock):
        second.take_over(company, "101-desk@acme.test", "leg-1", NOON)
        assert second.talking.talked_s(company.id, clock.now) == 6 * 60
        await is_stored(6 * 60)
        at = clock.later(minutes=4)
        assert second.refusal(a_leg(company, "pbx-2.1", at=at)) is LegOutcome.MINUTES_USED_UP


async def test_minutes_that_are_used_up_stay_used_up_after_a_restart(
    gate: OutsideGate, company: PlannedTenant, clock: Clock
) -> None:
    async with kept(gate, clock):
        talk(gate, company)
        clock.later(minutes=10)
        gate.let_go("leg-1")

    second = OutsideGate(now=clock)
    async with kept(second, clock):
        at = clock.later(seconds=1)
        assert second.refusal(a_leg(company, "pbx-2.1", at=at)) is LegOutcome.MINUTES_USED_UP
        at = clock.later(hours=12)
        assert second.refusal(a_leg(company, "pbx-2.1", at=at)) is None


async def test_a_talk_over_midnight_is_stored_on_both_days(
    gate: OutsideGate, company: PlannedTenant, clock: Clock
) -> None:
    clock.later(hours=11, minutes=50)
    async with kept(gate, clock):
        talk(gate, company)
        clock.later(minutes=15)
        gate.let_go("leg-1")

    days = await outside_use.read(since=TODAY)
    assert [(one.day.day, one.talked_s) for one in days] == [(23, 600), (24, 300)]


async def test_while_the_database_is_away_it_is_counted_and_stored_afterwards(
    gate: OutsideGate,
    company: PlannedTenant,
    clock: Clock,
    occupier: Occupier,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(module, "SAVE_S", 0.02)
    async with kept(gate, clock):
        talk(gate, company)
        occupier.take()
        clock.later(minutes=4)
        await until(
            lambda: "talking_time_waits" in [entry["event"] for entry in logged],
            saying="the database is missed",
        )
        at = clock.later(minutes=6)
        assert gate.refusal(a_leg(company, "pbx-2.1", at=at)) is LegOutcome.MINUTES_USED_UP
        occupier.give_back()
        await is_stored(600)
