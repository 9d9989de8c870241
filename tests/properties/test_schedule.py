"""Schedules, at any moment and in any zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.schedule import (
    FORESIGHT,
    HOLIDAY,
    MATCH,
    NO_MATCH,
    Dates,
    Days,
    Hours,
    Schedule,
    Special,
    Window,
    status,
)
from stasis_apps.decisions.schedule_words import (
    WEEKDAYS,
    Unreadable,
    parse_dates,
    parse_days,
    parse_hours,
    parse_zone,
)

BERLIN, MOSCOW = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Moscow")
ZONES: st.SearchStrategy[tzinfo] = st.sampled_from(
    [
        *map(
            ZoneInfo,
            [
                "Europe/Berlin",
                "Europe/Moscow",
                "America/New_York",
                "America/Santiago",
                "Asia/Beirut",
                "Asia/Kathmandu",
                "Australia/Lord_Howe",
                "Africa/Casablanca",
                "Pacific/Apia",
            ],
        ),
        timezone(timedelta(hours=5)),
        timezone(-timedelta(hours=3, minutes=30)),
        UTC,
    ]
)
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2010, 2030))
MOMENTS = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC))
EARLY_DATES = st.dates(min_value=date(2010, 1, 1), max_value=date(2030, 1, 1))
QUARTERS = st.integers(min_value=0, max_value=95).map(lambda quarter: quarter * 15)


@st.composite
def hours(draw: st.DrawFn, *, may_cross: bool = True) -> Hours:
    start = draw(QUARTERS)
    first_end = 0 if may_cross else start + 15
    ends = st.integers(min_value=first_end // 15, max_value=96).map(lambda quarter: quarter * 15)
    return Hours(start_min=start, end_min=draw(ends.filter(lambda end: end != start)))


@st.composite
def dates(draw: st.DrawFn, near: date | None = None) -> Dates:
    shift = timedelta(days=draw(st.integers(-4, 10)))
    first = (near or draw(EARLY_DATES)) + shift
    length = timedelta(days=draw(st.integers(0, 3)))
    return Dates(first=first, last=first + length, name=draw(st.sampled_from(["", "feast"])))


@st.composite
def schedules(draw: st.DrawFn, near: date) -> Schedule:
    """A schedule with something to happen around a day."""
    some_dates = st.lists(dates(near), max_size=2).map(tuple)
    weekdays = st.frozensets(st.integers(0, 6), max_size=7)
    windows = st.builds(
        Window, days=st.builds(Days, weekdays=weekdays, dates=some_dates), hours=hours()
    )
    specials = st.builds(
        Special,
        days=st.builds(Days, dates=some_dates),
        hours=st.lists(hours(may_cross=False), max_size=2).map(tuple),
        exit=st.sampled_from(["", "exception_1"]),
    )
    return Schedule(
        zone=draw(ZONES),
        windows=tuple(draw(st.lists(windows, max_size=3))),
        holidays=draw(some_dates),
        exceptions=tuple(draw(st.lists(specials, max_size=2))),
    )


@st.composite
def moments_with_schedules(draw: st.DrawFn) -> tuple[Schedule, datetime]:
    moment = draw(MOMENTS)
    return draw(schedules(moment.date())), moment


def office(days: str, start: str, end: str, zone: tzinfo = BERLIN) -> Schedule:
    window = Window(days=parse_days(days), hours=parse_hours(start, end))
    return Schedule(zone=zone, windows=(window,))


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(moments_with_schedules(), st.data())
def test_nothing_changes_until_the_moment_that_is_told(
    drawn: tuple[Schedule, datetime], data: st.DataObject
) -> None:
    schedule, moment = drawn
    state = status(schedule, moment)
    until = state.until or moment + FORESIGHT
    assert until > moment

    between = data.draw(
        st.datetimes(
            min_value=moment.replace(tzinfo=None),
            max_value=(until - timedelta(microseconds=1)).replace(tzinfo=None),
            timezones=st.just(UTC),
        )
    )

    assert schedule.at(between) == state.verdict


@given(moments_with_schedules())
def test_at_the_moment_that_is_told_something_changes(drawn: tuple[Schedule, datetime]) -> None:
    schedule, moment = drawn
    state = status(schedule, moment)

    if state.until is not None:
        assert schedule.at(state.until) != state.verdict


@given(moments_with_schedules(), ZONES)
def test_the_same_instant_gives_the_same_answer_in_any_zone(
    drawn: tuple[Schedule, datetime], zone: tzinfo
) -> None:
    schedule, moment = drawn

    assert status(schedule, moment.astimezone(zone)) == status(schedule, moment)


@given(moments_with_schedules())
def test_the_clock_on_the_wall_decides(drawn: tuple[Schedule, datetime]) -> None:
    schedule, moment = drawn
    wall = moment.astimezone(schedule.zone)
    unzoned = Schedule(
        zone=UTC,
        windows=schedule.windows,
        holidays=schedule.holidays,
        exceptions=schedule.exceptions,
    )

    assert schedule.at(moment) == unzoned.at(wall.replace(tzinfo=UTC, fold=0))


@given(MOMENTS, hours(), st.frozensets(st.integers(0, 6)))
def test_hours_belong_to_the_weekday_on_which_they_begin(
    moment: datetime, opening: Hours, weekdays: frozenset[int]
) -> None:
    schedule = Schedule(zone=UTC, windows=(Window(days=Days(weekdays=weekdays), hours=opening),))
    length = timedelta(minutes=(opening.end_min - opening.start_min) % (24 * 60) or 24 * 60)
    starts = [
        datetime.combine(moment.date() - timedelta(days=back), time(), UTC)
        + timedelta(minutes=opening.start_min)
        for back in (0, 1)
    ]

    expected = any(
        start.weekday() in weekdays and start <= moment < start + length for start in starts
    )

    assert (schedule.at(moment).exit == MATCH) is expected


@given(moments_with_schedules())
def test_exceptions_win_over_holidays_and_these_over_hours(
    drawn: tuple[Schedule, datetime],
) -> None:
    schedule, moment = drawn
    wall = moment.astimezone(schedule.zone)
    day, minute = wall.date(), wall.hour * 60 + wall.minute
    exits = [special.exit_at(day, minute) for special in schedule.exceptions]
    spoken = [one for one in exits if one is not None]

    verdict = schedule.at(moment).exit

    if spoken:
        assert verdict == spoken[0]
    elif any(holiday.first <= day <= holiday.last for holiday in schedule.holidays):
        assert verdict == HOLIDAY
    else:
        assert verdict in (MATCH, NO_MATCH)


def test_an_office_opens_and_closes_on_the_minute() -> None:
    rule = office("mon-fri", "09:00", "21:00", parse_zone("+05:00"))

    closed = status(rule, utc("2026-11-23T03:59:59"))
    open_ = status(rule, utc("2026-11-23T04:00"))

    assert (closed.verdict.exit, closed.until) == (NO_MATCH, utc("2026-11-23T04:00"))
    assert (open_.verdict.exit, open_.until) == (MATCH, utc("2026-11-23T16:00"))
    weekend = status(rule, utc("2026-11-27T16:00"))
    assert (weekend.verdict.exit, weekend.until) == (NO_MATCH, utc("2026-11-30T04:00"))


def test_hours_that_begin_while_clocks_go_forward_begin_when_they_have() -> None:
    rule = office("sun", "02:30", "05:00")

    state = status(rule, utc("2027-03-28T00:00"))

    assert state.until == utc("2027-03-28T01:00")
    assert status(rule, utc("2027-03-28T01:00")).until == utc("2027-03-28T03:00")


def test_hours_inside_the_hour_that_is_left_out_do_not_happen() -> None:
    rule = office("2027-03-28", "02:10", "02:50")

    assert status(rule, utc("2027-03-27T12:00")).until is None


def test_the_hour_that_comes_twice_counts_twice() -> None:
    rule = office("2026-10-25", "02:00", "02:30")
    told = [utc("2026-10-24T12:00")]
    while (change := status(rule, told[-1]).until) is not None:
        told.append(change)

    assert told[1:] == [
        utc("2026-10-25T00:00"),
        utc("2026-10-25T00:30"),
        utc("2026-10-25T01:00"),
        utc("2026-10-25T01:30"),
    ]


def test_a_night_across_the_change_of_clocks_ends_by_the_clock_on_the_wall() -> None:
    rule = office("sat", "22:00", "04:00")

    assert status(rule, utc("2026-10-24T21:00")).until == utc("2026-10-25T03:00")
    assert status(rule, utc("2027-03-27T22:00")).until == utc("2027-03-28T02:00")


def test_a_night_begins_on_no_holiday_and_a_holiday_ends_the_night_before() -> None:
    nights = office("mon-sun", "22:00", "02:00", UTC)
    feast = Dates(first=date(2027, 1, 1), last=date(2027, 1, 1), name="New Year")
    rule = Schedule(zone=UTC, windows=nights.windows, holidays=(feast,))

    assert rule.at(utc("2026-12-31T23:59")).exit == MATCH
    assert rule.at(utc("2027-01-01T00:00")).exit == HOLIDAY
    assert rule.at(utc("2027-01-01T23:00")).name == "New Year"
    assert rule.at(utc("2027-01-02T01:00")).exit == NO_MATCH
    assert rule.at(utc("2027-01-02T22:00")).exit == MATCH


def test_an_exception_has_its_own_hours_or_is_closed() -> None:
    short = Special(days=parse_dates("2026-12-31"), hours=(parse_hours("10:00", "14:00"),))
    closed = Special(days=parse_dates("2027-01-01..2027-01-08"), name="winter")
    rule = Schedule(
        zone=UTC,
        windows=office("mon-sun", "00:00", "24:00").windows,
        exceptions=(short, closed),
    )

    assert rule.at(utc("2026-12-30T23:59")).exit == MATCH
    assert rule.at(utc("2026-12-31T09:59")).exit == NO_MATCH
    assert rule.at(utc("2026-12-31T13:59")).exit == MATCH
    assert status(rule, utc("2026-12-31T14:00")).until == utc("2027-01-01T00:00")
    assert status(rule, utc("2027-01-01T00:00")).until == utc("2027-01-09T00:00")


def test_an_exception_with_an_exit_and_hours_leaves_the_rest_of_the_day_alone() -> None:
    party = Special(
        days=parse_dates("2026-12-24"), hours=(parse_hours("12:00", "13:00"),), exit="exception_1"
    )
    rule = Schedule(zone=UTC, windows=office("thu", "09:00", "18:00").windows, exceptions=(party,))

    assert [rule.at(utc(f"2026-12-24T{at}")).exit for at in ("11:59", "12:00", "13:00")] == [
        MATCH,
        "exception_1",
        MATCH,
    ]


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat,sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("Mon, wed", {0, 2}),
        ("sun", {6}),
        ("mon-mon", {0}),
    ],
)
def test_weekdays_are_read(text: str, weekdays: set[int]) -> None:
    assert parse_days(text) == Days(weekdays=frozenset(weekdays))


@given(st.sampled_from(WEEKDAYS), st.sampled_from(WEEKDAYS))
def test_a_range_of_weekdays_ends_with_its_last(first: str, last: str) -> None:
    days = parse_days(f"{first}-{last}").weekdays

    assert {WEEKDAYS.index(first), WEEKDAYS.index(last)} <= days
    assert len(days) == (WEEKDAYS.index(last) - WEEKDAYS.index(first)) % 7 + 1


def test_dates_are_read_beside_weekdays() -> None:
    days = parse_days("sat,2026-12-31,2027-01-01..2027-01-08")

    assert days.weekdays == {5}
    assert days.include(date(2026, 12, 31))
    assert days.include(date(2027, 1, 8))
    assert not days.include(date(2027, 1, 10))


@pytest.mark.parametrize(
    "text", ["", "monday", "mon-", "mon-fry", "mon,,tue", "2026-02-30", "20261231", "2027-01-02.."]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_days(text)


def test_dates_that_end_before_they_start_are_refused() -> None:
    with pytest.raises(Unreadable, match="ends before it starts"):
        parse_days("2027-01-08..2027-01-01")


def test_weekdays_are_no_dates() -> None:
    with pytest.raises(Unreadable, match="must be a date"):
        parse_dates("mon")


@pytest.mark.parametrize(
    ("start", "end"),
    [("09:00", "09:00"), ("24:00", "09:00"), ("9:00", "10:00"), ("09:60", "10:00"), ("x", "24:01")],
)
def test_what_is_no_hours_is_refused(start: str, end: str) -> None:
    with pytest.raises(Unreadable):
        parse_hours(start, end)


@pytest.mark.parametrize(
    ("text", "ahead"),
    [
        ("+05:00", 5.0),
        ("GMT+5", 5.0),
        ("UTC-03:30", -3.5),
        ("-0330", -3.5),
        ("Z", 0.0),
        ("UTC", 0.0),
        ("Etc/GMT-5", 5.0),
        ("Europe/Moscow", 3.0),
    ],
)
def test_zones_are_read_by_name_or_offset(text: str, ahead: float) -> None:
    offset = utc("2026-11-23T00:00").astimezone(parse_zone(text)).utcoffset()

    assert offset == timedelta(hours=ahead)


@pytest.mark.parametrize(
    "text",
    ["", "Mars/Olympus", "+15:00", "+05:60", "5", "../etc/passwd", "europe/moscow", "Europe"],
)
def test_an_unknown_zone_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_zone(text)
