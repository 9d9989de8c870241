"""Days, times and zones as people write them in a schedule: ``mon-fri``, ``09:00``, ``+05:00``."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, date, timedelta, timezone, tzinfo
from functools import cache
from typing import Final

from stasis_apps.decisions.schedule import MINUTES_OF_A_DAY, Dates, Days, Hours

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TIME: Final = re.compile(r"(?P<hours>[01][0-9]|2[0-4]):(?P<minutes>[0-5][0-9])", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_OFFSET: Final = re.compile(
    r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-5][0-9]))?", re.ASCII
)
_ZONE_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9_+-]*(?:/[A-Z][A-Za-z0-9_+-]*)*", re.ASCII)
_NO_ZONES: Final = ("Factory",)
_FARTHEST_OFFSET: Final = timedelta(hours=14)
_LAST_WEEKDAY: Final = len(WEEKDAYS)


class Unreadable(ValueError):
    """A text says no days, no time, no hours or no zone; the message is the rule it breaks."""


def parse_zone(text: str) -> tzinfo:
    """The zone that is meant by an IANA name, or by an offset from UTC.

    ``+05:00``, ``UTC+5`` and ``GMT+5`` are five hours ahead of UTC; the IANA names ``Etc/GMT-5``
    mean the same with the sign reversed.

    Raises:
        Unreadable: There is no such zone.
    """
    offset = _OFFSET.fullmatch(text)
    if offset is not None:
        return _fixed(text, offset)
    if text in ("UTC", "GMT", "Z"):
        return UTC
    zone = _named_zone(text)
    if zone is None:
        raise Unreadable(
            "is no time zone; write an IANA name (Europe/Moscow) or an offset from UTC (+05:00)"
        )
    return zone


def parse_days(text: str) -> Days:
    """Weekdays and dates: ``mon-fri``, ``sat,sun``, ``2026-12-31``, ``2027-01-01..2027-01-08``.

    A range of weekdays may go over the end of the week (``fri-mon``).

    Raises:
        Unreadable: A part is neither.
    """
    weekdays: set[int] = set()
    dates: list[Dates] = []
    for part in (part.strip().lower() for part in text.split(",")):
        if part[:1].isdigit():
            dates.append(_dates(part))
        else:
            weekdays |= _weekdays(part)
    return Days(weekdays=frozenset(weekdays), dates=tuple(dates))


def parse_dates(text: str) -> Days:
    """Dates alone, as in `parse_days`.

    Raises:
        Unreadable: A part is no date.
    """
    days = parse_days(text)
    if days.weekdays:
        raise Unreadable("must be a date (2026-12-31) or dates (2027-01-01..2027-01-08)")
    return days


def parse_hours(start: str, end: str) -> Hours:
    """The hours from a time to another; those that end before they start cross midnight.

    Args:
        start: ``00:00`` to ``23:59``.
        end: ``00:00`` to ``24:00``.

    Raises:
        Unreadable: One is no time of day, or they are no hours at all.
    """
    hours = Hours(start_min=parse_time(start), end_min=parse_time(end))
    if hours.start_min == MINUTES_OF_A_DAY:
        raise Unreadable("nothing starts at 24:00; write 00:00 of the next day")
    if hours.start_min == hours.end_min:
        raise Unreadable(f"is empty: it starts and ends at {end}; a whole day is 00:00 to 24:00")
    return hours


def parse_time(text: str) -> int:
    """The minute of the day, ``24:00`` being its end.

    Raises:
        Unreadable: It is no time of day.
    """
    found = _TIME.fullmatch(text)
    minute = int(found["hours"]) * 60 + int(found["minutes"]) if found else None
    if minute is None or minute > MINUTES_OF_A_DAY:
        raise Unreadable("is no time of day; write 09:00, 24:00 at most")
    return minute


def parse_date(text: str) -> date:
    """A day as ISO 8601 writes it.

    Raises:
        Unreadable: It is no day of the calendar.
    """
    try:
        return date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise Unreadable(f"{text} is no day of the calendar; write 2026-12-31") from None


def _dates(part: str) -> Dates:
    first, dots, last = part.partition("..")
    dates = Dates(first=parse_date(first), last=parse_date(last if dots else first))
    if dates.last < dates.first:
        raise Unreadable(f"{part} ends before it starts")
    return dates


def _weekdays(part: str) -> set[int]:
    first, hyphen, last = part.partition("-")
    if first not in WEEKDAYS or (hyphen and last not in WEEKDAYS):
        raise Unreadable(
            f"{part!r} is no day; write {', '.join(WEEKDAYS)}, a range (mon-fri), a date "
            "(2026-12-31) or dates (2027-01-01..2027-01-08)"
        )
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last if hyphen else first)
    if end < start:
        end += _LAST_WEEKDAY
    return {day % _LAST_WEEKDAY for day in range(start, end + 1)}


def _fixed(text: str, offset: re.Match[str]) -> tzinfo:
    ahead = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
    if ahead > _FARTHEST_OFFSET:
        raise Unreadable(f"{text} is no time zone: none is more than 14 hours off UTC")
    return timezone(ahead if offset["sign"] == "+" else -ahead)


@cache
def _named_zone(name: str) -> tzinfo | None:
    """Reads one small file, once."""
    if not _ZONE_NAME.fullmatch(name) or name.startswith(_NO_ZONES):
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
