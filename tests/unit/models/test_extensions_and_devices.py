"""People get numbers, phones get logins."""

import pytest

from models import provisioning
from models.digests import digests_of
from models.errors import AlreadyExists, InUse, InvalidSettings, NotFound
from models.passwords import LETTERS
from models.seal import Seal
from models.tables import Device, Extension
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE

GOOD_PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
async def acme(database: str) -> None:
    await a_tenant("acme")


async def test_a_new_person_gets_a_phone_called_like_the_number(seal: Seal) -> None:
    made = await provisioning.create_extension(
        tenant="acme", number="100", name="Alice Example", email="alice@acme.test", seal=seal
    )
    assert made.device is not None
    assert made.password is not None
    assert made.device.endpoint == "100@acme.test"
    assert len(made.password) >= 20
    assert set(made.password) <= set(LETTERS)
    setup = await provisioning.device_setup(tenant="acme", name="100", seal=seal)
    assert (setup.domain, setup.login, setup.password) == ("acme.test", "100", made.password)


async def test_the_database_keeps_no_readable_password(seal: Seal) -> None:
    await provisioning.create_extension(
        tenant="acme", number="100", name="Alice", password=GOOD_PASSWORD, seal=seal
    )
    device = await Device.get(name="100")
    wanted = digests_of(username="100", realm="acme.test", password=GOOD_PASSWORD)
    assert (device.digest_md5, device.digest_sha256) == (wanted.md5, wanted.sha256)
    assert GOOD_PASSWORD not in repr(await Device.all().values())


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("99", "from 100 to 4999"),
        ("5000", "from 100 to 4999"),
        ("0100", "from 100 to 4999"),
        ("1\u06600", "from 100 to 4999"),
        ("+100", "from 100 to 4999"),
        ("", "from 100 to 4999"),
        ("112", "emergency number in RU"),
    ],
)
async def test_a_number_that_is_not_for_people_is_refused(
    number: str, rule: str, seal: Seal
) -> None:
    with pytest.raises(InvalidSettings, match=rule) as refusal:
        await provisioning.create_extension(tenant="acme", number=number, name="A", seal=seal)
    assert [(fault.path, fault.value) for fault in refusal.value.faults] == [("number", number)]
    assert await Extension.all().count() == 0


async def test_the_first_and_the_last_number_and_101_in_russia_are_for_people(seal: Seal) -> None:
    for number in ("100", "101", "104", "4999"):
        await provisioning.create_extension(tenant="acme", number=number, name="A", seal=seal)
    found = await provisioning.list_extensions(tenant="acme")
    assert [extension.number for extension in found] == ["100", "101", "104", "4999"]


async def test_a_name_of_70_bytes_is_taken_and_one_of_71_is_refused(seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="ж" * 35, seal=seal)
    with pytest.raises(InvalidSettings, match="at most 70 bytes of UTF-8, this one has 71 bytes"):
        await provisioning.create_extension(
            tenant="acme", number="101", name="ж" * 35 + "x", seal=seal
        )


async def test_all_faults_of_a_new_person_are_listed_at_once(seal: Seal) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.create_extension(
            tenant="acme",
            number="99",
            name="tab\there",
            email="alice",
            ring_s=0,
            password="short",
            seal=seal,
        )
    paths = [fault.path for fault in refusal.value.faults]
    assert paths == ["number", "name", "email", "ring_s", "password"]
    assert "short" not in str(refusal.value)


async def test_a_number_is_given_once_in_a_tenant_and_again_in_another(seal: Seal) -> None:
    await a_tenant("other")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    await provisioning.create_extension(tenant="other", number="100", name="Boris", seal=seal)
    with pytest.raises(AlreadyExists, match="100"):
        await provisioning.create_extension(tenant="acme", number="100", name="Eve", seal=seal)
    found = await provisioning.get_extension(tenant="acme", number="100")
    assert found.name == "Alice"


async def test_creating_a_person_if_missing_tells_no_password_of_the_one_who_is_there(
    seal: Seal,
) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    again = await provisioning.create_extension(
        tenant="acme", number="100", name="Eve", seal=seal, if_missing=True
    )
    assert (again.extension.name, again.device, again.password) == ("Alice", None, None)


