"""Nodes of YAML as values, each read as its schema wants it: a number that is a text stays one.

YAML guesses: ``NO`` is false, ``09:00`` is 540 and ``0123`` is 83 to one reader or another. Here
what a plain scalar means is decided by what belongs there.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

from models.schema_faults import Schema, types_in
from models.storable import clean, is_storable
from models.tenant_file.parts import Place, Route, RoutedFault, written
from models.tenant_file.schema_ways import (
    ANYTHING,
    form_chosen,
    form_of_type,
    inside,
    resolved,
)
from models.tenant_file.yaml_nodes import ListNode, MapNode, Node, ScalarNode

_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
UNKNOWN: Final = "is not known here"

_NOTHING: Final = ("", "~", "null")
_YES: Final = ("true", "yes", "on")
_NO: Final = ("false", "no", "off")
_MERGE: Final = "<<"
_TYPES_OF_NODES: Final = {MapNode: "object", ListNode: "array"}

Value = Any  # JSON border: what a tenant file says


class _Nothing:
    """Stands for a value that was left out or cannot be read."""


_NO_VALUE: Final = _Nothing()


class ValueReader:
    """Reads the nodes of one file.

    Attributes:
        places: Where each value stands; all parts of the routes are texts.
        faults: What cannot be read, with its place.
    """

    def __init__(self, schema: Schema) -> None:
        self.places: dict[Route, Place] = {}
        self.faults: list[tuple[Place, RoutedFault]] = []
        self._schema = schema

    def read(self, node: Node) -> Value:
        """The value of the whole file."""
        return self._value(node, self._schema, ())

    def _value(self, node: Node, schema: Schema, route: Route) -> Value:
        self.places.setdefault(route, node.place)
        wanted = self._narrowed(schema, node)
        match node:
            case MapNode():
                return self._map(node, wanted, route)
            case ListNode():
                return self._list(node, wanted, route)
            case ScalarNode():
                return self._scalar(node, wanted, route)

    def _map(self, node: MapNode, schema: Schema, route: Route) -> dict[str, Value]:
        named: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, value in node.pairs():
            name = self._name(key, route)
            if name is None:
                continue
            if name in lines:
                rule = f"stands here twice, first in line {lines[name]}"
                self._tell(key.place, (*route, name), name, rule)
                continue
            lines[name] = key.place.line
            read = self._entry(name, key, value, schema, (*route, name))
            if read is not _NO_VALUE:
                named[name] = read
        return named

    def _entry(self, name: str, key: Node, value: Node, schema: Schema, route: Route) -> Value:
        is_field = name in schema.get("properties", {})
        inner = inside(schema, name)
        if not isinstance(value, ScalarNode):
            self.places[route] = key.place
        if _is_nothing(value):
            self.places[route] = key.place
            if not is_field and schema.get("additionalProperties") is False:
                self._tell(key.place, route, None, UNKNOWN)
                return _NO_VALUE
            return self._nothing(key.place, resolved(inner, self._schema), route, is_field=is_field)
        return self._value(value, inner, route)

    def _nothing(self, place: Place, schema: Schema, route: Route, *, is_field: bool) -> Value:
        """What is meant by a name behind which nothing stands."""
        types = types_in(schema)
        if is_field and types != {"array"}:
            return _NO_VALUE
        if "object" in types:
            return {}
        if "string" in types:
            return ""
        if types:
            rule = "says nothing: write [] for none" if "array" in types else "says nothing"
            self._tell(place, route, None, rule)
        return _NO_VALUE

    def _list(self, node: ListNode, schema: Schema, route: Route) -> list[Value]:
        items = schema.get("items", ANYTHING)
        found: list[Value] = []
        for place, item in enumerate(node.items):
            if _is_nothing(item):
                self._tell(item.place, (*route, str(place)), None, "says nothing")
                found.append("")
            else:
                found.append(self._value(item, items, (*route, str(place))))
        return found

    def _scalar(self, node: ScalarNode, schema: Schema, route: Route) -> Value:
        if not is_storable(node.text):
            rule = "texts have no NUL and no halves of characters"
            self._tell(node.place, route, "(hidden)", rule)
            return clean(node.text)
        return _read(node.text, types_in(schema)) if node.is_plain else node.text

    def _name(self, key: Node, route: Route) -> str | None:
        if not isinstance(key, ScalarNode):
            self._tell(key.place, route, "[...]", "is no name")
            return None
        if key.is_plain and key.text == _MERGE:
            rule = "merging is not known; an alias (*name) may stand for a whole value"
            self._tell(key.place, route, _MERGE, rule)
            return None
        if not is_storable(key.text):
            self._tell(key.place, route, "(hidden)", "is no name")
            return None
        return key.text

    def _narrowed(self, schema: Schema, node: Node) -> Schema:
        """The schema of what this node is meant to be, where there are several."""
        schema = resolved(schema, self._schema)
        if isinstance(node, ScalarNode):
            return schema
        schema = form_of_type(schema, _TYPES_OF_NODES[type(node)], self._schema)
        if "allOf" in schema and isinstance(node, MapNode):
            schema = form_chosen(schema, _texts(node), self._schema)
        return schema

    def _tell(self, place: Place, route: Route, value: object, rule: str) -> None:
        where = written(route) or value
        sentence = f"{where}: {rule}" if value is None or not route else ""
        self.faults.append((place, RoutedFault(route, value, rule, sentence)))


def _texts(node: MapNode) -> dict[str, str]:
    """The values of a map that are single ones, as they are written."""
    return {
        key.text: value.text
        for key, value in node.pairs()
        if isinstance(key, ScalarNode) and isinstance(value, ScalarNode)
    }


def _is_nothing(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.is_plain and node.text in _NOTHING


def _read(text: str, types: frozenset[str]) -> Value:
    """A plain scalar as one of these types, or as YAML 1.2 has it where none is named."""
    word = text.lower()
    is_sure = word in ("true", "false") or (word in (*_YES, *_NO) and "string" not in types)
    if "boolean" in types and is_sure:
        return word in _YES
    if "string" in types and not types & {"number", "integer"}:
        return text
    if not types and word in ("true", "false"):
        return word == "true"
    number = _number(text)
    return text if number is None else number


def _number(text: str) -> int | float | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return int(number) if number.is_integer() and "e" not in text.lower() else number
    return None
