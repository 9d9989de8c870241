"""Which number those see who are called outside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.facts import DeviceFacts, ExtensionFacts
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.plan import NumberPlan
from stasis_apps.way_out import Shown
from tests.support.builders import a_tenant
from tests.unit.stasis_apps.ways_out import (
    ALICES,
    FROM_OUTSIDE,
    MOSCOW,
    OLD,
    OURS,
    RULES_OWN,
    SPB,
    a_plan,
    shown,
)


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
    trunk = replace(SPB, caller_id=RULES_OWN)
    plan = replace(with_numbers(tenant=OURS), trunks={trunk.endpoint: trunk})

    assert shown(plan).number == RULES_OWN


@pytest.mark.parametrize(
    ("caller_id", "username", "number"),
    [
        (OLD, "spb", OURS),
        (f"+{OLD}", OLD, f"+{OLD}"),
        (f"+{OURS}", "spb", f"+{OURS}"),
    ],
)
def test_a_trunk_shows_only_a_number_of_the_tenants_or_the_login_of_its_carrier(
    caller_id: str, username: str, number: str
) -> None:
    trunk = replace(SPB, caller_id=caller_id, username=username)
    plan = replace(with_numbers(tenant=OURS), trunks={trunk.endpoint: trunk})

    assert shown(plan).number == number


def test_where_nobody_has_set_a_number_and_the_carrier_knows_no_login_one_of_ours_is_shown() -> (
    None
):
    spb, moscow = (replace(one, username="") for one in (SPB, MOSCOW))
    plan = with_numbers()
    plan = replace(plan, trunks={one.endpoint: one for one in (spb, moscow)})
    of_moscow = replace(plan.numbers[ALICES], trunk="moscow")
    rule = {"mask": "(+)", "trunks": ("moscow",)}
    by_moscow = replace(
        plan, numbers={**plan.numbers, ALICES: of_moscow}, outbound=a_plan(rule).outbound
    )
    elsewhere = {ALICES: of_moscow}

    assert shown(plan).number == OURS
    assert shown(by_moscow).number == ALICES
    assert shown(replace(plan, numbers=elsewhere)).number == ALICES


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_tenant_without_any_number_shows_neither_the_caller_nor_an_extension(
    purpose: Purpose,
) -> None:
    bare = replace(SPB, username="")
    plan = replace(with_numbers(), trunks={bare.endpoint: bare}, numbers={})

    from_outside = shown(plan, purpose=purpose, came_by="spb", called=OLD, **FROM_OUTSIDE)
    from_phone = shown(plan, purpose=purpose)

    nobody = Shown(number="anonymous", is_hidden=True)
    assert (from_outside, from_phone) == (nobody, nobody)
    passes = replace(bare, passes_caller_id=True)
    passed_on = replace(plan, trunks={passes.endpoint: passes})
    assert shown(passed_on, **FROM_OUTSIDE).number == "+79160000001"


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
