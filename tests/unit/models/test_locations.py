"""Where phones stand, which addresses are on record, and what Asterisk dials by itself."""

from collections.abc import Awaitable
from dataclasses import replace

import pytest

from models import provisioning
from models.errors import AlreadyExists, InUse, InvalidSettings, NotFound
from models.facts import LocationFacts, TenantRows
from models.location import Location
from models.provisioning.whole_faults import tenant_faults
from models.seal import Seal
from models.tables import EmergencyLine
from models.tenant_file.parts import Secrets
from stasis_apps.element import Catalogue
from tests.unit.models.builders import a_tenant

HEADQUARTERS, BRANCH = "+12125550100", "+12125550101"


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme", country="US")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    for name in ("city", "spare"):
        await a_trunk(name, seal)
    for number in (HEADQUARTERS, BRANCH):
        await provisioning.create_number(tenant="acme", number=number, trunk="city")
    await an_address(HEADQUARTERS)


async def a_trunk(name: str, seal: Seal) -> None:
    await provisioning.create_trunk(
        tenant="acme", name=name, seal=seal, host=f"{name}.test", username=name, password="x"
    )


async def an_address(number: str) -> None:
    await provisioning.set_emergency_address(
        tenant="acme",
        number=number,
        party="Acme",
        street="1 First Street",
        city="New York",
        region="NY",
        postal_code="10001",
    )


async def rows() -> TenantRows:
    tenant = await provisioning.get_tenant(name="acme")
    return await provisioning.read_plan_rows(tenant.id)


async def lines() -> dict[str, str]:
    return {row.address: row.dials for row in await EmergencyLine.all()}


async def test_a_place_is_made_changed_and_read_with_the_plan() -> None:
    made = await provisioning.create_location(
        tenant="acme", name="hq", number="2125550100", detail="third floor", is_default=True
    )
    assert made == LocationFacts(
        name="hq", number=HEADQUARTERS, detail="third floor", is_default=True
    )
    changed = await provisioning.set_location(
        tenant="acme", name="hq", new_name="office", number=""
    )
    assert changed == LocationFacts(name="office", detail="third floor", is_default=True)
    assert (await rows()).locations == (changed,)
    assert await provisioning.list_locations(tenant="acme") == [changed]


async def test_there_is_one_default_place() -> None:
    await provisioning.create_location(tenant="acme", name="hq", is_default=True)
    await provisioning.create_location(tenant="acme", name="branch", is_default=True)
    assert [one.is_default for one in (await rows()).locations] == [True, False]
    await provisioning.set_location(tenant="acme", name="branch", is_default=False)
    assert [one.is_default for one in (await rows()).locations] == [False, False]


async def test_saying_again_which_place_is_the_default_one_ends_that_there_are_two() -> None:
    """Files could make a second one once."""
    for name in ("hq", "branch"):
        await provisioning.create_location(tenant="acme", name=name)
    await Location.all().update(is_default=True)
    await provisioning.set_location(tenant="acme", name="branch", is_default=True)
    assert {one.name: one.is_default for one in (await rows()).locations} == {
        "hq": False,
        "branch": True,
    }
    revision = (await provisioning.get_tenant(name="acme")).revision
    await provisioning.set_location(tenant="acme", name="branch", is_default=True)
    assert (await provisioning.get_tenant(name="acme")).revision == revision


async def test_a_tenant_with_two_default_places_is_not_written_whatever_it_comes_from() -> None:
    """A rollback and the wizard go by rows, not by what a file says."""
    for name in ("hq", "branch", "cellar"):
        await provisioning.create_location(tenant="acme", name=name, is_default=name == "hq")
    there = await rows()
    assert default_faults(there) == []
    assert default_faults(
        replace(there, locations=tuple(replace(one, is_default=True) for one in there.locations))
    ) == [("branch", "cellar"), ("branch", "hq")]


def default_faults(wanted: TenantRows) -> list[tuple[str, str]]:
    """Which place is the default already, and which says that it is, too."""
    faults = tenant_faults(wanted, wanted, Secrets(), Catalogue())
    return [
        (fault.rule.split("; ")[1].split()[0], str(fault.route[1]))
        for fault in faults
        if fault.route[0] == "locations"
    ]


