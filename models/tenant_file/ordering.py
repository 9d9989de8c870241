"""In which order things stand in an export: that of the schema, whatever the database returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.schema_faults import Schema
from models.tenant_file.parts import Document
from models.tenant_file.schema import KindSchemas, tenant_schema
from models.tenant_file.schema_ways import (
    ANYTHING,
    form_chosen,
    form_of_type,
    inside,
    resolved,
)

Value = Any  # JSON border: a part of a document


def in_order(document: Document, kinds: KindSchemas) -> Document:
    """A document whose fields stand as people expect them: ``{days, from, to}``.

    What the schema does not name, numbers and names above all, stays in the order in which
    `document_of` has put it.

    Args:
        document: As `document_of` makes it.
        kinds: What elements look like.
    """
    schema = tenant_schema(kinds)
    ordered: Document = _ordered(document, schema, schema)
    return ordered


def _ordered(value: Value, schema: Schema, whole: Schema) -> Value:
    schema = resolved(schema, whole)
    match value:
        case Mapping():
            wanted = form_chosen(form_of_type(schema, "object", whole), value, whole)
            known = [name for name in wanted.get("properties", {}) if name in value]
            names = dict.fromkeys([*known, *value])
            return {name: _ordered(value[name], inside(wanted, name), whole) for name in names}
        case list():
            items = form_of_type(schema, "array", whole).get("items", ANYTHING)
            return [_ordered(one, items, whole) for one in value]
        case _:
            return value
