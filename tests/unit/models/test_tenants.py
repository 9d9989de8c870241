"""Customers of the exchange come, change and go."""

import pytest

from models import call_log, provisioning
from models.digests import digests_of
from models.errors import AlreadyExists, InvalidSettings, NotFound, SealError
from models.seal import Seal
from models.tables import Device, Extension, Tenant, TenantAlias
from tests.unit.models.builders import a_call, a_tenant

pytestmark = pytest.mark.usefixtures("database")


async def test_a_new_customer_is_there_with_all_that_was_said() -> None:
    made = await provisioning.create_tenant(
        name="acme",
        domain="acme.test",
        timezone="Europe/Moscow",
        country="RU",
        language="ru",
        domain_aliases=["pbx.acme.test", "192.0.2.10"],
    )
    assert made.domain_aliases == ("192.0.2.10", "pbx.acme.test")
    assert made.state == "active"
    assert await provisioning.get_tenant(name="acme") == made
    assert await provisioning.list_tenants() == [made]


async def test_all_faults_of_a_new_customer_are_listed_at_once() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.create_tenant(
            name="Acme Ltd",
            domain="Acme Test",
            timezone="Moscow",
            country="Russia",
            language="fr",
            domain_aliases=["192.0.2.999"],
            state="asleep",
        )
    paths = [fault.path for fault in refusal.value.faults]
    assert paths == [
        "name",
        "domain",
        "domain_aliases",
        "timezone",
        "country",
        "language",
        "state",
    ]
    assert refusal.value.exit_code == 5
    assert await provisioning.list_tenants() == []


@pytest.mark.parametrize(
    "domain", ["acme test", "Acme.test", "", "-acme.test", "192.0.2.1", "a..b"]
)
async def test_a_domain_that_is_no_lower_case_dns_name_is_refused(domain: str) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await a_tenant("acme", domain=domain)
    assert repr(domain) in str(refusal.value)
    assert "lower case" in str(refusal.value)


async def test_nobody_takes_the_name_or_a_domain_of_another_customer() -> None:
    await a_tenant("acme", domain="acme.test", domain_aliases=["192.0.2.10"])
    for other in [
        {"name": "acme", "domain": "other.test"},
        {"name": "other", "domain": "acme.test"},
        {"name": "other", "domain": "other.test", "domain_aliases": ["acme.test"]},
        {"name": "other", "domain": "other.test", "domain_aliases": ["192.0.2.10"]},
    ]:
        with pytest.raises(AlreadyExists) as refusal:
            await provisioning.create_tenant(country="RU", **other)  # type: ignore[arg-type] # mixed on purpose
        assert refusal.value.exit_code == 4
    assert await Tenant.all().count() == 1
    assert await TenantAlias.all().count() == 1


async def test_a_domain_is_not_its_own_alias() -> None:
    with pytest.raises(InvalidSettings, match="an alias is another name for it"):
        await a_tenant("acme", domain_aliases=["acme.test"])


async def test_a_customer_gets_other_aliases_and_may_take_back_its_own() -> None:
    await a_tenant("acme", domain_aliases=["192.0.2.10", "192.0.2.11"])
    after = await provisioning.set_tenant(name="acme", domain_aliases=["192.0.2.11", "192.0.2.12"])
    assert after.domain_aliases == ("192.0.2.11", "192.0.2.12")
    await a_tenant("other", domain_aliases=["192.0.2.10"])


async def test_creating_a_customer_if_missing_leaves_the_one_that_is_there() -> None:
    first = await a_tenant("acme")
    again = await provisioning.create_tenant(
        name="acme", domain="new.test", country="DE", if_missing=True
    )
    assert again == first


async def test_a_change_that_changes_nothing_makes_no_revision() -> None:
    before = await a_tenant("acme", domain_aliases=["192.0.2.10"])
    after = await provisioning.set_tenant(
        name="acme", timezone=before.timezone, domain_aliases=["192.0.2.10"]
    )
    assert after == before


async def test_a_blocked_customer_keeps_everything_else() -> None:
    before = await a_tenant("acme")
    after = await provisioning.set_tenant(name="acme", state="blocked")
    assert (after.state, after.domain) == ("blocked", before.domain)
    assert after.revision > before.revision


async def test_phones_log_in_at_the_new_domain_with_the_password_they_have(seal: Seal) -> None:
    await a_tenant("acme")
    made = await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    assert made.password is not None
    await provisioning.set_tenant(name="acme", domain="new.test", seal=seal)

    device = await Device.get(name="100")
    wanted = digests_of(username="100", realm="new.test", password=made.password)
    assert device.endpoint == "100@new.test"
    assert (device.digest_md5, device.digest_sha256) == (wanted.md5, wanted.sha256)
    assert (await Extension.get(number="100")).address == "100@new.test"
    assert (await Tenant.get(name="acme")).stranger_id == "anonymous@new.test"


async def test_without_the_right_key_the_domain_stays(seal: Seal, other_seal: Seal) -> None:
    before = await a_tenant("acme")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    for key in (None, other_seal):
        with pytest.raises(SealError):
            await provisioning.set_tenant(name="acme", domain="new.test", seal=key)
    assert (await provisioning.get_tenant(name="acme")).domain == before.domain


async def test_a_customer_cannot_move_to_a_country_where_an_extension_is_an_emergency_number(
    seal: Seal,
) -> None:
    await a_tenant("acme", country="RU")
    await provisioning.create_extension(tenant="acme", number="110", name="Alice", seal=seal)
    with pytest.raises(InvalidSettings, match="110 is in use, and an emergency number"):
        await provisioning.set_tenant(name="acme", country="DE")


async def test_a_removed_customer_leaves_nothing_but_the_news(seal: Seal) -> None:
    acme = await a_tenant("acme", domain_aliases=["192.0.2.10"])
    other = await a_tenant("other")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    await provisioning.create_extension(tenant="other", number="100", name="Boris", seal=seal)
    await call_log.write([a_call(acme.id)])
    seen = max(change.revision for change in await provisioning.revisions_after(0))

    await provisioning.remove_tenant(name="acme")

    assert [tenant.name for tenant in await provisioning.list_tenants()] == ["other"]
    assert [device.endpoint for device in await Device.all()] == ["100@other.test"]
    assert await call_log.list_calls() == []
    assert [change.tenant_id for change in await provisioning.revisions_after(seen)] == [acme.id]
    with pytest.raises(NotFound):
        await provisioning.read_plan_rows(acme.id)
    again = await a_tenant("acme", domain_aliases=["192.0.2.10"])
    assert again.id not in (acme.id, other.id)


async def test_a_customer_who_is_not_there_is_not_found() -> None:
    for question in (
        provisioning.get_tenant(name="nobody"),
        provisioning.set_tenant(name="nobody", state="blocked"),
        provisioning.remove_tenant(name="nobody"),
        provisioning.list_extensions(tenant="nobody"),
    ):
        with pytest.raises(NotFound, match="nobody") as refusal:
            await question
        assert refusal.value.exit_code == 3
