"""Whatever the plan and the people: an imagined call ends, and its way hangs together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from stasis_apps.plan import NumberPlan
from stasis_apps.simulation import Became, Doing, Scenario, SimulatedEnd, simulate_at_once
from tests.support.builders import a_plan, a_trunk

PEOPLE = ("100", "101", "102")
ELEMENTS = ("5000", "5001", "5002", "5003")
MOBILE, OURS = "+79161234567", "74951234567"
FROM, UNTIL = map(datetime.fromisoformat, ("2026-01-01", "2027-01-01"))

targets = st.sampled_from([*PEOPLE, *ELEMENTS, MOBILE, ""])
named = st.sampled_from([*PEOPLE, *ELEMENTS, MOBILE])
members = st.lists(st.sampled_from([*PEOPLE, MOBILE]), min_size=1, max_size=3, unique=True)
seconds = st.sampled_from([1, 2, 5, 12])

kinds = st.one_of(
    st.fixed_dictionaries({"kind": st.just("play"), "sound": st.just("welcome"), "next": targets}),
    st.fixed_dictionaries(
        {
            "kind": st.just("greeting"),
            "sound": st.sampled_from(["welcome", "missing"]),
            "keys": st.dictionaries(st.sampled_from(["1", "2", "12"]), named, min_size=1),
            "no_input": targets,
            "invalid": targets,
            "failed": targets,
            "barge_in": st.booleans(),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("group"),
            "members": members,
            "strategy": st.sampled_from(["all", "sequence", "progressive", "random"]),
            "ring_s": seconds,
            "step_s": seconds,
            "honour_forward": st.booleans(),
            "no_answer": targets,
            "all_busy": targets,
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("time_rule"),
            "windows": st.just([{"days": "mon-fri", "from": "09:00", "to": "18:00"}]),
            "match": targets,
            "no_match": targets,
        }
    ),
    st.fixed_dictionaries(
        {"kind": st.just("voicemail"), "saved": targets, "instructions": st.booleans()}
    ),
    st.just({"kind": "hang_up"}),
)

rules = st.fixed_dictionaries(
    {"when": st.sampled_from(["always", "busy", "no_answer", "unregistered"]), "to": named}
)

users = st.fixed_dictionaries(
    {"rules": st.lists(rules, max_size=2), "voicemail": st.booleans(), "dnd": st.booleans()}
)

plans = st.builds(
    lambda elements, people: a_plan(
        elements=elements,
        users=people,
        extensions={"100": ["100"], "101": ["101", "101-kitchen"], "102": []},
        trunks=[a_trunk()],
        numbers={OURS: "5000"},
        ring_s=8,
    ),
    st.fixed_dictionaries(dict.fromkeys(ELEMENTS, kinds)),
    st.fixed_dictionaries({}, optional=dict.fromkeys(PEOPLE, users)),
)

doings = st.builds(
    Doing,
    became=st.sampled_from(Became),
    after_s=st.sampled_from([0.0, 1.0, 6.0]),
    talks_s=st.none() | st.just(7.0),
    confirms=st.booleans(),
)

scenarios = st.builds(
    Scenario,
    caller=st.sampled_from(["100", MOBILE, ""]),
    dialled=st.sampled_from([OURS, *PEOPLE, *ELEMENTS, "89161234567"]),
    at=st.datetimes(FROM, UNTIL, timezones=st.just(UTC)),
    keys=st.lists(st.sampled_from(["", "1", "2", "12", "9", "#"]), max_size=4),
    doing=st.dictionaries(st.sampled_from([*PEOPLE, "101-kitchen", MOBILE]), doings),
    otherwise=doings,
    says_s=st.sampled_from([0.2, 4.0]),
)


@settings(max_examples=80)
@given(plans, scenarios)
def test_it_ends_once_and_each_hop_leads_to_the_next(plan: NumberPlan, scenario: Scenario) -> None:
    end = simulate_at_once(plan, scenario)

    whats = [line.what for line in end.journal]
    assert (whats[0], whats[-1], whats.count("ended")) == ("started", "ended", 1)
    moments = [line.at for line in end.journal]
    assert moments == sorted(moments)
    assert [line.seq for line in end.journal] == list(range(1, len(end.journal) + 1))
    assert end.lasted_s == round((moments[-1] - moments[0]).total_seconds(), 3)
    for hop, following in zip(end.path, end.path[1:], strict=False):
        assert hop.target == following.number
        assert following.after_s >= hop.after_s
    assert not any(line.what == "fault" and "failed" in line.reason for line in end.journal)


@settings(max_examples=40)
@given(plans, scenarios)
def test_the_same_call_takes_the_same_way_again(plan: NumberPlan, scenario: Scenario) -> None:
    assert _essence(simulate_at_once(plan, scenario)) == _essence(simulate_at_once(plan, scenario))


@settings(max_examples=60)
@given(plans, scenarios, st.floats(min_value=0.05, max_value=60.0))
def test_who_leaves_early_has_gone_the_first_part_of_the_same_way(
    plan: NumberPlan, scenario: Scenario, after_s: float
) -> None:
    patient = replace(scenario, hangs_up_after_s=86_000.0)

    whole = simulate_at_once(plan, patient)
    part = simulate_at_once(plan, replace(scenario, hangs_up_after_s=after_s))

    numbers = [hop.number for hop in whole.path]
    assert [hop.number for hop in part.path] == numbers[: len(part.path)]
    assert part.lasted_s <= min(whole.lasted_s, after_s) + 0.01
    ended_at = part.journal[0].at + timedelta(seconds=part.lasted_s)
    before = [line.what for line in whole.journal if line.at < ended_at]
    assert [line.what for line in part.journal][: len(before)] == before


def _essence(end: SimulatedEnd) -> object:
    steps = [(line.at, line.what, line.element, line.exit, line.reason) for line in end.journal]
    return (end.path, end.end, end.heard, end.rang, end.answered_by, end.sent_outside, steps)
