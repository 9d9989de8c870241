"""The called see numbers of the tenant's own, and no others."""

from collections.abc import Awaitable, Callable

import pytest

from models import provisioning
from models.errors import InUse, InvalidSettings, NotFound
from models.facts import TenantRows
from models.seal import Seal
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE

OURS, SPARE, SOMEBODYS = "+74951234567", "84957654321", "+74990000000"


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    await provisioning.create_trunk(
        tenant="acme",
        name="moscow",
        seal=seal,
        host="sip.carrier.test",
        username="74991110000",
        password="x",
    )
    for number in (OURS, SPARE):
        await provisioning.create_number(tenant="acme", number=number, trunk="moscow")


async def of_the_tenant(seal: Seal, number: str) -> object:
    return await provisioning.set_tenant(name="acme", caller_id=number)


async def of_an_extension(seal: Seal, number: str) -> object:
    return await provisioning.set_extension(tenant="acme", number="100", caller_id=number)


async def of_a_new_extension(seal: Seal, number: str) -> object:
    return await provisioning.create_extension(
        tenant="acme", number="101", name="Boris", seal=seal, caller_id=number
    )


async def of_a_phone(seal: Seal, number: str) -> object:
    return await provisioning.set_device(tenant="acme", name="100", seal=seal, caller_id=number)


async def of_a_new_phone(seal: Seal, number: str) -> object:
    return await provisioning.create_device(
        tenant="acme", name="100-desk", extension="100", seal=seal, caller_id=number
    )


async def of_a_trunk(seal: Seal, number: str) -> object:
    return await provisioning.set_trunk(tenant="acme", name="moscow", seal=seal, caller_id=number)


SHOWN = {
    "tenant acme": of_the_tenant,
    "extension 100": of_an_extension,
    "extension 101": of_a_new_extension,
    "device 100": of_a_phone,
    "device 100-desk": of_a_new_phone,
    "trunk moscow": of_a_trunk,
}

each_who_shows = pytest.mark.parametrize(("who", "shows"), SHOWN.items(), ids=SHOWN)

Shows = Callable[[Seal, str], Awaitable[object]]


async def rows() -> TenantRows:
    tenant = await provisioning.get_tenant(name="acme")
    return await provisioning.read_plan_rows(tenant.id)


def shown(there: TenantRows) -> set[str]:
    return {
        there.tenant.caller_id,
        *(one.caller_id for one in there.extensions),
        *(one.caller_id for one in there.devices),
        *(one.caller_id for one in there.trunks),
    } - {""}


@each_who_shows
async def test_a_number_of_ours_is_shown_as_it_was_written(
    seal: Seal, who: str, shows: Shows
) -> None:
    for spelling in (OURS, "84951234567", "4951234567"):
        if who in ("extension 101", "device 100-desk") and spelling != OURS:
            continue
        await shows(seal, spelling)
        assert shown(await rows()) == {spelling}


@each_who_shows
@pytest.mark.parametrize("number", [SOMEBODYS, "100", "Acme", "+", "12", "+7495123456x", "\uff10"])
async def test_what_is_not_ours_is_not_shown(
    seal: Seal, who: str, shows: Shows, number: str
) -> None:
    before = await rows()
    with pytest.raises(InvalidSettings) as refusal:
        await shows(seal, number)
    assert ("caller_id", number) in [(one.path, one.value) for one in refusal.value.faults]
    assert await rows() == before


async def test_who_shows_a_strange_number_reads_how_it_becomes_theirs(seal: Seal) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await of_a_phone(seal, SOMEBODYS)
    [fault] = refusal.value.faults
    assert str(fault) == (
        f"caller_id {SOMEBODYS!r}: is no number of tenant acme, and only its own may be shown; "
        f"add it first: pbx number create {SOMEBODYS} --tenant acme --trunk TRUNK"
    )


async def test_the_numbers_of_another_customer_are_not_ours(seal: Seal) -> None:
    await a_tenant("other")
    with pytest.raises(InvalidSettings, match="is no number of tenant other"):
        await provisioning.set_tenant(name="other", caller_id=OURS)


@each_who_shows
async def test_a_number_that_is_shown_stays(seal: Seal, who: str, shows: Shows) -> None:
    await shows(seal, "84951234567")
    with pytest.raises(InUse) as refusal:
        await provisioning.remove_number(tenant="acme", number=OURS)
    assert refusal.value.users == (f"{who} shows 84951234567",)
    assert (await rows()).numbers[0].number == OURS
    await provisioning.remove_number(tenant="acme", number=SPARE)


