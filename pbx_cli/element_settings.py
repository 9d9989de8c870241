"""``--set keys.1=100`` into the settings of an element, with the types its schema asks for; pure.

The parts of a list are numbered from 0 (``rules.0.to``); `placed` puts them where they belong.

A value that cannot become what the schema wants stays as it was typed, so that the schema's own
check lists it together with all other faults.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from models.errors import Fault, refuse_if_any

Settings = dict[str, Any]  # JSON border: settings as they stand in the database
Schema = Mapping[str, Any]  # JSON border: a JSON Schema document

_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})


def read_settings(assignments: Iterable[str], schema: Schema) -> Settings:
    """Read what stands behind every ``--set``.

    Args:
        assignments: ``path=value`` each; a path's steps are parted by dots.
        schema: Of the element's kind.

    Raises:
        InvalidSettings: An assignment has no ``=``, or two contradict each other; all are listed.
    """
    settings: Settings = {}
    faults: list[Fault] = []
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        steps = path.split(".")
        if not (equals and all(steps)):
            faults.append(Fault("--set", assignment, "is written path=value (keys.1=100)"))
        elif not _put(settings, steps, _coerced(text, _schema_at(schema, steps))):
            faults.append(Fault(path, text, "is set twice"))
    refuse_if_any(faults)
    return settings


def removals(paths: Iterable[str], known: Collection[str] | None = None) -> Settings:
    """Say in the manner of RFC 7396 that what stands at these paths shall go.

    Args:
        paths: What shall go.
        known: With what a path may begin; None for anything.

    Raises:
        InvalidSettings: A path is empty, names no setting, or stands inside another.
    """
    settings: Settings = {}
    faults: list[Fault] = []
    for path in paths:
        steps = path.split(".")
        if not all(steps):
            faults.append(Fault("--unset", path, "is a path (keys.1)"))
        elif known is not None and steps[0] not in known:
            listed = ", ".join(sorted(known))
            faults.append(Fault("--unset", path, f"is no setting of this kind; known are {listed}"))
        elif not _put(settings, steps, None):
            faults.append(Fault(path, None, "is removed twice"))
    refuse_if_any(faults)
    return settings


def combined(changes: Settings, gone: Settings) -> Settings:
    """Put what is set and what is removed into one change.

    Raises:
        InvalidSettings: The same path is set and removed.
    """
    faults = list(_contradictions(changes, gone, ""))
    refuse_if_any(faults)
    return _merged(changes, gone)


def _contradictions(changes: Settings, gone: Settings, inside: str) -> Iterable[Fault]:
    for name in changes.keys() & gone.keys():
        if isinstance(changes[name], dict) and isinstance(gone[name], dict):
            yield from _contradictions(changes[name], gone[name], f"{inside}{name}.")
        else:
            yield Fault(f"{inside}{name}", changes[name], "is set and removed at once")


def _merged(changes: Settings, gone: Settings) -> Settings:
    result = dict(changes)
    for name, value in gone.items():
        both = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = _merged(result[name], value) if both else value
    return result


def _put(settings: Settings, steps: list[str], value: object) -> bool:
    """Set one value; say whether its place was free."""
    *outer, last = steps
    place = settings
    for step in outer:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            return False
    if last in place:
        return False
    place[last] = value
    return True


def placed(changes: Settings, before: Mapping[str, Any], schema: Schema) -> Settings:
    """Turn changes to numbered parts of lists into whole lists, as they shall be.

    Args:
        changes: As `combined` or `read_settings` left them: ``{"rules": {"0": {"to": "100"}}}``.
        before: The settings that are there.
        schema: Of the element's kind.

    Raises:
        InvalidSettings: A place is no number, or leaves a gap.
    """
    faults: list[Fault] = []
    result = {
        name: _placed(change, before.get(name), _inside(schema, name), name, faults)
        for name, change in changes.items()
    }
    refuse_if_any(faults)
    return result


def _placed(change: Any, before: Any, schema: Schema, path: str, faults: list[Fault]) -> Any:
    if not isinstance(change, dict):
        return change
    if schema.get("type") == "array" or isinstance(before, list):
        there = before if isinstance(before, list) else []
        return _placed_in_list(change, there, schema, path, faults)
    inner = before if isinstance(before, Mapping) else {}
    return {
        name: _placed(one, inner.get(name), _inside(schema, name), f"{path}.{name}", faults)
        for name, one in change.items()
    }


def _placed_in_list(
    change: Settings, before: list[Any], schema: Schema, path: str, faults: list[Fault]
) -> list[Any]:
    result = list(before)
    for place in sorted(change, key=lambda name: (len(name), name)):
        here = f"{path}.{place}"
        if not place.isascii() or not place.isdigit() or int(place) > len(result):
            rule = f"is no part of this list; the next is {path}.{len(result)}"
            faults.append(Fault(here, change[place], rule))
            continue
        there = result[int(place)] if int(place) < len(result) else None
        part = _placed(change[place], there, schema.get("items", {}), here, faults)
        if isinstance(part, dict):
            part = _without_nulls(_merged(there, part) if isinstance(there, dict) else part)
        result[int(place) : int(place) + 1] = [part]
    return [part for part in result if part is not None]


def _without_nulls(settings: Settings) -> Settings:
    return {
        name: _without_nulls(one) if isinstance(one, dict) else one
        for name, one in settings.items()
        if one is not None
    }


def _schema_at(schema: Schema, steps: Iterable[str]) -> Schema:
    """The schema of what stands at a path; empty where the schema knows nothing."""
    found: Schema = schema
    for step in steps:
        found = _inside(found, step)
    return found


def _inside(schema: Schema, step: str) -> Schema:
    """The schema one step further in, of the first alternative that has such a part."""
    for alternative in (schema, *schema.get("anyOf", ())):
        items = alternative.get("items") if step.isdigit() else None
        others = alternative.get("additionalProperties")
        found = alternative.get("properties", {}).get(step) or items or others
        if isinstance(found, Mapping):
            return found
    return {}


def _coerced(text: str, schema: Schema) -> Any:
    match schema.get("type"):
        case "boolean":
            return _yes_or_no(text)
        case "integer":
            return int(text) if _is_integer(text) else text
        case "number":
            return _number(text)
        case "array":
            return _list(text, schema.get("items", {}))
        case "object":
            return _json(text)
        case _:
            return text


def _yes_or_no(text: str) -> bool | str:
    word = text.lower()
    if word in _YES:
        return True
    return False if word in _NO else text


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit()


def _number(text: str) -> float | int | str:
    if _is_integer(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _list(text: str, items: Schema) -> Any:
    if text.startswith("["):
        return _json(text)
    return [_coerced(part.strip(), items) for part in text.split(",")] if text else []


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
