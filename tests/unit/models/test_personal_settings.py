"""What users set for themselves, and what is doubtful about it."""

from collections.abc import Mapping

import pytest

from models import provisioning
from models.errors import InUse, InvalidSettings
from models.facts import CalendarDay, CalendarFacts
from models.seal import Seal
from models.tables import Calendar, Switch
from tests.unit.models.builders import NOON, a_tenant
from tests.unit.models.catalogue import CATALOGUE

TO_BORIS: Mapping[str, object] = {"when": "no_answer", "to": "101"}
TO_A_MOBILE: Mapping[str, object] = {"when": "no_answer", "to": "+79161112233"}


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme")
    for number, name in (("100", "Alice"), ("101", "Boris")):
        await provisioning.create_extension(tenant="acme", number=number, name=name, seal=seal)


async def change(number: str, **settings: object) -> Mapping[str, object]:
    now = await provisioning.set_extension(
        tenant="acme", number=number, settings=settings, catalogue=CATALOGUE
    )
    return now.settings


async def warnings(owner: str) -> tuple[str, ...]:
    return await provisioning.warnings_about(tenant="acme", owner=owner, catalogue=CATALOGUE)


async def test_settings_are_merged_and_null_removes() -> None:
    await change("100", dnd=True, rules=[TO_BORIS])
    assert await change("100", dnd=None, voicemail=True) == {
        "rules": [TO_BORIS],
        "voicemail": True,
    }
    found = await provisioning.get_extension(tenant="acme", number="100")
    assert found.settings == {"rules": [TO_BORIS], "voicemail": True}


async def test_no_rule_of_a_user_leads_to_emergency_services() -> None:
    with pytest.raises(InvalidSettings, match="rule 1 leads to 112, which is an emergency number"):
        await change("100", rules=[{"when": "busy", "to": "112"}])


async def test_other_changes_leave_settings_alone_and_need_no_catalogue() -> None:
    await change("100", dnd=True)
    now = await provisioning.set_extension(tenant="acme", number="100", name="Alice B.")
    assert now.settings == {"dnd": True}


async def test_all_faults_of_settings_are_listed_with_those_of_the_fields() -> None:
    revision = (await provisioning.get_tenant(name="acme")).revision
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.set_extension(
            tenant="acme",
            number="100",
            ring_s=0,
            settings={"colour": "red", "devices": [], "ring_s": 5, "rules": [{"to": "200"}]},
            catalogue=CATALOGUE,
        )
    assert [fault.path for fault in refusal.value.faults] == [
        "ring_s",
        "devices",
        "ring_s",
        "colour",
        "rules.0.to",
    ]
    assert "100: rule 1 leads to 200, which does not exist" in str(refusal.value)
    assert (await provisioning.get_tenant(name="acme")).revision == revision


async def test_nobody_is_removed_while_a_rule_leads_to_them() -> None:
    await change("100", rules=[TO_A_MOBILE, TO_BORIS])
    with pytest.raises(InUse, match="100: rule 2 leads to 101"):
        await provisioning.remove_extension(tenant="acme", number="101", catalogue=CATALOGUE)


async def test_a_rule_to_a_mobile_without_any_trunk_is_doubtful(seal: Seal) -> None:
    await change("100", rules=[TO_A_MOBILE])
    (warning,) = await warnings("100")
    assert warning.startswith("100: rule 1 leads to +79161112233, but acme has no trunk")
    await provisioning.create_trunk(
        tenant="acme", name="x", seal=seal, preset="by-address", addresses=("192.0.2.1",)
    )
    assert await warnings("100") == ()


async def test_a_number_that_leads_nowhere_is_doubtful(seal: Seal) -> None:
    await provisioning.create_trunk(
        tenant="acme", name="x", seal=seal, preset="by-address", addresses=("192.0.2.1",)
    )
    await provisioning.create_number(tenant="acme", number="84951234567", trunk="x")
    (warning,) = await warnings("number 84951234567")
    assert "no route set" in warning


async def test_an_element_goes_by_a_calendar_that_exists() -> None:
    tenant = await provisioning.get_tenant(name="acme")
    rule = {"calendar": "holidays", "match": "100"}
    with pytest.raises(InvalidSettings, match="goes by the calendar holidays, which does not"):
        await provisioning.create_element(
            tenant="acme", kind="time_rule", number="5300", settings=rule, catalogue=CATALOGUE
        )
    await Calendar.create(
        tenant_id=tenant.id,
        name="holidays",
        days=[["2026-12-31", "2027-01-08", "New Year"]],
        covers_until=None,
        source="holidays.csv",
    )
    await provisioning.create_element(
        tenant="acme", kind="time_rule", number="5300", settings=rule, catalogue=CATALOGUE
    )
    (found,) = (await provisioning.read_plan_rows(tenant.id)).calendars
    day = NOON.date()
    assert found == CalendarFacts(
        name="holidays",
        days=(
            CalendarDay(
                first=day.replace(month=12, day=31),
                last=day.replace(year=2027, month=1, day=8),
                name="New Year",
            ),
        ),
        covers_until=None,
        source="holidays.csv",
    )


async def test_a_switch_goes_with_its_element() -> None:
    tenant = await provisioning.get_tenant(name="acme")
    await provisioning.create_element(
        tenant="acme", kind="hang_up", number="5300", settings={}, catalogue=CATALOGUE
    )
    await Switch.create(
        tenant_id=tenant.id, number="5300", position="closed", set_by="100", set_at=NOON
    )
    (found,) = (await provisioning.read_plan_rows(tenant.id)).switches
    assert (found.number, found.position, found.until_at, found.set_at) == (
        "5300",
        "closed",
        None,
        NOON,
    )
    await provisioning.remove_element(tenant="acme", number="5300", catalogue=CATALOGUE)
    assert await Switch.all().count() == 0
