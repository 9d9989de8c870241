"""Route tests: what passes, and how a call that went elsewhere is told."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models.tenant_file.route_test_faults import route_test_faults
from models.tenant_file.route_test_schema import (
    BECAME,
    ENDED_BY,
    ENDS,
    ROUTE_TEST_SCHEMA,
)
from stasis_apps.call import WayIn
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.plan import NumberPlan
from stasis_apps.replay import comparing, recalling
from stasis_apps.route_tests import WAYS_IN, Deviation, TriedRoute, run_route_tests
from stasis_apps.simulation import Became, Doing
from stasis_apps.simulation.doing_words import doing_of
from tests.support.builders import a_plan, a_trunk

SUNDAY = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MONDAY_AT_TEN = "2026-11-23T10:00"

OFFICE = {
    "5300": {
        "kind": "time_rule",
        "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
        "match": "5000",
        "no_match": "5120",
    },
    "5000": {"kind": "greeting", "sound": "welcome", "keys": {"1": "100", "2": "+79161112233"}},
    "5120": {"kind": "voicemail"},
}


@pytest.fixture(scope="module")
def office() -> NumberPlan:
    """Office hours, a greeting, Alice at 1, a mobile at 2, a mailbox for the night."""
    return a_plan(elements=OFFICE, trunks=[a_trunk()], numbers={"74951234567": "5300"})


def a_test(**parts: Any) -> dict[str, Any]:
    """A carrier's customer calls the office on Monday at ten and presses 1, Alice answers."""
    usual = {
        "name": "Alice answers",
        "from": "+79160000000",
        "to": "74951234567",
        "at": MONDAY_AT_TEN,
        "keys": ["1"],
        "answers": {"100": "5s"},
        "expect": {"answered_by": "100"},
    }
    return {**usual, **parts}


async def tried(plan: NumberPlan, **parts: Any) -> TriedRoute:
    """Try one test that has the shape of its schema."""
    test = a_test(**parts)
    jsonschema.validate(test, ROUTE_TEST_SCHEMA, jsonschema.Draft202012Validator)
    [found] = await run_route_tests(plan, [test], now=SUNDAY)
    return found


async def deviation(plan: NumberPlan, **parts: Any) -> Deviation:
    """The one thing that was not as a test expects it."""
    found = await tried(plan, **parts)
    assert not found.has_passed
    [only] = found.deviations
    return only


@pytest.mark.parametrize(
    "expect",
    [
        {"path": ["5300", "5000", "100"]},
        {"path": ["...", "100"]},
        {"path": ["5300", "..."]},
        {"path": ["...", "5000", "...", "100", "..."]},
        {"ends": "normal"},
        {"ended_by": "caller"},
        {"answered_by": "100"},
        {"voicemail": "nobody"},
        {"sent": "nobody", "through": "nobody"},
        {"heard": ["welcome"]},
        {"heard": ["welcome", "ringback"]},
        {"rang": ["100"], "not_rung": ["101"]},
    ],
)
async def test_a_call_that_goes_as_expected_passes(
    office: NumberPlan, expect: dict[str, Any]
) -> None:
    found = await tried(office, expect=expect)
    assert found.has_passed, found.deviations


@pytest.mark.parametrize(
    ("expect", "was"),
    [
        ({"ends": "no_answer"}, "normal"),
        ({"ended_by": "plan"}, "caller"),
        ({"answered_by": "101"}, "100"),
        ({"answered_by": "nobody"}, "100"),
        ({"voicemail": "5120"}, "nobody"),
        ({"sent": "+79161112233"}, "nobody"),
        ({"through": "moscow"}, "nobody"),
        ({"heard": ["ringback", "welcome"]}, ("welcome", "ringback")),
        ({"rang": ["100", "101"]}, ("100",)),
        ({"not_rung": ["100"]}, ("100",)),
        ({"path": ["5300", "5000"]}, ("5300", "5000", "100")),
    ],
)
async def test_what_happened_instead_is_told(
    office: NumberPlan, expect: dict[str, Any], was: object
) -> None:
    found = await deviation(office, expect=expect)
    assert (found.field, found.was) == (next(iter(expect)), was)


async def test_a_call_through_a_trunk_is_told_with_its_trunk(office: NumberPlan) -> None:
    found = await tried(
        office,
        keys=["2"],
        answers={"+79161112233": "4s"},
        expect={"sent": "+79161112233", "through": "moscow", "answered_by": "+79161112233"},
    )
    assert found.has_passed, found.deviations


async def test_the_fork_is_told_with_the_reason_why_the_call_left_the_way(
    office: NumberPlan,
) -> None:
    found = await deviation(office, at="2026-11-23T20:00", expect={"path": ["5300", "5000", "100"]})
    assert found.why == (
        "5300 was left by no_match to 5120, expected 5000: outside the hours (Mon 2026-11-23 20:00)"
    )


