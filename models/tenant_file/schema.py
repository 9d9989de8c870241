"""What a tenant file looks like, as JSON Schema; editors complete and check by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from models.schema_faults import Schema
from models.tenant_file.document import USUAL_LANGUAGE, USUAL_STATE, USUAL_TIMEZONE
from models.tenant_file.people import FIELDS_OF_EXTENSIONS
from models.tenant_file.route_test_schema import ROUTE_TEST_SCHEMA
from models.tenant_file.schema_of_lines import (
    NUMBERS_SCHEMA,
    OUTBOUND_SCHEMA,
    trunks_schema,
)
from models.tenant_file.schema_of_people import (
    ALIASES_SCHEMA,
    ELEMENT_FIELDS,
    EXTENSION_FIELDS,
    EXTENSION_NUMBER,
    FILLED_IN,
)
from models.tenant_file.schema_of_places import (
    CALENDARS_SCHEMA,
    EMERGENCY_SCHEMA,
    LIMITS_SCHEMA,
    LOCATIONS_SCHEMA,
    SOUNDS_SCHEMA,
)
from models.tenant_file.schema_words import closed, listed, named, text

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

KindSchemas = Mapping[str, Mapping[str, object]]
"""The JSON Schema of the settings of each kind of element, ``user`` among them."""

_USER: Final = "user"
_CHECKED_WHOLE: Final = ("sounds", "calendars", "tests", "lint")
"""Sections whose every rule is in the schema; in others, rules of values have better words."""

_RULES_OF_VALUES: Final = frozenset(
    {
        "enum",
        "pattern",
        "format",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "propertyNames",
    }
)

_LINT_SCHEMA: Final = closed(
    "Findings of the lint that somebody has read and accepted.",
    {
        "ignore": listed(
            "One entry for each.",
            closed(
                "One finding, or all of one code below a place.",
                {
                    "code": text("The code of the finding (pbx check --list).", minLength=1),
                    "at": text("Where in the file: elements.5000, or elements.5000.keys.1."),
                    "reason": text("Why it is all right; there must be one.", minLength=1),
                },
                required=("code", "reason"),
            ),
        )
    },
)

_TENANT: Final[Mapping[str, Schema]] = {
    "tenant": text(
        "The tenant's name; it never changes.",
        pattern="^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$",
        examples=["acme"],
    ),
    "domain": text("The SIP domain, in lower case.", examples=["acme.example"]),
    "domain_aliases": listed(
        "Other domains and addresses under which phones find the tenant.",
        text("A domain in lower case, or an IP address."),
        uniqueItems=True,
    ),
    "timezone": text(
        "The tenant's clock, by its IANA name.",
        default=USUAL_TIMEZONE,
        examples=["Europe/Moscow", "Europe/Berlin"],
    ),
    "country": text(
        "ISO 3166; decides how numbers are read and which are for emergencies.",
        pattern="^[A-Z]{2}$",
        examples=["RU", "DE", "US"],
    ),
    "language": text(
        "What voices speak that come with the exchange.",
        enum=["en", "ru"],
        default=USUAL_LANGUAGE,
    ),
    "state": text(
        "trial: nothing but internal calls; blocked: no calls but for help.",
        enum=["trial", "active", "blocked"],
        default=USUAL_STATE,
    ),
    "caller_id": text("The number, one of the tenant's own, that calls out show."),
    "limits": LIMITS_SCHEMA,
    "emergency": EMERGENCY_SCHEMA,
    "locations": LOCATIONS_SCHEMA,
}


def tenant_schema(kinds: KindSchemas) -> dict[str, object]:
    """The schema of a whole tenant file (draft 2020-12), every property described."""
    hours = kinds.get("time_rule", {}).get("properties", {})
    return {
        "$schema": DIALECT,
        "title": "Tenant file",
        "description": "One tenant, whole; pbx apply makes the exchange equal to it.",
        "type": "object",
        "properties": {
            **_TENANT,
            "extensions": _extensions(kinds),
            "elements": _elements(kinds),
            "aliases": ALIASES_SCHEMA,
            "trunks": trunks_schema(),
            "numbers": NUMBERS_SCHEMA,
            "outbound": _with_hours(hours),
            "sounds": SOUNDS_SCHEMA,
            "calendars": CALENDARS_SCHEMA,
            "tests": listed(
                "Calls that are imagined, and what becomes of them.", ROUTE_TEST_SCHEMA
            ),
            "lint": _LINT_SCHEMA,
        },
        "required": ["tenant", "domain", "country"],
        "additionalProperties": False,
        "$defs": {kind: dict(schema) for kind, schema in kinds.items()},
    }


def shape_schema(kinds: KindSchemas) -> dict[str, object]:
    """The same, without the rules that whoever checks a tenant tells in better words.

    Those of single values (a name that is too long) and those of the settings of elements.
    """
    schema: Any = tenant_schema(kinds)  # JSON border: a JSON Schema document
    sections = schema["properties"]
    people = sections["extensions"]["additionalProperties"]["properties"]
    shapes = {
        section: of_it if section in _CHECKED_WHOLE else _shape(of_it)
        for section, of_it in sections.items()
    }
    mine = {
        name: _shape(of_it) if name in FIELDS_OF_EXTENSIONS else {}
        for name, of_it in people.items()
    }
    shapes["extensions"]["additionalProperties"]["properties"] = mine
    shapes["elements"]["additionalProperties"] = {
        "type": "object",
        "properties": {name: _shape(of_it) for name, of_it in ELEMENT_FIELDS.items()},
        "required": ["kind"],
    }
    shapes["outbound"]["properties"]["rules"]["items"]["properties"]["hours"] = {"type": "object"}
    shapes["trunks"]["additionalProperties"]["properties"]["preset"] = sections["trunks"][
        "additionalProperties"
    ]["properties"]["preset"]
    return {**schema, "properties": shapes, "$defs": {}}


def _shape(schema: Any) -> Any:  # JSON border: a part of a JSON Schema document
    """A schema without rules of single values."""
    if isinstance(schema, list):
        return [_shape(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        word: {name: _shape(inner) for name, inner in value.items()}
        if word == "properties"
        else _shape(value)
        for word, value in schema.items()
        if word not in _RULES_OF_VALUES
    }


def _extensions(kinds: KindSchemas) -> dict[str, Any]:
    settings = _references(kinds, _USER, but_not=FILLED_IN)
    person = closed("A person.", {**EXTENSION_FIELDS, **settings}, required=("name",))
    return named("People who can be called, by number.", person, propertyNames=EXTENSION_NUMBER)


def _elements(kinds: KindSchemas) -> dict[str, Any]:
    behind = [kind for kind in kinds if kind != _USER]
    element = {
        "type": "object",
        "description": "What stands behind a number.",
        "properties": {**ELEMENT_FIELDS, "kind": {**ELEMENT_FIELDS["kind"], "enum": behind}},
        "required": ["kind"],
        "allOf": [_choice(kinds, kind) for kind in behind],
    }
    return named(
        "What stands behind the numbers from 5000 on: greetings, groups and so on.",
        element,
        propertyNames={"pattern": "^[1-9][0-9]{3,5}$"},
    )


def _choice(kinds: KindSchemas, kind: str) -> dict[str, Any]:
    """Of this kind, an element has the settings of this kind, beside its own fields."""
    return {
        "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
        "then": {
            "type": "object",
            "properties": {**ELEMENT_FIELDS, **_references(kinds, kind)},
            "required": list(kinds[kind].get("required", [])),  # type: ignore[call-overload] # JSON
            "additionalProperties": False,
        },
    }


def _references(
    kinds: KindSchemas, kind: str, *, but_not: tuple[str, ...] = ()
) -> dict[str, dict[str, str]]:
    settings: Any = kinds.get(kind, {}).get("properties", {})  # JSON border: a JSON Schema
    return {
        name: {"$ref": f"#/$defs/{kind}/properties/{name}"}
        for name in settings
        if name not in but_not
    }


def _with_hours(settings: Any) -> dict[str, Any]:  # JSON border: parts of a JSON Schema
    """The outbound rules, with hours like those of a time rule."""
    schema: dict[str, Any] = dict(OUTBOUND_SCHEMA)
    rules = dict(schema["properties"]["rules"])
    rule = dict(rules["items"])
    hours = {name: settings[name] for name in ("timezone", "windows") if name in settings}
    rule["properties"] = {
        **rule["properties"],
        "hours": closed("When the rule holds; always when not given.", hours),
    }
    rules["items"] = rule
    schema["properties"] = {**schema["properties"], "rules": rules}
    return schema
