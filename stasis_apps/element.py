"""Element kinds: how one is declared, how all are found, and what their settings must look like."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from models.errors import Fault
from models.facts import OutboundRuleFacts
from models.numbering import is_element_number, is_outside
from models.schema_faults import broken_rules
from stasis_apps import rule_language
from stasis_apps.call import Call, Exit, GoTo, Holiday, Position, SoundName, Target
from stasis_apps.decisions.masks import is_ban
from stasis_apps.formats import (
    BOX,
    CALENDAR,
    DATE,
    EMAIL,
    EXTENSION,
    MASK,
    SHAPES,
    SOUND,
    SWITCH,
    TARGET,
    TIMEZONE,
    URL,
    Schema,
)

__all__ = [
    "BOX",
    "CALENDAR",
    "DATE",
    "EMAIL",
    "END",
    "EXTENSION",
    "MASK",
    "SOUND",
    "SWITCH",
    "TARGET",
    "TIMEZONE",
    "URL",
    "Catalogue",
    "Check",
    "Element",
    "ElementKind",
    "Fault",
    "Schema",
    "Settings",
    "element",
    "is_element_number",
    "is_outside",
    "known_elements",
]

Settings = Mapping[str, Any]  # JSON border: settings as they stand in the database

_MARK = "__element_kind__"
_UNKNOWN = "is no setting of this kind"
_T = TypeVar("_T", bound=type)

END = r"$(?!\n)"
"""The end of a pattern; in Python, ``$`` alone would let a line break follow."""

Check = Callable[[Settings], Iterable[Fault]]
"""Finds what a schema cannot say (an empty time window) in settings that satisfy the schema."""


class Element(Protocol):
    """What stands behind one internal number."""

    def exits(self) -> Mapping[Exit, Target]:
        """Every way out and where it leads; an empty target means nothing is set there."""

    async def run(self, call: Call) -> Exit | GoTo:
        """Handle the call and say which way out to follow."""


@runtime_checkable
class Switched(Protocol):
    """An element at which calls go one of two ways, also while nobody has thrown its switch."""

    def position_by_itself(
        self, now: datetime, calendar: Callable[[str], Sequence[Holiday]], /
    ) -> Position:
        """Which way calls go at a moment when nobody has thrown it.

        Args:
            now: The moment, in the tenant's time zone.
            calendar: The days of a calendar, by its name.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementKind:
    """One kind of element: its name, its class, and the JSON Schema of its settings.

    Attributes:
        name: The word that stands in tenant files and commands.
        make: The class; called with the settings as keyword arguments.
        schema: Closed JSON Schema, every property described.
        of_extension: Whether it stands behind user numbers and is made with the extension.
        check: Finds what the schema cannot say, or None.
    """

    name: str
    make: Callable[..., Element]
    schema: Schema
    of_extension: bool = False
    check: Check | None = None

    @property
    def summary(self) -> str:
        """The first line of the class docstring."""
        return (self.make.__doc__ or "").strip().splitlines()[0]

    def faults(self, settings: Settings) -> list[Fault]:
        """All that is wrong with these settings, each with its path; empty when they will do."""
        broken = broken_rules(settings, self.schema, formats=SHAPES, unknown=_UNKNOWN)
        faults = [Fault(".".join(map(str, one.route)), one.value, one.rule) for one in broken]
        if not faults and self.check is not None:
            faults = list(self.check(settings))
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

    def calendars(self, settings: Settings) -> Mapping[str, str]:
        """The calendars that these settings name, by path."""
        return _named(settings, self.schema, "calendar")

    def switches(self, settings: Settings) -> Mapping[str, str]:
        """The elements with a switch that these settings name, by path."""
        return _named(settings, self.schema, "switch")

    def mailboxes(self, settings: Settings) -> Mapping[str, str]:
        """The mailboxes that these settings name, by path."""
        return _named(settings, self.schema, "mailbox")

    def users(self, settings: Settings) -> Mapping[str, str]:
        """The users that these settings name without leading there, by path."""
        return _named(settings, self.schema, "extension")


