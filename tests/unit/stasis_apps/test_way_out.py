"""How numbers leave: what people have set up, and what a carrier is then sent."""

from __future__ import annotations

from typing import Any

import pytest

from models.outside_policy import OutsidePolicy
from stasis_apps.call import WayIn
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.way_out import NoWayOut, WayOut
from tests.support.builders import a_tenant, a_trunk
from tests.unit.stasis_apps.ways_out import (
    ANY_FORMAT,
    EVENING,
    FROM_OUTSIDE,
    KEEPS,
    MOSCOW,
    OFFICE_HOURS,
    SPB,
    a_plan,
    leaves,
    refused,
    way,
)

# The worked examples of the rules' manual.


@pytest.mark.parametrize("number", ["89991234567", "+79991234567", "1234567"])
def test_two_people_call_nobody_outside(number: str) -> None:
    plan = a_plan({"mask": "+", "output": "0000", "mode": "only", "users": ("100", "101")})

    assert refused(plan, number) is LegOutcome.FORBIDDEN
    assert way(plan, number, acting="102") == (number, "spb")


@pytest.mark.parametrize("number", ["+79991234567", "79991234567", "89991234567", "9991234567"])
def test_people_dial_in_the_form_they_like(number: str) -> None:
    plan = a_plan({"mask": ANY_FORMAT, "output": "8$"})

    assert way(plan, number) == ("89991234567", "spb")
    assert way(plan, "779991234567") == ("779991234567", "spb")


def test_certain_people_call_through_a_trunk_of_their_own() -> None:
    mine = {"mask": "(+)", "mode": "only", "users": ("102", "103"), "trunks": ("moscow",)}
    plan = a_plan(mine)

    assert way(plan, "89991234567", acting="102") == ("89991234567", "moscow")
    assert way(plan, "89991234567", acting="100") == ("89991234567", "spb")


def test_a_zero_in_front_chooses_the_trunk() -> None:
    zero = {"mask": "0(+)", "mode": "only", "users": ("100",), "trunks": ("moscow",)}
    plan = a_plan(zero)

    assert way(plan, "089991234567") == ("89991234567", "moscow")
    assert refused(plan, "0") is LegOutcome.INVALID_NUMBER


def test_a_rule_that_would_send_nothing_leaves_the_call_to_the_next() -> None:
    plan = a_plan({"mask": "0(+)"}, {"mask": "0", "output": "88002000600"})

    assert way(plan, "0") == ("88002000600", "spb")


def test_calls_to_a_city_leave_by_its_number() -> None:
    to_moscow = {"mask": "{p7|7|8|}(495ddddddd)", "output": "8$", "trunks": ("moscow",)}
    plan = a_plan(to_moscow)

    assert way(plan, "+74951112233") == ("84951112233", "moscow")
    assert way(plan, "84991112233") == ("84991112233", "spb")


@pytest.mark.parametrize(("mask", "number"), [("(+)", "000"), ("0(+)", "00")])
def test_zeros_alone_are_sent_to_nobody_whoever_wrote_them(mask: str, number: str) -> None:
    assert refused(a_plan({"mask": mask}), number) is LegOutcome.FORBIDDEN


def test_zeros_that_call_help_do_call_it() -> None:
    found = leaves(a_plan({"mask": "0(+)"}, tenant=a_tenant(country="AU")), "0000")

    assert isinstance(found, WayOut)
    assert (found.is_emergency, found.choice.sends) == (True, "000")


# Order, hours, users.


def test_the_first_rule_that_fits_is_taken() -> None:
    plan = a_plan({"mask": "8(d+)", "output": "7$"}, {"mask": "+", "action": "deny"})

    assert way(plan, "89991234567") == ("79991234567", "spb")
    assert refused(plan, "79991234567") is LegOutcome.FORBIDDEN


def test_a_rule_holds_in_its_hours_on_the_clock_of_the_tenant() -> None:
    plan = a_plan({"mask": "(+)", "trunks": ("moscow",), "hours": OFFICE_HOURS})

    assert way(plan, "89991234567") == ("89991234567", "moscow")
    assert way(plan, "89991234567", at=EVENING) == ("89991234567", "spb")


