"""What others change between the look at a file and its writing is never overwritten unseen."""

from __future__ import annotations

import pytest

from models import provisioning
from models.errors import ChangedMeanwhile
from models.provisioning.whole import Outlook, look_at, make_come_true
from models.tenant_file.parts import Secrets, TenantFile
from tests.unit.models.office import CATALOGUE, OFFICE, Office, a_file, changed

RENAMED = changed(OFFICE, "extensions", "101", "name", to="Boris the Second")


async def look(office: Office, file: TenantFile, earlier: Outlook | None = None) -> Outlook:
    return await look_at(
        file=file, seal=office.seal, catalogue=CATALOGUE, sounds=office.sounds, earlier=earlier
    )


async def hire(office: Office, number: str) -> None:
    """A colleague gives somebody an extension."""
    await provisioning.create_extension(
        tenant="acme", number=number, name="Newcomer", seal=office.seal
    )


async def test_an_extension_that_a_colleague_has_made_meanwhile_is_not_removed(
    office: Office,
) -> None:
    await office.apply(OFFICE)
    outlook = await look(office, a_file(RENAMED))
    await hire(office, "300")
    before = await office.exported()
    with pytest.raises(ChangedMeanwhile):
        await make_come_true(outlook, seal=office.seal, sounds=office.sounds)
    assert await office.exported() == before


async def test_a_tenant_that_a_colleague_has_made_meanwhile_is_not_overwritten(
    office: Office,
) -> None:
    outlook = await look(office, a_file(OFFICE))
    await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
    with pytest.raises(ChangedMeanwhile):
        await make_come_true(outlook, seal=office.seal, sounds=office.sounds)


async def test_a_password_that_was_changed_meanwhile_is_not_overwritten(office: Office) -> None:
    await office.apply(OFFICE)
    secrets = Secrets(devices={"101": "quiet-horse-7391"})
    outlook = await look(office, a_file(OFFICE, secrets=secrets))
    await provisioning.set_device(
        tenant="acme", name="101", seal=office.seal, password="loud-horse-1937"
    )
    with pytest.raises(ChangedMeanwhile):
        await make_come_true(outlook, seal=office.seal, sounds=office.sounds)
    assert await office.password("101") == "loud-horse-1937"


async def test_a_switch_that_is_thrown_meanwhile_is_no_other_tenant(office: Office) -> None:
    await office.apply(OFFICE)
    outlook = await look(office, a_file(RENAMED))
    await provisioning.set_switch(tenant="acme", number="5300", position="closed", by="100")
    await make_come_true(outlook, seal=office.seal, sounds=office.sounds)
    assert await office.exported() == RENAMED
    assert [one.number for one in await provisioning.list_switches(tenant="acme")] == ["5300"]


async def test_a_switch_that_is_thrown_meanwhile_goes_with_its_element(office: Office) -> None:
    await office.apply(OFFICE)
    without = changed(changed(OFFICE, "elements", "5310", to=None), "elements", "5300", to=None)
    without = changed(changed(without, "lint", to=None), "numbers", "+74951234567", "to", to="100")
    outlook = await look(office, a_file(without))
    await provisioning.set_switch(tenant="acme", number="5300", position="closed", by="100")
    await make_come_true(outlook, seal=office.seal, sounds=office.sounds)
    assert await provisioning.list_switches(tenant="acme") == []


async def test_pins_are_hashed_once_however_often_a_file_is_looked_at(office: Office) -> None:
    await office.apply(OFFICE)
    secrets = Secrets(rules={"any": "2580"}, boxes={"5120": "4711", "100": "4711"})
    file = a_file(OFFICE, secrets=secrets)
    first = await look(office, file)
    await hire(office, "300")
    second = await look(office, file, earlier=first)
    assert second.wanted.pins == first.wanted.pins
    assert second.wanted.outbound == first.wanted.outbound
    assert len(set(second.wanted.pins.values())) == 2
    await make_come_true(second, seal=office.seal, sounds=office.sounds)


async def test_a_trunk_that_registers_without_a_password_is_known(office: Office) -> None:
    outlook = await look(office, a_file(OFFICE))
    assert outlook.passwords.silent == ["moscow"]
    given = a_file(OFFICE, secrets=Secrets(trunks={"moscow": "theirs"}))
    assert (await look(office, given)).passwords.silent == []
    await office.apply(given)
    assert (await look(office, a_file(OFFICE))).passwords.silent == []
