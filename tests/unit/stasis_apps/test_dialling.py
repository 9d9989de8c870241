"""What happens when a phone dials: whom it reaches, and what its call is taken for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ari_client import models
from models.facts import AliasFacts
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.masks import compile_mask
from stasis_apps.decisions.outbound import Action, Mode, OutboundRule, Purpose
from stasis_apps.decisions.schedule import Schedule
from stasis_apps.emergency import Emergency
from stasis_apps.outside import Outside
from stasis_apps.plan import NumberPlan
from stasis_apps.redial import Redial
from stasis_apps.router import Arrival, Entry, route
from tests.support.builders import a_plan, a_tenant, a_trunk

HANG_UP = {"kind": "hang_up"}
INSIDE = AliasFacts(name="inside", target="5000")


class ThePlan:
    """The only plan there is."""

    def __init__(self, plan: NumberPlan) -> None:
        self._plan = plan

    def plan_of(self, _tenant_id: str) -> NumberPlan:
        return self._plan


def acme(**parts: object) -> NumberPlan:
    """Alice and Boris, an element with an alias, and a line to a carrier."""
    usual = {"elements": {"5000": HANG_UP}, "trunks": [a_trunk()], "aliases": [INSIDE]}
    return a_plan(**{**usual, **parts})


def hiding(plan: NumberPlan) -> NumberPlan:
    """The same, but Alice's phone never shows a number."""
    name = "100@acme.test"
    phone = replace(plan.devices[name], hides_number=True)
    return replace(plan, devices={**plan.devices, name: phone})


PLAN = acme()


def dialling(dialled: str, plan: NumberPlan = PLAN) -> Entry:
    """Alice's phone sends this."""
    channel = models.Channel(
        id="pbx-1700000000.7",
        name="PJSIP/100@acme.test-0000002a",
        state="Ring",
        tenantid="7",
        caller=models.CallerID(name="", number=""),
        dialplan=models.DialplanCEP(
            context="phones", exten=dialled, priority=1, app_name="Stasis", app_data="pbx,phone"
        ),
    )
    entry = route(Arrival(channel=channel, args=("phone",)), ThePlan(plan))
    assert isinstance(entry, Entry)
    return entry


@pytest.mark.parametrize("dialled", ["", "h", "nobody", "*99", "#", "*6", "(", "\u0663\u0664"])
def test_a_phone_that_dials_a_name_or_code_of_nobody_is_told_so(dialled: str) -> None:
    assert dialling(dialled).refusal is Reason.NO_SUCH_NUMBER


@pytest.mark.parametrize(
    "dialled", ["8800FLOWERS", "+7916x", "+", "8916*1", "7+916", "9" * 33, "*67", "*67x", "*67*66"]
)
def test_a_phone_that_dials_what_begins_as_a_number_and_is_none_is_told_so(dialled: str) -> None:
    entry = dialling(dialled)

    assert entry.refusal is Reason.INVALID_NUMBER
    assert entry.note
    assert entry.to_redial == ""


@pytest.mark.parametrize(
    ("dialled", "number"),
    [
        ("+79161234567", "+79161234567"),
        ("8 (916) 123-45-67", "89161234567"),
        ("8.916.123/45/67", "89161234567"),
        ("(+7) 916\u00a01234567", "+79161234567"),
        ("+79161234567;phone-context=x", "+79161234567"),
        ("4711", "4711"),
        ("0", "0"),
        ("9" * 32, "9" * 32),
    ],
)
def test_digits_that_nobody_here_has_are_for_outside_whatever_marks_are_in_them(
    dialled: str, number: str
) -> None:
    entry = dialling(dialled)

    planned = entry.plan.at(entry.target, led_by=entry.led_by)
    assert planned is not None
    assert planned.element == Outside(
        number=number, acting="100", purpose=Purpose.DIALLED, is_dialling=True
    )
    assert (entry.refusal, entry.facts.dialled) == (None, dialled)
    assert entry.to_redial == dialled


@pytest.mark.parametrize("dialled", ["1-01", "(101)", "1.0 1"])
def test_a_colleague_is_reached_whatever_marks_are_in_the_number(dialled: str) -> None:
    assert dialling(dialled).target == "101"


def test_newer_plans_are_asked_about_a_number_that_could_be_one_of_ours() -> None:
    assert dialling("4711").may_be_newer
    assert not dialling("89161234567").may_be_newer
    assert not dialling("101").may_be_newer
    assert not dialling("103").may_be_newer