def test_a_rule_that_is_switched_off_is_not_there() -> None:
    plan = a_plan({"mask": "+", "action": "deny", "is_enabled": False})

    assert way(plan, "89991234567") == ("89991234567", "spb")


@pytest.mark.parametrize(
    "broken",
    [{"mask": "(("}, {"mask": "+", "mode": "some"}, {"mask": "+", "hours": {"windows": 7}}],
)
def test_a_ban_that_cannot_be_read_still_forbids(broken: dict[str, Any]) -> None:
    for ban in ({"action": "deny"}, {"output": "0000"}, {"pin_hash": "hash"}):
        plan = a_plan({**broken, **ban})

        assert refused(plan, "+79991234567") is LegOutcome.FORBIDDEN
        assert [fault.number for fault in plan.faults] == ["outbound rule rule 1"]


def test_a_ban_that_cannot_be_read_forbids_those_alone_whom_it_is_for() -> None:
    plan = a_plan({"mask": "((", "action": "deny", "mode": "only", "users": ("101",)})

    assert way(plan, "89991234567", acting="100") == ("89991234567", "spb")
    assert refused(plan, "89991234567", acting="101") is LegOutcome.FORBIDDEN


def test_a_rule_that_cannot_be_read_and_forbids_nothing_is_left_out() -> None:
    plan = a_plan({"mask": "((", "trunks": ("moscow",)})

    assert way(plan, "89991234567") == ("89991234567", "spb")
    assert plan.faults


# Trunks.


def test_trunks_are_tried_in_the_order_of_the_rule_without_those_that_are_off() -> None:
    off = a_trunk(name="old", endpoint="trunk-00000003", is_enabled=False, is_default=False)
    rule = {"mask": "(+)", "trunks": ("moscow", "old", "gone", "spb")}
    plan = a_plan(rule, trunks=(SPB, MOSCOW, off))

    assert way(plan, "89991234567") == ("89991234567", "moscow", "spb")


def test_a_rule_whose_trunks_are_all_off_does_not_fall_back_on_the_default_trunk() -> None:
    plan = a_plan({"mask": "(+)", "trunks": ("gone",)})

    assert refused(plan, "89991234567") is LegOutcome.NO_TRUNK


def test_nothing_leaves_without_a_trunk() -> None:
    assert refused(a_plan(trunks=()), "89991234567") is LegOutcome.NO_TRUNK


@pytest.mark.parametrize("number", ["205", "0", "5000"])
def test_a_short_number_that_no_rule_is_for_is_not_sent_to_a_carrier(number: str) -> None:
    assert refused(a_plan(), number) is LegOutcome.NO_SUCH_NUMBER
    assert way(a_plan({"mask": "(ddd)", "output": "7495$"}), "205") == ("7495205", "spb")


def test_strangers_are_not_connected_outside() -> None:
    found = refused(a_plan(), "89991234567", way_in=WayIn.DIRECT_SIP, purpose=Purpose.LED)

    assert found is LegOutcome.UNREACHABLE


# Who acts: forwards, groups, exits.


def test_a_forward_leaves_unchanged_by_the_default_trunk() -> None:
    plan = a_plan({"mask": ANY_FORMAT, "output": "8$", "trunks": ("moscow",)})

    assert way(plan, "+79991234567", purpose=Purpose.FORWARDED) == ("+79991234567", "spb")


def test_a_forward_takes_rules_when_the_tenant_wants_it() -> None:
    tenant = a_tenant(outside=OutsidePolicy(forwards_by_rules=True))
    rule = {"mask": ANY_FORMAT, "output": "8$", "trunks": ("moscow",)}
    plan = a_plan(rule, tenant=tenant)

    assert way(plan, "+79991234567", purpose=Purpose.FORWARDED) == ("89991234567", "moscow")


def test_a_ban_holds_for_the_forwards_of_those_whom_it_is_for() -> None:
    plan = a_plan({"mask": "+", "action": "deny", "mode": "only", "users": ("100",)})

    forwarded = {"purpose": Purpose.FORWARDED, **FROM_OUTSIDE}
    assert refused(plan, "+79991234567", acting="100", **forwarded) is LegOutcome.FORBIDDEN
    assert way(plan, "+79991234567", acting="101", **forwarded) == ("+79991234567", "spb")