async def test_a_person_is_renamed_and_loses_the_mail_address(seal: Seal) -> None:
    await provisioning.create_extension(
        tenant="acme", number="100", name="Alice", email="alice@acme.test", seal=seal
    )
    before = await provisioning.get_tenant(name="acme")
    changed = await provisioning.set_extension(
        tenant="acme", number="100", name="Alice B.", email="", ring_s=30
    )
    assert (changed.name, changed.email, changed.ring_s) == ("Alice B.", None, 30)
    after = await provisioning.get_tenant(name="acme")
    assert after.revision > before.revision
    await provisioning.set_extension(tenant="acme", number="100", name="Alice B.")
    assert await provisioning.get_tenant(name="acme") == after


async def test_nobody_is_removed_while_a_key_leads_to_them(seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    await provisioning.create_element(
        tenant="acme",
        kind="greeting",
        number="5000",
        settings={"keys": {"1": "100"}},
        catalogue=CATALOGUE,
    )
    with pytest.raises(InUse, match="5000: key 1 leads to 100") as refusal:
        await provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE)
    assert refusal.value.users == ("5000: key 1 leads to 100",)
    await provisioning.remove_element(tenant="acme", number="5000", catalogue=CATALOGUE)
    await provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE)
    assert await Device.all().count() == 0


async def test_a_second_phone_has_a_login_of_its_own(seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    made = await provisioning.create_device(
        tenant="acme",
        name="100-kitchen",
        extension="100",
        caller_name="Kitchen",
        password=GOOD_PASSWORD,
        seal=seal,
    )
    assert made.device.endpoint == "100-kitchen@acme.test"
    assert made.password == GOOD_PASSWORD
    found = await provisioning.list_devices(tenant="acme", extension="100")
    assert [device.name for device in found] == ["100", "100-kitchen"]
    assert (await provisioning.get_device(tenant="acme", name="100-kitchen")) == made.device


@pytest.mark.parametrize(
    "name", ["kitchen", "101-kitchen", "100-", "100-Kitchen", "100 kitchen", "100-a&b", "100@x"]
)
async def test_a_phone_is_called_like_its_extension(name: str, seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    with pytest.raises(InvalidSettings, match="a device of 100 is called 100, or 100-"):
        await provisioning.create_device(tenant="acme", name=name, extension="100", seal=seal)


async def test_a_phone_for_an_extension_of_another_tenant_finds_no_extension(seal: Seal) -> None:
    await a_tenant("other")
    await provisioning.create_extension(tenant="other", number="200", name="Boris", seal=seal)
    with pytest.raises(NotFound, match="Tenant acme has no extension 200"):
        await provisioning.create_device(tenant="acme", name="200", extension="200", seal=seal)
    with pytest.raises(NotFound):
        await provisioning.get_device(tenant="acme", name="200")
    assert await provisioning.list_devices(tenant="acme") == []


async def test_a_phone_name_is_given_once(seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    with pytest.raises(AlreadyExists):
        await provisioning.create_device(tenant="acme", name="100", extension="100", seal=seal)
    there = await provisioning.create_device(
        tenant="acme", name="100", extension="100", seal=seal, if_missing=True
    )
    assert there.password is None


async def test_a_phone_gets_a_new_password(seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    before = await Device.get(name="100")
    made = await provisioning.set_device(
        tenant="acme", name="100", seal=seal, new_password=True, caller_name="Desk"
    )
    after = await Device.get(name="100")
    assert made.password is not None
    assert made.device.caller_name == "Desk"
    assert after.digest_md5 != before.digest_md5
    setup = await provisioning.device_setup(tenant="acme", name="100", seal=seal)
    assert setup.password == made.password
    untouched = await provisioning.set_device(
        tenant="acme", name="100", seal=seal, caller_name="Desk"
    )
    assert untouched.password is None


@pytest.mark.parametrize(
    "password", ["", "elevenchars", "a" * 20, "with space 123", "пароль-пароль"]
)
async def test_a_weak_password_is_refused_and_not_repeated(password: str, seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    before = await Device.get(name="100")
    with pytest.raises(InvalidSettings, match="a password has") as refusal:
        await provisioning.set_device(tenant="acme", name="100", seal=seal, password=password)
    assert not password or password not in str(refusal.value)
    assert (await Device.get(name="100")).digest_md5 == before.digest_md5


async def test_a_removed_phone_is_gone_and_the_person_stays(seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    await provisioning.remove_device(tenant="acme", name="100")
    assert await provisioning.list_devices(tenant="acme") == []
    assert len(await provisioning.list_extensions(tenant="acme")) == 1
    with pytest.raises(NotFound):
        await provisioning.remove_device(tenant="acme", name="100")
