"""What a JSON Schema finds wrong with a value, in words for people; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, cast

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

Schema = Mapping[str, Any]  # JSON border: a JSON Schema document

_END: Final = r"(?!\n)"
"""What stands behind the end of a pattern for Python's sake alone."""

_LIMITS: Final[Mapping[str, str]] = {
    "type": "must be of type {0}",
    "minimum": "must be at least {0}",
    "maximum": "must be at most {0}",
    "exclusiveMinimum": "must be more than {0}",
    "exclusiveMaximum": "must be less than {0}",
    "minLength": "must have {0} characters or more",
    "maxLength": "must have {0} characters at most",
    "minItems": "must have {0} parts or more",
    "maxItems": "must have {0} parts at most",
    "minProperties": "must have {0} parts or more",
    "maxProperties": "must have {0} parts at most",
    "uniqueItems": "must not name anything twice",
    "const": "must be {0}",
}


class BrokenRule(NamedTuple):
    """One rule that a value breaks.

    Attributes:
        route: The way to what is wrong.
        value: What stands there; None for nothing.
        rule: The rule, readable after the value.
        wanted: The types that the schema wants there; empty where it does not say.
    """

    route: tuple[str | int, ...]
    value: object
    rule: str
    wanted: frozenset[str] = frozenset()


def broken_rules(
    value: object, schema: Schema, *, formats: FormatChecker | None = None, unknown: str
) -> Iterator[BrokenRule]:
    """Say all that is wrong with a value.

    Args:
        value: What somebody has written.
        schema: What it must look like.
        formats: Knows what ``format`` means.
        unknown: The rule that a property breaks which the schema does not know.
    """
    for error in Draft202012Validator(schema, format_checker=formats).iter_errors(value):
        yield from _broken(error, unknown)


def _broken(error: ValidationError, unknown: str) -> Iterator[BrokenRule]:
    route = tuple(error.absolute_path)
    schema = _schema_of(error)
    match error.validator:
        case "additionalProperties":
            known = sorted(schema.get("properties", {}))
            given = cast("Mapping[str, object]", error.instance)
            for name in sorted(given.keys() - set(known)):
                yield BrokenRule((*route, name), given[name], f"{unknown}{_meant(name, known)}")
        case "required":
            missing = next(name for name in schema["required"] if repr(name) in error.message)
            yield BrokenRule((*route, missing), None, "is required")
        case "anyOf":
            fitting = [inner for inner in error.context or () if _is_of_the_type(error, inner)]
            for inner in fitting:
                yield from _broken(inner, unknown)
            if not fitting:
                yield BrokenRule(route, error.instance, _rule(error), types_in(schema))
        case _:
            yield BrokenRule(route, error.instance, _rule(error), types_in(schema))


def types_in(schema: Schema) -> frozenset[str]:
    """The JSON types that a schema takes; empty where it takes any."""
    if "type" in schema:
        named = schema["type"]
        return frozenset([named] if isinstance(named, str) else named)
    if "anyOf" in schema:
        return frozenset().union(*(types_in(one) for one in schema["anyOf"]))
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return frozenset(_type_of(one) for one in values)


def _type_of(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return "string"


def _meant(name: str, known: list[str]) -> str:
    """What somebody may have meant by a name that is not known."""
    near = get_close_matches(name, known, n=1)
    return f"; is {near[0]} meant?" if near else f"; known are {', '.join(known)}"


def _is_of_the_type(error: ValidationError, inner: ValidationError) -> bool:
    """Whether it belongs to the alternative that the value was meant to be, by its type."""
    alternative = inner.schema_path[0]
    wrong_types = {
        one.schema_path[0]
        for one in error.context or ()
        if one.validator == "type" and len(one.path) == 0
    }
    return alternative not in wrong_types


def _schema_of(error: ValidationError) -> Schema:
    return cast("Schema", error.schema)


def _rule(error: ValidationError) -> str:
    described = _schema_of(error).get("description", "")
    match error.validator:
        case "format":
            rule = str(error.cause)
        case "anyOf":
            rule = "must be one of the forms that this setting knows"
        case _:
            rule = _limit_words(error)
    return f"{rule} ({described})" if described else rule


def _limit_words(error: ValidationError) -> str:
    """Say which rule is broken, without the value, which stands before it."""
    limit: Any = error.validator_value
    if error.validator == "enum":
        return f"must be one of {', '.join(map(str, limit))}"
    if error.validator == "type" and isinstance(limit, list):
        return f"must be of type {' or '.join(limit)}"
    if error.validator in ("minLength", "minItems") and limit == 1:
        return "must not be empty"
    if error.validator == "pattern":
        return f"must have the form {limit.removesuffix(_END)}"
    words = _LIMITS.get(str(error.validator))
    return error.message if words is None else words.format(limit)