async def test_a_place_shows_only_numbers_of_the_tenant_that_have_an_address() -> None:
    with pytest.raises(InvalidSettings, match="is no number of tenant acme"):
        await provisioning.create_location(tenant="acme", name="hq", number="+12125559999")
    with pytest.raises(InvalidSettings, match="no address is on record with it") as refusal:
        await provisioning.create_location(tenant="acme", name="branch", number=BRANCH)
    assert [(one.path, one.value) for one in refusal.value.faults] == [("number", BRANCH)]
    await an_address(BRANCH)
    await provisioning.create_location(tenant="acme", name="branch", number=BRANCH)


async def test_all_that_is_wrong_with_a_place_is_said_at_once() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.create_location(tenant="acme", name="", number="1", detail="a\nb")
    assert [one.path for one in refusal.value.faults] == ["name", "detail", "number"]


async def test_a_place_keeps_its_phones_and_cannot_go_while_they_stand_there(seal: Seal) -> None:
    await provisioning.create_location(tenant="acme", name="hq", number=HEADQUARTERS)
    await provisioning.set_device(tenant="acme", name="100", seal=seal, location="hq")
    await provisioning.set_location(tenant="acme", name="hq", new_name="office")
    assert (await rows()).devices[0].location == "office"
    with pytest.raises(InUse, match="device 100 stands at office"):
        await provisioning.remove_location(tenant="acme", name="office")
    await provisioning.set_device(tenant="acme", name="100", seal=seal, location="")
    await provisioning.remove_location(tenant="acme", name="office")
    assert (await rows()).locations == ()


async def test_names_of_places_are_the_tenants_own() -> None:
    await provisioning.create_location(tenant="acme", name="hq")
    with pytest.raises(AlreadyExists, match="has a location hq already"):
        await provisioning.create_location(tenant="acme", name="hq")
    there = await provisioning.create_location(tenant="acme", name="hq", if_missing=True)
    assert there == await provisioning.get_location(tenant="acme", name="hq")
    await provisioning.create_location(tenant="acme", name="branch")
    with pytest.raises(AlreadyExists, match="has a location hq already"):
        await provisioning.set_location(tenant="acme", name="branch", new_name="hq")
    await a_tenant("other")
    for question in (provisioning.get_location, provisioning.remove_location):
        with pytest.raises(NotFound, match="Tenant other has no location hq"):
            await question(tenant="other", name="hq")


async def test_a_phone_cannot_be_placed_where_help_would_find_no_address(seal: Seal) -> None:
    await provisioning.create_location(tenant="acme", name="branch")
    await provisioning.create_location(
        tenant="acme", name="hq", number=HEADQUARTERS, is_default=True
    )
    with pytest.raises(InvalidSettings, match="no address is on record") as refusal:
        await provisioning.set_device(
            tenant="acme", name="100", seal=seal, location="branch", caller_id=BRANCH
        )
    assert [one.path for one in refusal.value.faults] == ["caller_id"]
    assert (await rows()).devices[0].location == ""


async def test_the_default_place_cannot_go_when_phones_would_show_a_number_without_address(
    seal: Seal,
) -> None:
    await provisioning.create_location(
        tenant="acme", name="hq", number=HEADQUARTERS, is_default=True
    )
    await provisioning.set_device(tenant="acme", name="100", seal=seal, caller_id=BRANCH)
    for change in (
        provisioning.set_location(tenant="acme", name="hq", is_default=False),
        provisioning.set_location(tenant="acme", name="hq", number=""),
        provisioning.create_location(tenant="acme", name="new", is_default=True),
        provisioning.remove_location(tenant="acme", name="hq"),
    ):
        with pytest.raises(InvalidSettings, match=f"100 would show {BRANCH.replace('+', '.')}"):
            await change
    assert len((await rows()).locations) == 1


async def test_an_address_belongs_to_a_number_and_is_replaced_as_a_whole() -> None:
    (kept,) = (await rows()).emergency_addresses
    assert (kept.number, kept.digits, kept.country) == (HEADQUARTERS, HEADQUARTERS[1:], "US")
    revision = (await provisioning.get_tenant(name="acme")).revision
    await an_address("2125550100")
    assert (await provisioning.get_tenant(name="acme")).revision == revision
    await provisioning.set_emergency_address(
        tenant="acme",
        number=HEADQUARTERS,
        party="Acme",
        street="2",
        city="Paris",
        country="FR",
    )
    (moved,) = await provisioning.list_emergency_addresses(tenant="acme")
    assert (moved.street, moved.region, moved.country) == ("2", "", "FR")


