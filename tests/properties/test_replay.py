"""Whatever people did: a recorded call, made again through the same plan, goes the same way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stasis_apps.replay import Replay
from stasis_apps.simulation import Became, Doing, Scenario
from tests.support.builders import a_plan, a_trunk
from tests.support.recorded_calls import recorded

MOBILE = "+79161112233"
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)

PLAN = a_plan(
    elements={
        "5300": {
            "kind": "time_rule",
            "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
            "match": "5000",
            "no_match": "5120",
        },
        "5000": {
            "kind": "greeting",
            "sound": "welcome",
            "keys": {"1": "100", "2": "5100", "3": MOBILE},
            "max_invalid": 2,
            "max_no_input": 2,
            "no_input": "5100",
            "invalid": "5120",
        },
        "5100": {
            "kind": "group",
            "members": ["100", MOBILE, "101"],
            "strategy": "sequence",
            "step_s": 8,
            "no_answer": "5120",
            "all_busy": "101",
        },
        "5120": {"kind": "voicemail", "operator": "101"},
    },
    users={
        "100": {"rules": [{"when": "busy", "to": "101"}, {"when": "no_answer", "to": MOBILE}]},
        "101": {"voicemail": True},
    },
    trunks=[a_trunk()],
    numbers={"74951234567": "5300"},
)
RENAMED = replace(PLAN, tenant=replace(PLAN.tenant, name="acme2"))
"""Another plan in the eyes of a replay, so that nothing is taken for untouched."""

seconds = st.floats(min_value=0.5, max_value=40).map(lambda length_s: round(length_s, 1))
doings = st.builds(
    Doing,
    became=st.sampled_from(Became),
    after_s=seconds,
    talks_s=seconds,
    confirms=st.booleans(),
)
people = st.dictionaries(st.sampled_from(["100", "101", "101-kitchen", MOBILE]), doings)
keys = st.lists(st.sampled_from(["", "1", "2", "3", "9", "0", "77"]), max_size=4)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Somebody calls, inside or from outside, at some hour of a Sunday or Monday."""
    parts: dict[str, Any] = {
        "at": MONDAY + timedelta(hours=draw(st.integers(-24, 23))),
        "keys": draw(keys),
        "doing": draw(people),
        "says_s": draw(seconds),
    }
    if draw(st.booleans()):
        caller = draw(st.sampled_from(["+79160000000", ""]))
        return Scenario(caller=caller, dialled="74951234567", **parts)
    caller, dialled = draw(
        st.sampled_from([("100", "101"), ("101", "100"), ("101-kitchen", "5100")])
    )
    return Scenario(caller=caller, dialled=dialled, **parts)


@given(scenarios())
@settings(max_examples=60)
def test_a_call_goes_where_it_went(scenario: Scenario) -> None:
    judged = Replay(PLAN, RENAMED).judge(*recorded(PLAN, scenario))
    assert judged is None, judged


@given(scenarios(), seconds)
@settings(max_examples=60)
def test_a_caller_who_gives_up_does_so_again_where_they_did(
    scenario: Scenario, patience_s: float
) -> None:
    call, journal = recorded(PLAN, replace(scenario, hangs_up_after_s=patience_s))
    assume(call.ended_by == "caller")
    judged = Replay(PLAN, RENAMED).judge(call, journal)
    assert judged is None, judged


@given(scenarios(), st.data())
@settings(max_examples=60)
def test_steps_that_are_missing_or_out_of_time_make_no_replay_fail(
    scenario: Scenario, data: st.DataObject
) -> None:
    call, journal = recorded(PLAN, scenario)
    kept = data.draw(st.lists(st.booleans(), min_size=len(journal), max_size=len(journal)))
    late_s = data.draw(st.floats(min_value=-60, max_value=60))
    damaged = [
        replace(line, at=line.at + timedelta(seconds=late_s * place))
        for place, (line, is_kept) in enumerate(zip(journal, kept, strict=True))
        if is_kept
    ]
    judged = Replay(PLAN, RENAMED).judge(call, damaged)
    assert judged is None or judged.call == call
