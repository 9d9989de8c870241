"""How numbers leave: what people have set up, and what a carrier is then sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.facts import DeviceFacts, ExtensionFacts, OutboundRuleFacts, TenantRows
from models.outside_policy import OutsidePolicy
from stasis_apps.call import WayIn
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.way_out import NoWayOut, Shown, WayOut, Wish, find_way_out
from tests.support.builders import SOUND_FOLDER, a_tenant, a_trunk, tenant_rows

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Moscow"))
EVENING = NOON.replace(hour=20)
OFFICE_HOURS = {"windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}]}

SPB = a_trunk(name="spb", endpoint="trunk-00000001", username="spb", is_default=True)
MOSCOW = a_trunk(name="moscow", endpoint="trunk-00000002", username="msk", is_default=False)
OURS, ALICES, RULES_OWN, OLD = "74951234567", "74957654321", "78121234567", "74990000000"

ANY_FORMAT = "{p7|7|8|}(dddddddddd)"


def rows(*rules: dict[str, Any], **changes: Any) -> TenantRows:
    """A tenant with phones 100 and 101, the trunks spb (default) and moscow, and these rules."""
    facts = [
        OutboundRuleFacts(**{"place": place, "name": f"rule {place}", **rule})
        for place, rule in enumerate(rules, start=1)
    ]
    usual = tenant_rows(trunks=[SPB, MOSCOW], numbers={OURS: "100", ALICES: "100", RULES_OWN: ""})
    return replace(usual, **{"outbound": tuple(facts), **changes})


def a_plan(*rules: dict[str, Any], **changes: Any) -> NumberPlan:
    return build_plan(rows(*rules, **changes), sound_folder=SOUND_FOLDER)


def leaves(plan: NumberPlan, number: str, **wish: Any) -> WayOut | NoWayOut:
    """How a number leaves that 100 dials at noon, if nothing else is said."""
    usual = {"acting": "100", "purpose": Purpose.DIALLED, "device": "100", "at": NOON}
    return find_way_out(plan, Wish(number=number, **{**usual, "caller_number": "100", **wish}))


def way(plan: NumberPlan, number: str, **wish: Any) -> tuple[str, ...]:
    """What is sent, and then the trunks in order."""
    found = leaves(plan, number, **wish)
    assert isinstance(found, WayOut), found
    return (found.choice.sends, *(one.trunk.name for one in found.attempts))


def refused(plan: NumberPlan, number: str, **wish: Any) -> LegOutcome:
    found = leaves(plan, number, **wish)
    assert isinstance(found, NoWayOut), found
    return found.outcome


def shown(plan: NumberPlan, number: str = "89991234567", **wish: Any) -> Shown:
    found = leaves(plan, number, **wish)
    assert isinstance(found, WayOut), found
    return found.attempts[0].shown


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

FROM_OUTSIDE = {"way_in": WayIn.TRUNK, "device": "", "caller_number": "+79160000001"}
KEEPS = replace(MOSCOW, forward_via_same=True)


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


# Who is shown.


def with_numbers(
    *rules: dict[str, Any], tenant: str = "", extension: str = "", device: str = "", **more: Any
) -> NumberPlan:
    """Numbers to show for the tenant, for 100, and for the phone 100."""
    return a_plan(
        *rules,
        tenant=a_tenant(caller_id=tenant),
        extensions=(
            ExtensionFacts(number="100", name="A", email=None, ring_s=20, caller_id=extension),
        ),
        devices=(
            DeviceFacts(
                name="100",
                extension="100",
                endpoint="100@acme.test",
                caller_name=None,
                caller_id=device,
                **more,
            ),
        ),
    )


def test_the_number_shown_is_the_most_special_one_there_is() -> None:
    rule = {"mask": "(+)", "caller_id": RULES_OWN}
    everything = {"tenant": OURS, "extension": OURS, "device": ALICES}

    assert shown(with_numbers(rule, **everything)).number == RULES_OWN
    assert shown(with_numbers(**everything)).number == ALICES
    assert shown(with_numbers(tenant=ALICES, extension=OURS)).number == OURS
    assert shown(with_numbers(tenant=OURS)).number == OURS
    assert shown(with_numbers()).number == "spb"


def test_the_number_of_a_trunk_stands_between_those_of_people_and_of_the_tenant() -> None:
    trunk = replace(SPB, caller_id="78120000000")
    plan = replace(with_numbers(tenant=OURS), trunks={trunk.endpoint: trunk})

    assert shown(plan).number == "78120000000"


def test_a_number_that_is_the_tenants_no_more_is_passed_over() -> None:
    rule = {"mask": "(+)", "caller_id": OLD}

    assert shown(with_numbers(rule, device=OLD, extension=OURS)).number == OURS
    assert shown(with_numbers(rule, device=OLD, extension=OLD, tenant=OLD)).number == "spb"


def test_a_number_is_the_tenants_however_it_is_spelt() -> None:
    assert shown(with_numbers(device="8 495 123-45-67")).number == "8 495 123-45-67"


@pytest.mark.parametrize(
    ("form", "number"),
    [
        ("as_written", "+74951234567"),
        ("e164_plus", "+74951234567"),
        ("e164", "74951234567"),
        ("national", "84951234567"),
    ],
)
def test_a_carrier_gets_the_number_in_the_form_it_wants(form: str, number: str) -> None:
    trunk = replace(SPB, caller_id_format=form)
    plan = with_numbers(device="+74951234567")

    assert shown(replace(plan, trunks={trunk.endpoint: trunk})).number == number


def test_a_number_is_hidden_when_the_caller_or_the_phone_wants_it() -> None:
    assert not shown(with_numbers(device=OURS)).is_hidden
    assert shown(with_numbers(device=OURS), hides_number=True) == Shown(number=OURS, is_hidden=True)
    assert shown(with_numbers(device=OURS, hides_number=True)).is_hidden


@pytest.mark.parametrize(
    ("told_by", "forwarded_by"), [("diversion", OURS), ("both", OURS), ("none", "")]
)
def test_a_call_from_outside_that_leaves_again_shows_our_number_and_says_who_forwarded_it(
    told_by: str, forwarded_by: str
) -> None:
    trunk = replace(SPB, forwarded_by=told_by)
    plan = replace(with_numbers(extension=OURS), trunks={trunk.endpoint: trunk})

    found = shown(plan, purpose=Purpose.FORWARDED, came_by="spb", **FROM_OUTSIDE)

    assert found == Shown(number=OURS, forwarded_by=forwarded_by)


def test_a_trunk_may_pass_on_the_number_of_the_forwarded_caller() -> None:
    trunk = replace(SPB, passes_caller_id=True)
    plan = replace(with_numbers(extension=OURS), trunks={trunk.endpoint: trunk})

    forwarded = {"purpose": Purpose.FORWARDED, "caller_name": "Vera", **FROM_OUTSIDE}
    found = shown(plan, **forwarded)

    assert found == Shown(number="+79160000001", name="Vera", forwarded_by=OURS)
    assert shown(plan, **{**forwarded, "caller_number": ""}).number == OURS


def test_a_colleague_who_is_forwarded_shows_the_number_of_the_one_who_forwards() -> None:
    plan = with_numbers(extension=OURS)

    found = shown(plan, purpose=Purpose.FORWARDED, acting="100", device="101")

    assert found == Shown(number=OURS, forwarded_by=OURS)


def test_the_number_that_a_caller_dialled_stands_for_the_tenant_on_that_trunk() -> None:
    came = {"purpose": Purpose.LED, "acting": "", "called": OURS, **FROM_OUTSIDE}

    assert shown(a_plan(), came_by="spb", **came).number == OURS
    assert shown(a_plan(), came_by="moscow", **came).number == "spb"
