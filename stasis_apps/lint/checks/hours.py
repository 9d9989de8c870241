"""Hours that never hold, hold twice, or fall into the hour in which clocks are changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import chain, combinations, pairwise
from typing import Final

from models.tenant_file.parts import Route
from stasis_apps.decisions.schedule import (
    FORESIGHT,
    MATCH,
    ClockChange,
    Days,
    Schedule,
    Window,
    clock_changes,
)
from stasis_apps.elements.time_rule import TimeRule
from stasis_apps.lint.finding import Code, Finding
from stasis_apps.lint.view import View

DATES_PAST = Code(
    code="dates-past",
    title="windows and exceptions whose dates lie behind us",
    why="They hold no more; where they come every year, this year's are missing.",
    mend="Remove them, or write the dates of this year.",
)
WINDOW_NEVER_HOLDS = Code(
    code="window-never-holds",
    title="windows that holidays or exceptions always take away, or that clocks leave out",
    why="Callers are never led by this window.",
    mend="Remove the window, or make room for it.",
)
WINDOWS_OVERLAP = Code(
    code="windows-overlap",
    title="windows of one rule that overlap",
    why="The hours are those of both together; one of them is often mistyped.",
    mend="Let one end where the other begins.",
)
WINDOW_IN_SKIPPED_HOUR = Code(
    code="window-in-skipped-hour",
    title="windows that begin or end within the hour that clocks leave out in spring",
    why="On that day they begin or end at another moment, or do not come at all.",
    mend="Begin or end before or after that hour, or write the zone as an offset (+01:00).",
)
WINDOW_IN_REPEATED_HOUR = Code(
    code="window-in-repeated-hour",
    title="windows that begin or end within the hour that comes twice in autumn",
    why="On that day they begin and end twice: calls are led one way, the other way, and back.",
    mend="Begin or end before or after that hour, or write the zone as an offset (+01:00).",
)
HOLIDAYS_RUN_OUT = Code(
    code="holidays-run-out",
    title="calendars that end within a month, or have ended",
    why="From then on, holidays are working days.",
    mend="Import the calendar of the years to come.",
)

_SOON: Final = timedelta(days=31)
_A_DAY: Final = timedelta(days=1)
_MINUTES: Final = 24 * 60
_TWO_WEEKS: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timed:
    """Something that goes by the clock: where its windows stand, and what it is called."""

    route: Route
    name: str
    rule: TimeRule
    schedule: Schedule

    def at(self, place: int) -> Route:
        """Where one of its windows stands."""
        return (*self.route, "windows", place)

    def words(self, place: int) -> str:
        """One of its windows as people wrote it."""
        window = self.rule.windows[place]
        return f"{self.name}: {window['days']} {window['from']}-{window['to']}"


def findings(view: View) -> Iterator[Finding]:
    """Look at every time rule, at the hours of outbound rules, and at calendars."""
    for timed in _all(view):
        yield from _past(timed, view.now.date())
        yield from _never(timed, view.now.date())
        yield from _overlapping(timed, view.now.date())
        yield from _at_changes(timed, view.now)
    yield from _calendars(view)


def _all(view: View) -> Iterator[_Timed]:
    zone = view.plan.tenant.timezone
    for number, planned in view.plan.elements.items():
        rule = planned.element
        if isinstance(rule, TimeRule):
            schedule = rule.schedule(zone, view.plan.calendars.get(rule.holidays, ()))
            route = view.place(number)
            yield _Timed(route=route, name=number, rule=rule, schedule=schedule)
    planned_hours = {rule.name: rule.hours for rule in view.plan.outbound}
    for one in view.rows.outbound:
        hours = planned_hours.get(one.name)
        if one.hours and hours is not None:
            route = ("outbound", "rules", one.name, "hours")
            rule = TimeRule(**one.hours)  # type: ignore[arg-type] # the plan was built from it
            yield _Timed(route=route, name=f"rule {one.name}", rule=rule, schedule=hours)


def _past(timed: _Timed, today: date) -> Iterator[Finding]:
    for place, window in enumerate(timed.schedule.windows):
        if _is_past(window.days, today):
            yield DATES_PAST.at(timed.at(place), f"{timed.words(place)} is past")
    for place, special in enumerate(timed.schedule.exceptions):
        if _is_past(special.days, today):
            days = timed.rule.exceptions[place]["days"]
            route = (*timed.route, "exceptions", place)
            yield DATES_PAST.at(route, f"{timed.name}: {special.name or days} is past")


def _is_past(days: Days, today: date) -> bool:
    return not days.weekdays and all(dates.last < today - _A_DAY for dates in days.dates)


def _never(timed: _Timed, today: date) -> Iterator[Finding]:
    for place, window in enumerate(timed.schedule.windows):
        if not _is_past(window.days, today) and not _holds(window, timed.schedule, today):
            sentence = f"{timed.words(place)} never holds in the year to come"
            yield WINDOW_NEVER_HOLDS.at(timed.at(place), sentence)


def _holds(window: Window, schedule: Schedule, today: date) -> bool:
    """Whether calls are led by the window at any minute of any day; after that year, it may be."""
    end = today + FORESIGHT
    if any(dates.last >= end for dates in window.days.dates):
        return True
    return any(
        schedule.at(moment).exit == MATCH
        for day in (today + _A_DAY * ahead for ahead in range(-1, FORESIGHT.days))
        if window.days.include(day)
        for moment in _moments_of(window, schedule, day)
    )


def _moments_of(window: Window, schedule: Schedule, day: date) -> Iterator[datetime]:
    """Its first minute on a day, and every later one of it at which something may change."""
    first, last = _span(window)
    midnight = datetime(day.year, day.month, day.day, tzinfo=schedule.zone)
    edges = {edge + ahead for edge in schedule.edges_min for ahead in (0, _MINUTES)}
    for minute in sorted({first, *edges}):
        if first <= minute < last:
            yield (midnight + timedelta(minutes=minute)).astimezone(UTC)


def _span(window: Window) -> tuple[int, int]:
    """Its first minute and the one after its last, counted from the midnight before it begins."""
    hours = window.hours
    return hours.start_min, hours.end_min + _MINUTES * hours.cross_midnight


def _overlapping(timed: _Timed, today: date) -> Iterator[Finding]:
    """Say which windows overlap; a date that lengthens the hours of its weekday is meant so."""
    windows = list(enumerate(timed.schedule.windows))
    for sort in (True, False):
        alike = [(place, one) for place, one in windows if bool(one.days.dates) is sort]
        for (one, earlier), (place, later) in combinations(alike, 2):
            if _overlap(earlier, later, today):
                sentence = f"{timed.words(place)} overlaps window {one + 1}"
                yield WINDOWS_OVERLAP.at(timed.at(place), sentence)


def _overlap(earlier: Window, later: Window, today: date) -> bool:
    spans = sorted((*_spans(earlier, today), *_spans(later, today)))
    return any(following[0] < one[1] for one, following in pairwise(spans))


def _spans(window: Window, today: date) -> Iterator[tuple[int, int]]:
    """The minutes of the window on each day to come, counted from today's midnight."""
    first, last = _span(window)
    ahead = FORESIGHT.days if window.days.dates else _TWO_WEEKS
    for day in range(ahead):
        if window.days.include(today + _A_DAY * day):
            yield first + day * _MINUTES, last + day * _MINUTES


