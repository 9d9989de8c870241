"""From the schema of a tenant file to that of a part of it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from models.schema_faults import Schema, types_in

ANYTHING: Final[Schema] = {}


def resolved(schema: Schema, whole: Schema) -> Schema:
    """What a schema refers to, if it does.

    Args:
        schema: A part.
        whole: In which it is.
    """
    while "$ref" in schema:
        found: Any = whole  # JSON border: a part of the schema
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def form_of_type(schema: Schema, meant: str, whole: Schema) -> Schema:
    """The one of several forms that is of this type; the schema itself where it has one form."""
    forms = [resolved(one, whole) for one in schema.get("anyOf", ())]
    return next((one for one in forms if meant in types_in(one)), schema)


def form_chosen(schema: Schema, entry: Mapping[str, object], whole: Schema) -> Schema:
    """The branch of a choice whose condition, one field with one value, holds for a map."""
    for branch in schema.get("allOf", ()):
        ((name, condition),) = branch["if"]["properties"].items()
        if entry.get(name) == condition["const"]:
            return resolved(branch["then"], whole)
    return schema


def inside(schema: Schema, name: str) -> Schema:
    """The schema of what stands in a map behind a name."""
    others = schema.get("additionalProperties", ANYTHING)
    found = schema.get("properties", {}).get(name, others)
    return found if isinstance(found, Mapping) else ANYTHING
