"""When an office is open: hours by weekday and date, holidays, exceptions, and until when it lasts.

The clock on the wall decides. When clocks go forward, what would begin in the hour that is left out
begins when it is over; when they go back, the repeated hour counts twice. A day's exceptions win
over holidays, and these over hours. Hours that cross midnight belong to the day on which they
begin: they do not begin on a holiday, and end with the day before one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

MATCH: Final = "match"
NO_MATCH: Final = "no_match"
HOLIDAY: Final = "holiday"

FORESIGHT: Final = timedelta(days=400)
"""How far ahead a change is looked for: past every yearly holiday."""

MINUTES_OF_A_DAY: Final = 24 * 60

_A_DAY: Final = timedelta(days=1)
_A_SECOND: Final = timedelta(seconds=1)
_STRIDE: Final = timedelta(hours=6)
"""No zone has changed its clocks twice in so short a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Days in a row, both ends included, and what they are called."""

    first: date
    last: date
    name: str = ""

    def include(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Weekdays (0 is Monday), dates, or both."""

    weekdays: frozenset[int] = frozenset()
    dates: tuple[Dates, ...] = ()

    def include(self, day: date) -> bool:
        """Whether the day is one of them."""
        return day.weekday() in self.weekdays or any(dates.include(day) for dates in self.dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Minutes of a day, the first included, the last not; up to the next day's if that is less."""

    start_min: int
    end_min: int

    @property
    def cross_midnight(self) -> bool:
        """Whether they go on after midnight."""
        return self.end_min < self.start_min

    def include(self, minute: int) -> bool:
        """Whether a minute of the day on which they begin is one of them."""
        return self.start_min <= minute and (self.cross_midnight or minute < self.end_min)

    def include_next_day(self, minute: int) -> bool:
        """Whether a minute of the day after is one of them."""
        return self.cross_midnight and minute < self.end_min


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hours on certain days."""

    days: Days
    hours: Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """Dates on which something else holds than on other days.

    Without an exit of its own, its hours replace all others of these dates; with none, they are
    closed. With an exit, calls take it, the whole day or during the hours; beside these the day is
    like any other.

    Attributes:
        days: The dates.
        hours: When something holds; none of them cross midnight.
        exit: The way out, or empty.
        name: What it is called.
    """

    days: Days
    hours: tuple[Hours, ...] = ()
    exit: str = ""
    name: str = ""

    @property
    def replaces_days(self) -> bool:
        """Whether nothing else holds on its dates."""
        return not (self.exit and self.hours)

    def exit_at(self, day: date, minute: int) -> str | None:
        """The way out at this minute, or None when it has nothing to say about it."""
        if not self.days.include(day):
            return None
        is_inside = any(hours.include(minute) for hours in self.hours)
        if not self.exit:
            return MATCH if is_inside else NO_MATCH
        return self.exit if is_inside or self.replaces_days else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The way out at a moment.

    Attributes:
        exit: `MATCH`, `NO_MATCH`, `HOLIDAY`, or the exit of an exception.
        name: The holiday or exception that decides; empty for ordinary hours.
        window: The place of the window that it falls into, 1 for the first; 0 for none. Two moments
            of the same way out are alike, whichever windows they fall into.
    """

    exit: str
    name: str = ""
    window: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """All that a time rule goes by.

    Attributes:
        zone: Whose clock counts.
        windows: The ordinary hours.
        holidays: Days on which no ordinary hours begin.
        exceptions: Dates that win over everything else; the first that has something to say.
    """

    zone: tzinfo
    windows: tuple[Window, ...] = ()
    holidays: tuple[Dates, ...] = ()
    exceptions: tuple[Special, ...] = ()

    def at(self, moment: datetime) -> Verdict:
        """Which way a call goes that comes at this moment, an aware one of any zone."""
        wall = moment.astimezone(self.zone)
        day, minute = wall.date(), wall.hour * 60 + wall.minute
        for special in self.exceptions:
            exit_taken = special.exit_at(day, minute)
            if exit_taken is not None:
                return Verdict(exit=exit_taken, name=special.name)
        for holiday in self.holidays:
            if holiday.include(day):
                return Verdict(exit=HOLIDAY, name=holiday.name)
        window = self._window_at(day, minute)
        return Verdict(exit=MATCH if window else NO_MATCH, window=window)

    def _window_at(self, day: date, minute: int) -> int:
        """The place of the first window that is open, of this day or begun on the one before."""
        before = day - _A_DAY
        goes_on = not self._is_replaced(before)
        for place, one in enumerate(self.windows, start=1):
            if one.days.include(day) and one.hours.include(minute):
                return place
            if goes_on and one.days.include(before) and one.hours.include_next_day(minute):
                return place
        return 0

    def _is_replaced(self, day: date) -> bool:
        return any(holiday.include(day) for holiday in self.holidays) or any(
            special.replaces_days and special.days.include(day) for special in self.exceptions
        )

    @property
    def edges_min(self) -> tuple[int, ...]:
        """The minutes of a day at which something may begin or end; midnight is one."""
        hours = [one.hours for one in self.windows]
        hours += [one for special in self.exceptions for one in special.hours]
        edges = {edge % MINUTES_OF_A_DAY for one in hours for edge in (one.start_min, one.end_min)}
        return tuple(sorted(edges | {0}))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What holds at a moment and how long it stays so.

    Attributes:
        verdict: The way out.
        until: The moment of the next change, in UTC; None when there is none in sight.
    """

    verdict: Verdict
    until: datetime | None


def status(schedule: Schedule, moment: datetime) -> State:
    """What holds at this moment, and until when nothing changes.

    Args:
        schedule: The rule.
        moment: An aware moment of any zone.
    """
    now = schedule.at(moment)
    changes = (at for at in _edges_after(schedule, moment) if schedule.at(at) != now)
    return State(verdict=now, until=next(changes, None))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """A moment at which clocks are changed: what they would show then, and what they show."""

    from_wall: datetime
    to_wall: datetime

    @property
    def skips(self) -> bool:
        """Whether clocks go forward, so that the time between is left out; else it comes twice."""
        return self.from_wall < self.to_wall


def clock_changes(zone: tzinfo, start: datetime, stop: datetime) -> Iterator[ClockChange]:
    """Every change of a zone's clocks between two aware moments, in order."""
    at = start.astimezone(UTC)
    while at < stop:
        changed_at = _clock_change(zone, at, at + _STRIDE)
        if changed_at is not None:
            before, after = (_ahead_of_utc(zone, one) for one in (at, changed_at))
            wall = changed_at.replace(tzinfo=None)
            yield ClockChange(from_wall=wall + before, to_wall=wall + after)
        at += _STRIDE


def _edges_after(schedule: Schedule, moment: datetime) -> Iterator[datetime]:
    """Every moment after this one at which something may change, in order."""
    start = moment.astimezone(UTC)
    end = start + FORESIGHT
    while start < end:
        clocks_change_at = _clock_change(schedule.zone, start, start + _STRIDE)
        stop = clocks_change_at or start + _STRIDE
        yield from _edges_between(schedule, start, stop)
        if clocks_change_at:
            yield clocks_change_at
        start = stop


def _edges_between(schedule: Schedule, start: datetime, stop: datetime) -> Iterator[datetime]:
    """The edges after ``start`` and not after ``stop``; clocks do not change between them."""
    ahead = _ahead_of_utc(schedule.zone, start)
    wall = (start + ahead).replace(hour=0, minute=0, second=0, microsecond=0)
    while wall - ahead <= stop:
        for edge_min in schedule.edges_min:
            at = wall + timedelta(minutes=edge_min) - ahead
            if start < at <= stop:
                yield at
        wall += _A_DAY


def _clock_change(zone: tzinfo, start: datetime, stop: datetime) -> datetime | None:
    """The moment between these two at which the zone's clocks are changed, or None."""
    before = _ahead_of_utc(zone, start)
    if _ahead_of_utc(zone, stop) == before:
        return None
    while stop - start > _A_SECOND:
        middle = start + (stop - start) / 2
        if _ahead_of_utc(zone, middle) == before:
            start = middle
        else:
            stop = middle
    return stop.replace(microsecond=0)


def _ahead_of_utc(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
