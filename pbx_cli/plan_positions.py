"""How a switch or time rule stands by itself at a moment, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from models.facts import CalendarFacts, ElementFacts
from stasis_apps.call import Holiday
from stasis_apps.decisions.schedule import status
from stasis_apps.element import known_elements
from stasis_apps.elements.switch import Switch
from stasis_apps.elements.time_rule import TimeRule


@dataclass(frozen=True, slots=True)
class PlanPosition:
    """The exit that calls take while nobody has thrown the switch.

    Attributes:
        exit: The exit; empty when the element cannot be used.
        until: The moment of the next change; None when there is none in sight.
    """

    exit: str
    until: datetime | None = None


def position_by_plan(
    element: ElementFacts,
    *,
    zone: tzinfo,
    calendars: Mapping[str, CalendarFacts],
    at: datetime,
) -> PlanPosition:
    """Ask an element what it would do.

    Args:
        element: A switch or time rule.
        zone: The tenant's.
        calendars: The tenant's, by name.
        at: The moment in question.
    """
    kind = known_elements()[element.kind]
    if kind.faults(element.settings):
        return PlanPosition("")
    match kind.build(element.settings):
        case Switch(position=position):
            return PlanPosition(position)
        case TimeRule() as rule:
            calendar = calendars.get(rule.holidays)
            state = status(rule.schedule(zone, _holidays(calendar)), at)
            return PlanPosition(state.verdict.exit, state.until)
        case _:
            return PlanPosition("")


def _holidays(calendar: CalendarFacts | None) -> list[Holiday]:
    days = calendar.days if calendar else ()
    return [Holiday(first=day.first, last=day.last, name=day.name) for day in days]