async def test_an_address_without_what_help_needs_is_refused() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.set_emergency_address(
            tenant="acme", number=BRANCH, party=" ", street="x" * 121, city="a\nb", country="US"
        )
    paths = [one.path for one in refusal.value.faults]
    assert paths == ["party", "street", "city", "region", "postal_code"]
    with pytest.raises(NotFound, match="has no number"):
        await an_address("+12125559999")


async def test_an_address_that_help_needs_cannot_go(seal: Seal) -> None:
    await provisioning.set_device(tenant="acme", name="100", seal=seal, caller_id=HEADQUARTERS)
    await provisioning.create_location(tenant="acme", name="hq", number=HEADQUARTERS)
    with pytest.raises(InUse) as refusal:
        await provisioning.remove_emergency_address(tenant="acme", number=HEADQUARTERS)
    assert len(refusal.value.users) == 2
    await provisioning.remove_location(tenant="acme", name="hq")
    await provisioning.set_device(tenant="acme", name="100", seal=seal, caller_id="")
    await provisioning.remove_emergency_address(tenant="acme", number=HEADQUARTERS)
    assert (await rows()).emergency_addresses == ()
    with pytest.raises(NotFound, match="has no emergency address of"):
        await provisioning.remove_emergency_address(tenant="acme", number=HEADQUARTERS)


async def test_the_order_of_trunks_is_kept_by_name() -> None:
    made = await provisioning.set_emergency_trunks(tenant="acme", trunks=["spare", "city"])
    assert made.emergency_trunks == ("spare", "city")
    for trunks in (["spare", "nobody"], ["spare", "spare"]):
        with pytest.raises(InvalidSettings):
            await provisioning.set_emergency_trunks(tenant="acme", trunks=trunks)
    assert (await rows()).tenant.emergency_trunks == ("spare", "city")


async def test_asterisk_is_told_every_emergency_number_through_every_trunk(seal: Seal) -> None:
    written = await lines()
    assert set(written) == {"112@acme.test", "911@acme.test"}
    city, spare = written["911@acme.test"].split("&")
    assert city.split("|")[1].endswith("/sip:911@city.test")
    assert city.split("|")[2:] == ["as_written", "", "", "city", "1", "1"]
    assert "sip:911@spare.test" in spare

    await provisioning.set_emergency_trunks(tenant="acme", trunks=["spare"])
    assert (await lines())["911@acme.test"] == f"{spare}&{city}"
    await provisioning.set_trunk(
        tenant="acme", name="spare", seal=seal, transport="tcp", caller_id=HEADQUARTERS
    )
    first = (await lines())["911@acme.test"].split("&")[0].split("|")
    assert first[1].endswith("~transport=tcp")
    assert first[3:5] == [HEADQUARTERS, HEADQUARTERS[1:]]


async def test_what_asterisk_is_told_follows_domain_country_and_trunks(seal: Seal) -> None:
    await provisioning.set_tenant(name="acme", domain="new.test", seal=seal)
    assert set(await lines()) == {"112@new.test", "911@new.test"}
    await provisioning.set_tenant(name="acme", country="DE")
    assert set(await lines()) == {"112@new.test", "110@new.test"}
    await provisioning.set_trunk(tenant="acme", name="city", seal=seal, is_enabled=False)
    assert all("city.test" not in dials for dials in (await lines()).values())
    await provisioning.remove_trunk(tenant="acme", name="spare")
    assert await lines() == {}


async def test_two_tenants_may_exchange_their_domains_with_all_that_asterisk_knows(
    seal: Seal,
) -> None:
    await a_tenant("other", country="US")
    await provisioning.create_trunk(
        tenant="other", name="line", seal=seal, host="line.test", username="u", password="x"
    )
    await provisioning.set_tenant(name="acme", domain="spare.test", seal=seal)
    await provisioning.set_tenant(name="other", domain="acme.test", seal=seal)
    assert "line.test" in (await lines())["911@acme.test"]
    await provisioning.remove_tenant(name="other")
    assert set(await lines()) == {"112@spare.test", "911@spare.test"}