async def test_a_call_that_ends_too_early_is_told_with_its_end(office: NumberPlan) -> None:
    found = await deviation(office, answers={}, expect={"path": ["5300", "5000", "100", "5120"]})
    assert found.why == "100 was left by no_answer, expected 5120: the call ended: no answer"


async def test_a_call_that_comes_in_elsewhere_is_told(office: NumberPlan) -> None:
    found = await deviation(office, expect={"path": ["5000", "..."]})
    assert found.why == "the call came to 5300, expected 5000"


async def test_a_call_to_nothing_is_told(office: NumberPlan) -> None:
    found = await deviation(office, to="74959999999", expect={"path": ["5300", "..."]})
    assert found.why == "the call ended: no such number, expected 5300"


async def test_a_call_that_goes_on_where_it_should_end_is_told(office: NumberPlan) -> None:
    found = await deviation(office, expect={"path": ["5300", "5000"]})
    assert found.why == "5000 was left by 1 to 100, expected the end of the call"


async def test_a_caller_who_is_not_there_fails_the_test_and_no_other(office: NumberPlan) -> None:
    tests = [
        a_test(name="a stranger's phone", **{"from": "4711", "how": "phone"}),
        a_test(name="Alice answers"),
    ]
    absent, present = await run_route_tests(office, tests, now=SUNDAY)
    [why] = absent.deviations
    assert (why.was, why.why) == ("4711", "is no extension or device of the tenant")
    assert absent.end is None
    assert present.has_passed


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"answers": {"100": "5s", "nobody": "5s"}}, "answers"),
        ({"answers": {"5000": "5s"}}, "answers"),
        ({"expect": {"not_rung": ["1O1"]}}, "not_rung"),
        ({"expect": {"not_rung": ["100-kitchin"]}}, "not_rung"),
        ({"expect": {"not_rung": ["-"]}}, "not_rung"),
        ({"expect": {"rang": ["5000"]}}, "rang"),
    ],
)
async def test_a_test_about_somebody_who_is_not_there_fails(
    office: NumberPlan, parts: dict[str, Any], field: str
) -> None:
    found = await deviation(office, **parts)
    assert (found.field, found.expected) == (field, None)
    assert found.why == (
        "is no extension, device or trunk of the tenant, and no outside number"
        if field == "answers"
        else "is no extension or device of the tenant, and no outside number"
    )


async def test_a_pin_for_nothing_fails_the_test(office: NumberPlan) -> None:
    found = await deviation(office, pins={"5121": "2580"})
    assert (found.field, found.was) == ("pins", "5121")
    assert found.why == "is no number and no outbound rule of the tenant"


SERVER = {"5500": {"kind": "http_request", "url": "https://crm.test/", "default": "101"}}


@pytest.mark.parametrize(
    ("reply", "answered_by"),
    [
        ('transfer: "100"', "100"),
        ('{"transfer": "100"}', "100"),
        ({"body": "transfer: 100", "after_s": 1}, "100"),
        ({"body": "transfer: 100", "after_s": 5}, "101"),
        ({"body": "transfer: 100", "status": 500}, "101"),
        ("timeout", "101"),
        ("refused", "101"),
        ("503", "101"),
        ("", "101"),
    ],
)
async def test_a_server_answers_as_the_test_says(reply: object, answered_by: str) -> None:
    plan = a_plan(elements=SERVER, trunks=[a_trunk()], numbers={"74951234567": "5500"})
    answers = {"100": "2s", "101": "2s"}

    found = await tried(
        plan, keys=[], answers=answers, replies={"5500": reply}, expect={"answered_by": answered_by}
    )

    assert found.has_passed, found.deviations


async def test_a_reply_where_no_server_is_asked_fails_the_test(office: NumberPlan) -> None:
    found = await deviation(office, replies={"5000": "timeout"})

    assert (found.field, found.was) == ("replies", "5000")
    assert found.why == "is no http_request of the tenant"


async def test_a_phone_may_be_meant_by_its_name() -> None:
    plan = a_plan(extensions={"100": ["100", "100-kitchen"], "101": ["101"]})
    call = {"from": "101", "to": "100", "keys": [], "answers": {"100": "no_answer"}}
    rang = await tried(plan, **call, expect={"rang": ["100-kitchen", "100"], "not_rung": ["101"]})
    assert rang.has_passed, rang.deviations
    found = await deviation(plan, **call, expect={"not_rung": ["100-kitchen"]})
    assert found.why == "100-kitchen rang"


async def test_a_call_without_a_moment_comes_now(office: NumberPlan) -> None:
    test = a_test(expect={"path": ["5300", "5120"]})
    del test["at"]
    [on_sunday] = await run_route_tests(office, [test], now=SUNDAY)
    assert on_sunday.has_passed, on_sunday.deviations


async def test_the_clock_of_the_tenant_counts_unless_a_zone_is_given(office: NumberPlan) -> None:
    by_the_tenant = await tried(
        office, at="2026-11-23T09:30", expect={"path": ["5300", "5000", "..."]}
    )
    in_utc = await tried(office, at="2026-11-23T16:30Z", expect={"path": ["5300", "5120"]})
    assert by_the_tenant.has_passed
    assert in_utc.has_passed


