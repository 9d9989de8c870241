"""The lint accuses nobody falsely: its loops are loops, and what it calls dead decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from models.call_log import CallWrite
from models.provisioning.catalogue import USER
from models.tenant_file.document import KEYED, rows_of_document
from models.tenant_file.parts import Document, written
from stasis_apps.call import Position, Target
from stasis_apps.decisions.ending import CallEnd, Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.elements.time_rule import TimeRule
from stasis_apps.engine import run_call
from stasis_apps.journal import CallJournal
from stasis_apps.lint import Finding, known_codes, lint
from stasis_apps.lint.checks.loops import endless_in, exits_that_come_back
from stasis_apps.lint.finding import USELESS_SILENCE
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.testing import PickedUp, ScriptedCall, a_call_from_outside
from tests.support.builders import SOUND_FOLDER, a_tenant, tenant_rows
from tests.support.tenants_strategy import file_with_secrets, tenant_documents

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
Settings = Mapping[str, object]

NUMBERS = [str(number) for number in range(5000, 5005)]
SOMEWHERE = st.sampled_from([*NUMBERS, *NUMBERS, "100", ""])
ALL_WEEK = {"days": "mon-sun", "from": "00:00", "to": "24:00"}
MORNINGS = {"days": "mon-fri", "from": "00:00", "to": "12:00"}


def of_kind(kind: str, **settings: st.SearchStrategy[object]) -> st.SearchStrategy[Settings]:
    return st.fixed_dictionaries({"kind": st.just(kind), **settings})


ELEMENTS = st.one_of(
    of_kind("play", sound=st.just("welcome"), next=SOMEWHERE),
    of_kind("prefix", text=st.just("x"), next=SOMEWHERE),
    of_kind("switch", open=SOMEWHERE, closed=SOMEWHERE),
    of_kind(
        "time_rule",
        windows=st.sampled_from([[ALL_WEEK], [MORNINGS]]),
        match=SOMEWHERE,
        no_match=SOMEWHERE,
        holiday=SOMEWHERE,
    ),
    of_kind(
        "number_rule",
        masks=st.sampled_from([["+"], ["7+"], []]),
        match=SOMEWHERE,
        no_match=SOMEWHERE,
        anonymous=SOMEWHERE,
    ),
    of_kind(
        "greeting",
        sound=st.just("welcome"),
        keys=st.dictionaries(st.sampled_from("12"), SOMEWHERE, max_size=2),
        no_input=SOMEWHERE,
        invalid=SOMEWHERE,
        max_no_input=st.just(1),
        max_invalid=st.just(1),
    ),
    of_kind("group", members=st.just(["100"]), no_answer=SOMEWHERE, none_reachable=SOMEWHERE),
    of_kind("voicemail", operator=SOMEWHERE),
)
MAPS = st.dictionaries(st.sampled_from(NUMBERS), ELEMENTS, min_size=1)


def led_somewhere_else(elements: Mapping[str, Settings]) -> Mapping[str, Settings]:
    """The same with every way on leading to what is there."""
    there = {*elements, "100", ""}

    def there_or_to_alice(value: object) -> object:
        return (
            "100" if isinstance(value, str) and value in NUMBERS and value not in there else value
        )

    return {
        number: {
            name: (
                {key: there_or_to_alice(to) for key, to in value.items()}
                if isinstance(value, dict)
                else there_or_to_alice(value)
            )
            for name, value in settings.items()
        }
        for number, settings in elements.items()
    }


PLANS = MAPS.map(led_somewhere_else).map(
    lambda elements: build_plan(tenant_rows(elements=elements), sound_folder=SOUND_FOLDER)
)

PRESSES = st.lists(st.sampled_from(["", "1", "2", "9"]), max_size=200)


def end_of(plan: NumberPlan, number: str, call: ScriptedCall) -> CallEnd:
    written: list[CallWrite] = []
    journal = CallJournal("pbx-1.1", plan.tenant, written.append)
    return asyncio.run(run_call(call, plan, Target(number), journal))


@given(
    plan=PLANS,
    presses=PRESSES,
    caller=st.sampled_from(["+79161234567", "", "4712"]),
    thrown=st.sampled_from([None, Position.OPEN, Position.CLOSED]),
    hour=st.integers(0, 23),
)
@settings(max_examples=200)
def test_no_call_comes_out_of_what_is_called_an_endless_loop(
    plan: NumberPlan, presses: list[str], caller: str, thrown: Position | None, hour: int
) -> None:
    endless = endless_in(plan)
    event(f"endless loops: {bool(endless)}")
    for number in endless:
        call = ScriptedCall(
            presses=presses,
            phones={"100@acme.test": PickedUp()},
            facts=a_call_from_outside(number=caller),
            positions={"": thrown} if thrown else {},
            now=NOW.replace(hour=hour),
        )
        assert end_of(plan, number, call).reason is Reason.LOOP


@given(PLANS)
@settings(max_examples=200)
def test_a_call_that_takes_an_exit_which_comes_back_takes_it_for_ever(plan: NumberPlan) -> None:
    for number, name, _way in exits_that_come_back(plan):
        planned = plan.elements[number]
        if planned.kind == "switch":
            call = ScriptedCall(positions={"": Position(name)})
            assert end_of(plan, number, call).reason is Reason.LOOP
        if planned.kind == "number_rule" and name == "anonymous":
            call = ScriptedCall(facts=a_call_from_outside(number=""))
            assert end_of(plan, number, call).reason is Reason.LOOP


PEOPLE = ["100", "101", "102"]
USERS = st.fixed_dictionaries(
    {
        number: st.fixed_dictionaries(
            {
                "rules": st.lists(
                    st.fixed_dictionaries(
                        {
                            "when": st.just("no_answer"),
                            "to": st.sampled_from(
                                [one for one in [*PEOPLE, "5000"] if one != number]
                            ),
                        }
                    ),
                    max_size=2,
                ),
                "voicemail": st.booleans(),
            }
        )
        for number in PEOPLE
    }
)
GROUPS = st.fixed_dictionaries(
    {
        "kind": st.just("group"),
        "members": st.just(["102"]),
        "no_answer": st.sampled_from([*PEOPLE, "5000", ""]),
    }
)


def found(code: str, findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if one.code == code]


@given(USERS, GROUPS)
def test_a_call_goes_round_where_people_are_said_to_forward_in_a_ring(
    users: Mapping[str, Settings], group: Settings
) -> None:
    """Nobody picks up; the first person or group of each ring is called directly."""
    phones = {number: [number] for number in PEOPLE}
    rows = tenant_rows(elements={"5000": group}, extensions=phones, users=users)
    plan = build_plan(rows, sound_folder=SOUND_FOLDER)
    rings = found("forward-loop", lint(rows, plan, now=NOW))
    event(f"rings: {len(rings)}")
    for ring in rings:
        first = str(ring.route[1])
        assert plan.elements[first].kind in {USER, "group"}
        call = ScriptedCall(
            people=list(plan.people.values()),
            phones={f"{one}@acme.test": LegOutcome.NO_ANSWER for one in PEOPLE},
            facts=a_call_from_outside(),
        )
        assert end_of(plan, first, call).reason is Reason.LOOP


CALLERS = st.sampled_from(["1", "2", "12", "21", "+1", "+12", "112", "+211", "3", "13"])
SOME_MASKS = st.lists(st.sampled_from(["1+", "12", "{p|}1(+)", "p1", "d", "dd?", "+"]), max_size=3)
SOME_NUMBERS = st.lists(st.sampled_from(["1", "12", "+12", "+1"]), max_size=2)
LINES = st.lists(
    st.fixed_dictionaries(
        {"target": st.sampled_from(["100", "101"]), "masks": SOME_MASKS, "numbers": SOME_NUMBERS}
    ),
    max_size=3,
)
NUMBER_RULES = st.fixed_dictionaries(
    {
        "kind": st.just("number_rule"),
        "masks": SOME_MASKS,
        "numbers": SOME_NUMBERS,
        "lines": LINES,
        "prefixes": st.dictionaries(st.sampled_from(["1", "12", "+1"]), st.just("101"), max_size=2),
        "match": st.sampled_from(["100", "101"]),
        "no_match": st.just("100"),
    }
)


NEEDLESS_CALLERS = {"callers-taken-before", "callers-listed-twice"}


@given(NUMBER_RULES, st.lists(CALLERS, min_size=1, max_size=3))
@settings(max_examples=300)
def test_callers_are_led_the_same_way_without_the_masks_that_are_said_to_be_needless(
    settings: dict[str, object], ways: list[str]
) -> None:
    """What is accused can be left out, and every caller is led as before."""
    rows = tenant_rows(elements={"5000": settings})
    plan = build_plan(rows, sound_folder=SOUND_FOLDER)
    findings = lint(rows, plan, now=NOW)
    accused = [one.route[2:] for one in findings if one.code in NEEDLESS_CALLERS]
    event(f"accused: {bool(accused)}")
    without = tenant_rows(elements={"5000": without_these(settings, accused)})
    thinner = build_plan(without, sound_folder=SOUND_FOLDER)
    for way in ways:
        assert led_to(plan, way) == led_to(thinner, way)


def without_these(settings: dict[str, object], routes: Sequence[tuple[object, ...]]) -> Settings:
    """The settings without these masks, numbers and prefixes; places are kept."""

    def thinned(value: object, path: tuple[object, ...]) -> object:
        if isinstance(value, dict):
            kept = {key: thinned(one, (*path, key)) for key, one in value.items()}
            return {key: one for key, one in kept.items() if (*path, key) not in routes}
        if isinstance(value, list):
            kept_items = [thinned(one, (*path, place)) for place, one in enumerate(value)]
            return [one for place, one in enumerate(kept_items) if (*path, place) not in routes]
        return value

    found = thinned(settings, ())
    assert isinstance(found, dict)
    return found


def led_to(plan: NumberPlan, caller: str) -> str:
    element = plan.elements["5000"].element
    call = ScriptedCall(caller_numbers=(caller,))
    left_by = asyncio.run(element.run(call))
    assert isinstance(left_by, str)
    return element.exits()[left_by]


DAYS = st.sampled_from(
    ["mon-fri", "sun", "2026-12-25", "2026-12-24..2027-01-02", "2027-03-28", "2026-11-01"]
)
TIMES = st.sampled_from(["00:00", "02:00", "03:00", "09:00", "18:00"])
WINDOWS = st.lists(
    st.fixed_dictionaries({"days": DAYS, "from": TIMES, "to": TIMES}).filter(
        lambda one: one["from"] != one["to"] and (one["from"] < one["to"] or one["days"] == "sun")
    ),
    min_size=1,
    max_size=3,
)
EXCEPTIONS = st.lists(
    st.fixed_dictionaries(
        {"days": st.sampled_from(["2026-12-25", "2027-03-28", "2026-12-20..2027-01-10"])},
        optional={
            "hours": st.just([{"from": "09:00", "to": "12:00"}]),
            "target": st.just("101"),
        },
    ),
    max_size=2,
)
MOMENTS = st.lists(
    st.integers(0, 399 * 24 * 4).map(lambda quarter: NOW + timedelta(minutes=15) * quarter),
    min_size=20,
    max_size=50,
)
DEAD_WINDOWS = {"dates-past", "window-never-holds"}


@given(windows=WINDOWS, exceptions=EXCEPTIONS, moments=MOMENTS)
@settings(max_examples=150)
def test_no_caller_is_led_by_a_window_that_is_said_never_to_hold(
    windows: list[Settings], exceptions: list[Settings], moments: list[datetime]
) -> None:
    rule = {"kind": "time_rule", "windows": windows, "exceptions": exceptions}
    tenant = a_tenant(timezone="Europe/Berlin")
    rows = tenant_rows(elements={"5000": {**rule, "match": "100"}}, tenant=tenant)
    plan = build_plan(rows, sound_folder=SOUND_FOLDER)
    dead = {
        one.route[-1]
        for one in lint(rows, plan, now=NOW)
        if one.code in DEAD_WINDOWS and one.route[-2] == "windows"
    }
    event(f"dead windows: {bool(dead)}")
    element = plan.elements["5000"].element
    assert isinstance(element, TimeRule)
    whole = element.schedule(plan.tenant.timezone, ())
    alive = [one for place, one in enumerate(whole.windows) if place not in dead]
    thinner = replace(whole, windows=tuple(alive))
    for moment in moments:
        assert whole.at(moment).exit == thinner.at(moment).exit


def silence(finding: Finding) -> dict[str, object]:
    return {"code": finding.code, "at": written(finding.route), "reason": "it is meant so"}


@given(tenant_documents())
@settings(max_examples=60)
def test_whatever_is_found_in_a_tenant_has_a_place_there_and_can_be_silenced(
    document: Document,
) -> None:
    rows = rows_of_document(file_with_secrets(document), None)
    plan = build_plan(rows, sound_folder=SOUND_FOLDER)
    findings = [one for one in lint(rows, plan, now=NOW) if one.code != USELESS_SILENCE.code]
    for finding in findings:
        assert finding.code in known_codes()
        assert has_place(document, finding)
    silenced = replace(rows.tenant, silenced=tuple(map(silence, findings)))
    again = lint(replace(rows, tenant=silenced), plan, now=NOW)
    assert [one.code for one in again] == [one.code for one in findings]
    assert all(one.silenced for one in again)


def has_place(document: Document, finding: Finding) -> bool:
    """Whether the section, and in it the thing, that a finding is about is in the document."""
    section, *rest = finding.route
    if section not in document:
        return False
    if section in KEYED and rest:
        return rest[0] in document[str(section)]
    if finding.route[:2] == ("outbound", "rules"):
        return rest[1] in {rule["name"] for rule in document["outbound"]["rules"]}
    return True
