"""Outbound rules: made, put into order, changed, and refused when they cannot work."""

from typing import Unpack

import pytest

from models import provisioning
from models.errors import AlreadyExists, InUse, InvalidSettings, NotFound
from models.facts import OutboundRuleFacts
from models.outbound_rules import RuleSettings
from models.pins import is_pin
from models.provisioning.outbound import NO_PIN
from models.seal import Seal
from models.tables import OutboundRule
from tests.unit.models.builders import a_tenant
from tests.unit.models.outbound import CATALOGUE, OFFICE_HOURS, a_rule, an_office


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await an_office(seal)


async def change(name: str, **given: Unpack[RuleSettings]) -> OutboundRuleFacts:
    return await provisioning.set_rule(tenant="acme", name=name, catalogue=CATALOGUE, **given)


async def in_order() -> list[str]:
    """The names of the rules as they are read; their places have no gaps."""
    found = await provisioning.list_rules(tenant="acme")
    assert [one.place for one in found] == list(range(1, len(found) + 1))
    return [one.name for one in found]


async def faults_of(name: str = "wrong", **given: Unpack[RuleSettings]) -> dict[str, list[str]]:
    """The rules that such a rule breaks, by field; nothing is stored of it."""
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.create_rule(tenant="acme", name=name, catalogue=CATALOGUE, **given)
    assert await OutboundRule.all().count() == 0
    broken: dict[str, list[str]] = {}
    for fault in refusal.value.faults:
        broken.setdefault(fault.path, []).append(fault.rule)
    return broken


async def test_a_rule_is_read_back_as_it_was_made_and_with_the_plan() -> None:
    made = await a_rule(
        "to the city",
        "{p7|7|8|}(495ddddddd)",
        output="8$",
        trunks=("spb", "moscow"),
        mode="only",
        users=("100", "102"),
        hours=OFFICE_HOURS,
    )
    assert made.place == 1
    assert await provisioning.get_rule(tenant="acme", name="to the city") == made
    tenant = await provisioning.get_tenant(name="acme")
    assert (await provisioning.read_plan_rows(tenant.id)).outbound == (made,)


async def test_rules_stand_where_they_are_put_and_the_others_make_room() -> None:
    for name in ("a", "b", "c"):
        await a_rule(name)
    await a_rule("first", place=1)
    await a_rule("third", place=3)
    assert await in_order() == ["first", "a", "third", "b", "c"]
    await provisioning.remove_rule(tenant="acme", name="a")
    assert await in_order() == ["first", "third", "b", "c"]
    with pytest.raises(InvalidSettings, match="place 6: from 1 to 5"):
        await a_rule("far", place=6)


@pytest.mark.parametrize(
    ("place", "steps", "order"),
    [
        (None, -1, ["b", "a", "c", "d"]),
        (None, 1, ["a", "c", "b", "d"]),
        (None, -9, ["b", "a", "c", "d"]),
        (None, 9, ["a", "c", "d", "b"]),
        (4, 0, ["a", "c", "d", "b"]),
        (1, 0, ["b", "a", "c", "d"]),
        (2, 0, ["a", "b", "c", "d"]),
    ],
)
async def test_a_rule_is_moved_and_the_others_keep_their_order(
    place: int | None, steps: int, order: list[str]
) -> None:
    for name in ("a", "b", "c", "d"):
        await a_rule(name)
    moved = await provisioning.move_rule(tenant="acme", name="b", place=place, steps=steps)
    assert await in_order() == order
    assert moved.place == order.index("b") + 1


@pytest.mark.parametrize("place", [0, -1, 3])
async def test_a_rule_is_moved_to_no_place_that_the_list_has_not(place: int) -> None:
    for name in ("a", "b"):
        await a_rule(name)
    with pytest.raises(InvalidSettings, match="from 1 to 2"):
        await provisioning.move_rule(tenant="acme", name="a", place=place)
    assert await in_order() == ["a", "b"]


