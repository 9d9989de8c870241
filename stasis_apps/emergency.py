"""A call for help: no rule, limit or state of the tenant stands in its way; nothing one sets up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stasis_apps.call import FAILED, NOWHERE, Answered, Call, Exit, GoTo, Party, Target
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose

EMERGENCY_RING_S: Final = 300.0
"""How long it rings where help is called. Whoever waits for it hangs up by themselves, or is put
through at last; we do not end it earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Dial an emergency number through one trunk after the other, and talk.

    Exits: whatever became of it; none of them leads anywhere.

    Attributes:
        number: The emergency number.
        acting: The user whose phone dials it, or the element that leads there.
    """

    number: str
    acting: str = ""

    def exits(self) -> Mapping[Exit, Target]:
        """The call ends here, one way or another."""
        return {**{Exit(outcome): NOWHERE for outcome in LegOutcome}, FAILED: NOWHERE}

    async def run(self, call: Call) -> Exit | GoTo:
        """Ring, and talk when somebody answers."""
        party = Party(
            number=self.number, acting=self.acting, purpose=Purpose.DIALLED, is_emergency=True
        )
        result = await call.dial([party], ring_s=EMERGENCY_RING_S)
        if isinstance(result, Answered):
            await call.talk(result)
        return Exit(result.outcome)
