"""The gate before outside numbers: nobody gets past a limit, and nobody is refused below it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from stasis_apps.decisions.hangup_cause import LIMITS, LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.plan import PlannedTenant
from tests.unit.stasis_apps.outside import (
    ABROAD,
    MOSCOW,
    NOON,
    PREMIUM,
    Clock,
    a_leg,
    a_planned_tenant,
)


def try_calls(gate: OutsideGate, tenant: PlannedTenant, calls: int) -> list[LegOutcome | None]:
    """Somebody dials call after call, a second apart, and never hangs up."""
    answers = []
    for n in range(calls):
        leg = a_leg(tenant, f"pbx-{n}.1", at=NOON + timedelta(seconds=n))
        answers.append(gate.refusal(leg))
        if answers[-1] is None:
            gate.hold(leg, f"{leg.call_id}~leg~1")
    return answers


def test_a_thief_of_a_password_gets_as_many_calls_as_the_limit_and_not_one_more() -> None:
    gate, acme = OutsideGate(), a_planned_tenant(max_calls=5, max_calls_per_device=0)

    answers = try_calls(gate, acme, 1_000)

    assert answers[:5] == [None] * 5
    assert set(answers[5:]) == {LegOutcome.TOO_MANY_OUTSIDE}
    assert gate.legs_of(acme.id) == 5


def test_a_leg_that_is_gone_makes_room_however_often_that_is_told() -> None:
    gate, acme = OutsideGate(), a_planned_tenant(max_calls=1)
    gate.hold(a_leg(acme), "leg-1")

    gate.let_go("leg-1")
    gate.let_go("leg-1")
    gate.let_go("a channel that never came here")

    assert gate.refusal(a_leg(acme, "pbx-2.1")) is None
    assert gate.legs_of(acme.id) == 0


def test_one_phone_cannot_take_all_the_lines_of_its_company() -> None:
    gate, acme = OutsideGate(), a_planned_tenant(max_calls=5, max_calls_per_device=1)
    leg = a_leg(acme, device="101-desk@acme.test")
    gate.hold(leg, "leg-1")

    second = a_leg(acme, "pbx-2.1", device="101-desk@acme.test", at=NOON + timedelta(minutes=1))
    colleague = a_leg(acme, "pbx-3.1", device="102-desk@acme.test", at=NOON + timedelta(minutes=1))
    nobody = a_leg(acme, "pbx-4.1", device="", at=NOON + timedelta(minutes=1))

    assert gate.refusal(second) is LegOutcome.TOO_MANY_OUTSIDE
    assert gate.is_device_full(second)
    assert gate.refusal(colleague) is None
    assert gate.refusal(nobody) is None


def test_nobody_is_counted_for_another_company() -> None:
    gate = OutsideGate()
    acme, bravo = a_planned_tenant(7, max_calls=1), a_planned_tenant(8, max_calls=1)
    gate.hold(a_leg(acme), "leg-1")

    assert gate.refusal(a_leg(bravo)) is None


def test_a_blocked_company_calls_nobody_out_there() -> None:
    blocked = a_planned_tenant(state="blocked", countries=("*",))

    assert OutsideGate().refusal(a_leg(blocked)) is LegOutcome.BLOCKED


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        (a_planned_tenant(state="blocked"), LegOutcome.BLOCKED),
        (a_planned_tenant(state="trial"), LegOutcome.DESTINATION_CLOSED),
        (a_planned_tenant(countries=("DE",)), LegOutcome.DESTINATION_CLOSED),
        (a_planned_tenant(countries=("CU",), max_calls=1), LegOutcome.TOO_MANY_OUTSIDE),
        (a_planned_tenant(countries=("CU",), max_calls_per_device=1), LegOutcome.TOO_MANY_OUTSIDE),
        (a_planned_tenant(countries=("CU",)), None),
    ],
)
def test_who_lowers_a_limit_is_obeyed_by_calls_that_came_before(
    now: PlannedTenant, refusal: LegOutcome | None
) -> None:
    gate = OutsideGate(newest=lambda _tenant: now)
    as_it_was = a_planned_tenant(countries=("*",), max_calls=0, max_calls_per_device=0)
    gate.hold(a_leg(as_it_was, "pbx-2.1", at=NOON - timedelta(minutes=1)), "leg-1")
    leg = a_leg(as_it_was, destination=ABROAD)

    assert gate.refusal(leg) is refusal
    assert gate.is_device_full(leg) is (now.outside.max_calls_per_device == 1)
    is_policy = refusal in (LegOutcome.BLOCKED, LegOutcome.DESTINATION_CLOSED)
    assert gate.closed(leg) is (refusal if is_policy else None)


def test_no_limit_is_no_limit() -> None:
    gate = OutsideGate()
    acme = a_planned_tenant(
        max_calls=0, max_calls_per_device=0, calls_per_second=0, minutes_per_day=0
    )

    for n in range(500):
        leg = a_leg(acme, f"pbx-{n}.1")
        assert gate.refusal(leg) is None
        gate.hold(leg, f"leg-{n}")


def test_calls_that_begin_in_one_second_are_counted_and_not_their_legs() -> None:
    gate = OutsideGate()
    acme = a_planned_tenant(max_calls=0, max_calls_per_device=0, calls_per_second=2)
    for call_id, leg_id in (("pbx-1.1", "a"), ("pbx-1.1", "b"), ("pbx-1.1", "c"), ("pbx-2.1", "d")):
        leg = a_leg(acme, call_id)
        assert gate.refusal(leg) is None
        gate.hold(leg, leg_id)

    assert gate.refusal(a_leg(acme, "pbx-3.1")) is LegOutcome.TOO_FAST
    assert gate.refusal(a_leg(acme, "pbx-2.1")) is None, "one more trunk for a call that has begun"
    almost = NOON + timedelta(milliseconds=999)
    assert gate.refusal(a_leg(acme, "pbx-3.1", at=almost)) is LegOutcome.TOO_FAST
    assert gate.refusal(a_leg(acme, "pbx-3.1", at=NOON + timedelta(seconds=1))) is None


def test_a_call_counts_for_the_second_in_which_it_began_though_it_dials_on() -> None:
    gate, acme = OutsideGate(), a_planned_tenant(calls_per_second=1)
    for leg_id, milliseconds in (("a", 0), ("b", 900)):
        gate.hold(a_leg(acme, at=NOON + timedelta(milliseconds=milliseconds)), leg_id)

    a_second_later = NOON + timedelta(milliseconds=1_000)
    assert gate.refusal(a_leg(acme, "pbx-2.1", at=a_second_later)) is None


def test_a_call_that_goes_on_through_another_trunk_makes_nobody_forget_who_began_now() -> None:
    gate, acme = OutsideGate(), a_planned_tenant(calls_per_second=1)
    old = a_leg(acme, "pbx-1.1")
    gate.hold(old, "a")
    now = NOON + timedelta(seconds=12)
    assert gate.refusal(a_leg(acme, "pbx-2.1", at=now)) is None
    gate.hold(a_leg(acme, "pbx-2.1", at=now), "b")

    gate.hold(old, "c")

    assert gate.refusal(a_leg(acme, "pbx-3.1", at=now)) is LegOutcome.TOO_FAST


def test_a_call_that_was_refused_does_not_make_the_next_too_fast() -> None:
    gate, acme = OutsideGate(), a_planned_tenant(calls_per_second=1)

    assert gate.refusal(a_leg(acme, "pbx-1.1", destination=ABROAD)) is not None
    assert gate.refusal(a_leg(acme, "pbx-2.1")) is None


def test_a_day_whose_minutes_are_talked_away_has_no_further_call() -> None:
    clock = Clock()
    gate, acme = OutsideGate(now=clock), a_planned_tenant(minutes_per_day=10)
    gate.hold(a_leg(acme), "leg-1")
    clock.later(minutes=60)  # it only rings
    gate.answered("leg-1")

    soon = clock.later(minutes=9.9)
    assert gate.refusal(a_leg(acme, "pbx-2.1", at=soon)) is None
    then = clock.later(minutes=0.1)
    assert gate.refusal(a_leg(acme, "pbx-2.1", at=then)) is LegOutcome.MINUTES_USED_UP
    gate.let_go("leg-1")
    later = clock.later(hours=1)
    assert gate.refusal(a_leg(acme, "pbx-2.1", at=later)) is LegOutcome.MINUTES_USED_UP


def test_a_new_day_begins_at_midnight_of_the_tenant_and_not_of_the_server() -> None:
    clock = Clock(datetime(2026, 11, 23, 23, 50, tzinfo=MOSCOW))
    gate, acme = OutsideGate(now=clock), a_planned_tenant(minutes_per_day=10)
    gate.hold(a_leg(acme), "leg-1")
    gate.answered("leg-1")

    at = clock.later(minutes=10)  # midnight in Moscow, nine in the evening in London
    assert gate.refusal(a_leg(acme, "pbx-2.1", at=at)) is None
    at = clock.later(minutes=10)  # that the talk went on counts for the new day
    assert gate.refusal(a_leg(acme, "pbx-2.1", at=at)) is LegOutcome.MINUTES_USED_UP


def test_only_what_is_talked_by_legs_that_passed_the_gate_is_counted() -> None:
    clock = Clock()
    gate, acme = OutsideGate(now=clock), a_planned_tenant(minutes_per_day=10)
    gate.answered("an emergency call, which never came here")

    assert gate.refusal(a_leg(acme, at=clock.later(hours=2))) is None


def test_a_talk_of_before_a_restart_takes_its_place_and_its_time_again() -> None:
    clock = Clock()
    gate = OutsideGate(now=clock)
    acme = a_planned_tenant(max_calls=1, minutes_per_day=10)

    gate.take_over(acme, "101-desk@acme.test", "leg-1", NOON - timedelta(minutes=9))

    other = a_leg(acme, "pbx-2.1", device="102-desk@acme.test")
    assert gate.refusal(other) is LegOutcome.TOO_MANY_OUTSIDE
    at = clock.later(minutes=1)
    gate.let_go("leg-1")
    assert gate.refusal(a_leg(acme, "pbx-2.1", at=at)) is LegOutcome.MINUTES_USED_UP


def test_answered_twice_is_talked_once() -> None:
    clock = Clock()
    gate, acme = OutsideGate(now=clock), a_planned_tenant()
    gate.hold(a_leg(acme), "leg-1")
    gate.answered("leg-1")
    clock.later(minutes=1)
    gate.answered("leg-1")
    at = clock.later(minutes=1)
    gate.let_go("leg-1")
    gate.let_go("leg-1")

    assert gate.talking.talked_s(acme.id, at) == 120


@pytest.mark.parametrize(
    ("policy", "leg", "refusal"),
    [
        ({}, {"destination": ABROAD}, LegOutcome.DESTINATION_CLOSED),
        ({}, {"destination": PREMIUM}, LegOutcome.DESTINATION_CLOSED),
        ({"countries": ("CU",)}, {"destination": ABROAD}, None),
        ({"classes": ("premium",)}, {"destination": PREMIUM}, None),
        (
            {"countries": ("*",)},
            {"destination": ABROAD, "purpose": Purpose.FORWARDED},
            LegOutcome.FORWARDING_CLOSED,
        ),
        ({"forward_reach": "none"}, {"purpose": Purpose.MEMBER}, LegOutcome.FORWARDING_CLOSED),
        ({"forward_reach": "none"}, {"purpose": Purpose.DIALLED}, None),
        ({"night_hours": "11:00-13:00"}, {}, LegOutcome.NIGHT_CLOSED),
        ({"night_hours": "11:00-13:00", "night_reach": "home"}, {}, None),
        ({"night_hours": "22:00-07:00"}, {}, None),
        (
            {"night_hours": "22:00-07:00"},
            {"at": datetime(2026, 11, 23, 6, 59, tzinfo=MOSCOW)},
            LegOutcome.NIGHT_CLOSED,
        ),
        ({"state": "trial", "countries": ("*",)}, {"destination": ABROAD}, "destination_closed"),
    ],
)
def test_what_the_policy_closes_is_closed(
    policy: dict[str, object], leg: dict[str, object], refusal: LegOutcome | None
) -> None:
    acme = a_planned_tenant(**policy)  # type: ignore[arg-type] # one of them is the tenant's state

    assert OutsideGate().refusal(a_leg(acme, **leg)) == refusal  # type: ignore[arg-type] # as above
    assert refusal is None or refusal in LIMITS


def test_the_night_is_the_tenants() -> None:
    in_moscow = a_planned_tenant(night_hours="22:00-07:00")
    in_vladivostok = a_planned_tenant(night_hours="22:00-07:00", zone="Asia/Vladivostok")
    at = datetime(2026, 11, 23, 16, 0, tzinfo=MOSCOW)  # 23:00 in Vladivostok

    assert OutsideGate().refusal(a_leg(in_moscow, at=at)) is None
    assert OutsideGate().refusal(a_leg(in_vladivostok, at=at)) is LegOutcome.NIGHT_CLOSED
