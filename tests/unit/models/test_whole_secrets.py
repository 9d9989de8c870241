"""Passwords and PINs when a file is applied: kept, made, changed, and never opened by the wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import provisioning, voicemail
from models.device import Device
from models.errors import SealError
from models.message import MessageState
from models.message_files import MessageFolder
from models.provisioning.reading import read_plan_rows
from models.seal import Seal
from models.tenant_file.parts import FaultyFile, Secrets
from tests.unit.models.builders import left
from tests.unit.models.office import OFFICE, Office, a_file, changed


async def test_passwords_are_made_once_and_told_once(office: Office) -> None:
    applied = await office.apply(OFFICE)
    assert set(applied.passwords) == {"100", "100-kitchen", "101"}
    assert await office.password("101") == applied.passwords["101"]
    again = await office.apply(changed(OFFICE, "extensions", "101", "name", to="Bo"))
    assert not again.passwords
    assert await office.password("101") == applied.passwords["101"]


async def test_given_secrets_are_kept_by_files_that_do_not_give_them(office: Office) -> None:
    secrets = Secrets(
        devices={"101": "quiet-horse-7391"},
        trunks={"moscow": "theirs"},
        rules={"any": "2580"},
        boxes={"5120": "4711", "100": "9021"},
    )
    with_pins = changed(OFFICE, "outbound", "rules", 1, "pin", to=True)
    with_pins = changed(with_pins, "elements", "5120", "pin", to=True)
    with_pins = changed(with_pins, "extensions", "100", "pin", to=True)
    applied = await office.apply(a_file(with_pins, secrets=secrets))
    assert set(applied.passwords) == {"100", "100-kitchen"}
    marks = await _secrets_of(office)
    assert not (await office.apply(with_pins)).notes
    assert not (await office.apply(OFFICE)).patch
    assert not (await office.apply(a_file(with_pins, secrets=secrets))).notes
    assert await _secrets_of(office) == marks
    assert await office.exported() == {**with_pins}


async def test_a_new_secret_is_noted_and_a_pin_can_be_taken_away(office: Office) -> None:
    document = changed(OFFICE, "elements", "5120", "pin", to=True)
    await office.apply(a_file(document, secrets=Secrets(boxes={"5120": "4711"})))
    new = Secrets(devices={"101": "quiet-horse-7391"}, boxes={"5120": "4712"})
    applied = await office.apply(a_file(document, secrets=new))
    assert not applied.patch
    assert applied.notes == [
        "the password of device 101 was changed",
        "the PIN of 5120 was changed",
    ]
    assert await office.password("101") == "quiet-horse-7391"
    await office.apply(a_file(OFFICE, secrets=Secrets(boxes={"5120": False})))
    assert await provisioning.list_pins(tenant="acme") == []


async def test_a_pin_that_must_be_there_and_is_not_is_a_fault(office: Office) -> None:
    document = changed(OFFICE, "outbound", "rules", 0, "pin", to=True)
    with pytest.raises(FaultyFile, match=r"outbound\.rules\.0\.pin True: there is none yet"):
        await office.apply(document)


async def test_a_mailbox_that_becomes_something_else_does_not_open_with_the_old_pin(
    office: Office, tmp_path: Path
) -> None:
    document = changed(OFFICE, "elements", "5120", "pin", to=True)
    applied = await office.apply(a_file(document, secrets=Secrets(boxes={"5120": "4711"})))
    messages = MessageFolder(tmp_path / "messages")
    await left(applied.tenant, messages, box="5120")
    await office.apply(changed(OFFICE, "elements", "5120", to={"kind": "hang_up"}))
    assert await provisioning.list_pins(tenant="acme") == []
    messages_left = await voicemail.list_messages(tenant="acme")
    assert [one.state for one in messages_left] == [MessageState.DELETED]


async def test_phones_log_in_at_the_new_domain_with_their_old_passwords(office: Office) -> None:
    applied = await office.apply(OFFICE)
    await office.apply(changed(OFFICE, "domain", to="acme.example"))
    tenant = await provisioning.get_tenant(name="acme")
    row = await Device.of(tenant.id).get(name="101")
    assert row.endpoint == "101@acme.example"
    assert office.seal.open(row.sealed_password) == applied.passwords["101"]
    new = await provisioning.set_device(
        tenant="acme", name="101", seal=office.seal, password=applied.passwords["101"]
    )
    assert new.device.endpoint == "101@acme.example"
    assert (await Device.of(tenant.id).get(name="101")).digest_md5 == row.digest_md5


async def test_another_key_refuses_the_whole_file(
    office: Office, other_seal: Seal, tmp_path: Path
) -> None:
    await office.apply(OFFICE)
    stranger = Office(other_seal, tmp_path / "sounds")
    with pytest.raises(SealError):
        await stranger.apply(changed(OFFICE, "extensions", "103", to={"name": "Vera"}))
    assert await office.exported() == OFFICE


async def test_who_registers_here_without_a_password_gets_one(office: Office) -> None:
    branch = changed(OFFICE, "trunks", "branch", to={"registration": "inbound"})
    applied = await office.apply(branch)
    told = applied.passwords["trunk branch"]
    assert told == office.seal.open(
        await provisioning.sealed_trunk_password(tenant="acme", name="branch")
    )
    assert not (await office.apply(branch)).passwords


async def _secrets_of(office: Office) -> dict[str, object]:
    tenant = await provisioning.get_tenant(name="acme")
    rows = await read_plan_rows(tenant.id)
    return {
        "pins": dict(rows.pins),
        "rules": {rule.name: rule.pin_hash for rule in rows.outbound},
        "devices": {row.name: row.sealed_password for row in await Device.of(tenant.id)},
        "trunks": {one.name: one.password_mark for one in rows.trunks},
    }