async def test_only_real_changes_are_told_to_those_who_keep_plans() -> None:
    async def revision() -> int:
        return (await provisioning.get_tenant(name="acme")).revision

    await a_rule("a")
    await a_rule("b")
    before = await revision()
    await change("a", mask="(+)")
    await provisioning.move_rule(tenant="acme", name="a", steps=-1)
    assert await revision() == before
    await change("a", mask="(8+)")
    changed = await revision()
    await provisioning.move_rule(tenant="acme", name="a", steps=1)
    assert before < changed < await revision()


async def test_all_that_is_wrong_with_a_rule_is_listed_at_once() -> None:
    broken = await faults_of(
        "ж" * 36,
        mask="7(8",
        output="8 $",
        action="allow",
        trunks=("nobody", "moscow", "moscow"),
        mode="all",
        users=("100-102", "alice", "100", "100"),
        caller_id="+74951234567",
        hours={
            "timezone": "Mars",
            "windows": [{"days": "workdays", "from": "09:00", "to": "25:00"}],
            "holidays": "russia",
        },
    )
    assert broken.keys() == {
        "name", "mask", "output", "action", "trunks", "mode", "users", "caller_id",
        "hours.timezone", "hours.windows.0.days", "hours.windows.0.to", "hours.holidays",
    }  # fmt: skip
    assert broken["mask"] == ["character 2: ( is not closed by )"]
    assert broken["trunks"] == [
        "there is no such trunk (there are moscow, spb)",
        "is named twice",
    ]
    assert len(broken["users"]) == 3


@pytest.mark.parametrize(
    ("mask", "position"),
    [
        ("", 1),
        ("8x", 2),
        ("?8", 1),
        ("(8)(9)", 4),
        ("{7}", 1),
        ("{7|{8|9}}", 4),
        ("8)", 2),
        ("7|8", 2),
        ("(8)?", 4),
        ("8" * 251, 251),
    ],
)
async def test_a_wrong_mask_is_refused_with_the_place_where_it_is_wrong(
    mask: str, position: int
) -> None:
    broken = await faults_of(mask=mask, output="112")
    assert broken.keys() == {"mask"}
    assert broken["mask"][0].startswith(f"character {position}: ")


@pytest.mark.parametrize(
    ("mask", "output"),
    [("8+", "$"), ("8({|})", "7$"), ("{7|8}+", "8$"), ("(+)", ""), ("(+)", "+")],
)
async def test_a_rule_that_could_only_send_an_empty_number_is_refused(
    mask: str, output: str
) -> None:
    broken = await faults_of(mask=mask, output=output)
    assert broken.keys() == {"output"}
    assert "nothing would be sent" in broken["output"][0]


async def test_a_mask_without_brackets_is_answered_with_the_one_that_was_meant() -> None:
    (rule,) = (await faults_of(mask="8+"))["output"]
    assert "(8+) would send the number as dialled" in rule


@pytest.mark.parametrize("output", ["7x$", "8-$", "8 $", "$+", "sip:1", "*67$", "٣", "8" * 65])
async def test_what_no_carrier_is_dialled_by_is_no_output(output: str) -> None:
    assert (await faults_of(mask="(+)", output=output)).keys() == {"output"}


@pytest.mark.parametrize(
    "given",
    [
        RuleSettings(mask="+", output="0000"),
        RuleSettings(mask="+", action="deny"),
        RuleSettings(mask="8+", action="deny", output=""),
        RuleSettings(mask="0(+)"),
        RuleSettings(mask="{7|}(d?)"),
        RuleSettings(mask="(dddddddddd)", output="+7$"),
        RuleSettings(mask="02", output="74951234567"),
    ],
)
async def test_a_rule_that_may_send_something_or_forbids_is_taken(given: RuleSettings) -> None:
    made = await provisioning.create_rule(tenant="acme", name="a", catalogue=CATALOGUE, **given)
    assert await provisioning.list_rules(tenant="acme") == [made]


async def test_a_rule_shows_only_numbers_that_the_tenant_has() -> None:
    assert "only its own" in (await faults_of(mask="(+)", caller_id="84951234567"))["caller_id"][0]
    await provisioning.create_number(tenant="acme", number="+74951234567", trunk="moscow")
    made = await a_rule("a", caller_id="84951234567")
    assert made.caller_id == "84951234567"