@pytest.mark.parametrize("dialled", ["112", "101", "103", "104", "02", "1-1-2", "*67112", "+112"])
def test_who_calls_for_help_reaches_it_with_their_number_shown(dialled: str) -> None:
    nobody_has_101 = hiding(acme(extensions={"100": ["100"]}))
    entry = dialling(dialled, nobody_has_101)

    planned = entry.plan.at(entry.target, led_by=entry.led_by)
    assert planned is not None
    assert planned.element == Emergency(number=entry.target, acting="100")
    assert entry.target in dialled.replace("-", "")
    assert not entry.facts.hides_number


def test_a_person_who_has_an_emergency_number_is_called_by_it() -> None:
    entry = dialling("101")

    assert entry.plan.at(entry.target, led_by=entry.led_by) == entry.plan.behind(entry.target)


def test_help_is_called_even_if_the_plan_has_something_at_its_number() -> None:
    entry = dialling("112", acme(elements={"112": HANG_UP}))

    planned = entry.plan.at(entry.target, led_by=entry.led_by)
    assert planned is not None
    assert planned.element == Emergency(number="112", acting="100")


def test_a_blocked_tenants_phones_reach_help_and_nothing_else() -> None:
    plan = acme(tenant=a_tenant(state="blocked"))

    refusals = {
        dialled: dialling(dialled, plan).refusal
        for dialled in ("112", "*67112", "103", "101", "+79161234567", "*66", "5000", "0112")
    }
    assert refusals == {
        "112": None,
        "*67112": None,
        "103": None,
        "101": Reason.BLOCKED,
        "+79161234567": Reason.BLOCKED,
        "*66": None,
        "5000": Reason.BLOCKED,
        "0112": Reason.BLOCKED,
    }


def test_a_blocked_tenants_phones_reach_help_by_the_zero_that_people_are_used_to() -> None:
    with_zero = OutboundRule(name="with a zero", mask=compile_mask("0(+)"))
    plan = replace(acme(tenant=a_tenant(state="blocked")), outbound=(with_zero,))

    assert dialling("0112", plan).refusal is None
    assert dialling("0100", plan).refusal is Reason.BLOCKED


@pytest.mark.parametrize(
    "another",
    [
        {"mask": "0(+)", "action": Action.DENY},
        {"mask": "0(+)", "output": "8$"},
    ],
)
def test_a_block_is_lifted_only_by_the_rule_that_fires_for_the_one_who_dials(
    another: dict[str, Any],
) -> None:
    rules = (
        OutboundRule(name="first", **{**another, "mask": compile_mask(another["mask"])}),
        OutboundRule(name="second", mask=compile_mask("0(+)")),
    )
    blocked = replace(acme(tenant=a_tenant(state="blocked")), outbound=rules)
    for_boris = replace(rules[1], mode=Mode.ONLY, users=frozenset({"101"}))

    assert dialling("0112", blocked).refusal is Reason.BLOCKED
    assert dialling("0112", replace(blocked, outbound=(for_boris,))).refusal is Reason.BLOCKED


def test_a_block_is_lifted_only_in_the_hours_of_the_rule() -> None:
    never = OutboundRule(
        name="with a zero", mask=compile_mask("0(+)"), hours=Schedule(zone=ZoneInfo("UTC"))
    )
    plan = replace(acme(tenant=a_tenant(state="blocked")), outbound=(never,))

    assert dialling("0112", plan).refusal is Reason.BLOCKED


@pytest.mark.parametrize(
    ("dialled", "target"),
    [
        ("*67+79161234567", "+79161234567"),
        ("*67 8 (916) 123-45-67", "89161234567"),
        ("*67101", "101"),
        ("*67inside", "inside"),
    ],
)
def test_a_number_behind_the_prefix_is_called_and_the_callers_own_is_hidden_outside(
    dialled: str, target: str
) -> None:
    entry = dialling(dialled)

    assert (entry.target, entry.refusal) == (target, None)
    assert entry.facts.hides_number
    assert (entry.facts.dialled, entry.facts.caller.number) == (dialled, "100")
    assert entry.note == "*67: the number is hidden outside"
    assert not dialling(target).facts.hides_number


def test_a_phone_may_be_set_to_hide_its_number_always() -> None:
    plan = hiding(acme())

    assert dialling("+79161234567", plan).facts.hides_number


def test_the_code_for_the_last_number_changes_nothing_about_which_that_is() -> None:
    entry = dialling("*66")

    planned = entry.plan.at(entry.target, led_by=entry.led_by)
    assert planned is not None
    assert planned.element == Redial()
    assert (entry.refusal, entry.to_redial) == (None, "")
