"""Names instead of numbers, and who may be called from the internet."""

import pytest

from models import provisioning
from models.errors import AlreadyExists, InUse, InvalidSettings, NotFound
from models.facts import AliasFacts
from models.seal import Seal
from models.tables import Alias, DirectSip
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme", domain_aliases=["192.0.2.10"])
    for number in ("100", "101"):
        await provisioning.create_extension(tenant="acme", number=number, name="A", seal=seal)


async def open_addresses() -> list[str]:
    return sorted(row.address for row in await DirectSip.all())


async def test_a_name_leads_to_a_number_and_is_closed_to_strangers() -> None:
    made = await provisioning.create_alias(tenant="acme", name="info", target="100")
    assert made == AliasFacts(name="info", target="100", allows_direct_sip=False)
    assert await provisioning.get_alias(tenant="acme", name="info") == made
    tenant = await provisioning.get_tenant(name="acme")
    assert (await provisioning.read_plan_rows(tenant.id)).aliases == (made,)
    assert await open_addresses() == []


@pytest.mark.parametrize("name", ["100", "24h", "", "Info", "a b", "-x", "a@b", "a" * 65, "é"])
async def test_a_name_is_never_a_number_nor_odd(name: str) -> None:
    with pytest.raises(InvalidSettings, match="begins with a letter") as refusal:
        await provisioning.create_alias(tenant="acme", name=name, target="100")
    assert [(fault.path, fault.value) for fault in refusal.value.faults] == [("name", name)]
    assert await Alias.all().count() == 0


@pytest.mark.parametrize("target", ["", "+79161112233", "84951234567", "5000", "info"])
async def test_a_name_leads_to_an_internal_number_that_exists(target: str) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.create_alias(tenant="acme", name="info", target=target)
    assert [(fault.path, fault.value) for fault in refusal.value.faults] == [("target", target)]


async def test_an_opened_name_can_be_called_at_every_domain_of_its_tenant() -> None:
    await provisioning.create_alias(
        tenant="acme", name="info", target="100", allows_direct_sip=True
    )
    assert await open_addresses() == ["info@192.0.2.10", "info@acme.test"]
    await provisioning.set_alias(tenant="acme", name="info", allows_direct_sip=False)
    assert await open_addresses() == []


async def test_a_user_who_opts_in_can_be_called_and_may_opt_out(seal: Seal) -> None:
    settings = {"allow_direct_sip": True}
    await provisioning.set_extension(
        tenant="acme", number="101", settings=settings, catalogue=CATALOGUE
    )
    await provisioning.create_extension(
        tenant="acme", number="102", name="C", seal=seal, settings=settings, catalogue=CATALOGUE
    )
    assert await open_addresses() == [
        f"{number}@{domain}" for number in ("101", "102") for domain in ("192.0.2.10", "acme.test")
    ]
    await provisioning.set_extension(
        tenant="acme", number="101", settings={"allow_direct_sip": None}, catalogue=CATALOGUE
    )
    await provisioning.remove_extension(tenant="acme", number="102", catalogue=CATALOGUE)
    assert await open_addresses() == []


async def test_open_addresses_follow_the_tenant_to_other_domains(seal: Seal) -> None:
    await provisioning.create_alias(
        tenant="acme", name="info", target="100", allows_direct_sip=True
    )
    await provisioning.set_tenant(
        name="acme", domain="new.test", domain_aliases=["acme.test"], seal=seal
    )
    assert await open_addresses() == ["info@acme.test", "info@new.test"]
    await provisioning.remove_alias(tenant="acme", name="info")
    assert await open_addresses() == []


async def test_a_name_is_led_elsewhere_and_given_once() -> None:
    made = await provisioning.create_alias(tenant="acme", name="info", target="100")
    with pytest.raises(AlreadyExists):
        await provisioning.create_alias(tenant="acme", name="info", target="101")
    again = await provisioning.create_alias(
        tenant="acme", name="info", target="101", if_missing=True
    )
    assert again == made
    assert (await provisioning.set_alias(tenant="acme", name="info", target="101")).target == "101"
    assert [one.target for one in await provisioning.list_aliases(tenant="acme")] == ["101"]


async def test_nobody_is_removed_while_a_name_leads_to_them() -> None:
    await provisioning.create_alias(tenant="acme", name="info", target="100")
    with pytest.raises(InUse, match="alias info leads to 100"):
        await provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE)


async def test_a_name_of_another_tenant_is_not_there() -> None:
    await a_tenant("other")
    await provisioning.create_alias(tenant="acme", name="info", target="100")
    with pytest.raises(NotFound, match="Tenant other has no alias info"):
        await provisioning.remove_alias(tenant="other", name="info")
