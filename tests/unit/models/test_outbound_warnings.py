"""Outbound rules that are allowed and yet seldom meant: saved, and said."""

import pytest

from models import provisioning
from models.outbound_rules import RuleSettings
from models.seal import Seal
from tests.unit.models.outbound import CATALOGUE, OFFICE_HOURS, a_rule, an_office


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await an_office(seal)


async def warnings(name: str) -> str:
    told = await provisioning.warnings_about(
        tenant="acme", owner=f"rule {name}", catalogue=CATALOGUE
    )
    return "\n".join(told)


async def test_users_who_are_not_there_are_warned_about() -> None:
    await a_rule("a", "8(+)", mode="only", users=("100", "199"))
    told = await warnings("a")
    assert "names 199, and acme has nobody of that number" in told
    assert "names 100" not in told


async def test_a_rule_for_nobody_is_warned_about_and_called_nothing_else() -> None:
    await a_rule("all")
    await a_rule("a", "8(+)", mode="only")
    assert await warnings("a") == (
        "rule a is for nobody: it is only for those who are named, and none is"
    )


async def test_a_rule_without_a_usable_trunk_is_warned_about(seal: Seal) -> None:
    await provisioning.set_trunk(tenant="acme", name="spb", seal=seal, is_enabled=False)
    await a_rule("a", "8(+)", trunks=("spb",))
    await a_rule("b", "9(+)", trunks=("spb", "moscow"))
    await a_rule("ban", "7+", trunks=("spb",), output="000")
    assert "rule a has no trunk that is enabled" in await warnings("a")
    assert await warnings("b") == ""
    assert await warnings("ban") == ""


async def test_who_switches_a_trunk_off_hears_which_rules_it_takes_with_it(seal: Seal) -> None:
    await a_rule("a", "8(+)", trunks=("spb",))
    await a_rule("b", "9(+)", trunks=("moscow", "spb"))
    await provisioning.set_trunk(tenant="acme", name="spb", seal=seal, is_enabled=False)
    told = await provisioning.warnings_about(tenant="acme", owner="trunk spb", catalogue=CATALOGUE)
    assert told == ("rule a has no trunk that is enabled: no call leaves by it",)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (RuleSettings(mask="(+)"), RuleSettings(mask="8(+)")),
        (
            RuleSettings(mask="+", action="deny", users=("100",)),
            RuleSettings(mask="8(+)", mode="only", users=("101", "102")),
        ),
        (RuleSettings(mask="{p|}(+)"), RuleSettings(mask="p(+)", users=("101",))),
        (
            RuleSettings(mask="(+)", users=("101",)),
            RuleSettings(mask="8+", action="deny", users=("101", "102")),
        ),
        (
            RuleSettings(mask="(+)", mode="only", users=("101", "102")),
            RuleSettings(mask="8(+)", mode="only", users=("102",)),
        ),
        (RuleSettings(mask="0(+)"), RuleSettings(mask="0(+)", trunks=("spb",))),
        (RuleSettings(mask="8(d+)", output="0"), RuleSettings(mask="8(d+)", action="deny")),
        (
            RuleSettings(mask="{p7|7|8|}(dddddddddd)", output="8$"),
            RuleSettings(mask="{p7|7}(495ddddddd)", action="deny"),
        ),
        (
            RuleSettings(mask="8(+)", hours=OFFICE_HOURS),
            RuleSettings(mask="89(+)", hours=OFFICE_HOURS),
        ),
    ],
)
async def test_a_rule_that_can_never_fire_is_warned_about_whichever_was_saved_last(
    earlier: RuleSettings, later: RuleSettings
) -> None:
    await provisioning.create_rule(tenant="acme", name="one", catalogue=CATALOGUE, **earlier)
    await provisioning.create_rule(tenant="acme", name="two", catalogue=CATALOGUE, **later)
    for saved in ("one", "two"):
        assert "rule two never fires: rule one, which stands before it" in await warnings(saved)


