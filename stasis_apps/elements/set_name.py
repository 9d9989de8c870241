"""Set name: phones that ring from here on show another name for the caller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, Target
from stasis_apps.element import END, TARGET, Fault, Settings, element

NEXT = Exit("next")
SHOWABLE = r"^[^\x00-\x1f\x7f]+" + END

_PLACES = re.compile(r"\{(?:name|number)\}")


def _check(settings: Settings) -> Iterator[Fault]:
    """A mistyped place would be shown as it stands on every phone."""
    if set("{}") & set(_PLACES.sub("", settings["name"])):
        rule = "may have braces only in {name} and {number}"
        yield Fault(path="name", value=settings["name"], rule=rule)


@element(
    "set_name",
    settings={
        "name": {
            "type": "string",
            "pattern": SHOWABLE,
            "maxLength": 70,
            "description": "What phones show; {name} is the name so far, {number} the caller's "
            "number",
        },
        "next": {**TARGET, "description": "Where the call goes on"},
        "failed": {**TARGET, "description": "Where the call goes when the name cannot be set"},
    },
    required=("name",),
    check=_check,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SetName:
    """Give the caller a name that phones show beside the number, and go on.

    Exits: ``next``; ``failed``.
    """

    name: str
    next: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """On with the new name."""
        return {NEXT: self.next, FAILED: self.failed}

    async def run(self, call: Call) -> Exit | GoTo:
        """Put name and number into the template."""
        number, name = call.facts.caller.number, call.caller_name
        parts = self.name.split("{name}")
        call.show_caller_as(name.join(part.replace("{number}", number) for part in parts))
        return NEXT
