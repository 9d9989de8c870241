"""How imagined callers come in, what they leave behind, and when they give up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from structlog.typing import EventDict

from stasis_apps.call import WayIn
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.simulation import Became, ScenarioInvalid
from tests.support.builders import a_plan
from tests.unit.stasis_apps.simulation.imagining import (
    OURS,
    PLAN,
    SUNDAY,
    a_number,
    answers,
    does,
    exits,
    imagine,
    path,
    plan_of,
    rows,
    told,
)


async def test_a_number_of_another_trunk_is_led_where_it_belongs_and_both_are_told() -> None:
    end = await imagine(trunk="spare")

    assert path(end)[0] == "5300"
    notes = [line.reason for line in end.journal if line.what == "noted"]
    assert f"{OURS} belongs to trunk moscow; the call came through spare" in notes


async def test_a_number_that_leads_nowhere_and_one_of_nobody() -> None:
    nowhere, nobodys = await imagine("74950000000"), await imagine("74990000000")

    assert nowhere.end.reason is Reason.NO_ROUTE
    assert nobodys.end.reason is Reason.NO_SUCH_NUMBER
    assert nowhere.path == nobodys.path == ()


def test_the_tenant_of_these_tests_has_no_faults() -> None:
    assert PLAN.faults == ()


async def test_a_stranger_reaches_what_is_open_to_strangers_and_nothing_else() -> None:
    sip: Mapping[str, Any] = {"way_in": WayIn.DIRECT_SIP}

    opened, closed = await imagine("info", "bob", **sip), await imagine("101", "bob", **sip)

    assert path(opened)[0] == "5300"
    assert closed.end.reason is Reason.NO_SUCH_NUMBER


async def test_who_hides_their_number_is_none_of_those_whom_a_number_rule_knows() -> None:
    plan = plan_of(replace(rows(), numbers=(a_number("5400"),)))

    hidden, shown = await imagine(caller="", plan=plan), await imagine(plan=plan)

    assert path(hidden) == ["5400", "5200"]
    assert path(shown) == ["5400", "101"]


async def test_a_phone_without_zone_counts_by_the_clock_of_the_tenant() -> None:
    end = await imagine()

    assert end.scenario.at.utcoffset() is not None
    assert f"{end.journal[0].at:%H:%M %Z}" == "07:00 UTC"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"caller": "199"}, "caller"),
        ({"caller": "kitchen", "way_in": WayIn.PHONE}, "caller"),
        ({"caller": "108"}, "caller"),
        ({"trunk": "nowhere"}, "trunk"),
    ],
)
async def test_a_caller_who_cannot_come_in_is_refused_with_field_value_and_rule(
    given: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(ScenarioInvalid) as refused:
        await imagine(**given)

    assert refused.value.field == field
    assert refused.value.value == given.get(field)
    assert refused.value.rule


async def test_without_a_trunk_nobody_comes_in_from_outside() -> None:
    plan = plan_of(rows())
    alone = replace(plan, trunks={})

    with pytest.raises(ScenarioInvalid, match="trunk"):
        await imagine(plan=alone)


@pytest.mark.parametrize(
    ("after_s", "reason", "last"),
    [
        (0.0, Reason.NORMAL, "5000"),  # the greeting has picked up
        (1.5, Reason.NORMAL, "5000"),
        (20.0, Reason.NORMAL, "5100"),
        (45.0, Reason.NORMAL, "5120"),
    ],
)
async def test_the_caller_may_leave_wherever_they_are(
    after_s: float, reason: Reason, last: str
) -> None:
    end = await imagine(keys=["", "2"], hangs_up_after_s=after_s)

    assert (end.end.by, end.end.reason) == (EndedBy.CALLER, reason)
    assert path(end)[-1] == last
    assert end.lasted_s == pytest.approx(after_s, abs=0.01)


async def test_who_gives_up_before_anybody_picks_up_has_cancelled() -> None:
    end = await imagine("101", "100", hangs_up_after_s=4.0, otherwise=does(Became.NO_ANSWER))

    assert end.end.reason is Reason.CANCELLED


async def test_who_hangs_up_in_the_middle_of_a_message_has_left_it() -> None:
    end = await imagine(at=SUNDAY, says_s=60.0, hangs_up_after_s=15.0)

    assert (end.end.by, end.end.reason) == (EndedBy.CALLER, Reason.MESSAGE_LEFT)
    assert end.voicemail == "5120"


async def test_who_says_nothing_worth_keeping_leaves_no_message() -> None:
    end = await imagine(at=SUNDAY, says_s=0.3)

    assert exits(end)[-1] == "too_short"
    assert end.voicemail == ""
    assert "too short" in told(end)


async def test_who_speaks_for_longer_than_the_mailbox_takes_presses_no_key_afterwards() -> None:
    end = await imagine(at=SUNDAY, says_s=400.0)

    kept = next(line for line in end.journal if line.what == "message_kept")
    assert kept.facts["duration_s"] == pytest.approx(300.0, abs=1.0)
    assert end.voicemail == "5120"


async def test_a_key_is_pressed_in_time_however_short_the_prompt_is() -> None:
    elements = {"5000": {"kind": "voicemail", "greeting": "short", "instructions": False}}
    elements["5000"] |= {"operator": "101"}
    plan = a_plan(elements=elements, sounds={"short": 0.3})

    end = await imagine("5000", "100", plan=plan, keys=["0"], doing={"101": answers()})

    assert exits(end)[0] == "operator"


async def test_a_caller_who_is_named_to_leave_later_stays_as_long_in_the_talk() -> None:
    end = await imagine("101", "100", doing={"101": answers()}, hangs_up_after_s=500.0)

    assert end.end.by is EndedBy.CALLER
    assert end.lasted_s == pytest.approx(500.0, abs=0.01)


async def test_a_switch_is_thrown_by_who_knows_its_pin_and_stays_as_it_was_for_this_plan() -> None:
    knows = await imagine("5600", "100", keys=["2580#"], pins={"5600": "2580"})
    guesses = await imagine("5600", "100", keys=["2580#"], pins={"5600": "1357"})

    assert exits(knows) == ["done"]
    assert "5300 is switched to closed" in told(knows)
    assert exits(guesses) == ["refused"]
    assert PLAN.switches == {}


async def test_the_owner_hears_that_the_mailbox_is_empty_and_a_stranger_needs_the_pin() -> None:
    knows = await imagine("5700", "100", keys=["2580#"], pins={"5120": "2580"})
    guesses = await imagine("5700", "100", keys=["1111#", "2222#"])

    assert "messages:0+0" in knows.heard
    assert exits(knows) != ["refused"]
    assert exits(guesses) == ["refused"]


async def test_imagined_calls_are_not_in_the_log(logged: list[EventDict]) -> None:
    await imagine(keys=["2"])
    await imagine("112", "100", doing={"112": answers()})  # administrators are told of a real one

    assert logged == []


async def test_the_same_call_is_imagined_in_the_same_way_again() -> None:
    first, second = await imagine(keys=["2"]), await imagine(keys=["2"])

    assert (first.path, first.end, first.heard) == (second.path, second.end, second.heard)
