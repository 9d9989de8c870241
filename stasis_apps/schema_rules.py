"""What a broken rule of a JSON Schema is called when people read it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jsonschema import ValidationError

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


def schema_rule(error: ValidationError) -> str:
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
