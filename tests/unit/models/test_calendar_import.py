"""Files of holidays: what is read out of them, and what is refused with its line."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar_import import ImportedCalendar, import_calendar
from models.errors import InvalidSettings
from models.facts import CalendarDay

TODAY = date(2026, 11, 23)
MOSCOW = ZoneInfo("Europe/Moscow")


def read(content: str | bytes, file: str = "holidays") -> ImportedCalendar:
    raw = content.encode() if isinstance(content, str) else content
    return import_calendar(raw, file=file, today=TODAY, timezone=MOSCOW)


def faults(content: str | bytes, file: str = "holidays") -> dict[str, str]:
    with pytest.raises(InvalidSettings) as refused:
        read(content, file)
    return {fault.path: fault.rule for fault in refused.value.faults}


def ics(*events: str) -> str:
    """A calendar with these events, each given by its lines."""
    inside = [f"BEGIN:VEVENT\n{event}\nEND:VEVENT" for event in events]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", *inside, "END:VCALENDAR"]
    return "\n".join(lines) + "\n"


def days(calendar: ImportedCalendar) -> list[tuple[str, str, str]]:
    return [(str(day.first), str(day.last), day.name) for day in calendar.days]


NEW_YEAR = ("2027-01-01", "2027-01-01", "New Year")


@pytest.mark.parametrize(
    "table",
    [
        "2027-01-01;New Year",
        "2027-01-01,New Year\n",
        "2027-01-01\tNew Year\r\n",
        "01.01.2027;New Year",
        "1.1.2027;New Year;;;",
        "2027/01/01,New Year",
        "\ufeffdate;name\r\n2027-01-01;New Year\r\n",
        "sep=;\n2027-01-01;New Year",
        "# ours\n\n2027-01-01 ; New Year\n\n",
        '"2027-01-01","New Year"',
        "2027-01-01;2027-01-01;New Year",
        "from;to;name\n2027-01-01;;New Year",
        "2027-01-01;New Year\n2027-01-01;New Year",
    ],
)
def test_a_holiday_is_read_however_the_table_is_written(table: str) -> None:
    assert days(read(table)) == [NEW_YEAR]


def test_a_table_has_days_in_a_row_too_and_is_put_in_order() -> None:
    calendar = read("date,until,what\n2027-05-01,May Day\n2027-01-01,2027-01-08,Winter, snow\n")

    assert days(calendar) == [
        ("2027-01-01", "2027-01-08", "Winter, snow"),
        ("2027-05-01", "2027-05-01", "May Day"),
    ]
    assert calendar.covers_until == date(2027, 5, 1)


def test_a_holiday_needs_no_name() -> None:
    assert days(read("2027-01-01")) == [("2027-01-01", "2027-01-01", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_russian_names_are_read_in_every_usual_encoding(encoding: str) -> None:
    calendar = read("2027-01-01;Новый год".encode(encoding))

    assert calendar.days[0].name == "Новый год"


def test_every_line_that_cannot_be_read_is_told_with_its_number() -> None:
    found = faults(
        "date;name\n2027-02-30;No day\n2027-01-01;New Year\n"
        "tomorrow;Soon 1\n2027-01-08;2027-01-01;Backwards\n2027-01-01;2029-01-01;Long\n"
    )

    assert list(found) == ["line 2", "line 4", "line 5", "line 6"]
    assert "begin with a date" in found["line 2"]
    assert "ends before it begins" in found["line 5"]
    assert "longer than a year" in found["line 6"]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff \n"])
@pytest.mark.parametrize("file", ["days.csv", "days.ics"])
def test_a_file_with_nothing_in_it_is_empty(content: str, file: str) -> None:
    assert faults(content, file=file) == {"file": "is empty"}


@pytest.mark.parametrize("content", ["hello", "2027-01-01;New Year", "<html>\n</html>\n"])
def test_a_file_that_only_claims_to_be_a_calendar_is_none(content: str) -> None:
    assert "is no calendar file" in faults(content, file="holidays.ICS")["file"]


@pytest.mark.parametrize("content", ["date;name\n", "# nothing\n"])
def test_a_file_without_holidays_is_refused(content: str) -> None:
    assert "no holiday" in faults(content)["file"]


def test_a_file_of_many_megabytes_is_refused() -> None:
    assert "larger than" in faults("2027-01-01;x\n" * 200_000)["file"]


def test_whole_days_of_an_ics_file_end_before_their_end() -> None:
    calendar = read(
        ics(
            "DTSTART;VALUE=DATE:20270101\nDTEND;VALUE=DATE:20270109\nSUMMARY:Winter",
            "DTSTART;VALUE=DATE:20270223\nSUMMARY:Defenders",
        )
    )

    assert days(calendar) == [
        ("2027-01-01", "2027-01-08", "Winter"),
        ("2027-02-23", "2027-02-23", "Defenders"),
    ]
    assert calendar.covers_until == date(2027, 2, 23)


def test_a_yearly_holiday_is_spread_out_from_a_year_back_to_five_years_ahead() -> None:
    calendar = read(ics("DTSTART;VALUE=DATE:20100509\nRRULE:FREQ=YEARLY\nSUMMARY:Victory"))

    assert [day.first.year for day in calendar.days] == [2026, 2027, 2028, 2029, 2030, 2031]
    assert all((day.first.month, day.first.day) == (5, 9) for day in calendar.days)
    assert calendar.covers_until == TODAY + timedelta(days=5 * 366)


def test_a_moved_and_a_cancelled_day_of_a_repetition_are_seen() -> None:
    calendar = read(
        ics(
            "UID:1\nDTSTART;VALUE=DATE:20260612\nRRULE:FREQ=YEARLY;COUNT=4\n"
            "EXDATE;VALUE=DATE:20280612\nSUMMARY:Day",
            "UID:1\nRECURRENCE-ID;VALUE=DATE:20270612\nDTSTART;VALUE=DATE:20270614\nSUMMARY:Moved",
            "UID:2\nDTSTART;VALUE=DATE:20270301\nSTATUS:CANCELLED\nSUMMARY:Never",
        )
    )

    assert days(calendar) == [
        ("2026-06-12", "2026-06-12", "Day"),
        ("2027-06-14", "2027-06-14", "Moved"),
        ("2029-06-12", "2029-06-12", "Day"),
    ]


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART:20261231T210000Z\nDTEND:20270101T210000Z",
        "DTSTART;TZID=Europe/Moscow:20270101T000000\nDTEND;TZID=Europe/Moscow:20270102T000000",
        "DTSTART:20270101T000000\nDURATION:P1D",
        "DTSTART:20270101T000000\nDTEND:20270101T235900",
    ],
)
def test_a_day_given_by_moments_is_the_day_of_the_tenant(event: str) -> None:
    assert days(read(ics(f"{event}\nSUMMARY:New Year"))) == [NEW_YEAR]


def test_an_hour_is_no_holiday_and_is_left_out_with_a_warning() -> None:
    calendar = read(
        ics(
            "DTSTART:20270101T100000\nDTEND:20270101T110000\nSUMMARY:Meeting",
            "DTSTART;VALUE=DATE:20270101\nSUMMARY:New Year",
        )
    )

    assert days(calendar) == [NEW_YEAR]
    assert calendar.warnings == ("1 events that are shorter than a day were left out",)


def test_long_lines_are_read_as_one() -> None:
    calendar = read(ics("DTSTART;VALUE=DATE:202\n 70101\nSUMMARY:New\n  Year"))

    assert days(calendar) == [NEW_YEAR]


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0c"])
def test_a_name_may_hold_what_other_files_end_lines_with(sign: str) -> None:
    (day,) = read(ics(f"DTSTART;VALUE=DATE:20270101\nSUMMARY:New{sign}Year")).days

    assert day.name.split() == ["New", "Year"]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (ics("DTSTART;VALUE=DATE:2027-13\nSUMMARY:x"), 5, "2027-13"),
        (ics("SUMMARY:x"), 4, "DTSTART"),
        (ics("DTSTART;VALUE=DATE:20270101\nRRULE:FREQ=NEVER"), 6, "NEVER"),
        (ics("DTSTART:20270101T000000\nRRULE:FREQ=SECONDLY"), 6, "several times a day"),
        (ics("DTSTART:20270101T000000\nRRULE:FREQ=DAILY;BYHOUR=1,2"), 6, "several times a day"),
        (ics("DTSTART;VALUE=DATE:20270101\nRRULE:FREQ=YEARLY;INTERVAL=0"), 6, "INTERVAL"),
        (ics("DTSTART;VALUE=DATE:20270101\nRRULE:FREQ=DAILY;BYSETPOS=2"), 6, "no day is like"),
        (ics("DTSTART:99950101\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), 6, "no day is like"),
        (ics("DTSTART;VALUE=DATE:20270101\nDTEND;VALUE=DATE:20261225"), 6, "before it begins"),
        (ics("DTSTART;VALUE=DATE:20270101\nnonsense"), 6, "NAME:VALUE"),
        (ics("DTSTART;VALUE=DATE:20270101").replace("BEGIN:VE", "BEGIN;X=1:VE"), 4, "NAME:VALUE"),
        (ics("DTSTART;VALUE=DATE:20270101").replace("BEGIN:VE", "BEGIN: VE"), 4, "NAME:VALUE"),
        (ics("DTSTART;VALUE=DATE:20270101\nEND:VTODO"), 6, "ends nothing"),
        (ics("DTSTART;VALUE=DATE:20270101")[:-15], 1, "no end"),
        ("BEGIN:VEVENT\nEND:VEVENT\n", 1, "BEGIN:VCALENDAR"),
        (ics() + "END:VCALENDAR\n", 5, "BEGIN:VCALENDAR"),
    ],
)
def test_an_ics_file_with_a_fault_is_refused_with_the_line(
    content: str, line: int, words: str
) -> None:
    found = faults(content)

    assert list(found) == [f"line {line}"]
    assert words in found[f"line {line}"]


@pytest.mark.parametrize("end", ["", ";COUNT=1", ";UNTIL=20400101"])
def test_a_repetition_that_no_day_is_like_is_refused_wherever_it_would_end(end: str) -> None:
    rule = f"RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30{end}"

    (words,) = faults(ics(f"DTSTART:20260101T000000Z\n{rule}\nSUMMARY:x")).values()

    assert "no day is like this" in words


def test_a_repetition_that_nobody_can_follow_is_a_fault_of_the_file() -> None:
    found = faults(ics("DTSTART;VALUE=DATE:20270101\nRRULE:FREQ=YEARLY;BYEASTER=9999999"))

    assert "cannot be read as a calendar" in found["file"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
        "FREQ=YEARLY;INTERVAL=50",
        "FREQ=YEARLY;COUNT=1",
    ],
)
def test_a_repetition_that_is_long_in_coming_is_one(rule: str) -> None:
    assert days(read(ics(f"DTSTART;VALUE=DATE:20270101\nRRULE:{rule}\nSUMMARY:New Year"))) == [
        ("2027-01-01", "2027-01-01", "New Year")
    ]


def test_all_faults_of_an_ics_file_are_told_at_once() -> None:
    found = faults(ics("DTSTART;VALUE=DATE:nothing", "SUMMARY:x", "DTSTART;VALUE=DATE:20270101"))

    assert list(found) == ["line 5", "line 7"]


@pytest.mark.parametrize(
    "end", ["DTEND;VALUE=DATE:20270901", "DURATION:P243D", "DTEND;VALUE=DATE:20280102"]
)
def test_an_event_that_goes_on_for_months_is_read_at_once(end: str) -> None:
    (event,) = read(ics(f"DTSTART;VALUE=DATE:20270101\n{end}\nSUMMARY:Closed")).days

    assert event.first == date(2027, 1, 1)
    assert (event.last - event.first).days in (242, 365)


@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:21260101", "DURATION:P36500D"])
def test_an_event_of_a_hundred_years_is_refused_with_its_line(end: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read(ics("DTSTART;VALUE=DATE:20270101", f"DTSTART;VALUE=DATE:20260101\n{end}"))

    (fault,) = refused.value.faults
    assert (fault.path, fault.value, fault.rule) == ("line 9", end, "is longer than a year")


def test_an_event_that_began_before_the_years_that_count_is_a_holiday_while_it_goes_on() -> None:
    weekly = "DTSTART;VALUE=DATE:20251101\nDTEND;VALUE=DATE:20260301\nSUMMARY:Winter"

    assert days(read(ics(weekly))) == [("2025-11-01", "2026-02-28", "Winter")]


def test_holidays_of_long_ago_are_no_holidays() -> None:
    assert "no holiday" in faults(ics("DTSTART;VALUE=DATE:20100101\nSUMMARY:Old"))["file"]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_is_a_calendar_or_has_faults(content: bytes) -> None:
    try:
        calendar = read(content)
    except InvalidSettings as refused:
        assert refused.faults  # noqa: PT017 - either outcome is right
    else:
        assert all(isinstance(day, CalendarDay) for day in calendar.days)


@given(
    st.lists(
        st.sampled_from(
            [
                "BEGIN:VEVENT",
                "END:VEVENT",
                "BEGIN:VCALENDAR",
                "END:VCALENDAR",
                "DTSTART;VALUE=DATE:20270101",
                "DTSTART:20270101T000000Z",
                "DTEND;VALUE=DATE:20270103",
                "DURATION:P1D",
                "RRULE:FREQ=YEARLY",
                "RRULE:FREQ=WEEKLY;BYDAY=MO",
                "RRULE:BYDAY=MO",
                "RDATE:20270101",
                "EXDATE;VALUE=DATE:20270101",
                "RECURRENCE-ID:x",
                "DTSTART;VALUE=PERIOD:19970101T180000Z/PT5H30M",
                "TZID:Nowhere",
                "UID:1",
                " folded",
            ]
        ),
        max_size=9,
    )
)
def test_any_lines_in_a_calendar_are_read_or_have_faults(lines: list[str]) -> None:
    try:
        calendar = read(ics("\n".join(lines) or "UID:2"))
    except InvalidSettings as refused:
        assert refused.faults  # noqa: PT017 - either outcome is right
    else:
        assert calendar.days
