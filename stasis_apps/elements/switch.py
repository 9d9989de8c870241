"""Switch: lead calls one way while it is open and another way while it is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, Holiday, Position, Target
from stasis_apps.element import TARGET, element

OPEN = Exit(Position.OPEN)
CLOSED = Exit(Position.CLOSED)


@element(
    "switch",
    settings={
        "position": {
            "type": "string",
            "enum": ["open", "closed"],
            "default": "open",
            "description": "How it stands while nobody has thrown it",
        },
        "open": {**TARGET, "description": "Where calls go while it is open"},
        "closed": {**TARGET, "description": "Where calls go while it is closed"},
        "failed": {**TARGET, "description": "Where the call goes when the exchange itself fails"},
    },
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Let people decide where calls go: by ``pbx switch``, or by phone through ``set_switch``.

    Exits: ``open``, ``closed``; ``failed``.
    """

    position: str = "open"
    open: Target = NOWHERE
    closed: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """One way out for each position."""
        return {OPEN: self.open, CLOSED: self.closed, FAILED: self.failed}

    async def run(self, call: Call) -> Exit | GoTo:
        """See how it stands."""
        thrown = call.position("")
        by_itself = f"nobody has thrown the switch: {self.position}"
        call.note(by_itself if thrown is None else f"switched to {thrown}")
        return Exit(thrown or self.position)

    def position_by_itself(
        self, _now: datetime, _calendar: Callable[[str], Sequence[Holiday]]
    ) -> Position:
        """As it was made."""
        return Position(self.position)
