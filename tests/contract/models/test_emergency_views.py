"""What Asterisk reads to call help by itself: how a number is reached, and what a phone shows."""

import pytest

from models import provisioning
from models.emergency_rules import CallersForHelp
from models.seal import Seal
from tests.contract.models.test_views_for_asterisk import look_up
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE

OFFICE, STORE, YARD = "84951234567", "+74957654321", "74950000000"


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    await provisioning.create_trunk(
        tenant="acme",
        name="city",
        seal=seal,
        host="city.test",
        transport="tcp",
        username="city",
        password="x",
    )
    for number in (OFFICE, STORE, YARD):
        await provisioning.create_number(tenant="acme", number=number, trunk="city")


async def caller() -> list[str]:
    """Tenant, number of phone or place twice, number of the tenant twice."""
    (row,) = await look_up("pbx_emergency_caller", "100@acme.test")
    return row["caller"].split("|")


async def chosen() -> tuple[str, str]:
    """What the dialplan shows, as written and in E.164, through a trunk without a number."""
    fields = await caller()
    return (fields[1], fields[2]) if fields[1] else (fields[3], fields[4])


async def decided() -> tuple[str, str]:
    """What the application shows."""
    tenant = await provisioning.get_tenant(name="acme")
    rows = await provisioning.read_plan_rows(tenant.id)
    callers = CallersForHelp(rows)
    shown = callers.shown_by(rows.devices[0], callers.trunks[0])
    assert shown is not None
    return ("", "") if shown.field == "login" else (shown.number, shown.digits)


async def test_asterisk_finds_every_emergency_number_of_the_tenant_and_no_other() -> None:
    (row,) = await look_up("pbx_emergency_line", "112@acme.test")
    assert "/sip:112@city.test~transport=tcp|" in row["dials"]
    assert await look_up("pbx_emergency_line", "113@acme.test") == []
    assert await look_up("pbx_emergency_line", "112@other.test") == []


async def test_the_number_of_a_colleague_is_no_emergency_number(seal: Seal) -> None:
    assert len(await look_up("pbx_emergency_line", "101@acme.test")) == 1
    await provisioning.create_extension(tenant="acme", number="101", name="Ivan", seal=seal)
    assert await look_up("pbx_emergency_line", "101@acme.test") == []
    await provisioning.remove_extension(tenant="acme", number="101", catalogue=CATALOGUE)
    assert len(await look_up("pbx_emergency_line", "101@acme.test")) == 1


async def test_a_blocked_tenant_calls_help_all_the_same() -> None:
    await provisioning.set_tenant(name="acme", state="blocked")
    assert len(await look_up("pbx_emergency_line", "112@acme.test")) == 1
    assert len(await look_up("pbx_emergency_caller", "100@acme.test")) == 1


async def test_asterisk_shows_at_each_step_what_the_application_would_show(seal: Seal) -> None:
    tenant = await provisioning.get_tenant(name="acme")
    assert await caller() == [str(tenant.id), "", "", "", ""]

    await provisioning.set_tenant(name="acme", caller_id=OFFICE)
    assert await chosen() == await decided() == (OFFICE, "74951234567")
    await provisioning.set_extension(tenant="acme", number="100", caller_id=STORE)
    assert await chosen() == await decided() == (STORE, STORE[1:])
    await provisioning.set_device(tenant="acme", name="100", seal=seal, caller_id=YARD)
    assert await chosen() == await decided() == (YARD, YARD)

    await provisioning.create_location(tenant="acme", name="office", number=OFFICE, is_default=True)
    assert await chosen() == await decided() == (OFFICE, "74951234567")
    await provisioning.create_location(tenant="acme", name="store", number=STORE)
    await provisioning.set_extension(tenant="acme", number="100", location="store")
    assert await chosen() == await decided() == (STORE, STORE[1:])
    await provisioning.create_location(tenant="acme", name="yard")
    await provisioning.set_device(tenant="acme", name="100", seal=seal, location="yard")
    assert await chosen() == await decided() == (YARD, YARD)
