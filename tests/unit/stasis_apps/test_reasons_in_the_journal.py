"""What a call's journal says of why it went as it did, element by element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from models.facts import SwitchFacts
from stasis_apps.journal import What
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.simulation import Scenario, simulate_at_once
from tests.support.builders import SOUND_FOLDER, a_plan, tenant_rows

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
OPENED_BY_HAND = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def reasons(plan: NumberPlan, dialled: str, **scenario: Any) -> Sequence[str]:
    """What the journal of a call by Alice says."""
    end = simulate_at_once(plan, Scenario(caller="100", dialled=dialled, at=MONDAY, **scenario))
    return [line.reason for line in end.journal if line.what == What.NOTED]


def with_group(users: Mapping[str, Mapping[str, object]], **settings: object) -> NumberPlan:
    extensions = {number: [number] for number in ("100", "101", "102")}
    group = {"kind": "group", "members": ["101"], "ring_s": 30, **settings}
    return a_plan(elements={"5100": group}, users=users, extensions=extensions)


@pytest.mark.parametrize(
    ("until_at", "told"),
    [
        (None, "switched to closed by 101 on 2026-11-23 09:00"),
        (
            datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
            "switched to closed by 101 on 2026-11-23 09:00, until 2026-11-23 18:00",
        ),
    ],
)
def test_who_has_thrown_a_switch_is_told_by_the_tenants_clock(
    until_at: datetime | None, told: str
) -> None:
    thrown = SwitchFacts(
        number="5300", position="closed", until_at=until_at, set_by="101", set_at=OPENED_BY_HAND
    )
    rule = {"kind": "time_rule", "windows": [{"days": "mon-sun", "from": "00:00", "to": "24:00"}]}
    rows = replace(tenant_rows(elements={"5300": rule}), switches=(thrown,))

    assert told in reasons(build_plan(rows, sound_folder=SOUND_FOLDER), "5300")


def test_a_switch_that_has_fallen_back_is_told_by_nobody() -> None:
    thrown = SwitchFacts(
        number="5300",
        position="closed",
        until_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        set_by="101",
        set_at=OPENED_BY_HAND,
    )
    rows = replace(tenant_rows(elements={"5300": {"kind": "switch"}}), switches=(thrown,))

    told = reasons(build_plan(rows, sound_folder=SOUND_FOLDER), "5300")
    assert told == ["nobody has thrown the switch: open"]


def test_a_group_says_who_is_rung_and_in_which_order() -> None:
    plan = with_group({}, members=["102", "101"], strategy="sequence", step_s=2)

    assert "rings one after the other: 102, 101" in reasons(plan, "5100")


def test_a_group_that_waits_for_somebody_to_be_free_says_so() -> None:
    told = reasons(
        with_group({"101": {"dnd": True}}, strategy="sequence", rounds=2, retry_s=3), "5100"
    )

    assert "somebody is busy, the next round begins after 3 s" in told


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"dnd": True}, "101 does not want to be disturbed"),
        (
            {"rules": [{"when": "no_answer", "to": "102", "after_s": 5}]},
            "101: no answer, 102 is rung instead",
        ),
        ({"rules": [{"when": "always", "to": "102"}]}, "101: always, 102 is rung"),
    ],
)
def test_a_member_whose_rules_run_is_told_with_what_they_do(
    settings: Mapping[str, object], told: str
) -> None:
    honours = "rules" in settings

    assert told in reasons(with_group({"101": settings}, honour_forward=honours), "5100")


def test_voicemail_that_takes_a_call_says_whose() -> None:
    told = reasons(with_group({"101": {"voicemail": True}}), "101", says_s=3.0)

    assert "voicemail of 101 takes the call" in told


def test_a_plan_that_hangs_up_says_what_the_phone_is_told() -> None:
    plan = a_plan(elements={"5002": {"kind": "hang_up", "cause": "busy"}})

    assert reasons(plan, "5002") == ["the caller's phone is told: busy"]
