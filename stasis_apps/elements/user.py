"""User: ring every phone of one person and connect the caller with the first that answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_apps.call import (
    FAILED,
    NOWHERE,
    Answered,
    Call,
    Endpoint,
    Exit,
    GoTo,
    Target,
)
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.element import TARGET, element


@element(
    "user",
    settings={
        "devices": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The endpoints of the person's phones; filled in from their devices",
        },
        "ring_s": {
            "type": "number",
            "minimum": 1,
            "maximum": 600,
            "default": 20,
            "description": "Seconds to ring before the call counts as not answered",
        },
        "busy": {**TARGET, "description": "Where to go when the person is busy"},
        "no_answer": {**TARGET, "description": "Where to go when nobody picks up"},
        "declined": {**TARGET, "description": "Where to go when the person refuses the call"},
        "unregistered": {**TARGET, "description": "Where to go when no phone is registered"},
        "unreachable": {**TARGET, "description": "Where to go when no phone can be reached"},
        "failed": {**TARGET, "description": "Where to go when the exchange itself fails"},
    },
    of_extension=True,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Ring all phones of a person at once; the first to answer talks, the rest stop ringing.

    Exits: ``busy``, ``no_answer``, ``declined``, ``unregistered``, ``unreachable``; ``failed``.
    """

    devices: tuple[Endpoint, ...] = ()
    ring_s: float = 20.0
    busy: Target = NOWHERE
    no_answer: Target = NOWHERE
    declined: Target = NOWHERE
    unregistered: Target = NOWHERE
    unreachable: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """One way out for each way of not being answered."""
        return {
            Exit(LegOutcome.BUSY): self.busy,
            Exit(LegOutcome.NO_ANSWER): self.no_answer,
            Exit(LegOutcome.DECLINED): self.declined,
            Exit(LegOutcome.UNREGISTERED): self.unregistered,
            Exit(LegOutcome.UNREACHABLE): self.unreachable,
            FAILED: self.failed,
        }

    async def run(self, call: Call) -> Exit | GoTo:
        """Ring, and talk when somebody answers."""
        if not self.devices:
            call.note("the user has no device")
            return Exit(LegOutcome.UNREGISTERED)
        result = await call.dial(self.devices, ring_s=self.ring_s)
        if isinstance(result, Answered):
            await call.talk(result)
        return Exit(result.outcome)
