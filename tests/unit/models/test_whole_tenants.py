"""A tenant is made equal to its file: all of it, at once, and nothing that it does not speak of."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from models import provisioning, voicemail
from models.device import Device
from models.errors import SealError
from models.imported_sound import EXTENSIONS, ImportedSound
from models.message import MessageState
from models.message_files import MessageFolder
from models.provisioning import whole
from models.provisioning.reading import read_plan_rows
from models.provisioning.whole import Applied
from models.seal import Seal
from models.sound_files import SoundFolder
from models.tenant_file.document import document_of
from models.tenant_file.parts import Document, FaultyFile, Secrets, TenantFile
from stasis_apps.element import Catalogue
from tests.unit.models.builders import left

CATALOGUE = Catalogue()

OFFICE: Document = {
    "tenant": "acme",
    "domain": "acme.test",
    "domain_aliases": ["192.0.2.10", "phones.acme.test"],
    "timezone": "Europe/Moscow",
    "country": "RU",
    "language": "ru",
    "caller_id": "+74951234567",
    "limits": {"max_calls": 9, "countries": ["DE", "FR"]},
    "emergency": {
        "trunks": ["spare", "moscow"],
        "addresses": {"+74951234567": {"party": "Acme", "street": "Arbat 1", "city": "Moscow"}},
    },
    "locations": {"office": {"number": "+74951234567", "detail": "2nd floor", "default": True}},
    "extensions": {
        "100": {
            "name": "Alice Example",
            "email": "alice@acme.test",
            "ring_s": 25,
            "location": "office",
            "devices": [
                {"name": "100", "caller_name": "Alice"},
                {"name": "100-kitchen", "hides_number": True},
            ],
            "rules": [{"when": "no_answer", "to": "5120"}],
            "voicemail": True,
        },
        "101": {"name": "Boris", "caller_id": "84951234568", "allow_direct_sip": True},
        "102": {"name": "Nobody Yet", "devices": []},
    },
    "elements": {
        "5000": {"kind": "greeting", "sound": "welcome", "keys": {"1": "100"}, "no_input": "5100"},
        "5100": {"kind": "group", "strategy": "all", "members": ["100", "101"]},
        "5120": {"kind": "voicemail", "emails": ["office@acme.test"]},
        "5300": {
            "kind": "time_rule",
            "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
            "holidays": "ru",
            "holiday": "5120",
            "match": "5000",
            "no_match": "5120",
        },
        "5310": {"kind": "set_switch", "switch": "5300", "position": "closed"},
    },
    "aliases": {"info": "5000", "sales": {"to": "5100", "allow_direct_sip": True}},
    "trunks": {
        "moscow": {"host": "sip.carrier.test", "username": "acme"},
        "spare": {"registration": "none", "addresses": ["198.51.100.7"], "enabled": False},
    },
    "numbers": {
        "+74951234567": {"trunk": "moscow", "to": "5300", "label": "front desk"},
        "84951234568": {"trunk": "spare", "to": "101"},
    },
    "outbound": {
        "default": "moscow",
        "rules": [
            {"name": "none for Boris", "mask": "8(+)", "output": "0000", "only": ["101"]},
            {"name": "any", "mask": "(+)", "trunks": ["moscow", "spare"]},
        ],
    },
    "sounds": {"welcome": "ab" * 32},
    "calendars": {"ru": {"days": [{"first": "2026-11-04", "name": "Unity Day"}], "source": "x"}},
    "tests": [{"name": "by day", "from": "+79161234567", "to": "84951234567"}],
    "lint": {"ignore": [{"code": "empty-exit", "at": "elements.5300", "reason": "on purpose"}]},
}


def an_upload(sha256: str = "ab" * 32) -> ImportedSound:
    """A prompt that is different for each hash."""
    return ImportedSound(
        duration_s=1.5,
        source_rate_hz=16000,
        sha256=sha256,
        warnings=(),
        files={extension: f"{sha256}.{extension}".encode() for extension in EXTENSIONS},
    )


def a_file(document: Document, *, secrets: Secrets | None = None, **more: Any) -> TenantFile:
    """A file that says this, with the upload that it names."""
    sounds = document.get("sounds", {})
    return TenantFile(
        file=Path("acme.yaml"),
        document=document,
        secrets=secrets or Secrets(),
        sounds=more.pop("sounds", {name: an_upload(one) for name, one in sounds.items()}),
        **more,
    )


class Office:
    """The exchange that files are applied to."""

    def __init__(self, seal: Seal, folder: Path) -> None:
        self.seal, self.sounds, self.folder = seal, SoundFolder(folder), folder

    async def apply(self, file: TenantFile | Document) -> Applied:
        if isinstance(file, Mapping):
            file = a_file(file)
        return await whole.put_tenant(
            file=file, seal=self.seal, catalogue=CATALOGUE, sounds=self.sounds
        )

    async def exported(self, name: str = "acme") -> Document:
        tenant = await provisioning.get_tenant(name=name)
        return document_of(await read_plan_rows(tenant.id))

    async def password(self, device: str) -> str:
        setup = await provisioning.device_setup(tenant="acme", name=device, seal=self.seal)
        return setup.password

    def heard(self, name: str) -> bytes:
        return (self.folder / "acme" / f"{name}.wav").read_bytes()


@pytest.fixture
def office(database: str, seal: Seal, tmp_path: Path) -> Office:
    assert database
    return Office(seal, tmp_path / "sounds")


def changed(document: Document, *route: str | int, to: object) -> dict[str, Any]:
    """The document with one thing in it put, or taken out where it becomes None."""
    result: Any = copy.deepcopy(document)
    inside = result
    for part in route[:-1]:
        inside = inside[part]
    if to is None:
        del inside[route[-1]]
    else:
        inside[route[-1]] = to
    assert isinstance(result, dict)
    return result


async def test_a_file_makes_the_tenant_that_it_describes(office: Office) -> None:
    await office.apply(OFFICE)
    assert await office.exported() == OFFICE
    assert office.heard("welcome") == b"ab" * 32 + b".wav"


async def test_applying_again_changes_nothing_and_makes_no_revision(office: Office) -> None:
    first = await office.apply(OFFICE)
    second = await office.apply(OFFICE)
    assert not second.patch
    assert not second.notes
    assert not second.passwords
    assert second.tenant == first.tenant


async def test_what_a_file_no_longer_names_goes(office: Office) -> None:
    await office.apply(OFFICE)
    small = {name: OFFICE[name] for name in ("tenant", "domain", "timezone", "country")}
    await office.apply(small)
    assert await office.exported() == small
    assert not (office.folder / "acme" / "welcome.wav").exists()
    await office.apply(OFFICE)
    assert await office.exported() == OFFICE


async def test_only_what_differs_is_written(office: Office) -> None:
    await office.apply(OFFICE)
    tenant = await provisioning.get_tenant(name="acme")
    before = {row.name: row.id for row in await Device.of(tenant.id)}
    applied = await office.apply(
        changed(OFFICE, "extensions", "101", "name", to="Boris the Second")
    )
    assert applied.patch == {
        "extensions": {
            "101": (
                OFFICE["extensions"]["101"],
                {**OFFICE["extensions"]["101"], "name": "Boris the Second"},
            )
        }
    }
    assert {row.name: row.id for row in await Device.of(tenant.id)} == before


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


async def test_thrown_switches_stay_with_the_elements_they_belong_to(office: Office) -> None:
    await office.apply(OFFICE)
    await provisioning.set_switch(tenant="acme", number="5300", position="closed", by="pbx")
    await office.apply(changed(OFFICE, "elements", "5300", "no_match", to="5100"))
    assert [one.number for one in await provisioning.list_switches(tenant="acme")] == ["5300"]
    play = {"kind": "hang_up"}
    without = changed(changed(OFFICE, "elements", "5310", to=None), "elements", "5300", to=play)
    await office.apply(without)
    assert await provisioning.list_switches(tenant="acme") == []


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


async def test_a_number_remembers_where_files_have_led_it(office: Office) -> None:
    await office.apply(OFFICE)
    await office.apply(changed(OFFICE, "numbers", "+74951234567", "to", to="100"))
    history = await provisioning.number_history(tenant="acme", number="+74951234567")
    assert [(one.trunk, one.target) for one in history] == [("moscow", "100"), ("moscow", "5300")]


async def test_circles_and_any_order_are_no_trouble(office: Office) -> None:
    circle = changed(OFFICE, "elements", "5000", "keys", to={"1": "5300", "2": "5000"})
    await office.apply(circle)
    assert await office.exported() == circle


async def test_all_faults_are_told_at_once_and_nothing_is_changed(office: Office) -> None:
    await office.apply(OFFICE)
    wrong = changed(OFFICE, "elements", "5000", "keys", "1", to="777")
    wrong = changed(wrong, "numbers", "84951234568", "trunk", to="nobody")
    wrong = changed(wrong, "extensions", "101", "caller_id", to="84950000000")
    wrong = changed(wrong, "timezone", to="Europe/Moskow")
    with pytest.raises(FaultyFile) as caught:
        await office.apply(wrong)
    assert {fault.fault.route for fault in caught.value.file_faults} == {
        ("elements", "5000", "keys", "1"),
        ("numbers", "84951234568", "trunk"),
        ("extensions", "101", "caller_id"),
        ("timezone",),
    }
    assert await office.exported() == OFFICE


async def test_what_another_tenant_has_is_refused(office: Office) -> None:
    await office.apply(OFFICE)
    other = {
        "tenant": "other",
        "domain": "phones.acme.test",
        "timezone": "UTC",
        "country": "RU",
        "trunks": {"line": {"registration": "none", "addresses": ["198.51.100.0/24"]}},
    }
    with pytest.raises(FaultyFile, match="another tenant has this domain"):
        await office.apply(other)
    enabled = changed(OFFICE, "trunks", "spare", "enabled", to=True)
    await office.apply({**other, "domain": "other.test"})
    with pytest.raises(FaultyFile, match="another trunk is known by this address"):
        await office.apply(enabled)


async def test_a_sound_that_nobody_has_is_a_fault(office: Office) -> None:
    with pytest.raises(FaultyFile, match="the tenant has no such sound"):
        await office.apply(a_file(OFFICE, sounds={}))
    await office.apply(OFFICE)
    assert not (await office.apply(a_file(OFFICE, sounds={}))).patch


async def test_a_new_upload_takes_the_place_of_the_old_one(office: Office) -> None:
    await office.apply(OFFICE)
    applied = await office.apply(changed(OFFICE, "sounds", "welcome", to="cd" * 32))
    assert applied.patch == {"sounds": {"welcome": ("ab" * 32, "cd" * 32)}}
    assert office.heard("welcome") == b"cd" * 32 + b".wav"


async def test_what_an_export_wrote_of_a_sound_is_no_new_upload(office: Office) -> None:
    await office.apply(OFFICE)
    rendition = await office.sounds.digest("acme", "welcome")
    again = changed(OFFICE, "sounds", "welcome", to=rendition)
    applied = await office.apply(a_file(again, sounds={"welcome": an_upload(rendition)}))
    assert not applied.patch


async def test_audio_that_a_crash_left_lying_ready_is_put_in_its_place(office: Office) -> None:
    await office.apply(OFFICE)
    new = changed(OFFICE, "sounds", "welcome", to="cd" * 32)
    await office.apply(new)
    (office.folder / "acme" / "welcome.wav").write_bytes(b"old")
    await office.sounds.stage("acme", "welcome", an_upload("cd" * 32))
    await office.sounds.stage("acme", "welcome", an_upload("ef" * 32))
    assert office.sounds.has_staged("acme")
    await office.apply(new)
    assert office.heard("welcome") == b"cd" * 32 + b".wav"
    assert not office.sounds.has_staged("acme")


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
    assert told == await provisioning.trunk_password(tenant="acme", name="branch", seal=office.seal)
    assert not (await office.apply(branch)).passwords


async def test_a_phone_without_an_address_for_help_is_refused(office: Office) -> None:
    document = {
        "tenant": "acme",
        "domain": "acme.test",
        "timezone": "America/New_York",
        "country": "US",
        "caller_id": "+12125550123",
        "extensions": {"100": {"name": "Ann"}},
        "trunks": {"line": {"host": "sip.carrier.test", "username": "acme"}},
        "numbers": {"+12125550123": {"trunk": "line", "to": "100"}},
        "outbound": {"default": "line"},
    }
    with pytest.raises(FaultyFile, match=r"^acme.yaml:1:1: caller_id .*100 would show") as caught:
        await office.apply(document)
    assert len(caught.value.file_faults) == 1
    address = {
        "party": "Acme",
        "street": "1 Main St",
        "city": "New York",
        "region": "NY",
        "postal_code": "10001",
    }
    right = {**document, "emergency": {"addresses": {"+12125550123": address}}}
    await office.apply(right)
    assert set(await office.exported()) == set(right)


async def _secrets_of(office: Office) -> dict[str, object]:
    tenant = await provisioning.get_tenant(name="acme")
    rows = await read_plan_rows(tenant.id)
    return {
        "pins": dict(rows.pins),
        "rules": {rule.name: rule.pin_hash for rule in rows.outbound},
        "devices": {row.name: row.sealed_password for row in await Device.of(tenant.id)},
        "trunks": {one.name: one.password_mark for one in rows.trunks},
    }