async def test_a_trunk_that_help_is_to_be_called_through_is_not_removed() -> None:
    await provisioning.set_emergency_trunks(tenant="acme", trunks=["spare"])
    with pytest.raises(InUse, match="emergency calls are to try spare"):
        await provisioning.remove_trunk(tenant="acme", name="spare")
    await provisioning.set_emergency_trunks(tenant="acme", trunks=[])
    await provisioning.remove_trunk(tenant="acme", name="spare")


async def refused(change: Awaitable[object], path: str, words: str) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await change
    (fault,) = refusal.value.faults
    assert fault.path == path
    assert words in fault.rule


async def test_a_trunk_shows_no_number_for_help_that_has_no_address(seal: Seal) -> None:
    for name in ("city", "spare"):
        change = provisioning.set_trunk(tenant="acme", name=name, seal=seal, caller_id=BRANCH)
        await refused(change, "caller_id", f'100 would show {BRANCH} ("caller_id" of trunk {name})')
        assert (await provisioning.get_trunk(tenant="acme", name=name)).caller_id == ""
    await an_address(BRANCH)
    await provisioning.set_trunk(tenant="acme", name="spare", seal=seal, caller_id=BRANCH)


async def test_a_trunk_that_would_show_such_a_number_is_not_switched_on(seal: Seal) -> None:
    await provisioning.set_trunk(tenant="acme", name="spare", seal=seal, is_enabled=False)
    await provisioning.set_trunk(tenant="acme", name="spare", seal=seal, caller_id=BRANCH)
    for change in (
        provisioning.set_trunk(tenant="acme", name="spare", seal=seal, is_enabled=True),
        provisioning.set_trunk(
            tenant="acme", name="spare", seal=seal, is_enabled=True, is_default=True, new_name="b"
        ),
    ):
        await refused(change, "is_enabled", '("caller_id" of trunk spare)')
    await provisioning.set_emergency_trunks(tenant="acme", trunks=["spare", "city"])
    assert not (await provisioning.get_trunk(tenant="acme", name="spare")).is_enabled


async def test_a_new_trunk_and_a_trunk_that_goes_leave_no_number_without_address(
    seal: Seal,
) -> None:
    for name in ("city", "spare"):
        await provisioning.set_trunk(tenant="acme", name=name, seal=seal, caller_id=HEADQUARTERS)
    await provisioning.set_tenant(name="acme", caller_id=BRANCH)
    await refused(a_trunk("third", seal), "name", f"100 would show {BRANCH} (of tenant acme)")
    change = provisioning.set_trunk(tenant="acme", name="spare", seal=seal, caller_id="")
    await refused(change, "caller_id", f"{BRANCH} (of tenant acme)")
    await provisioning.remove_trunk(tenant="acme", name="spare")
    change = provisioning.set_trunk(tenant="acme", name="city", seal=seal, is_enabled=False)
    await refused(change, "is_enabled", f"{BRANCH} (of tenant acme)")


async def test_a_trunk_is_renamed_whatever_it_shows(seal: Seal) -> None:
    await provisioning.set_trunk(
        tenant="acme", name="city", seal=seal, caller_id=HEADQUARTERS, new_name="centre"
    )
    await provisioning.set_trunk(tenant="acme", name="centre", seal=seal, new_name="city")


async def test_a_phone_is_refused_for_what_any_of_its_trunks_would_show(seal: Seal) -> None:
    await provisioning.set_device(tenant="acme", name="100", seal=seal, caller_id=HEADQUARTERS)
    await provisioning.set_trunk(tenant="acme", name="spare", seal=seal, caller_id=BRANCH)
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.set_device(tenant="acme", name="100", seal=seal, caller_id="")
    (fault,) = refusal.value.faults
    assert (fault.path, fault.value) == ("trunk spare: caller_id", BRANCH)


async def test_no_tenant_moves_to_a_country_that_asks_for_addresses_without_them() -> None:
    await provisioning.set_tenant(name="acme", country="DE")
    await provisioning.set_tenant(name="acme", caller_id=BRANCH)
    change = provisioning.set_tenant(name="acme", country="US")
    await refused(change, "country", f"100 would show {BRANCH} (of tenant acme)")
    assert (await provisioning.get_tenant(name="acme")).country == "DE"
    await provisioning.set_tenant(name="acme", caller_id=HEADQUARTERS)
    await provisioning.set_tenant(name="acme", country="US")
