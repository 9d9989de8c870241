"""Element kinds: how one is declared, how all are found, and what their settings must look like."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol, TypeVar, cast

from jsonschema import Draft202012Validator, ValidationError

from models.errors import Fault
from stasis_apps.call import Call, Exit, GoTo, SoundName, Target

Settings = Mapping[str, Any]  # JSON border: settings as they stand in the database
Schema = Mapping[str, Any]  # JSON border: a JSON Schema document

_MARK = "__element_kind__"
_T = TypeVar("_T", bound=type)

END = r"$(?!\n)"
"""The end of a pattern; in Python, ``$`` alone would let a line break follow."""

TARGET: Schema = {
    "type": "string",
    "format": "target",
    "pattern": r"^([1-9][0-9]{2,5})?" + END,
}
"""A setting that leads somewhere: an internal number, or empty for "nothing set"."""

SOUND: Schema = {
    "type": "string",
    "format": "sound",
    "pattern": r"^(asterisk:)?[A-Za-z0-9][A-Za-z0-9_-]{0,63}" + END,
}
"""A setting that names a prompt: one of the tenant's sounds, or ``asterisk:NAME``."""


class Element(Protocol):
    """What stands behind one internal number."""

    def exits(self) -> Mapping[Exit, Target]:
        """Every way out and where it leads; an empty target means nothing is set there."""

    async def run(self, call: Call) -> Exit | GoTo:
        """Handle the call and say which way out to follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementKind:
    """One kind of element: its name, its class, and the JSON Schema of its settings.

    Attributes:
        name: The word that stands in tenant files and commands.
        make: The class; called with the settings as keyword arguments.
        schema: Closed JSON Schema, every property described.
        of_extension: Whether it stands behind user numbers and is made with the extension.
    """

    name: str
    make: Callable[..., Element]
    schema: Schema
    of_extension: bool = False

    @property
    def summary(self) -> str:
        """The first line of the class docstring."""
        return (self.make.__doc__ or "").strip().splitlines()[0]

    def faults(self, settings: Settings) -> list[Fault]:
        """All that is wrong with these settings, each with its path; empty when they will do."""
        errors = Draft202012Validator(self.schema).iter_errors(settings)
        faults = [fault for error in errors for fault in _faults(error)]
        return sorted(faults, key=lambda fault: fault.path)

    def build(self, settings: Settings) -> Element:
        """The element as a value, from settings that have no faults."""
        return self.make(**{name: _frozen(value) for name, value in settings.items()})

    def targets(self, settings: Settings) -> Mapping[str, str]:
        """Where the settings lead, by path (``keys.1``), unset ones left out.

        Asks the schema and not the element, so that settings with faults can be asked about, too.
        """
        return _named(settings, self.schema, "target")

    def sounds(self, settings: Settings) -> Mapping[str, SoundName]:
        """The prompts that these settings name, by path."""
        named = _named(settings, self.schema, "sound")
        return {path: SoundName(name) for path, name in named.items()}


def element(
    name: str,
    *,
    settings: Mapping[str, Schema],
    required: tuple[str, ...] = (),
    of_extension: bool = False,
) -> Callable[[_T], _T]:
    """Declare a class to be the element kind ``name``.

    Args:
        name: The kind's word in tenant files.
        settings: A JSON Schema for each setting; other settings are refused.
        required: The settings that have no default.
        of_extension: Whether it stands behind user numbers (100-4999).
    """
    schema: Schema = {
        "type": "object",
        "properties": dict(settings),
        "required": list(required),
        "additionalProperties": False,
    }

    def declare(cls: _T) -> _T:
        kind = ElementKind(
            name=name,
            make=cast("Callable[..., Element]", cls),
            schema=schema,
            of_extension=of_extension,
        )
        setattr(cls, _MARK, kind)
        return cls

    return declare


@cache
def known_elements() -> Mapping[str, ElementKind]:
    """Every element kind, found by looking into the folder ``stasis_apps/elements``."""
    return MappingProxyType({kind.name: kind for kind in sorted(_discover(), key=lambda k: k.name)})


class Catalogue:
    """The element kinds as provisioning wants to ask about them."""

    def kinds(self) -> list[str]:
        """The kinds that an administrator can create by number, in alphabetical order."""
        return [kind.name for kind in known_elements().values() if not kind.of_extension]

    def faults(self, kind: str, settings: Settings) -> list[Fault]:
        """All that is wrong with the settings of an element of this kind."""
        return known_elements()[kind].faults(settings)

    def targets(self, kind: str, settings: Settings) -> Mapping[str, str]:
        """Where such an element leads, by the path of the setting; settings may have faults."""
        return known_elements()[kind].targets(settings)

    def sounds(self, kind: str, settings: Settings) -> Mapping[str, str]:
        """The prompts that such an element plays, by the path of the setting; the same."""
        return known_elements()[kind].sounds(settings)


def _discover() -> Iterator[ElementKind]:
    package = importlib.import_module("stasis_apps.elements")
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        for thing in vars(module).values():
            kind = vars(thing).get(_MARK) if isinstance(thing, type) else None
            if isinstance(kind, ElementKind) and thing.__module__ == module.__name__:
                yield kind


def _named(value: Any, schema: Schema, shape: str, path: str = "") -> dict[str, str]:
    """What stands where the schema wants texts of this format; the empty text names nothing."""
    if isinstance(value, str):
        return {path: value} if value and schema.get("format") == shape else {}
    if not isinstance(value, Mapping):
        return {}
    others = schema.get("additionalProperties") or {}
    known = schema.get("properties", {})
    inside = f"{path}." if path else ""
    found: dict[str, str] = {}
    for name, one in value.items():
        found |= _named(one, known.get(name, others), shape, f"{inside}{name}")
    return found


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType(value)
    return tuple(value) if isinstance(value, list) else value


def _faults(error: ValidationError) -> Iterator[Fault]:
    path = ".".join(str(part) for part in error.absolute_path)
    inside = f"{path}." if path else ""
    match error.validator:
        case "additionalProperties":
            known = sorted(_schema_of(error).get("properties", {}))
            given = cast("Settings", error.instance)
            for name in sorted(given.keys() - set(known)):
                rule = f"is no setting of this kind; known are {', '.join(known)}"
                yield Fault(path=inside + name, value=given[name], rule=rule)
        case "required":
            required = _schema_of(error)["required"]
            name = next(name for name in required if repr(name) in error.message)
            yield Fault(path=inside + name, value=None, rule="is required")
        case _:
            yield Fault(path=path, value=error.instance, rule=_rule(error))


def _schema_of(error: ValidationError) -> Schema:
    return cast("Schema", error.schema)


def _rule(error: ValidationError) -> str:
    described = _schema_of(error).get("description", "")
    match error.validator:
        case "pattern" if _schema_of(error).get("format") == "target":
            rule = (
                "must be an internal number (100 to 4999 a user, from 5000 on an element) or empty"
            )
        case "type":
            wanted = error.validator_value
            rule = f"must be of type {wanted}"
        case "minimum":
            rule = f"must be at least {error.validator_value}"
        case "maximum":
            rule = f"must be at most {error.validator_value}"
        case _:
            rule = error.message
    return f"{rule} ({described})" if described else rule
