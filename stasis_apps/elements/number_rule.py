"""Number rule: lead calls by who calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, Target
from stasis_apps.decisions.masks import compile_mask
from stasis_apps.decisions.numbers import longest_prefix
from stasis_apps.element import END, MASK, TARGET, element

Line = Mapping[str, Any]  # JSON border: one line as it stands in the settings

MATCH = Exit("match")
NO_MATCH = Exit("no_match")
ANONYMOUS = Exit("anonymous")

_MASKS = {"type": "array", "items": MASK}
_NUMBERS = {
    "type": "array",
    "items": {"type": "string", "pattern": r"^\+?[0-9]{1,20}" + END},
}


@element(
    "number_rule",
    settings={
        "masks": {
            **_MASKS,
            "description": "Callers who match: 849555510+ means all numbers that begin so, d is "
            "any digit, p a plus",
        },
        "numbers": {**_NUMBERS, "description": "Callers who match, by their whole numbers"},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "masks": {**_MASKS, "description": "Callers whom the line is for"},
                    "numbers": {**_NUMBERS, "description": "The same, by their whole numbers"},
                    "target": {**TARGET, "description": "Where these callers go"},
                },
                "required": ["target"],
                "additionalProperties": False,
            },
            "description": "Further callers with a target for each line; the first line that fits",
        },
        "prefixes": {
            "type": "object",
            "propertyNames": {"pattern": r"^\+?[0-9]{1,15}" + END},
            "additionalProperties": TARGET,
            "description": "Beginnings of numbers and where such callers go; the longest that fits",
        },
        "compare": {
            "type": "string",
            "enum": ["both", "raw", "normalised"],
            "default": "both",
            "description": "Whether the caller's number counts as it came (raw), as it is usually "
            "written (normalised: +7495, 7495 and 8495 are the same in Russia), or either way",
        },
        "match": {**TARGET, "description": "Where callers go whom masks or numbers name"},
        "no_match": {**TARGET, "description": "Where all other callers go"},
        "anonymous": {
            **TARGET,
            "description": "Where callers go who hide their number; as all others when empty",
        },
        "failed": {**TARGET, "description": "Where the call goes when the rule cannot be followed"},
    },
)
@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRule:
    """Lead calls by the caller's number: to one target for all who match, or to many.

    ``masks`` and ``numbers`` are looked at first, then ``lines`` in their order, then ``prefixes``.
    A number counts as the carrier sent it and in every way in which it is usually written.

    Exits: ``match``, ``no_match``, ``anonymous``; ``line_1`` and so on for each line; each prefix;
    ``failed``.
    """

    masks: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    prefixes: Mapping[str, Target] = field(default_factory=lambda: MappingProxyType({}))
    compare: str = "both"
    match: Target = NOWHERE
    no_match: Target = NOWHERE
    anonymous: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """One way out for those who match, for each line and prefix, and for all others."""
        lines = {_line_exit(place): Target(line["target"]) for place, line in enumerate(self.lines)}
        prefixes = {Exit(prefix): target for prefix, target in self.prefixes.items()}
        named = {
            MATCH: self.match,
            NO_MATCH: self.no_match,
            ANONYMOUS: self.anonymous,
            FAILED: self.failed,
        }
        return {**prefixes, **lines, **named}

    async def run(self, call: Call) -> Exit | GoTo:
        """Look at the caller's number."""
        ways = self._ways_to_write(call.caller_numbers())
        if not ways:
            call.note("the caller hides their number")
            return ANONYMOUS if self.anonymous else NO_MATCH
        if why := _fits(ways, self.masks, self.numbers):
            call.note(f"the caller's number matches {why}")
            return MATCH
        for place, line in enumerate(self.lines):
            if why := _fits(ways, line.get("masks", ()), line.get("numbers", ())):
                call.note(f"the caller's number fits line {place + 1}: {why}")
                return _line_exit(place)
        prefix = longest_prefix(ways, self.prefixes)
        if prefix is None:
            call.note(f"the caller's number does not match: {ways[0]}")
            return NO_MATCH
        call.note(f"the caller's number begins with {prefix}")
        return Exit(prefix)

    def _ways_to_write(self, numbers: Sequence[str]) -> Sequence[str]:
        match self.compare:
            case "raw":
                return numbers[:1]
            case "normalised":
                return numbers[1:]
            case _:
                return numbers


def _line_exit(place: int) -> Exit:
    return Exit(f"line_{place + 1}")


def _fits(ways: Iterable[str], masks: Iterable[str], numbers: Iterable[str]) -> str:
    """Which mask fits, or which number is listed, in words; the empty text for neither."""
    listed = frozenset(numbers)
    for way in ways:
        if way in listed:
            return f"the number {way}"
        for mask in masks:
            if compile_mask(mask).matches(way):
                return f"the mask {mask}"
    return ""