@pytest.mark.parametrize("purpose", [Purpose.FORWARDED, Purpose.MEMBER, Purpose.LED])
def test_a_call_that_came_by_a_trunk_which_keeps_its_forwards_leaves_by_it(
    purpose: Purpose,
) -> None:
    plan = a_plan({"mask": "(+)", "trunks": ("spb",)}, trunks=(SPB, KEEPS))

    came = {"purpose": purpose, "came_by": "moscow", **FROM_OUTSIDE}
    assert way(plan, "89991234567", **came)[1:] == ("moscow",)


def test_a_group_acts_for_its_outside_members() -> None:
    plan = a_plan(
        {"mask": "(+)", "mode": "only", "users": ("100",), "trunks": ("moscow",)},
        {"mask": ANY_FORMAT, "output": "8$", "users": ("101",)},
    )

    member = {"acting": "5100", "purpose": Purpose.MEMBER}
    assert way(plan, "+79991234567", **member) == ("89991234567", "spb")


def test_a_pin_is_asked_of_whoever_dials_and_of_nobody_else() -> None:
    plan = a_plan({"mask": "(+)", "pin_hash": "hash"})

    found = leaves(plan, "89991234567")
    assert isinstance(found, WayOut)
    assert found.pin_hash == "hash"
    for purpose in (Purpose.FORWARDED, Purpose.MEMBER, Purpose.LED):
        assert refused(plan, "89991234567", purpose=purpose) is LegOutcome.FORBIDDEN


def test_help_behind_a_prefix_is_help_whatever_its_rule_asks() -> None:
    rule = {"mask": "0(+)", "trunks": ("gone",), "pin_hash": "hash"}

    found = leaves(a_plan(rule), "0112")

    assert isinstance(found, WayOut)
    assert found.is_emergency
    assert (found.choice.sends, found.pin_hash) == ("112", "")
    assert found.attempts


@pytest.mark.parametrize("number", ["+49112", "0049112", "49112", "1234567"])
@pytest.mark.parametrize("forwards_by_rules", [True, False])
@pytest.mark.parametrize(
    "wish",
    [
        {"purpose": Purpose.MEMBER, "acting": "5100"},
        {"purpose": Purpose.LED, "acting": "5000"},
        {"purpose": Purpose.LED, "acting": ""},
        {"purpose": Purpose.FORWARDED},
        {"purpose": Purpose.DIALLED, "is_dialling": False},
    ],
    ids=["member", "exit", "number", "forward", "call-back"],
)
def test_nobody_reaches_help_past_limits_and_pins_but_who_dials_it_on_a_phone(
    wish: dict[str, Any], number: str, *, forwards_by_rules: bool
) -> None:
    to_help = {"mask": "{p49112|0049112|49112|1234567}", "output": "112", "pin_hash": "hash"}
    tenant = a_tenant(country="DE", outside=OutsidePolicy(forwards_by_rules=forwards_by_rules))
    plan = a_plan(to_help, tenant=tenant)

    for way_in in (WayIn.PHONE, WayIn.TRUNK):
        found = leaves(plan, number, way_in=way_in, **wish)
        assert isinstance(found, NoWayOut)
        assert found.outcome is LegOutcome.FORBIDDEN
        assert "calls help" in found.note
    dialled = leaves(plan, number)
    assert isinstance(dialled, WayOut)
    assert dialled.is_emergency


@pytest.mark.parametrize("number", ["112", "+112", "+49112", "0049112"])
@pytest.mark.parametrize("purpose", [Purpose.MEMBER, Purpose.LED, Purpose.FORWARDED])
def test_nothing_leads_to_help_as_it_stands_in_the_plan(purpose: Purpose, number: str) -> None:
    plan = a_plan(tenant=a_tenant(country="DE"))

    assert refused(plan, number, purpose=purpose, **FROM_OUTSIDE) is LegOutcome.FORBIDDEN


def test_a_plus_that_a_rule_sends_before_an_emergency_number_is_taken_off() -> None:
    found = leaves(a_plan({"mask": "0(+)", "output": "+$"}), "0112")

    assert isinstance(found, WayOut)
    assert (found.is_emergency, found.choice.sends) == (True, "112")
