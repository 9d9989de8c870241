"""A tenant is made equal to its file: all of it, at once, and nothing that it does not speak of."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from datetime import datetime

import pytest

from models import provisioning
from models.device import Device
from models.provisioning.change import changing
from models.provisioning.secret_marks import marks_of
from models.revision import Snapshot
from models.tables import Tenant
from models.tenant_file.parts import Document, FaultyFile, Secrets
from tests.unit.models.office import OFFICE, Office, a_file, changed

SOMEWHERE = {"addresses": ["203.0.113.9"]}
ELSEWHERE = {"addresses": ["203.0.113.10"]}

MOST_QUESTIONS = 45
"""For a new tenant with a row in every table; each costs time, and there may be thousands."""


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


async def test_a_phone_that_comes_back_is_another_one(office: Office) -> None:
    """Whoever has it now does not dial again what the one before them has dialled."""

    async def begun() -> datetime:
        (phone,) = await provisioning.list_devices(tenant="acme", extension="102")
        assert phone.created_at is not None
        return phone.created_at

    with_phone = changed(OFFICE, "extensions", "102", "devices", to=[{"name": "102"}])
    await office.apply(with_phone)
    first = await begun()
    await office.apply(changed(with_phone, "extensions", "102", "name", to="Somebody"))
    assert await begun() == first
    await office.apply(OFFICE)
    await office.apply(with_phone)
    assert await begun() > first


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


async def test_thrown_switches_stay_with_the_elements_they_belong_to(office: Office) -> None:
    await office.apply(OFFICE)
    await provisioning.set_switch(tenant="acme", number="5300", position="closed", by="pbx")
    await office.apply(changed(OFFICE, "elements", "5300", "no_match", to="5100"))
    assert [one.number for one in await provisioning.list_switches(tenant="acme")] == ["5300"]
    play = {"kind": "hang_up"}
    without = changed(changed(OFFICE, "elements", "5310", to=None), "elements", "5300", to=play)
    await office.apply(without)
    assert await provisioning.list_switches(tenant="acme") == []


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


async def test_what_the_revision_was_told_is_what_a_fresh_look_finds(office: Office) -> None:
    with_pin = changed(OFFICE, "elements", "5120", "pin", to=True)
    secrets = Secrets(trunks={"moscow": "theirs"}, boxes={"5120": "4711"})
    await office.apply(a_file(with_pin, secrets=secrets))
    await _remembered_is_true(office)
    people = changed(with_pin, "extensions", "103", to={"name": "Vera"})
    await office.apply(a_file(people, secrets=Secrets(devices={"101": "quiet-horse-7391"})))
    await _remembered_is_true(office)
    await office.apply(changed(OFFICE, "trunks", "moscow", "registration", to="inbound"))
    await _remembered_is_true(office)


async def test_a_change_that_follows_in_the_same_breath_is_remembered_too(office: Office) -> None:
    async with changing():
        await office.apply(OFFICE)
        await provisioning.set_extension(tenant="acme", number="100", name="Olga")
    await _remembered_is_true(office)


async def test_a_new_tenant_costs_few_questions(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tortoise.db_client")
    await office.apply(OFFICE)
    asked = [one for one in caplog.records if one.name == "tortoise.db_client"]
    assert 0 < len(asked) <= MOST_QUESTIONS


@pytest.mark.parametrize(
    ("theirs", "ours", "meet"),
    [
        ({"addresses": ["198.51.100.7"]}, {"addresses": ["198.51.100.0/24"]}, True),
        ({"addresses": ["203.0.113.1", "198.0.0.0/8"]}, {"addresses": ["198.51.100.7"]}, True),
        ({"addresses": ["198.48.0.0/12"]}, {"addresses": ["198.51.100.7"]}, True),
        ({"addresses": ["198.51.100.7"]}, {"addresses": ["198.32.0.0/11"]}, True),
        ({**SOMEWHERE, "host": "198.51.100.7"}, {"addresses": ["198.51.100.0/24"]}, True),
        (
            {**SOMEWHERE, "host": "sip.test", "proxy": "198.51.100.7:5070"},
            {**ELSEWHERE, "host": "198.51.100.7"},
            True,
        ),
        ({**SOMEWHERE, "host": "::ffff:198.51.100.7"}, {"addresses": ["198.51.100.7"]}, True),
        ({"addresses": ["2001:db8::/32"]}, {"addresses": ["2001:db8::7"]}, True),
        ({**SOMEWHERE, "host": "sip.test"}, {**ELSEWHERE, "host": "sip.test"}, True),
        ({"addresses": ["198.51.100.7"]}, {"addresses": ["198.51.100.8"]}, False),
        ({"addresses": ["98.51.100.7"]}, {"addresses": ["198.51.100.7"]}, False),
        ({"addresses": ["2001:db8::8"]}, {"addresses": ["2001:db8::7"]}, False),
    ],
)
async def test_of_all_trunks_only_those_that_meet_ours_are_in_its_way(
    office: Office, theirs: dict[str, object], ours: dict[str, object], meet: bool
) -> None:
    await office.apply(_with_a_line("other", theirs))
    told = pytest.raises(FaultyFile, match="another trunk is known by this")
    with told if meet else nullcontext():
        await office.apply(_with_a_line("acme", ours))


def _with_a_line(name: str, line: dict[str, object]) -> Document:
    return {
        "tenant": name,
        "domain": f"{name}.test",
        "timezone": "UTC",
        "country": "RU",
        "trunks": {"line": {"registration": "none", **line}},
        "outbound": {"default": "line"},
    }


async def _remembered_is_true(office: Office) -> None:
    tenant = await Tenant.get(name="acme")
    snapshot = await Snapshot.of(tenant).get()
    assert snapshot.document == await office.exported()
    assert snapshot.marks == await marks_of(tenant)
    assert snapshot.revision == tenant.revision
