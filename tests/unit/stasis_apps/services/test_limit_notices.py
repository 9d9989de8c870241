"""What administrators are told of a limit: which it is, what it stands at, what opens it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.services.limit_notices import limit_reached
from tests.unit.stasis_apps.outside import ABROAD, NOON, a_leg, a_planned_tenant


@pytest.mark.parametrize(
    ("refusal", "policy", "leg", "told"),
    [
        (
            LegOutcome.TOO_MANY_OUTSIDE,
            {"max_calls": 0, "max_calls_per_device": 3},
            {},
            {"setting": "max_calls", "allowed": "no limit"},
        ),
        (
            LegOutcome.TOO_FAST,
            {"calls_per_second": 2},
            {},
            {"setting": "calls_per_second", "opens": "--outside-calls-per-second 4"},
        ),
        (
            LegOutcome.MINUTES_USED_UP,
            {"minutes_per_day": 600},
            {},
            {"setting": "minutes_per_day", "opens": "--outside-minutes-per-day 1200"},
        ),
        (
            LegOutcome.NIGHT_CLOSED,
            {"night_hours": "22:00-07:00"},
            {},
            {"allowed": "22:00-07:00 (none)", "opens": "--night-reach home"},
        ),
        (
            LegOutcome.FORWARDING_CLOSED,
            {"countries": ("*",)},
            {"destination": ABROAD},
            {"allowed": "home", "opens": "--forward-reach all"},
        ),
        (
            LegOutcome.DESTINATION_CLOSED,
            {"countries": ("DE",)},
            {"destination": ABROAD},
            {"allowed": "DE", "opens": "--open-country DE --open-country CU"},
        ),
        (
            LegOutcome.DESTINATION_CLOSED,
            {"state": "trial"},
            {"destination": ABROAD},
            {"allowed": "trial", "opens": "--state active"},
        ),
    ],
)
def test_each_limit_is_told_with_what_it_stands_at_and_what_opens_it(
    refusal: LegOutcome,
    policy: Mapping[str, object],
    leg: Mapping[str, object],
    told: Mapping[str, str],
) -> None:
    tenant = a_planned_tenant(**policy)  # type: ignore[arg-type] # by name
    notice = limit_reached(
        a_leg(tenant, **leg),  # type: ignore[arg-type] # by name
        refusal,
        gate=OutsideGate(),
        number="81053",
    )

    assert notice.key == refusal.value
    for name, text in told.items():
        assert notice.facts[name].endswith(text)
    assert notice.facts["opens"].startswith("pbx tenant set acme --")


def test_a_phone_that_has_all_its_lines_is_told_from_a_company_that_has() -> None:
    gate, acme = OutsideGate(), a_planned_tenant(max_calls=5, max_calls_per_device=1)
    gate.hold(a_leg(acme), "leg-1")
    leg = a_leg(acme, "pbx-2.1", at=NOON + timedelta(minutes=1))
    refusal = gate.refusal(leg)
    assert refusal is not None

    notice = limit_reached(leg, refusal, gate=gate, number="84951234567")

    assert notice.facts["setting"] == "max_calls_per_device"


def test_the_limit_is_told_as_it_stands_at_this_moment() -> None:
    now = a_planned_tenant(max_calls=1)
    gate = OutsideGate(newest=lambda _tenant: now)

    notice = limit_reached(
        a_leg(a_planned_tenant(max_calls=9)), LegOutcome.TOO_MANY_OUTSIDE, gate=gate, number="102"
    )

    assert (notice.facts["allowed"], notice.tenant) == ("1", now)