async def test_rules_that_only_together_leave_nothing_to_another_are_named_together() -> None:
    for name, mask in (("low", "8{1|2|3|4|5}+"), ("high", "8{0|6|7|8|9}+"), ("all", "8d(d+)")):
        await a_rule(name, mask, output="$" if name == "all" else "0000")
    expected = "rule all never fires: rules low and high, which stand before it, take every call"
    for saved in ("low", "high", "all"):
        assert expected in await warnings(saved)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (RuleSettings(mask="8(+)"), RuleSettings(mask="(+)")),
        (RuleSettings(mask="(+)", is_enabled=False), RuleSettings(mask="8(+)")),
        (RuleSettings(mask="(+)", hours=OFFICE_HOURS), RuleSettings(mask="8(+)")),
        (RuleSettings(mask="(+)", mode="only", users=("100",)), RuleSettings(mask="8(+)")),
        (RuleSettings(mask="(+)", users=("100",)), RuleSettings(mask="8(+)")),
        (
            RuleSettings(mask="(+)", users=("100",)),
            RuleSettings(mask="8(+)", mode="only", users=("100",)),
        ),
        (RuleSettings(mask="0(+)"), RuleSettings(mask="0(+)", output="74951234567")),
        (RuleSettings(mask="0(+)"), RuleSettings(mask="0(+)", action="deny")),
        (RuleSettings(mask="(+)"), RuleSettings(mask="8(+)", is_enabled=False)),
        (RuleSettings(mask="8(495ddddddd)"), RuleSettings(mask="8(dddddddddd)")),
        (
            RuleSettings(mask="p7(dddddddddd)", output="8$"),
            RuleSettings(mask="{p7|7}(495ddddddd)", action="deny"),
        ),
    ],
)
async def test_a_rule_that_is_left_some_calls_is_not_said_never_to_fire(
    earlier: RuleSettings, later: RuleSettings
) -> None:
    await provisioning.create_rule(tenant="acme", name="one", catalogue=CATALOGUE, **earlier)
    await provisioning.create_rule(tenant="acme", name="two", catalogue=CATALOGUE, **later)
    for saved in ("one", "two"):
        assert "never fires" not in await warnings(saved)


async def test_a_mask_that_fits_emergency_numbers_is_told_that_rules_do_not_hold_for_them(
    seal: Seal,
) -> None:
    await a_rule("ban", "+", action="deny", users=("100",))
    await a_rule("long", "(ddddddd+)")
    told = await warnings("ban")
    assert "pass by all rules, by rule ban too" in told
    assert "112" in told
    assert "101" not in told
    assert await warnings("long") == ""


@pytest.mark.parametrize(
    ("country", "mask", "output"),
    [
        ("DE", "{p49|0049|0|}(ddddddd+)", "+49$"),
        ("DE", "0(d+)", "0049$"),
        ("DE", "0(d+)", "49$"),
        ("RU", "8(d+)", "+7$"),
        ("RU", "{p7|7|8|}(d+)", "8$"),
        ("US", "{1|}(ddddddd+)", "+1$"),
    ],
)
async def test_a_rule_that_makes_a_stranger_at_home_of_a_number_abroad_is_warned_about(
    country: str, mask: str, output: str
) -> None:
    await provisioning.set_tenant(name="acme", country=country)
    await a_rule("a", mask, output=output)
    told = await warnings("a")
    assert f"a number of another country that becomes one of {country}" in told


@pytest.mark.parametrize(
    ("country", "mask", "output"),
    [
        ("DE", "{p|00}({1|2|3|4|5|6|7|8|9}d+)", "+$"),
        ("DE", "0({1|2|3|4|5|6|7|8|9}d+)", "+49$"),
        ("DE", "00(d+)", "$"),
        ("DE", "(+)", "$"),
        ("RU", "{p7|7|8|}(dddddddddd)", "8$"),
        ("RU", "810(d+)", "+$"),
        ("US", "011(d+)", "+$"),
        ("US", "{p1|1|}(dddddddddd)", "+1$"),
    ],
)
async def test_a_rule_that_leaves_numbers_abroad_what_they_are_is_not_warned_about(
    country: str, mask: str, output: str
) -> None:
    await provisioning.set_tenant(name="acme", country=country)
    await a_rule("a", mask, output=output)
    assert "another country" not in await warnings("a")


async def test_a_rule_for_other_countries_before_it_makes_a_rule_harmless() -> None:
    await provisioning.set_tenant(name="acme", country="DE")
    await a_rule("home", "0(d+)", output="+49$")
    await a_rule("abroad", "00(d+)", output="+$", users=("100",), place=1)
    assert "another country" in await warnings("home")
    await provisioning.set_rule(tenant="acme", name="abroad", catalogue=CATALOGUE, users=())
    assert await warnings("home") == ""
    await provisioning.move_rule(tenant="acme", name="abroad", steps=1)
    assert "another country" in await warnings("home")
