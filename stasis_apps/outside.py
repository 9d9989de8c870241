"""An outside number as the end of a call's way through the plan; nothing one could set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_apps.call import FAILED, NOWHERE, Answered, Call, Exit, GoTo, Party, Target
from stasis_apps.decisions.hangup_cause import LegOutcome

OUTSIDE_RING_S = 60.0
"""How long an outside number rings to which an exit leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Dial an outside number through a trunk, and talk when somebody answers.

    Exits: whatever became of it; none of them leads anywhere.
    """

    number: str

    def exits(self) -> Mapping[Exit, Target]:
        """The call ends here, one way or another."""
        return {**{Exit(outcome): NOWHERE for outcome in LegOutcome}, FAILED: NOWHERE}

    async def run(self, call: Call) -> Exit | GoTo:
        """Ring, and talk when somebody answers."""
        result = await call.dial([Party(number=self.number)], ring_s=OUTSIDE_RING_S)
        if isinstance(result, Answered):
            await call.talk(result)
        return Exit(result.outcome)