def _at_changes(timed: _Timed, now: datetime) -> Iterator[Finding]:
    """Say which windows have an edge in an hour that is left out or comes twice, once for each."""
    changes = _changes(timed.schedule.zone, now.date())
    for place, window in enumerate(timed.schedule.windows):
        for skips, code in ((True, WINDOW_IN_SKIPPED_HOUR), (False, WINDOW_IN_REPEATED_HOUR)):
            struck = (
                one
                for one in changes
                if one.skips is skips and _strikes(one, window, timed.schedule)
            )
            change = next(struck, None)
            if change is not None:
                sentence = f"{timed.words(place)}: {_told(change)}"
                yield code.at(timed.at(place), sentence)


@lru_cache(maxsize=64)
def _changes(zone: tzinfo, today: date) -> Sequence[ClockChange]:
    """The changes of a zone's clocks in the year to come."""
    start = datetime(today.year, today.month, today.day, tzinfo=zone)
    return tuple(clock_changes(zone, start, start + FORESIGHT))


def _strikes(change: ClockChange, window: Window, schedule: Schedule) -> bool:
    """Whether the hours begin or end inside the hour with this window, or lie in one left out.

    Windows of one rule lead to the same: where one goes on as another ends, nothing changes.
    """
    low, high = sorted((change.from_wall, change.to_wall))
    together = _together(_on_the_wall(one, change) for one in schedule.windows)
    for begins, ends in _on_the_wall(window, change):
        around = next(one for one in together if one[0] <= begins and ends <= one[1])
        is_left_out = change.skips and low <= around[0] and around[1] <= high
        edges = {begins, ends} & set(around)
        if is_left_out or any(low < edge < high for edge in edges):
            return True
    return False


_OnTheWall = tuple[datetime, datetime]
"""From when to when, by a clock on the wall."""


def _on_the_wall(window: Window, change: ClockChange) -> Iterator[_OnTheWall]:
    """When the window begins and ends in the nights around a change of clocks."""
    first, last = _span(window)
    days = (change.from_wall.date(), change.to_wall.date())
    for day in sorted({min(days) - _A_DAY, *days}):
        if window.days.include(day):
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a clock on the wall
            yield midnight + timedelta(minutes=first), midnight + timedelta(minutes=last)


def _together(spans: Iterable[Iterable[_OnTheWall]]) -> Sequence[_OnTheWall]:
    """The same as hours without a break: those that overlap or follow on each other as one."""
    merged: list[_OnTheWall] = []
    for begins, ends in sorted(chain.from_iterable(spans)):
        if merged and begins <= merged[-1][1]:
            begun, ended = merged.pop()
            merged.append((begun, max(ended, ends)))
        else:
            merged.append((begins, ends))
    return merged


def _told(change: ClockChange) -> str:
    low, high = sorted((change.from_wall, change.to_wall))
    what = "are left out" if change.skips else "come twice"
    return f"on {low:%Y-%m-%d}, {low:%H:%M} to {high:%H:%M} {what}"


def _calendars(view: View) -> Iterator[Finding]:
    elements = (planned.element for planned in view.plan.elements.values())
    used = {element.holidays for element in elements if isinstance(element, TimeRule)}
    for calendar in view.rows.calendars:
        last = calendar.covers_until or max((day.last for day in calendar.days), default=None)
        if calendar.name in used and (last is None or last < view.now.date() + _SOON):
            until = "has no days" if last is None else f"says nothing about days after {last}"
            sentence = f"calendar {calendar.name} {until}"
            yield HOLIDAYS_RUN_OUT.at(("calendars", calendar.name), sentence)