def element(
    name: str,
    *,
    settings: Mapping[str, Schema],
    required: tuple[str, ...] = (),
    of_extension: bool = False,
    check: Check | None = None,
) -> Callable[[_T], _T]:
    """Declare a class to be the element kind ``name``.

    Args:
        name: The kind's word in tenant files.
        settings: A JSON Schema for each setting; other settings are refused.
        required: The settings that have no default.
        of_extension: Whether it stands behind user numbers (100-4999).
        check: Finds what the schemas cannot say; asked about settings that satisfy them.
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
            check=check,
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

    def calendars(self, kind: str, settings: Settings) -> Mapping[str, str]:
        """The calendars that such an element goes by, by the path of the setting; the same."""
        return known_elements()[kind].calendars(settings)

    def switches(self, kind: str, settings: Settings) -> Mapping[str, str]:
        """The switches that such an element throws, by the path of the setting; the same."""
        return known_elements()[kind].switches(settings)

    def mailboxes(self, kind: str, settings: Settings) -> Mapping[str, str]:
        """The mailboxes that such an element opens, by the path of the setting; the same."""
        return known_elements()[kind].mailboxes(settings)

    def users(self, kind: str, settings: Settings) -> Mapping[str, str]:
        """The users whose phones such an element lights, by the path of the setting; the same."""
        return known_elements()[kind].users(settings)

    def rule_faults(self, rule: OutboundRuleFacts) -> list[Fault]:
        """All that is wrong with the mask, the output and the hours of an outbound rule.

        Hours are those of a time rule, with nothing beside its windows and its zone.
        """
        return [*rule_language.language_faults(rule), *_hours_faults(rule.hours)]

    def mask_fits(self, mask: str, number: str) -> bool:
        """Whether a mask is for this number; a text that is no mask is for none."""
        return rule_language.mask_fits(mask, number)

    def sent_by_rule(self, mask: str, output: str, number: str) -> str:
        """What a mask and an output make of a number; empty where the mask is not for it."""
        return rule_language.sent_by_rule(mask, output, number)

    def hiding(
        self, rule: OutboundRuleFacts, before: Sequence[OutboundRuleFacts]
    ) -> Sequence[OutboundRuleFacts]:
        """Which of the rules before it take every number that a rule is for; none if one is left.

        Only masks and outputs are looked at, not for whom the rules are.
        """
        return rule_language.hiding(rule, before)

    def is_ban(self, output: str) -> bool:
        """Whether an outbound rule with this output forbids the call."""
        return is_ban(output)


def _hours_faults(hours: Settings) -> Iterator[Fault]:
    if not hours:
        return
    others = sorted(hours.keys() - {"timezone", "windows"})
    for name in others:
        rule = "is no part of hours; there are timezone and windows"
        yield Fault(f"hours.{name}", hours[name], rule)
    kind = known_elements()["time_rule"]
    windows = {name: value for name, value in hours.items() if name == "windows"}
    zone = {name: value for name, value in hours.items() if name == "timezone"}
    of_the_zone = (fault for fault in kind.faults(zone) if fault.path in zone)
    for fault in (*kind.faults(windows), *of_the_zone):
        yield replace(fault, path=f"hours.{fault.path}")


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
    found: dict[str, str] = {}
    for alternative in schema.get("anyOf", ()):
        found |= _named(value, alternative, shape, path)
    if isinstance(value, str):
        return {path: value} if value and schema.get("format") == shape else found
    for name, one, inner in _parts(value, schema):
        found |= _named(one, inner, shape, f"{path}.{name}" if path else name)
    return found


def _parts(value: Any, schema: Schema) -> Iterator[tuple[str, Any, Schema]]:
    """Each thing inside a mapping or list, its name or place, and its schema."""
    if isinstance(value, Mapping):
        known, others = schema.get("properties", {}), schema.get("additionalProperties") or {}
        for name, one in value.items():
            yield name, one, known.get(name, others)
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield str(place), one, schema.get("items", {})


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({name: _frozen(one) for name, one in value.items()})
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
