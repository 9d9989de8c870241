"""What a test says in advance about outside numbers: how they leave, and which PINs are right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stasis_apps.call import Leave, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsOut:
    """How calls leave.

    Attributes:
        leaves: How outside numbers would leave by the outbound rules; others leave by none.
        pins: The PIN of each outbound rule that has one.
        last_dialled: What the caller's phone dialled before.
    """

    leaves: Mapping[str, Leave] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)
    last_dialled: str = ""


class LeavesByScript:
    """The verbs of a call that ask about outside numbers.

    Attributes:
        calls_out: The script.
        wanted_out: Each party that was asked about.
    """

    calls_out: CallsOut
    wanted_out: list[Party]

    def leave(self, party: Party) -> Leave:
        """How an outside number would leave, as the script has it."""
        self.wanted_out.append(party)
        return self.calls_out.leaves.get(party.number, Leave())

    async def last_dialled(self) -> str:
        """What the caller's phone dialled before, as the script has it."""
        return self.calls_out.last_dialled

    async def is_pin_of_rule(self, rule: str, pin: str) -> bool:
        """Whether the script has this PIN for the rule."""
        return self.calls_out.pins.get(rule) == pin
