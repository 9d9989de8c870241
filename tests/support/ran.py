"""What a command of the operator left behind, as a test reads it."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was printed, as JSON."""
        return json.loads(self.out)

    @property
    def refusal(self) -> dict[str, Any]:
        """What was refused, as JSON on stderr."""
        told: dict[str, Any] = json.loads(self.err)
        return told

    @property
    def faults(self) -> dict[str, tuple[object, str]]:
        """Path to value and rule of every fault."""
        return {fault["path"]: (fault["value"], fault["rule"]) for fault in self.refusal["faults"]}
