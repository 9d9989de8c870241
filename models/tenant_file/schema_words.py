"""The few forms of JSON Schema that the schema of a tenant file is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from models.schema_faults import Schema

Rules = Any  # JSON border: words of JSON Schema (enum, pattern, default)


def text(description: str, **rules: Rules) -> dict[str, Any]:
    """A text."""
    return {"type": "string", "description": description, **rules}


def whole(description: str, **rules: Rules) -> dict[str, Any]:
    """A whole number."""
    return {"type": "integer", "description": description, **rules}


def truth(description: str, *, default: bool) -> dict[str, Any]:
    """True or false."""
    return {"type": "boolean", "description": description, "default": default}


def listed(description: str, items: Schema, **rules: Rules) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "description": description, "items": items, **rules}


def named(description: str, values: Schema, **rules: Rules) -> dict[str, Any]:
    """A map from names to things of one sort."""
    return {
        "type": "object",
        "description": description,
        "additionalProperties": values,
        **rules,
    }


def closed(
    description: str, fields: Mapping[str, Schema], required: Iterable[str] = ()
) -> dict[str, Any]:
    """A thing with these fields and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": dict(fields),
        "required": list(required),
        "additionalProperties": False,
    }


def either(description: str, *forms: Schema) -> dict[str, Any]:
    """One of several forms."""
    return {"description": description, "anyOf": list(forms)}
