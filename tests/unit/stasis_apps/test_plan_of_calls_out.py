"""What the plan knows of phones that call outside: their number, their place, the rules."""

from __future__ import annotations

from dataclasses import replace

from models.facts import (
    EmergencyAddressFacts,
    LocationFacts,
    OutboundRuleFacts,
    TenantRows,
)
from models.outside_policy import OutsidePolicy
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from tests.support.builders import SOUND_FOLDER, a_tenant, a_trunk, tenant_rows

OURS, ALICES, NOT_OURS = "74951234567", "74957654321", "74990000000"


def rows() -> TenantRows:
    """Alice's phone 100, and Boris with 101 and 101-kitchen; two numbers."""
    return tenant_rows(trunks=[a_trunk()], numbers={OURS: "100", ALICES: "100"})


def plan_of(given: TenantRows) -> NumberPlan:
    return build_plan(given, sound_folder=SOUND_FOLDER)


def with_caller_ids(*, extension: str = "", device: str = "") -> NumberPlan:
    """Boris shows one number, his phone in the kitchen another."""
    given = rows()
    alice, boris = given.extensions
    phones = [
        replace(one, caller_id=device) if one.name == "101-kitchen" else one
        for one in given.devices
    ]
    changed = (alice, replace(boris, caller_id=extension))
    return plan_of(replace(given, extensions=changed, devices=tuple(phones)))


def test_a_phone_shows_its_own_number_or_that_of_its_user() -> None:
    plan = with_caller_ids(extension=OURS, device="8 495 765-43-21")

    assert plan.devices["101-kitchen@acme.test"].caller_id == "8 495 765-43-21"
    assert plan.devices["101@acme.test"].caller_id == OURS
    assert plan.devices["100@acme.test"].caller_id == ""
    assert plan.caller_ids == {"101": OURS}


def test_a_number_that_the_tenant_has_given_away_is_shown_by_nobody() -> None:
    plan = with_caller_ids(extension=OURS, device=NOT_OURS)
    assert plan.devices["101-kitchen@acme.test"].caller_id == OURS

    plan = with_caller_ids(extension=NOT_OURS, device=NOT_OURS)
    assert plan.devices["101-kitchen@acme.test"].caller_id == ""
    assert plan.caller_ids == {}


def test_a_phone_stands_where_it_was_put_or_where_its_user_sits_or_where_all_do() -> None:
    given = rows()
    alice, boris = given.extensions
    hall = replace(given.devices[-1], location="hall", hides_number=True)
    plan = plan_of(
        replace(
            given,
            extensions=(alice, replace(boris, location="attic")),
            devices=(*given.devices[:-1], hall),
            locations=(
                LocationFacts(name="hall"),
                LocationFacts(name="attic"),
                LocationFacts(name="office", is_default=True),
            ),
        )
    )

    places = {one.name: one.location for one in plan.devices.values()}
    assert places == {"100": "office", "101": "attic", "101-kitchen": "hall"}
    assert set(plan.locations) == {"hall", "attic", "office"}
    assert [one.name for one in plan.devices.values() if one.hides_number] == ["101-kitchen"]


def test_rules_stand_in_their_order_and_those_that_are_off_are_left_out() -> None:
    rules = (
        OutboundRuleFacts(place=2, name="second", mask="+"),
        OutboundRuleFacts(place=1, name="first", mask="8(+)"),
        OutboundRuleFacts(place=3, name="off", mask="+", is_enabled=False),
    )

    plan = plan_of(replace(rows(), outbound=rules))

    assert [rule.name for rule in plan.outbound] == ["first", "second"]
    assert plan.faults == ()


def test_what_holds_for_calls_out_of_a_tenant_is_in_its_plan() -> None:
    policy = OutsidePolicy(max_calls=2, countries=("DE",))
    address = EmergencyAddressFacts(
        number=OURS, digits=OURS, party="Acme", street="Lenina 1", city="Moscow"
    )
    tenant = a_tenant(caller_id=OURS, outside=policy, emergency_trunks=("moscow",))

    plan = plan_of(replace(rows(), tenant=tenant, emergency_addresses=(address,)))

    assert plan.tenant.outside == policy
    assert (plan.tenant.caller_id, plan.tenant.emergency_trunks) == (OURS, ("moscow",))
    assert plan.addresses == {OURS: address}
    assert "*67" in {code.code for code in plan.codes}
