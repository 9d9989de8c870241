"""Time rule: lead calls one way while the office is open and another way while it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, Holiday, Position, Target
from stasis_apps.decisions import schedule
from stasis_apps.decisions.schedule import Dates, Days, Schedule, Special, Verdict, Window
from stasis_apps.decisions.schedule_words import (
    Unreadable,
    parse_dates,
    parse_days,
    parse_hours,
    parse_time,
    parse_zone,
)
from stasis_apps.element import CALENDAR, TARGET, TIMEZONE, Fault, Settings, element

Item = Mapping[str, Any]  # JSON border: a window or an exception as it stands in the settings

MATCH = Exit(schedule.MATCH)
NO_MATCH = Exit(schedule.NO_MATCH)
HOLIDAY = Exit(schedule.HOLIDAY)

_TIMES = {
    "from": {"type": "string", "description": 'The first minute, in quotes: "09:00"'},
    "to": {
        "type": "string",
        "description": 'The first minute that is outside again, in quotes: "21:00", "24:00"',
    },
}


def _faults(settings: Settings) -> Iterator[Fault]:
    for place, window in enumerate(settings["windows"]):
        path = f"windows.{place}"
        yield from _day_faults(path, window, parse_days)
        yield from _hours_faults(path, window, on_dates=_has_dates(window))
    for place, exception in enumerate(settings.get("exceptions", ())):
        path = f"exceptions.{place}"
        yield from _day_faults(path, exception, parse_dates)
        for number, hours in enumerate(exception.get("hours", ())):
            yield from _hours_faults(f"{path}.hours.{number}", hours, on_dates=True)


def _day_faults(path: str, item: Item, parse: Callable[[str], Days]) -> Iterator[Fault]:
    try:
        parse(item["days"])
    except Unreadable as fault:
        yield Fault(f"{path}.days", item["days"], str(fault))


def _hours_faults(path: str, item: Item, *, on_dates: bool) -> Iterator[Fault]:
    unreadable = False
    for name in ("from", "to"):
        try:
            parse_time(item[name])
        except Unreadable as fault:
            unreadable = True
            yield Fault(f"{path}.{name}", item[name], str(fault))
    if unreadable:
        return
    try:
        hours = parse_hours(item["from"], item["to"])
    except Unreadable as fault:
        yield Fault(f"{path}.to", item["to"], str(fault))
        return
    if on_dates and hours.cross_midnight:
        rule = f"ends before it starts ({item['from']}) on the same date; only weekdays cross it"
        yield Fault(f"{path}.to", item["to"], rule)


def _has_dates(window: Item) -> bool:
    try:
        return bool(parse_days(window["days"]).dates)
    except Unreadable:
        return False


@element(
    "time_rule",
    settings={
        "timezone": {
            **TIMEZONE,
            "description": "Whose clock counts: Europe/Moscow, or +05:00; the tenant's when not "
            "given",
        },
        "windows": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "days": {
                        "type": "string",
                        "description": "mon-fri, or sat,sun, or dates: 2026-12-31, "
                        "2027-01-01..2027-01-08",
                    },
                    **_TIMES,
                },
                "required": ["days", "from", "to"],
                "additionalProperties": False,
            },
            "description": "The hours, each with its days; those that end before they start go on "
            "after midnight",
        },
        "holidays": {**CALENDAR, "description": "The calendar whose days are holidays"},
        "exceptions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "days": {
                        "type": "string",
                        "description": "The dates: 2026-12-31, or 2027-01-01..2027-01-08",
                    },
                    "name": {
                        "type": "string",
                        "maxLength": 70,
                        "description": "What the journal calls it",
                    },
                    "hours": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": _TIMES,
                            "required": ["from", "to"],
                            "additionalProperties": False,
                        },
                        "description": "The hours of these dates; without any, the whole day",
                    },
                    "target": {
                        **TARGET,
                        "description": "Where calls go in these hours; without it they match in "
                        "these hours and not in others",
                    },
                },
                "required": ["days"],
                "additionalProperties": False,
            },
            "description": "Dates that are unlike others; they win over holidays and windows",
        },
        "match": {**TARGET, "description": "Where calls go inside the hours"},
        "no_match": {**TARGET, "description": "Where calls go outside the hours"},
        "holiday": {
            **TARGET,
            "description": "Where calls go on a holiday; as outside the hours when empty",
        },
        "failed": {**TARGET, "description": "Where the call goes when the rule cannot be followed"},
    },
    required=("windows",),
    check=_faults,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRule:
    """Lead calls by the time at which they come: hours, holidays, dates that are unlike others.

    The first minute of a window is inside, its end is outside. A window that ends before it starts
    goes on after midnight and belongs to the day on which it begins. The clock on the wall counts,
    also when clocks are changed. An exception wins over a holiday, a holiday over windows; a window
    does not begin on a holiday. A switch that somebody has thrown (``pbx switch``, or an element
    ``set_switch`` dialled from a phone) wins over all: open is ``match``, closed is ``no_match``.

    Exits: ``match``, ``no_match``, ``holiday``; ``exception_1`` and so on for each exception that
    has a target; ``failed``.
    """

    timezone: str = ""
    windows: tuple[Item, ...]
    holidays: str = ""
    exceptions: tuple[Item, ...] = ()
    match: Target = NOWHERE
    no_match: Target = NOWHERE
    holiday: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """Inside, outside, on holidays, and one way out for each exception that has its own."""
        own = {
            Exit(f"exception_{place}"): Target(exception["target"])
            for place, exception in enumerate(self.exceptions, start=1)
            if exception.get("target")
        }
        named = {
            MATCH: self.match,
            NO_MATCH: self.no_match,
            HOLIDAY: self.holiday,
            FAILED: self.failed,
        }
        return {**own, **named}

    async def run(self, call: Call) -> Exit | GoTo:
        """Look at the switch, then at the clock."""
        match call.position(""):
            case Position.OPEN:
                call.note("somebody has switched it to open")
                return MATCH
            case Position.CLOSED:
                call.note("somebody has switched it to closed")
                return NO_MATCH
            case None:
                now = call.now()
                rule = self.schedule(now.tzinfo, call.calendar(self.holidays))
                return self._leave_by(call, rule.at(now), now.astimezone(rule.zone))

    def position_by_itself(
        self, now: datetime, calendar: Callable[[str], Sequence[Holiday]]
    ) -> Position:
        """By the clock: open is inside the hours, all else is closed."""
        verdict = self.schedule(now.tzinfo, calendar(self.holidays)).at(now)
        return Position.OPEN if verdict.exit == MATCH else Position.CLOSED

    def schedule(self, tenant_zone: tzinfo | None, holidays: Sequence[Holiday]) -> Schedule:
        """The rule as it can be asked about any moment.

        Args:
            tenant_zone: Whose clock counts if the settings do not say; UTC when None.
            holidays: The days of its calendar.
        """
        return Schedule(
            zone=parse_zone(self.timezone) if self.timezone else tenant_zone or parse_zone("UTC"),
            windows=tuple(
                Window(days=parse_days(one["days"]), hours=parse_hours(one["from"], one["to"]))
                for one in self.windows
            ),
            holidays=tuple(
                Dates(first=one.first, last=one.last, name=one.name) for one in holidays
            ),
            exceptions=tuple(
                _special(place, exception)
                for place, exception in enumerate(self.exceptions, start=1)
            ),
        )

    def _leave_by(self, call: Call, verdict: Verdict, wall: datetime) -> Exit:
        taken, clock = Exit(verdict.exit), self._clock(wall)
        if taken == HOLIDAY:
            call.note(f"it is a holiday: {verdict.name} ({clock})")
            return HOLIDAY if self.holiday else NO_MATCH
        if taken not in (MATCH, NO_MATCH) or verdict.name:
            call.note(f"it is an exception: {verdict.name or taken} ({clock})")
        elif taken == MATCH:
            call.note(f"inside the hours{self._window(verdict.window)} ({clock})")
        else:
            call.note(f"outside the hours ({clock})")
        return taken

    def _window(self, place: int) -> str:
        """The window that the call falls into; an exception without a name has none."""
        if not place:
            return ""
        window = self.windows[place - 1]
        return f": {window['days']} {window['from']}-{window['to']}"

    def _clock(self, wall: datetime) -> str:
        """What the clock on the wall shows, and where it hangs if not at the tenant's."""
        return f"{wall:%a %Y-%m-%d %H:%M}" + (f" {self.timezone}" if self.timezone else "")


def _special(place: int, exception: Item) -> Special:
    return Special(
        days=parse_dates(exception["days"]),
        hours=tuple(parse_hours(one["from"], one["to"]) for one in exception.get("hours", ())),
        exit=f"exception_{place}" if exception.get("target") else "",
        name=exception.get("name", ""),
    )
