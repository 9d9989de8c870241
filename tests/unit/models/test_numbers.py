"""Numbers that outsiders dial: where they lead, and where they have led."""

import pytest

from models import provisioning
from models.errors import AlreadyExists, InUse, InvalidSettings, NotFound
from models.facts import NumberFacts
from models.provisioning.numbers import KEPT_ASSIGNMENTS
from models.seal import Seal
from models.tables import OutsideNumber
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    for name in ("moscow", "spare"):
        await provisioning.create_trunk(
            tenant="acme",
            name=name,
            seal=seal,
            host="sip.carrier.test",
            username=name,
            password="x",
        )


async def a_number(number: str = "84951234567", target: str = "100") -> NumberFacts:
    return await provisioning.create_number(
        tenant="acme", number=number, trunk="moscow", target=target
    )


async def test_a_number_is_kept_as_given_and_as_the_world_writes_it() -> None:
    made = await a_number()
    assert (made.number, made.digits) == ("84951234567", "74951234567")
    tenant = await provisioning.get_tenant(name="acme")
    assert (await provisioning.read_plan_rows(tenant.id)).numbers == (made,)


@pytest.mark.parametrize("spelling", ["84951234567", "+74951234567", "74951234567", "4951234567"])
async def test_a_number_is_found_in_every_spelling_and_given_once(spelling: str) -> None:
    made = await a_number()
    assert await provisioning.get_number(tenant="acme", number=spelling) == made
    with pytest.raises(AlreadyExists, match="has the number 84951234567 already"):
        await a_number(spelling)


async def test_short_numbers_of_a_carrier_stay_as_they_are() -> None:
    assert (await a_number("12345")).digits == "12345"


@pytest.mark.parametrize("number", ["1234", "1234567890123456", "+", "", "49512x", "٤٩٥١٢٣٤"])
async def test_what_is_no_number_is_named(number: str) -> None:
    with pytest.raises(InvalidSettings, match="5 to 15 digits") as refusal:
        await a_number(number)
    assert [(fault.path, fault.value) for fault in refusal.value.faults] == [("number", number)]
    assert await OutsideNumber.all().count() == 0


@pytest.mark.parametrize(("target", "rule"), [("5000", "does not exist"), ("x1", "is neither")])
async def test_a_number_does_not_lead_into_the_void(target: str, rule: str) -> None:
    with pytest.raises(InvalidSettings, match=f"84951234567 leads to {target}, which {rule}"):
        await a_number(target=target)


async def test_a_number_may_lead_outside_or_nowhere_yet() -> None:
    assert (await a_number("84951234561", target="+79161112233")).target == "+79161112233"
    assert (await a_number("84951234562", target="")).target == ""


async def test_a_new_assignment_says_what_it_replaced() -> None:
    await a_number()
    changed = await provisioning.set_number(
        tenant="acme", number="+74951234567", target="", trunk="spare"
    )
    assert (changed.replaced_target, changed.replaced_trunk) == ("100", "moscow")
    assert (changed.number.target, changed.number.trunk) == ("", "spare")
    same = await provisioning.set_number(tenant="acme", number="+74951234567", target="")
    assert (same.replaced_target, same.replaced_trunk) == (None, None)


async def test_one_can_look_up_where_a_number_has_led_even_when_it_is_gone() -> None:
    await a_number()
    await provisioning.set_number(tenant="acme", number="84951234567", target="")
    await provisioning.set_number(tenant="acme", number="84951234567", label="Sales")
    await provisioning.remove_number(tenant="acme", number="84951234567")
    past = await provisioning.number_history(tenant="acme", number="84951234567")
    assert [(one.trunk, one.target) for one in past] == [
        ("", ""),
        ("moscow", ""),
        ("moscow", "100"),
    ]
    assert past[0].assigned_at >= past[2].assigned_at


async def test_very_old_assignments_are_forgotten() -> None:
    await a_number()
    for turn in range(KEPT_ASSIGNMENTS + 5):
        await provisioning.set_number(
            tenant="acme", number="84951234567", target="100" if turn % 2 else ""
        )
    past = await provisioning.number_history(tenant="acme", number="84951234567")
    assert len(past) == KEPT_ASSIGNMENTS
    assert past[0].target == ""


async def test_nobody_is_removed_while_a_number_leads_to_them() -> None:
    await a_number()
    with pytest.raises(InUse, match="number 84951234567 leads to 100"):
        await provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE)


async def test_a_number_belongs_to_a_trunk_of_its_own_tenant() -> None:
    await a_tenant("other")
    with pytest.raises(NotFound, match="Tenant other has no trunk moscow"):
        await provisioning.create_number(tenant="other", number="84951234567", trunk="moscow")


async def test_two_tenants_may_have_the_same_number(seal: Seal) -> None:
    await a_number()
    await a_tenant("other")
    await provisioning.create_trunk(
        tenant="other", name="moscow", seal=seal, host="x.test", username="other", password="x"
    )
    await provisioning.create_number(tenant="other", number="84951234567", trunk="moscow")


async def test_a_change_is_noticed_and_none_is_not() -> None:
    await a_number()
    before = (await provisioning.get_tenant(name="acme")).revision
    await provisioning.set_number(tenant="acme", number="84951234567", label="Sales")
    after = (await provisioning.get_tenant(name="acme")).revision
    assert after > before
    await provisioning.set_number(tenant="acme", number="84951234567", label="Sales")
    assert (await provisioning.get_tenant(name="acme")).revision == after
