"""What has not the shape of a tenant file, and what is left when that is taken out; pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from jsonschema import FormatChecker

from models.schema_faults import BrokenRule, Schema, broken_rules
from models.tenant_file.discretion import HIDDEN
from models.tenant_file.parts import RoutedFault, written
from models.tenant_file.yaml_values import UNKNOWN

Raw = dict[str, Any]  # JSON border: what a tenant file says, as it is written

_DAYS: Final = ("first", "last", "covers_until")


def shape_faults(raw: Raw, schema: Schema) -> tuple[list[RoutedFault], Raw]:
    """Say what has the wrong shape.

    Returns:
        The faults, and what was said without what they speak of.
    """
    broken = list(broken_rules(raw, schema, formats=FormatChecker(()), unknown=UNKNOWN))
    rest: Raw = copy.deepcopy(raw) if broken else raw
    for one in broken:
        _take_out(rest, one)
    return [*map(_fault, broken), *_no_days(rest)], rest


def _fault(broken: BrokenRule) -> RoutedFault:
    """Of a name that is not known, nobody can say whether a secret stands behind it."""
    route, value, rule = broken.route, broken.value, broken.rule
    is_unknown = rule.startswith(UNKNOWN)
    sentence = f"{written(route)}: {rule}" if is_unknown or value is None else ""
    return RoutedFault(route, HIDDEN if is_unknown else value, rule, sentence)


def _take_out(rest: Raw, broken: BrokenRule) -> None:
    """Remove a value, or in a list put an empty one there, so that the others keep their places."""
    *way, last = broken.route or ("",)
    there: Any = rest  # JSON border: a part of what the file says
    for part in way:
        if isinstance(there, str) or (isinstance(there, dict) and part not in there):
            return  # it has gone with something around it
        there = there[part]
    if isinstance(there, dict):
        there.pop(last, None)
    elif isinstance(there, list) and isinstance(last, int):
        there[last] = {} if "object" in broken.wanted else ""


def _no_days(rest: Raw) -> Iterator[RoutedFault]:
    """Days of calendars that no calendar has (2026-02-30); they are taken out."""
    for name, entry in _maps(rest.get("calendars")):
        for place, day in enumerate(entry.get("days", ())):
            yield from _no_dates(("calendars", name, "days", place), day)
        entry["days"] = [day for day in entry.get("days", ()) if "first" in day]
        yield from _no_dates(("calendars", name), entry)


def _no_dates(route: tuple[str | int, ...], entry: Raw) -> Iterator[RoutedFault]:
    for field in _DAYS:
        if field in entry and not _is_day(entry[field]):
            yield RoutedFault((*route, field), entry.pop(field), "is no day (2026-12-31)")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _maps(section: Mapping[str, Any] | None) -> Iterator[tuple[str, Raw]]:
    """The entries of a section that are maps themselves."""
    for name, entry in (section or {}).items():
        if isinstance(entry, dict):
            yield name, entry
