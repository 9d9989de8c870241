"""Calendars and switches of a tenant: kept, replaced, refused, forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from tortoise.context import require_context

from models import provisioning
from models.calendar_import import ImportedCalendar
from models.errors import InUse, InvalidSettings, NotFound
from models.facts import CalendarDay, CalendarFacts, SwitchFacts
from models.seal import Seal
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE

NEW_YEAR = CalendarDay(first=date(2027, 1, 1), last=date(2027, 1, 8), name="Новый год")
MAY_DAY = CalendarDay(first=date(2027, 5, 1), last=date(2027, 5, 1), name="May Day")


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme")
    await a_tenant("other")


async def put(
    *days: CalendarDay, name: str = "russia", until: date = date(2031, 1, 1)
) -> CalendarFacts:
    calendar = ImportedCalendar(days=days, covers_until=until, source="russia.ics")
    return await provisioning.put_calendar(tenant="acme", name=name, calendar=calendar)


async def an_element(number: str, kind: str, **settings: object) -> None:
    await provisioning.create_element(
        tenant="acme", kind=kind, number=number, settings=settings, catalogue=CATALOGUE
    )


async def revision() -> int:
    return (await provisioning.get_tenant(name="acme")).revision


async def test_holidays_are_kept_as_they_were_read() -> None:
    stored = await put(NEW_YEAR, MAY_DAY)

    assert stored == CalendarFacts(
        name="russia",
        days=(NEW_YEAR, MAY_DAY),
        covers_until=date(2031, 1, 1),
        source="russia.ics",
    )
    assert await provisioning.get_calendar(tenant="acme", name="russia") == stored
    assert await provisioning.list_calendars(tenant="acme") == [stored]
    tenant = await provisioning.get_tenant(name="acme")
    assert (await provisioning.read_plan_rows(tenant.id)).calendars == (stored,)


async def test_calendars_belong_to_one_tenant() -> None:
    await put(NEW_YEAR)

    assert await provisioning.list_calendars(tenant="other") == []
    with pytest.raises(NotFound, match="no calendar russia"):
        await provisioning.get_calendar(tenant="other", name="russia")


async def test_a_new_file_replaces_the_old_and_the_same_file_changes_nothing() -> None:
    await put(NEW_YEAR)
    first = await revision()
    await put(NEW_YEAR)
    assert await revision() == first

    replaced = await put(MAY_DAY)

    assert await revision() > first
    assert await provisioning.list_calendars(tenant="acme") == [replaced]


@pytest.mark.parametrize("name", ["", "Russia", "a b", "x" * 65, "-a"])
async def test_a_calendar_has_a_simple_name(name: str) -> None:
    with pytest.raises(InvalidSettings, match="a calendar's name"):
        await put(NEW_YEAR, name=name)


async def test_a_calendar_in_use_stays() -> None:
    await put(NEW_YEAR)
    await an_element("5300", "time_rule", calendar="russia")

    with pytest.raises(InUse) as refused:
        await provisioning.remove_calendar(tenant="acme", name="russia", catalogue=CATALOGUE)

    assert refused.value.users == ("5300: goes by russia",)
    await provisioning.remove_element(tenant="acme", number="5300", catalogue=CATALOGUE)
    await provisioning.remove_calendar(tenant="acme", name="russia", catalogue=CATALOGUE)
    assert await provisioning.list_calendars(tenant="acme") == []


async def test_an_element_cannot_go_by_a_calendar_that_is_not_there() -> None:
    with pytest.raises(InvalidSettings, match="goes by the calendar russia, which does not exist"):
        await an_element("5300", "time_rule", calendar="russia")


async def throw(position: str = "closed", *, until_at: datetime | None = None) -> SwitchFacts:
    return await provisioning.set_switch(
        tenant="acme", number="5300", position=position, until_at=until_at, by="101"
    )


async def test_a_thrown_switch_is_found_by_the_next_call() -> None:
    await an_element("5300", "time_rule")
    before = await revision()

    thrown = await throw()

    assert (thrown.number, thrown.position, thrown.set_by) == ("5300", "closed", "101")
    assert thrown.until_at is None
    assert await revision() > before
    assert await provisioning.list_switches(tenant="acme") == [thrown]
    tenant = await provisioning.get_tenant(name="acme")
    assert (await provisioning.read_plan_rows(tenant.id)).switches == (thrown,)


async def test_a_switch_that_is_thrown_again_stands_the_new_way() -> None:
    await an_element("5300", "time_rule")
    await throw()

    thrown = await throw("open")

    assert await provisioning.list_switches(tenant="acme") == [thrown]


async def test_a_switch_falls_back_at_its_moment() -> None:
    await an_element("5300", "time_rule")
    until_at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)

    thrown = await throw(until_at=until_at)

    assert thrown.until_at == until_at
    before = until_at - timedelta(seconds=1)
    assert await provisioning.list_switches(tenant="acme", at=before) == [thrown]
    assert await provisioning.list_switches(tenant="acme", at=until_at) == []


async def test_the_end_of_a_switch_is_kept_in_utc_whatever_zone_it_was_given_in() -> None:
    await an_element("5300", "time_rule")
    until_at = datetime.now(timezone(timedelta(hours=-12))).replace(microsecond=0)

    thrown = await throw(until_at=until_at + timedelta(days=3650))

    assert thrown.until_at == until_at + timedelta(days=3650)
    assert thrown.until_at.tzinfo is UTC


async def test_a_switch_with_an_end_beyond_all_calendars_takes_no_plan_away() -> None:
    await an_element("5300", "time_rule")
    await an_element("5301", "time_rule")
    kept = await provisioning.set_switch(tenant="acme", number="5301", position="open", by="pbx")
    await throw()
    far = "UPDATE switch SET until_at = '9999-12-31 23:59:59-12:00' WHERE number = '5300'"
    await require_context().db().execute_query(far)
    tenant = await provisioning.get_tenant(name="acme")

    assert (await provisioning.read_plan_rows(tenant.id)).switches == (kept,)
    thrown = await throw()
    assert await provisioning.list_switches(tenant="acme") == [thrown, kept]


async def test_a_switch_is_left_to_itself_again_and_doing_so_twice_changes_nothing() -> None:
    await an_element("5300", "time_rule")
    await throw()
    await provisioning.clear_switch(tenant="acme", number="5300")
    cleared = await revision()

    await provisioning.clear_switch(tenant="acme", number="5300")

    assert await revision() == cleared
    assert await provisioning.list_switches(tenant="acme") == []


async def test_what_cannot_be_switched_is_refused_with_all_faults() -> None:
    await an_element("5300", "greeting")
    with pytest.raises(InvalidSettings) as refused:
        await throw("ajar", until_at=datetime.now(UTC) - timedelta(seconds=1))

    assert [fault.path for fault in refused.value.faults] == ["number", "position", "until_at"]
    with pytest.raises(InvalidSettings, match="is a greeting and no switch or time_rule"):
        await provisioning.clear_switch(tenant="acme", number="5300")


async def test_nobody_throws_the_switch_of_another_tenant() -> None:
    await an_element("5300", "time_rule")

    with pytest.raises(NotFound):
        await provisioning.set_switch(tenant="other", number="5300", position="open", by="pbx")


async def test_a_removed_element_takes_its_switch_along() -> None:
    await an_element("5300", "time_rule")
    await throw()

    await provisioning.remove_element(tenant="acme", number="5300", catalogue=CATALOGUE)

    assert await provisioning.list_switches(tenant="acme") == []


async def test_an_element_throws_only_switches_that_are_there_and_keeps_them_there() -> None:
    with pytest.raises(InvalidSettings, match="5900: throws 5300, which is no switch or time_rule"):
        await an_element("5900", "set_switch", switch="5300")
    await an_element("5300", "time_rule")
    await an_element("5900", "set_switch", switch="5300")

    with pytest.raises(InUse) as refused:
        await provisioning.remove_element(tenant="acme", number="5300", catalogue=CATALOGUE)

    assert refused.value.users == ("5900: throws 5300",)
