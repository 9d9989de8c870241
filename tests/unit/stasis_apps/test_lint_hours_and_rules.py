"""What the lint says about hours, outbound rules and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from models.facts import CalendarDay, CalendarFacts, OutboundRuleFacts, TenantRows
from models.outside_policy import OutsidePolicy
from tests.support.builders import a_tenant, a_trunk, tenant_rows
from tests.support.linted import codes, found_in, told_of

OFFICE_HOURS = {"days": "mon-fri", "from": "09:00", "to": "18:00"}


def timed(zone: str, *windows: Mapping[str, str], **more: object) -> TenantRows:
    rule = {"kind": "time_rule", "windows": list(windows), "match": "100", "no_match": "101"}
    rows = tenant_rows(
        elements={"5000": {**rule, **more}}, tenant=a_tenant(timezone=zone, country="DE")
    )
    return replace(rows, calendars=(CHRISTMAS,))


CHRISTMAS = CalendarFacts(
    name="christmas",
    days=(CalendarDay(first=date(2026, 12, 24), last=date(2026, 12, 26), name="Christmas"),),
    covers_until=date(2027, 12, 31),
)

SUNDAY_NIGHT = {"days": "sun", "from": "02:30", "to": "05:00"}
CLOCKS = {"window-in-skipped-hour", "window-in-repeated-hour"}


@pytest.mark.parametrize(
    ("zone", "window", "expected"),
    [
        ("Europe/Berlin", SUNDAY_NIGHT, CLOCKS),
        ("Europe/Berlin", {**SUNDAY_NIGHT, "days": "sat", "from": "22:00", "to": "02:30"}, CLOCKS),
        ("Europe/Berlin", {**SUNDAY_NIGHT, "days": "mon-sat"}, set()),
        ("Europe/Berlin", {**SUNDAY_NIGHT, "from": "02:00", "to": "05:00"}, set()),
        ("Europe/Berlin", {**SUNDAY_NIGHT, "from": "01:00", "to": "03:00"}, set()),
        (
            "Europe/Berlin",
            {**SUNDAY_NIGHT, "from": "02:00", "to": "03:00"},
            {"window-in-skipped-hour"},
        ),
        (
            "Europe/Berlin",
            {"days": "2026-11-29..2027-03-28", "from": "02:30", "to": "05:00"},
            {"window-in-skipped-hour"},
        ),
        ("Europe/Berlin", {"days": "mon-sun", "from": "00:00", "to": "24:00"}, set()),
        ("Europe/Moscow", SUNDAY_NIGHT, set()),
        ("America/New_York", {**SUNDAY_NIGHT, "from": "01:30"}, {"window-in-repeated-hour"}),
    ],
)
def test_windows_are_told_of_that_begin_or_end_when_clocks_are_changed(
    zone: str, window: Mapping[str, str], expected: set[str]
) -> None:
    assert codes(timed(zone, window)) & CLOCKS == expected


@pytest.mark.parametrize(
    ("spans", "struck"),
    [
        ([("00:00", "02:30"), ("02:30", "24:00")], set()),
        ([("00:00", "02:40"), ("02:30", "24:00")], set()),
        ([("01:00", "02:15"), ("02:15", "02:45"), ("02:45", "05:00")], set()),
        ([("00:00", "02:30"), ("02:31", "24:00")], {0, 1}),
        ([("02:00", "02:30"), ("02:30", "03:00")], {0, 1}),
        ([("00:00", "02:30"), ("02:30", "02:45")], {1}),
    ],
)
def test_windows_that_go_on_in_each_other_are_judged_as_one(
    spans: list[tuple[str, str]], struck: set[int]
) -> None:
    windows = [{"days": "sun", "from": first, "to": last} for first, last in spans]
    findings = found_in(timed("Europe/Berlin", *windows))
    assert {one.route[-1] for one in findings if one.code in CLOCKS} == struck


def test_hours_that_go_on_from_the_night_before_are_judged_with_it() -> None:
    night = {"days": "sat", "from": "22:00", "to": "02:30"}
    day = {"days": "sun", "from": "02:30", "to": "24:00"}
    assert not codes(timed("Europe/Berlin", night, day)) & CLOCKS
    assert codes(timed("Europe/Berlin", night)) & CLOCKS


def test_a_rule_with_an_offset_for_a_zone_knows_no_change_of_clocks() -> None:
    assert not codes(timed("Europe/Berlin", SUNDAY_NIGHT, timezone="+01:00")) & CLOCKS


def test_a_change_of_clocks_is_told_with_its_day_and_hour() -> None:
    sentences = [one.sentence for one in found_in(timed("Europe/Berlin", SUNDAY_NIGHT))]
    assert "5000: sun 02:30-05:00: on 2027-03-28, 02:00 to 03:00 are left out" in sentences
    assert "5000: sun 02:30-05:00: on 2027-10-31, 02:00 to 03:00 come twice" in sentences


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (OFFICE_HOURS, {"days": "mon", "from": "17:59", "to": "20:00"}, True),
        (OFFICE_HOURS, {"days": "mon", "from": "18:00", "to": "20:00"}, False),
        (OFFICE_HOURS, {"days": "sat", "from": "09:00", "to": "18:00"}, False),
        (
            {"days": "sun", "from": "22:00", "to": "09:01"},
            OFFICE_HOURS,
            True,
        ),
        (OFFICE_HOURS, {"days": "2026-12-07", "from": "08:00", "to": "20:00"}, False),
        (
            {"days": "2026-12-01..2026-12-07", "from": "08:00", "to": "20:00"},
            {"days": "2026-12-07", "from": "10:00", "to": "12:00"},
            True,
        ),
    ],
)
def test_windows_overlap_when_they_have_a_minute_in_common(
    first: Mapping[str, str], second: Mapping[str, str], expected: bool
) -> None:
    assert ("windows-overlap" in codes(timed("Europe/Berlin", first, second))) is expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"days": "2026-12-25", "from": "09:00", "to": "12:00"}, True),
        ({"days": "2026-12-24..2026-12-28", "from": "09:00", "to": "12:00"}, False),
        ({"days": "2026-12-26", "from": "22:00", "to": "23:00"}, True),
        ({"days": "fri", "from": "09:00", "to": "12:00"}, False),
        ({"days": "2029-01-05", "from": "09:00", "to": "12:00"}, False),
        ({"days": "2027-03-28", "from": "02:00", "to": "03:00"}, True),
    ],
)
def test_a_window_never_holds_that_holidays_or_clocks_take_away(
    window: Mapping[str, str], expected: bool
) -> None:
    rows = timed("Europe/Berlin", window, holidays="christmas")
    assert ("window-never-holds" in codes(rows)) is expected


def a_rule(**changes: object) -> OutboundRuleFacts:
    facts: dict[str, object] = {"place": 1, "name": "city", "mask": "(ddddddd+)"}
    return OutboundRuleFacts(**{**facts, **changes})  # type: ignore[arg-type] # names are checked


def calling_out(
    to: str, *rules: OutboundRuleFacts, policy: OutsidePolicy | None = None
) -> TenantRows:
    rows = tenant_rows(
        users={"100": {"rules": [{"when": "no_answer", "to": to}]}},
        trunks=[a_trunk()],
        tenant=a_tenant(outside=policy or OutsidePolicy()),
    )
    return replace(rows, outbound=rules)


def test_the_hours_of_an_outbound_rule_are_looked_at_like_those_of_an_element() -> None:
    hours = {"timezone": "Europe/Berlin", "windows": [SUNDAY_NIGHT]}
    rows = calling_out("+79161112233", a_rule(hours=hours))
    assert told_of(rows, "window-in-skipped-hour") == ["outbound.rules.city.hours.windows.0"]


def test_a_forward_that_a_ban_stops_by_night_alone_has_a_way_out() -> None:
    hours = {"windows": [{"days": "mon-sun", "from": "20:00", "to": "08:00"}]}
    by_night = a_rule(action="deny", mask="+", hours=hours)
    assert told_of(calling_out("+79161112233", by_night), "no-way-out") == []
    at_once = calling_out("+79161112233", replace(by_night, hours={}))
    assert told_of(at_once, "no-way-out") == ["extensions.100.rules.0.to"]


@pytest.mark.parametrize(
    ("to", "policy", "expected"),
    [
        ("+79161112233", OutsidePolicy(), False),
        ("+4930123456", OutsidePolicy(), True),
        ("+4930123456", OutsidePolicy(countries=("DE",)), True),
        ("+4930123456", OutsidePolicy(countries=("DE",), forward_reach="all"), False),
        ("+79161112233", OutsidePolicy(forward_reach="none"), True),
        ("+79161112233", OutsidePolicy(night_hours="00:00-23:59", night_reach="none"), False),
    ],
)
def test_forwards_are_told_of_that_the_limits_close_at_every_hour(
    to: str, policy: OutsidePolicy, expected: bool
) -> None:
    assert ("way-out-closed" in codes(calling_out(to, policy=policy))) is expected


def test_a_rule_that_only_sends_may_fit_emergency_numbers() -> None:
    assert "rule-catches-help" not in codes(calling_out("+79161112233", a_rule(mask="(+)")))


def test_a_rule_that_is_switched_off_is_not_looked_at() -> None:
    off = a_rule(mask="+", action="deny", users=("199",), is_enabled=False)
    assert not {one for one in codes(calling_out("+79161112233", off)) if one.startswith("rule-")}
