"""What an operator is shown of events and calls, read from the JSON of the commands."""

from datetime import datetime

import msgspec


class SeenEvent(msgspec.Struct, frozen=True):
    """One row of ``pbx tenant events --json``."""

    at: datetime
    kind: str
    call_id: str
    facts: dict[str, object]


class Step(msgspec.Struct, frozen=True):
    """One sentence of a call's story."""

    sentence: str
    facts: dict[str, object]


class Story(msgspec.Struct, frozen=True):
    """``pbx calls explain --json``."""

    story: tuple[Step, ...]

    @property
    def text(self) -> str:
        """What an operator reads."""
        return "\n".join(step.sentence for step in self.story)

    @property
    def trunks(self) -> list[str]:
        """The trunks that were tried, in their order."""
        tried = (str(step.facts["trunk"]) for step in self.story if _tells_of(step))
        return list(dict.fromkeys(tried))


def _tells_of(step: Step) -> bool:
    """Whether it tells what became of a leg through a trunk."""
    return "trunk" in step.facts and "device" in step.facts