async def test_somebody_who_does_not_confirm_does_not_take_the_call(office: NumberPlan) -> None:
    plan = a_plan(
        users={"100": {"rules": [{"when": "no_answer", "to": "+79161112233"}]}},
        trunks=[a_trunk()],
    )
    machine = {"+79161112233": {"after_s": 2, "confirms": False}}
    found = await tried(
        plan, to="100", answers=machine, keys=[], **{"from": "101", "expect": {"ends": "no_answer"}}
    )
    assert found.has_passed, found.deviations


def test_all_words_of_the_engine_can_stand_in_a_test() -> None:
    properties: Any = ROUTE_TEST_SCHEMA["properties"]
    ways_in = properties["how"]["enum"]
    after_a_restart = {Reason.LOST, Reason.RELEASED}
    assert set(ENDS) == set(Reason) - after_a_restart
    assert set(ENDED_BY) == set(EndedBy) - {EndedBy.UNKNOWN}
    assert set(BECAME) == set(Became)
    assert set(WAYS_IN) == set(ways_in)
    assert set(WAYS_IN.values()) == set(WayIn)


def test_the_schema_is_a_schema_and_describes_every_word() -> None:
    jsonschema.Draft202012Validator.check_schema(ROUTE_TEST_SCHEMA)
    properties: Any = ROUTE_TEST_SCHEMA["properties"]
    named = {**properties, **properties["expect"]["properties"]}
    assert all("description" in schema for schema in named.values())


def test_the_guide_names_every_word() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "route-tests.md").read_text()
    properties: Any = ROUTE_TEST_SCHEMA["properties"]
    words = {*properties, *properties["expect"]["properties"]} - {"expect"}
    assert {word for word in words if f"`{word}`" not in guide} == set()


def test_the_guide_names_every_reason_why_a_call_cannot_be_judged() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "route-tests.md").read_text()
    reasons = {
        *(comparing.CHANGED_SINCE, comparing.NOT_REENACTED, comparing.NOT_ANY_MORE),
        *(recalling.STILL_UP, recalling.NO_STEPS, recalling.RESTARTED, recalling.UNKNOWN_DOOR),
    }
    assert {reason for reason in reasons if f"| {reason} |" not in guide} == set()


@pytest.mark.parametrize(
    ("given", "doing"),
    [
        ("5s", Doing(became=Became.ANSWERS, after_s=5)),
        ("2.5", Doing(became=Became.ANSWERS, after_s=2.5)),
        ("answers", Doing(became=Became.ANSWERS)),
        ("declines", Doing(became=Became.DECLINES)),
        ({"talks_s": 30}, Doing(became=Became.ANSWERS, talks_s=30)),
        ({"became": "declines", "after_s": 1}, Doing(became=Became.DECLINES, after_s=1)),
    ],
)
def test_what_people_do_is_said_in_a_word_or_in_detail(given: Any, doing: Doing) -> None:
    assert doing_of(given) == doing


async def test_a_test_of_a_year_that_no_clock_knows_fails_with_the_reason(
    office: NumberPlan,
) -> None:
    found = await deviation(office, at="9999-12-31T23:59")
    assert (found.field, found.was) == ("at", "9999-12-31T23:59:00")
    assert found.why == "is not between 1970 and 2100"


@pytest.mark.parametrize("number", ["+79161112233", "8 (916) 111-22-33"])
async def test_a_number_outside_must_not_ring_however_it_is_written(
    office: NumberPlan, number: str
) -> None:
    found = await deviation(office, keys=["2"], expect={"not_rung": [number]})
    assert found.why == f"{number} rang"
    rang = await tried(office, keys=["2"], expect={"rang": [number]})
    assert rang.has_passed


@pytest.mark.parametrize("nonsense", ["soon", "5 s", "-1s", "5m", ""])
def test_a_word_that_means_nothing_is_refused_with_those_that_mean_something(nonsense: str) -> None:
    with pytest.raises(ValueError, match=r"answer \(5s\) nor one of answers"):
        doing_of(nonsense)


def test_two_tests_of_one_name_and_days_that_no_calendar_has_are_faults() -> None:
    tests = [
        a_test(),
        a_test(at="2026-02-30"),
        a_test(name="another", at="2026-11-23 24:61"),
        a_test(name="too late", at="9999-12-31T23:59"),
        a_test(name="too early", at="1969-12-31T23:59"),
        a_test(name="the last", at="2100-12-31T23:59"),
    ]
    faults = {fault.route: fault.rule for fault in route_test_faults(tests)}
    assert faults == {
        ("tests", "1", "name"): "is the name of another test, too",
        ("tests", "1", "at"): "is no moment (2026-11-23T10:00)",
        ("tests", "2", "at"): "is no moment (2026-11-23T10:00)",
        ("tests", "3", "at"): "is not between 1970 and 2100",
        ("tests", "4", "at"): "is not between 1970 and 2100",
    }