async def test_everybody_who_shows_a_number_is_named(seal: Seal) -> None:
    await provisioning.create_location(tenant="acme", name="Attic", number=OURS)
    await provisioning.create_rule(
        tenant="acme", name="abroad", catalogue=CATALOGUE, mask="00(+)", caller_id=OURS
    )
    for shows in SHOWN.values():
        await shows(seal, OURS)
    with pytest.raises(InUse) as refusal:
        await provisioning.remove_number(tenant="acme", number=OURS)
    everybody = {f"{who} shows {OURS}" for who in (*SHOWN, "location Attic", "rule abroad")}
    assert set(refusal.value.users) == everybody


async def test_a_number_that_nobody_shows_any_more_can_go(seal: Seal) -> None:
    await of_the_tenant(seal, OURS)
    await of_a_phone(seal, OURS)
    for shows in (of_the_tenant, of_a_phone):
        await shows(seal, "")
    await provisioning.remove_number(tenant="acme", number=OURS)
    assert shown(await rows()) == set()


async def test_a_trunk_may_show_the_login_that_its_carrier_knows(seal: Seal) -> None:
    await of_a_trunk(seal, "+74991110000")
    assert shown(await rows()) == {"+74991110000"}
    with pytest.raises(InvalidSettings, match="is no number of tenant acme"):
        await provisioning.set_trunk(tenant="acme", name="moscow", seal=seal, username="acme")


async def test_what_anybody_can_write_into_the_from_header_is_no_number_to_show(seal: Seal) -> None:
    await provisioning.set_trunk(tenant="acme", name="moscow", seal=seal, from_user="74992220000")
    with pytest.raises(InvalidSettings, match="is no number of tenant acme"):
        await of_a_trunk(seal, "84992220000")


@pytest.mark.parametrize("number", ["112", "5000", "+7112", "0112"])
async def test_nobody_is_told_to_add_a_number_that_no_carrier_gives(
    seal: Seal, number: str
) -> None:
    with pytest.raises(InvalidSettings, match="is no number of tenant acme") as refusal:
        await of_a_phone(seal, number)
    assert "number create" not in str(refusal.value)


async def test_a_customer_stays_where_its_numbers_mean_what_they_were_written_for(
    seal: Seal,
) -> None:
    await of_a_phone(seal, "84951234567")
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.set_tenant(name="acme", country="DE")
    told = [fault.rule.partition(" and would")[0] for fault in refusal.value.faults]
    assert told == [
        f"number {SPARE} means +74957654321",
        "device 100 shows 84951234567, which means +74951234567",
    ]
    assert (await provisioning.get_tenant(name="acme")).country == "RU"
    await of_a_phone(seal, OURS)
    await provisioning.remove_number(tenant="acme", number=SPARE)
    await provisioning.create_number(tenant="acme", number="+74957654321", trunk="moscow")
    await provisioning.set_tenant(name="acme", country="DE")
    found = await provisioning.get_number(tenant="acme", number="+74957654321")
    assert found.digits == "74957654321"


async def test_the_login_of_a_trunk_is_shown_by_nobody_else(seal: Seal) -> None:
    with pytest.raises(InvalidSettings, match="is no number of tenant acme"):
        await of_a_phone(seal, "+74991110000")


async def test_the_number_that_a_trunk_logs_in_with_can_go_while_it_shows_it(seal: Seal) -> None:
    await provisioning.create_number(tenant="acme", number="+74991110000", trunk="moscow")
    await of_a_trunk(seal, "+74991110000")
    await provisioning.remove_number(tenant="acme", number="+74991110000")
    assert shown(await rows()) == {"+74991110000"}


async def test_a_new_trunk_gets_its_number_afterwards(seal: Seal) -> None:
    with pytest.raises(InvalidSettings, match="give --caller-id afterwards"):
        await provisioning.create_trunk(
            tenant="acme",
            name="spare",
            seal=seal,
            host="sip.carrier.test",
            username="spare",
            password="x",
            caller_id=SOMEBODYS,
        )


async def test_a_trunk_changes_otherwise_while_its_number_stays(seal: Seal) -> None:
    await of_a_trunk(seal, OURS)
    now = await provisioning.set_trunk(tenant="acme", name="moscow", seal=seal, max_channels=3)
    assert (now.caller_id, now.max_channels) == (OURS, 3)


async def test_nothing_is_told_to_the_exchange_when_the_same_is_shown(seal: Seal) -> None:
    for shows in (of_the_tenant, of_an_extension, of_a_phone):
        await shows(seal, OURS)
        before = await rows()
        await shows(seal, OURS)
        assert await rows() == before


async def test_other_changes_leave_what_is_shown(seal: Seal) -> None:
    for shows in (of_the_tenant, of_an_extension, of_a_phone):
        await shows(seal, OURS)
    await provisioning.set_tenant(name="acme", language="ru")
    await provisioning.set_extension(tenant="acme", number="100", ring_s=30)
    await provisioning.set_device(tenant="acme", name="100", seal=seal, caller_name="Alice")
    there = await rows()
    assert there.tenant.caller_id == there.extensions[0].caller_id == OURS
    assert there.devices[0].caller_id == OURS


