"""What a tenant's policy closes, whoever is on the line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.destinations import destination_of
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.outside_limits import is_night, policy_refusal

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Moscow"))
MIDNIGHT = NOON.replace(hour=0)

HOME, GERMANY, PREMIUM = "84951234567", "+4930123456", "88091234567"
SATELLITE, FREE_OF_NO_COUNTRY, NOBODY_KNOWS = "+881612345678", "+80012345678", "8000442079460958"

CLOSED = LegOutcome.DESTINATION_CLOSED


def refusal(
    number: str,
    policy: OutsidePolicy,
    *,
    purpose: Purpose = Purpose.DIALLED,
    at: datetime = NOON,
    is_trial: bool = False,
) -> LegOutcome | None:
    return policy_refusal(
        destination_of(number, "RU"), policy=policy, purpose=purpose, at=at, is_trial=is_trial
    )


def test_at_first_only_the_own_country_is_open_and_nothing_that_costs_more() -> None:
    policy = OutsidePolicy()

    assert refusal(HOME, policy) is None
    for number in (GERMANY, PREMIUM, SATELLITE, FREE_OF_NO_COUNTRY, NOBODY_KNOWS):
        assert refusal(number, policy) is CLOSED


@pytest.mark.parametrize(
    ("policy", "opened"),
    [
        (OutsidePolicy(countries=("DE",)), {GERMANY}),
        (OutsidePolicy(countries=("*",)), {GERMANY, FREE_OF_NO_COUNTRY}),
        (OutsidePolicy(classes=("premium",)), {PREMIUM}),
        (OutsidePolicy(classes=("satellite",)), {SATELLITE}),
        (OutsidePolicy(classes=("unknown",)), {NOBODY_KNOWS}),
    ],
)
def test_a_tenant_may_open_countries_and_classes(policy: OutsidePolicy, opened: set[str]) -> None:
    numbers = {GERMANY, PREMIUM, SATELLITE, FREE_OF_NO_COUNTRY, NOBODY_KNOWS}

    assert {number for number in numbers if refusal(number, policy) is None} == opened


def test_a_costly_number_abroad_needs_both_its_country_and_its_class() -> None:
    british = "+449012345678"

    assert refusal(british, OutsidePolicy(countries=("GB",))) is CLOSED
    assert refusal(british, OutsidePolicy(classes=("premium",))) is CLOSED
    assert refusal(british, OutsidePolicy(countries=("GB",), classes=("premium",))) is None


def test_on_trial_nothing_is_open_but_the_own_country() -> None:
    policy = OutsidePolicy(countries=("*",), classes=("premium",))

    assert refusal(HOME, policy, is_trial=True) is None
    assert refusal(GERMANY, policy, is_trial=True) is CLOSED
    assert refusal(PREMIUM, policy, is_trial=True) is CLOSED


@pytest.mark.parametrize("purpose", [Purpose.FORWARDED, Purpose.MEMBER, Purpose.LED])
def test_calls_that_nobody_dialled_go_as_far_as_forwarding_is_allowed(purpose: Purpose) -> None:
    usual = OutsidePolicy(countries=("DE",))

    assert refusal(GERMANY, usual) is None
    assert refusal(HOME, usual, purpose=purpose) is None
    assert refusal(GERMANY, usual, purpose=purpose) is LegOutcome.FORWARDING_CLOSED
    nowhere = replace(usual, forward_reach="none")
    assert refusal(HOME, nowhere, purpose=purpose) is LegOutcome.FORWARDING_CLOSED
    everywhere = replace(usual, forward_reach="all")
    assert refusal(GERMANY, everywhere, purpose=purpose) is None


def test_in_the_night_calls_go_as_far_as_the_night_lets_them() -> None:
    closed = OutsidePolicy(night_hours="22:00-07:00", countries=("DE",))

    assert refusal(GERMANY, closed) is None
    assert refusal(HOME, closed, at=MIDNIGHT) is LegOutcome.NIGHT_CLOSED
    at_home = replace(closed, night_reach="home")
    assert refusal(HOME, at_home, at=MIDNIGHT) is None
    assert refusal(GERMANY, at_home, at=MIDNIGHT) is LegOutcome.NIGHT_CLOSED
    assert refusal(GERMANY, replace(closed, night_reach="all"), at=MIDNIGHT) is None


@pytest.mark.parametrize(
    ("hours", "clock", "expected"),
    [
        ("22:00-07:00", (21, 59), False),
        ("22:00-07:00", (22, 0), True),
        ("22:00-07:00", (6, 59), True),
        ("22:00-07:00", (7, 0), False),
        ("01:00-05:00", (0, 59), False),
        ("01:00-05:00", (4, 59), True),
        ("00:00-24:00", (23, 59), True),
        ("", (3, 0), False),
        ("all night", (12, 0), True),
        ("07:00-07:00", (12, 0), True),
    ],
)
def test_when_it_is_night(hours: str, clock: tuple[int, int], expected: bool) -> None:
    assert is_night(hours, NOON.replace(hour=clock[0], minute=clock[1])) is expected
