"""What tenants have talked outside, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models import outside_use, provisioning
from models.facts import TenantFacts
from models.outside_use import DayTalked
from tests.unit.models.builders import NOON, a_tenant

MONDAY = date(2026, 11, 23)


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await a_tenant("acme")


def talked(tenant: TenantFacts, seconds: int, day: date = MONDAY, minutes: int = 0) -> DayTalked:
    until_at = NOON + timedelta(minutes=minutes)
    return DayTalked(tenant_id=tenant.id, day=day, talked_s=seconds, until_at=until_at)


async def test_what_is_written_is_read_and_a_later_count_takes_its_place(
    acme: TenantFacts,
) -> None:
    bravo = await a_tenant("bravo")
    await outside_use.write([talked(acme, 60), talked(bravo, 5)])
    await outside_use.write([talked(acme, 90, minutes=1)])

    assert await outside_use.read(since=MONDAY) == [talked(acme, 90, minutes=1), talked(bravo, 5)]


async def test_a_process_that_comes_late_makes_nothing_less(acme: TenantFacts) -> None:
    await outside_use.write([talked(acme, 90, minutes=1)])
    await outside_use.write([talked(acme, 60)])

    assert await outside_use.read(since=MONDAY) == [talked(acme, 90, minutes=1)]


async def test_only_the_days_asked_for_are_read(acme: TenantFacts) -> None:
    yesterday = MONDAY - timedelta(days=1)
    await outside_use.write([talked(acme, 60, yesterday), talked(acme, 70)])

    assert await outside_use.read(since=MONDAY) == [talked(acme, 70)]
    assert len(await outside_use.read(since=yesterday)) == 2


async def test_a_tenant_that_has_gone_keeps_no_others_time_out(acme: TenantFacts) -> None:
    bravo = await a_tenant("bravo")
    await provisioning.remove_tenant(name="acme")

    await outside_use.write([talked(acme, 60), talked(bravo, 5)])

    assert await outside_use.read(since=MONDAY) == [talked(bravo, 5)]