async def test_a_phone_hides_its_number_until_it_is_told_otherwise(seal: Seal) -> None:
    made = await provisioning.create_device(
        tenant="acme", name="100-desk", extension="100", seal=seal, hides_number=True
    )
    assert made.device.hides_number
    kept = await provisioning.set_device(
        tenant="acme", name="100-desk", seal=seal, caller_name="Desk"
    )
    assert kept.device.hides_number
    now = await provisioning.set_device(
        tenant="acme", name="100-desk", seal=seal, hides_number=False
    )
    assert not now.device.hides_number
    assert await provisioning.get_device(tenant="acme", name="100-desk") == now.device


async def test_phones_and_people_stand_at_a_location(seal: Seal) -> None:
    for name in ("Attic", "Cellar"):
        await provisioning.create_location(tenant="acme", name=name)
    await provisioning.create_extension(
        tenant="acme", number="101", name="Boris", seal=seal, location="Attic"
    )
    await provisioning.set_device(tenant="acme", name="101", seal=seal, location="Cellar")
    there = await rows()
    assert [one.location for one in there.extensions] == ["", "Attic"]
    assert [one.location for one in there.devices] == ["", "Cellar"]
    await provisioning.set_extension(tenant="acme", number="101", location="")
    await provisioning.set_device(tenant="acme", name="101", seal=seal, location="")
    there = await rows()
    assert {one.location for one in there.extensions} == {""}
    assert {one.location for one in there.devices} == {""}


async def test_nobody_stands_where_no_location_is(seal: Seal) -> None:
    await a_tenant("other")
    await provisioning.create_location(tenant="other", name="Theirs")
    before = await rows()
    for name in ("Nowhere", "Theirs", "x" * 200):
        with pytest.raises(NotFound, match="has no location"):
            await provisioning.set_device(tenant="acme", name="100", seal=seal, location=name)
        with pytest.raises(NotFound, match="has no location"):
            await provisioning.set_extension(tenant="acme", number="100", location=name)
        with pytest.raises(NotFound, match="has no location"):
            await provisioning.create_extension(
                tenant="acme", number="101", name="Boris", seal=seal, location=name
            )
    assert await rows() == before


async def test_a_person_who_leaves_takes_what_they_show_along(seal: Seal) -> None:
    await of_an_extension(seal, OURS)
    await of_a_phone(seal, OURS)
    await provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE)
    await provisioning.remove_number(tenant="acme", number=OURS)


class TestWhereHelpNeedsAnAddress:
    """In the USA a number that is shown in calls for help has an address on record."""

    AMERICAN = "+12125550123"

    @pytest.fixture(autouse=True)
    async def us(self, seal: Seal) -> None:
        await provisioning.create_tenant(name="us", domain="us.test", country="US")
        await provisioning.create_extension(tenant="us", number="100", name="Ann", seal=seal)
        await provisioning.create_trunk(
            tenant="us", name="york", seal=seal, host="sip.us.test", username="u", password="x"
        )
        await provisioning.create_number(tenant="us", number=self.AMERICAN, trunk="york")

    async def with_address(self) -> None:
        await provisioning.set_emergency_address(
            tenant="us",
            number=self.AMERICAN,
            party="Us Inc",
            street="1 Main St",
            city="New York",
            region="NY",
            postal_code="10001",
        )

    async def test_a_phone_a_person_a_tenant_show_none_without(self, seal: Seal) -> None:
        number = self.AMERICAN
        for refused in (
            provisioning.set_device(tenant="us", name="100", seal=seal, caller_id=number),
            provisioning.create_device(
                tenant="us", name="100-x", extension="100", seal=seal, caller_id=number
            ),
            provisioning.set_extension(tenant="us", number="100", caller_id=number),
            provisioning.create_extension(
                tenant="us", number="101", name="Bob", seal=seal, caller_id=number
            ),
            provisioning.set_tenant(name="us", caller_id=number),
        ):
            with pytest.raises(InvalidSettings, match="no address is on record") as refusal:
                await refused
            assert [fault.path for fault in refusal.value.faults] == ["caller_id"]

    async def test_it_is_shown_once_there_is_one(self, seal: Seal) -> None:
        await self.with_address()
        await provisioning.set_tenant(name="us", caller_id=self.AMERICAN)
        await provisioning.set_extension(tenant="us", number="100", caller_id=self.AMERICAN)
        now = await provisioning.set_device(
            tenant="us", name="100", seal=seal, caller_id=self.AMERICAN
        )
        assert now.device.caller_id == self.AMERICAN