async def test_a_pin_is_kept_hashed_changed_and_taken_away() -> None:
    made = await a_rule("abroad", "810(+)", output="810$", pin="47110826")
    assert made.has_pin
    assert await is_pin(made.pin_hash, "47110826")
    assert "scrypt" not in repr(made)
    assert "47110826" not in repr(await OutboundRule.all().values())
    kept = await change("abroad", output="00$")
    assert kept.pin_hash == made.pin_hash
    freed = await provisioning.set_rule(
        tenant="acme", name="abroad", catalogue=CATALOGUE, pin=NO_PIN
    )
    assert not freed.has_pin


async def test_a_weak_pin_is_refused_beside_all_other_faults_and_never_repeated() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await a_rule("abroad", "x", pin="1234")
    assert {fault.path for fault in refusal.value.faults} == {"mask", "pin"}
    assert "1234" not in str(refusal.value)


async def test_a_rule_keeps_its_trunks_when_they_get_other_names(seal: Seal) -> None:
    await a_rule("a", trunks=("spb", "moscow"))
    await provisioning.set_trunk(tenant="acme", name="spb", seal=seal, new_name="north")
    assert (await provisioning.get_rule(tenant="acme", name="a")).trunks == ("north", "moscow")


async def test_a_trunk_that_rules_name_stays() -> None:
    await a_rule("a", trunks=("spb", "moscow"))
    await a_rule("b", "8(+)", trunks=("spb",))
    await a_rule("c", "9(+)")
    with pytest.raises(InUse) as refusal:
        await provisioning.remove_trunk(tenant="acme", name="spb")
    assert refusal.value.users == (
        "outbound rule a sends calls through spb",
        "outbound rule b sends calls through spb",
    )
    await change("a", trunks=())
    await provisioning.remove_rule(tenant="acme", name="b")
    await provisioning.remove_trunk(tenant="acme", name="spb")


async def test_what_is_not_named_stays_as_it_is_the_place_too() -> None:
    await a_rule("a")
    before = await a_rule("b", "8(+)", trunks=("spb",), mode="only", users=("100",))
    await a_rule("c")
    after = await provisioning.set_rule(
        tenant="acme", name="b", catalogue=CATALOGUE, new_name="B", is_enabled=False
    )
    assert (after.name, after.is_enabled, after.place) == ("B", False, 2)
    assert (after.mask, after.trunks, after.users) == (before.mask, before.trunks, before.users)
    assert await in_order() == ["a", "B", "c"]


async def test_a_change_that_would_break_a_rule_changes_nothing() -> None:
    made = await a_rule("a", "8(+)", output="7$")
    with pytest.raises(InvalidSettings, match="nothing would be sent"):
        await change("a", mask="8+")
    assert await provisioning.list_rules(tenant="acme") == [made]


async def test_a_name_is_given_once_in_a_tenant_and_again_in_another() -> None:
    first = await a_rule("a")
    await a_rule("b")
    with pytest.raises(AlreadyExists, match="has an outbound rule a already"):
        await a_rule("a")
    with pytest.raises(AlreadyExists):
        await provisioning.set_rule(tenant="acme", name="b", catalogue=CATALOGUE, new_name="a")
    same = await provisioning.create_rule(
        tenant="acme", name="a", catalogue=CATALOGUE, if_missing=True, mask="8(+)"
    )
    assert same == first
    await a_tenant("other")
    with pytest.raises(NotFound, match="Tenant other has no outbound rule a"):
        await provisioning.get_rule(tenant="other", name="a")
    await provisioning.create_rule(tenant="other", name="a", catalogue=CATALOGUE, mask="(+)")
    assert await in_order() == ["a", "b"]


async def test_trunks_of_another_tenant_are_none() -> None:
    await a_tenant("other")
    with pytest.raises(InvalidSettings, match="the tenant has none yet"):
        await provisioning.create_rule(
            tenant="other", name="a", catalogue=CATALOGUE, mask="(+)", trunks=("moscow",)
        )


async def test_rules_go_with_their_tenant() -> None:
    await a_rule("a")
    await provisioning.remove_tenant(name="acme")
    assert await OutboundRule.all().count() == 0
