"""The kinds of elements as people read them: settings, types, defaults, meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.errors import Fault, InvalidSettings
from stasis_apps.element import ElementKind, known_elements

if TYPE_CHECKING:  # slow to load, and most commands read no tenant file
    from models.tenant_file.reading import KindSchemas

Schema = Mapping[str, Any]  # JSON border: a JSON Schema document

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def kind_schema(kind: str, *, refuse_unknown: bool = False) -> Schema:
    """The schema of a kind's settings; empty for a kind that does not exist.

    Raises:
        InvalidSettings: There is no such kind, and that shall be refused here and now.
    """
    found = known_elements().get(kind)
    if found is not None:
        return found.schema
    if refuse_unknown:
        rule = f"there is no such kind of element (there are {', '.join(known_elements())})"
        raise InvalidSettings([Fault("kind", kind, rule)])
    return {}


def kind_schemas() -> KindSchemas:
    """What the settings of each kind look like, as readers of tenant files want to know."""
    return {name: kind.schema for name, kind in known_elements().items()}


def published_schema(kind: ElementKind) -> dict[str, object]:
    """A kind's schema as a document of its own, for editors."""
    return {"$schema": DIALECT, "title": kind.name, "description": kind.summary, **kind.schema}


def setting_rows(kind: ElementKind) -> list[list[str]]:
    """One row per setting: name, type, default, meaning."""
    required = kind.schema.get("required", [])
    return [
        [
            name,
            type_words(setting),
            default_words(setting, is_required=name in required),
            str(setting.get("description", "")),
        ]
        for name, setting in kind.schema["properties"].items()
    ]


def kind_document(kind: ElementKind) -> dict[str, object]:
    """A kind as JSON: its name, what it does, its settings, its schema."""
    return {"kind": kind.name, "summary": kind.summary, "settings": dict(kind.schema["properties"])}


def type_words(setting: Schema) -> str:
    """What may stand there, in a word or two."""
    if "enum" in setting:
        return " | ".join(str(value) for value in setting["enum"])
    match setting:
        case {"format": str() as shape}:
            return shape
        case {"type": "array", "items": Mapping() as items}:
            return f"list of {type_words(items)}"
        case {"type": "object", "additionalProperties": Mapping() as values}:
            return f"map to {type_words(values)}"
        case {"type": ("number" | "integer") as name}:
            return f"{name}{_range(setting)}"
        case _:
            return str(setting.get("type", "anything"))


def default_words(setting: Schema, *, is_required: bool) -> str:
    """What holds when nothing is set."""
    if is_required:
        return "required"
    if "default" not in setting:
        return "-"
    default = setting["default"]
    if isinstance(default, bool):
        return "yes" if default else "no"
    return str(default)


def _range(setting: Schema) -> str:
    lowest, highest = setting.get("minimum"), setting.get("maximum")
    if lowest is None or highest is None:
        return ""
    return f" {lowest}..{highest}"
