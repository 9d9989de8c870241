"""Prefix: phones that ring from here on show a text in front of the caller's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, Target
from stasis_apps.element import END, TARGET, element

NEXT = Exit("next")
SHOWABLE = r"^[^\x00-\x1f\x7f]+" + END


@element(
    "prefix",
    settings={
        "text": {
            "type": "string",
            "pattern": SHOWABLE,
            "maxLength": 35,
            "description": "What stands in front of the caller's name, or of the number of one "
            "who has none",
        },
        "next": {**TARGET, "description": "Where the call goes on"},
        "failed": {**TARGET, "description": "Where the call goes when the name cannot be set"},
    },
    required=("text",),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Let phones show by which way a call came: ``Sales: Alice``, and go on.

    Exits: ``next``; ``failed``.
    """

    text: str
    next: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """On with the text in front."""
        return {NEXT: self.next, FAILED: self.failed}

    async def run(self, call: Call) -> Exit | GoTo:
        """Put the text in front of what phones would have shown."""
        call.show_caller_as(self.text + (call.caller_name or call.facts.caller.number))
        return NEXT
