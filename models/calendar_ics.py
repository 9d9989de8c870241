"""Holidays out of an iCalendar file (RFC 5545), repetitions spread out over years; pure."""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta, tzinfo
from typing import Final

import icalendar
import recurring_ical_events  # type: ignore[import-untyped] # it ships no types
from dateutil.rrule import rrulestr  # type: ignore[import-untyped] # it ships no types

from models.errors import Fault, InvalidSettings, refuse_if_any
from models.facts import CalendarDay

YEARS_BACK: Final = 1
YEARS_AHEAD: Final = 5
LONGEST_ENTRY_DAYS: Final = 366
SELDOM_YEARS: Final = 40
"""A 29th of February that is a Sunday may be so long in coming, and no other holiday is longer."""

_A_DAY: Final = timedelta(days=1)
_SAME_AFTER_YEARS: Final = 400
_LINE_END: Final = re.compile(r"\r?\n")
_DAYS_OF_A_YEAR: Final = 366
_END_OF_A_DAY: Final = time(23, 59)
_LONGEST_SHOWN: Final = 60
_WITHIN_A_DAY: Final = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_PARTS_OF_A_DAY: Final = ("BYHOUR", "BYMINUTE", "BYSECOND")
_NO_LINE: Final = "is no line of a calendar: NAME:VALUE"
NO_CALENDAR_FILE: Final = (
    "is no calendar file: its first line is BEGIN:VCALENDAR, its last is END:VCALENDAR"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What a file comes to.

    Attributes:
        days: Its holidays, in any order.
        covers_until: Up to where repetitions were followed; None when the last day says it.
        warnings: What was left out.
    """

    days: tuple[CalendarDay, ...]
    covers_until: date | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str

    @property
    def name(self) -> str:
        """``DTSTART`` of ``DTSTART;VALUE=DATE:20261231``."""
        return self.text.partition(":")[0].partition(";")[0].strip().upper()


def expand(
    text: str, *, file: str, around: Collection[date], timezone: tzinfo, limit: int
) -> Expansion:
    """Read events and follow their repetitions.

    Args:
        text: The file's content.
        file: Its name, for messages.
        around: From a year before the first of these days, to five years after the last.
        timezone: Whose days are meant by moments in UTC.
        limit: Of days in a row, taken together; more is no calendar.

    Raises:
        InvalidSettings: All that cannot be read, each with its line.
    """
    lines = list(_unfolded(text))
    refuse_if_any([_fault(file, line, rule) for line, rule in _structure_faults(lines)])
    calendars = _parsed(text, file)
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    refuse_if_any(list(_event_faults(events, lines, file)))
    first, last = min(around) - YEARS_BACK * _year(), max(around) + YEARS_AHEAD * _year()
    occurrences = list(itertools.islice(_occurrences(calendars, first, last, file), limit + 1))
    if len(occurrences) > limit:
        raise InvalidSettings([Fault("file", file, f"names more than {limit} holidays")])
    days = [_day(occurrence, timezone) for occurrence in occurrences]
    partial = sum(day is None for day in days)
    return Expansion(
        days=tuple(day for day in days if day is not None),
        covers_until=last if any(_goes_on(event) for event in events) else None,
        warnings=(f"{partial} events that are shorter than a day were left out",) * bool(partial),
    )


def _year() -> timedelta:
    return timedelta(days=_DAYS_OF_A_YEAR)


def _unfolded(text: str) -> Iterator[_Line]:
    """Each line with its number; lines that begin with a space go on with the line before."""
    pending: _Line | None = None
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if pending and line[:1] in (" ", "\t"):
            pending = _Line(pending.number, pending.text + line[1:])
            continue
        if pending:
            yield pending
        pending = _Line(number, line) if line.strip() else None
    if pending:
        yield pending


def _structure_faults(lines: Sequence[_Line]) -> Iterator[tuple[_Line, str]]:
    open_parts: list[_Line] = []
    for line in lines:
        part = line.text.partition(":")[2].strip().upper()
        if not open_parts and (line.name, part) != ("BEGIN", "VCALENDAR"):
            yield line, NO_CALENDAR_FILE
            return
        if not _is_plain(line):
            yield line, _NO_LINE
            return
        if ":" not in line.text:
            yield line, _NO_LINE
        elif line.name == "BEGIN":
            open_parts.append(_Line(line.number, part))
        elif line.name == "END" and open_parts.pop().text != part:
            yield line, f"END:{part} ends nothing"
            return
    for part_begun in open_parts[:1]:
        yield part_begun, f"{part_begun.text} has no end; the file is not whole"


def _is_plain(line: _Line) -> bool:
    """Whether a part begins and ends by its name alone, as the library wants it."""
    if line.name not in ("BEGIN", "END"):
        return True
    name, _, part = line.text.rstrip().partition(":")
    return name.upper() == line.name and part == part.strip()


def _parsed(text: str, file: str) -> list[icalendar.Calendar]:
    try:
        return icalendar.Calendar.from_ical(text, multiple=True)
    except Exception as fault:  # whatever trips the library is a fault of the file
        raise _unreadable(file, fault) from fault


def _event_faults(
    events: Sequence[icalendar.Component], lines: Sequence[_Line], file: str
) -> Iterator[Fault]:
    begun = [
        place for place, line in enumerate(lines) if line.text.strip().upper() == "BEGIN:VEVENT"
    ]
    for event, place in zip(events, begun, strict=True):
        ended = next(at for at, line in enumerate(lines) if at > place and line.name == "END")
        for name, rule in _what_is_wrong(event):
            inside = (line for line in lines[place:ended] if line.name == name)
            yield _fault(file, next(inside, lines[place]), rule)


def _what_is_wrong(event: icalendar.Component) -> Iterator[tuple[str | None, str]]:
    yield from ((name, str(message)) for name, message in event.errors)
    broken = {name for name, _ in event.errors}
    if "DTSTART" not in event and "DTSTART" not in broken:
        yield "BEGIN", "this event does not say when it is (DTSTART)"
    if "RRULE" in broken:
        return
    for rule in _rules_of(event):
        yield from (("RRULE", fault) for fault in _what_is_wrong_with(rule, event))
    length = _length(event)
    end = "DTEND" if "DTEND" in event else "DURATION"
    if length > timedelta(days=LONGEST_ENTRY_DAYS):
        yield end, "is longer than a year"
    if length < timedelta():
        yield end, "ends before it begins"


def _what_is_wrong_with(rule: icalendar.vRecur, event: icalendar.Component) -> Iterator[str]:
    """What would be followed for ever, or for thousands of years, and why it is no holiday."""
    if _WITHIN_A_DAY & set(rule.get("FREQ", ())) or any(part in rule for part in _PARTS_OF_A_DAY):
        yield "no holiday comes several times a day"
    elif any(step < 1 for step in rule.get("INTERVAL", ())):
        yield "INTERVAL is 1 or more"
    elif _never_comes(rule, event):
        yield f"no day is like this: none comes within {SELDOM_YEARS} years"


def _never_comes(rule: icalendar.vRecur, event: icalendar.Component) -> bool:
    """Whether a repetition names no day at all, such as a 30th of February.

    Whoever follows such a one stops where years end; days are the same every 400 years.
    """
    if not isinstance(event, icalendar.Event):
        return False
    parts = {name: part for name, part in rule.items() if name not in ("UNTIL", "COUNT")}
    try:
        begins = _as_date(event.start)
        cycles = (MAXYEAR - SELDOM_YEARS - begins.year) // _SAME_AFTER_YEARS
        late = begins.replace(year=begins.year + _SAME_AFTER_YEARS * cycles)
        written = icalendar.vRecur(parts).to_ical()  # type: ignore[no-untyped-call] # it says none
        days = rrulestr(written.decode(), dtstart=datetime.combine(late, time()))
        return next(iter(days), None) is None
    except Exception:  # noqa: BLE001 - whatever trips the library trips it again, and is told then
        return False


def _length(event: icalendar.Component) -> timedelta:
    """How long an event lasts; nothing for one whose times cannot be compared."""
    if not isinstance(event, icalendar.Event):
        return timedelta()
    try:
        return event.end - event.start
    except (ValueError, TypeError, OverflowError):  # told elsewhere
        return timedelta()


def _occurrences(
    calendars: Iterable[icalendar.Calendar], first: date, last: date, file: str
) -> Iterator[icalendar.Event]:
    """Each event as often as it comes, one series after the other.

    The library's own walk along the calendar asks in ever smaller steps while an event goes on.
    """
    try:
        for calendar in calendars:
            for series in recurring_ical_events.of(calendar).series:
                for occurrence in series.between(first, last + _A_DAY):
                    event = occurrence.as_component(False)
                    if str(event.get("STATUS", "")).upper() != "CANCELLED":
                        yield event
    except Exception as fault:  # whatever trips the library is a fault of the file
        raise _unreadable(file, fault) from fault


def _day(event: icalendar.Event, timezone: tzinfo) -> CalendarDay | None:
    """The whole days of an event; None when it has none."""
    start, end = event.start, event.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        start, end = _local(start, timezone), _local(end, timezone)
        first = start.date() if start.time() == time() else start.date() + _A_DAY
        last = end.date() if end.time() >= _END_OF_A_DAY else end.date() - _A_DAY
        if last < first:
            return None
    else:
        first = _as_date(start)
        last = max(first, _as_date(end) - _A_DAY)
    return CalendarDay(first=first, last=last, name=str(event.get("SUMMARY", "")))


def _local(moment: datetime, timezone: tzinfo) -> datetime:
    return moment.astimezone(timezone) if moment.tzinfo else moment


def _as_date(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _goes_on(event: icalendar.Component) -> bool:
    return any("UNTIL" not in rule and "COUNT" not in rule for rule in _rules_of(event))


def _rules_of(event: icalendar.Component) -> list[icalendar.vRecur]:
    found = event.get("RRULE", [])
    return found if isinstance(found, list) else [found]


def _unreadable(file: str, fault: Exception) -> InvalidSettings:
    words = " ".join(str(fault).split())[:_LONGEST_SHOWN]
    return InvalidSettings([Fault("file", file, f"cannot be read as a calendar: {words}")])


def _fault(file: str, line: _Line, rule: str) -> Fault:
    where = f"line {line.number}"
    return Fault(where, line.text, rule, f"{file}, {where}: {rule}")
