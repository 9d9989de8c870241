"""Hang up: end the call on purpose, with the cause the caller's phone is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_apps.call import Call, Exit, GoTo, Target
from stasis_apps.decisions.ending import Reason
from stasis_apps.element import element

CAUSES: Mapping[str, int] = {
    "normal": 16,
    "busy": 17,
    "declined": 21,
    "not_found": 1,
    "congestion": 34,
}


@element(
    "hang_up",
    settings={
        "cause": {
            "type": "string",
            "enum": sorted(CAUSES),
            "default": "normal",
            "description": "What the caller's phone is told: an ordinary end, busy, declined, "
            "number not found, or congestion",
        }
    },
)
@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """End the call with a cause of your choice.

    A caller who was not answered yet gets it as a SIP answer (486 for busy, 403 for declined,
    404 for not found, 503 for congestion); one who was hears the line close.

    Exits: none but ``failed``.
    """

    cause: str = "normal"

    def exits(self) -> Mapping[Exit, Target]:
        """No way out: the call ends here."""
        return {}

    async def run(self, call: Call) -> Exit | GoTo:
        """Hang up."""
        call.note(f"the caller's phone is told: {self.cause}")
        await call.hang_up(Reason.HUNG_UP_BY_PLAN, cause=CAUSES[self.cause])
