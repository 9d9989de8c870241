"""Callers come to an office that is open, closed, on holiday, or switched by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import pytest

from stasis_apps.call import Holiday, Position
from stasis_apps.decisions.schedule_words import parse_zone
from stasis_apps.element import known_elements
from stasis_apps.testing import ScriptedCall

OFFICE: Mapping[str, object] = {
    "timezone": "+05:00",
    "windows": [{"days": "mon-fri", "from": "09:00", "to": "21:00"}],
    "holidays": "russia",
    "exceptions": [
        {"days": "2026-12-31", "name": "short day", "hours": [{"from": "09:00", "to": "14:00"}]},
        {"days": "2026-12-28", "name": "inventory", "target": "101"},
    ],
    "match": "5000",
    "no_match": "5001",
    "holiday": "5002",
}
NEW_YEAR = Holiday(first=date(2027, 1, 1), last=date(2027, 1, 8), name="New Year")
KIND = known_elements()["time_rule"]
MOSCOW = parse_zone("Europe/Moscow")


def a_call(at: str, **script: object) -> ScriptedCall:
    now = datetime.fromisoformat(at).replace(tzinfo=MOSCOW)
    return ScriptedCall(now=now, calendars={"russia": [NEW_YEAR]}, **script)  # type: ignore[arg-type] # the names are checked


@pytest.mark.parametrize(
    ("moscow_time", "way", "note"),
    [
        ("2026-11-23T06:59:59", "no_match", "outside the hours (Mon 2026-11-23 08:59 +05:00)"),
        (
            "2026-11-23T07:00",
            "match",
            "inside the hours: mon-fri 09:00-21:00 (Mon 2026-11-23 09:00 +05:00)",
        ),
        (
            "2026-11-23T18:59:59",
            "match",
            "inside the hours: mon-fri 09:00-21:00 (Mon 2026-11-23 20:59 +05:00)",
        ),
        ("2026-11-23T19:00", "no_match", "outside the hours (Mon 2026-11-23 21:00 +05:00)"),
        ("2026-11-22T12:00", "no_match", "outside the hours (Sun 2026-11-22 14:00 +05:00)"),
        ("2027-01-04T12:00", "holiday", "it is a holiday: New Year (Mon 2027-01-04 14:00 +05:00)"),
        (
            "2026-12-31T12:00",
            "no_match",
            "it is an exception: short day (Thu 2026-12-31 14:00 +05:00)",
        ),
        (
            "2026-12-31T11:59",
            "match",
            "it is an exception: short day (Thu 2026-12-31 13:59 +05:00)",
        ),
        (
            "2026-12-28T03:00",
            "exception_2",
            "it is an exception: inventory (Mon 2026-12-28 05:00 +05:00)",
        ),
    ],
)
async def test_a_call_goes_by_the_time_at_which_it_comes(
    moscow_time: str, way: str, note: str
) -> None:
    call = a_call(moscow_time)

    assert await KIND.build(OFFICE).run(call) == way
    assert call.notes == [note]


async def test_the_journal_names_the_window_that_is_open_and_only_a_clock_of_its_own() -> None:
    windows = [
        {"days": "mon-fri", "from": "09:00", "to": "18:00"},
        {"days": "fri", "from": "22:00", "to": "02:00"},
    ]
    call = a_call("2026-11-28T01:30")

    assert await KIND.build({"windows": windows, "match": "5000"}).run(call) == "match"
    assert call.notes == ["inside the hours: fri 22:00-02:00 (Sat 2026-11-28 01:30)"]


async def test_without_an_exit_of_its_own_a_holiday_is_like_a_closed_day() -> None:
    office = KIND.build({**OFFICE, "holiday": ""})

    assert await office.run(a_call("2027-01-04T12:00")) == "no_match"


async def test_the_tenants_clock_counts_when_no_zone_is_given() -> None:
    settings = {name: value for name, value in OFFICE.items() if name != "timezone"}

    assert await KIND.build(settings).run(a_call("2026-11-23T20:59")) == "match"
    assert await KIND.build(settings).run(a_call("2026-11-23T08:59")) == "no_match"


@pytest.mark.parametrize(
    ("position", "way"), [(Position.OPEN, "match"), (Position.CLOSED, "no_match")]
)
@pytest.mark.parametrize("at", ["2026-11-23T12:00", "2026-11-22T12:00", "2027-01-04T12:00"])
async def test_whoever_throws_the_switch_is_stronger_than_the_clock(
    position: Position, way: str, at: str
) -> None:
    call = a_call(at, positions={"": position})

    assert await KIND.build(OFFICE).run(call) == way
    assert call.notes == [f"somebody has switched it to {position}"]


def test_an_exception_with_a_target_is_an_exit() -> None:
    assert KIND.build(OFFICE).exits() == {
        "match": "5000",
        "no_match": "5001",
        "holiday": "5002",
        "exception_2": "101",
        "failed": "",
    }
    assert KIND.targets(OFFICE)["exceptions.1.target"] == "101"
    assert KIND.calendars(OFFICE) == {"holidays": "russia"}


def a_window(days: str = "mon", start: str = "09:00", end: str = "10:00") -> dict[str, str]:
    return {"days": days, "from": start, "to": end}


@pytest.mark.parametrize(
    ("settings", "path", "value", "words"),
    [
        ({"windows": []}, "windows", [], "must not be empty"),
        ({"windows": [a_window(end="09:00")]}, "windows.0.to", "09:00", "is empty"),
        (
            {"windows": [a_window(), a_window("2026-12-31", end="08:00")]},
            "windows.1.to",
            "08:00",
            "ends before it starts",
        ),
        ({"windows": [a_window("sun-mo")]}, "windows.0.days", "sun-mo", "is no day"),
        ({"windows": [a_window("2027-02-30")]}, "windows.0.days", "2027-02-30", "no day"),
        ({"windows": [a_window(start="9:00")]}, "windows.0.from", "9:00", "no time of day"),
        ({"windows": [a_window(end="24:01")]}, "windows.0.to", "24:01", "no time of day"),
        ({"windows": [{"days": "mon", "from": "09:00"}]}, "windows.0.to", None, "required"),
        ({"timezone": "Moscow"}, "timezone", "Moscow", "no time zone"),
        ({"timezone": "+25:00"}, "timezone", "+25:00", "no time zone"),
        ({"exceptions": [{"days": "mon"}]}, "exceptions.0.days", "mon", "must be a date"),
        (
            {"exceptions": [{"days": "2027-01-08..2027-01-01"}]},
            "exceptions.0.days",
            "2027-01-08..2027-01-01",
            "ends before it starts",
        ),
        (
            {"exceptions": [{"days": "2027-01-01", "hours": [{"from": "22:00", "to": "02:00"}]}]},
            "exceptions.0.hours.0.to",
            "02:00",
            "ends before it starts",
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_when_it_is_saved(
    settings: Mapping[str, object], path: str, value: object, words: str
) -> None:
    (fault,) = KIND.faults({"windows": [a_window()], **settings})

    assert (fault.path, fault.value) == (path, value)
    assert words in fault.rule


def test_hours_of_weekdays_may_cross_midnight_and_end_with_the_day() -> None:
    windows = [a_window("fri", "22:00", "02:00"), a_window("sat,2026-12-31", "20:00", "24:00")]

    assert KIND.faults({"windows": windows}) == []


def test_all_faults_are_told_at_once() -> None:
    settings = {
        "windows": [a_window("x", "1", "2"), a_window(end="09:00")],
        "exceptions": [{"days": "2026-02-29"}],
    }

    assert [fault.path for fault in KIND.faults(settings)] == [
        "exceptions.0.days",
        "windows.0.days",
        "windows.0.from",
        "windows.0.to",
        "windows.1.to",
    ]
