"""``--set keys.1=100`` into the settings of an element, with the types its schema asks for; pure.

A value that cannot become what the schema wants stays as it was typed, so that the schema's own
check lists it together with all other faults.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
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


def removals(paths: Iterable[str]) -> Settings:
    """Say in the manner of RFC 7396 that what stands at these paths shall go.

    Raises:
        InvalidSettings: A path is empty, or stands inside another.
    """
    settings: Settings = {}
    faults: list[Fault] = []
    for path in paths:
        steps = path.split(".")
        if not all(steps):
            faults.append(Fault("--unset", path, "is a path (keys.1)"))
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


def _schema_at(schema: Schema, steps: Iterable[str]) -> Schema:
    """The schema of what stands at a path; empty where the schema knows nothing."""
    found: Schema = schema
    for step in steps:
        others = found.get("additionalProperties")
        found = found.get("properties", {}).get(step) or (
            others if isinstance(others, Mapping) else {}
        )
    return found


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
