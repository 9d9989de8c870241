"""What a dialled telephone does: steps on a clock. Write your own by returning other steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class StepKind(Enum):
    """What a telephone can do of its own accord."""

    RING = "RINGING"
    PROGRESS = "PROGRESS"
    ANSWER = "ANSWER"
    HANG_UP = "HANG_UP"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the telephone does.

    Attributes:
        after_s: Seconds after the dialling began.
        kind: What it does.
        cause: Q.850 cause, of a hang-up.
        sip_status: SIP status that refused the call, of a hang-up before the answer.
    """

    after_s: float
    kind: StepKind
    cause: int = 16
    sip_status: int | None = None


class Phone(Protocol):
    """A telephone that can be dialled."""

    @property
    def is_registered(self) -> bool:
        """Whether a leg to it can be created at all."""
        ...

    def steps(self) -> Sequence[Step]:
        """What it does when dialled, in the order of time."""
        ...


@dataclass(frozen=True, slots=True)
class Answers:
    """Rings at once, or with early media instead, and is answered."""

    after_s: float = 1.0
    is_early_media: bool = False
    is_registered: bool = True

    def steps(self) -> Sequence[Step]:
        """Ring, then answer."""
        first = StepKind.PROGRESS if self.is_early_media else StepKind.RING
        return (Step(0.0, first), Step(self.after_s, StepKind.ANSWER))


@dataclass(frozen=True, slots=True)
class Busy:
    """486, without ringing."""

    after_s: float = 0.1
    is_registered: bool = True

    def steps(self) -> Sequence[Step]:
        """Refuse."""
        return (Step(self.after_s, StepKind.HANG_UP, cause=17, sip_status=486),)


@dataclass(frozen=True, slots=True)
class Declines:
    """Rings, and somebody presses "decline": 603."""

    after_s: float = 1.0
    is_registered: bool = True

    def steps(self) -> Sequence[Step]:
        """Ring, then refuse."""
        refuse = Step(self.after_s, StepKind.HANG_UP, cause=21, sip_status=603)
        return (Step(0.0, StepKind.RING), refuse)


@dataclass(frozen=True, slots=True)
class NeverAnswers:
    """Rings until the caller or a clock gives up."""

    is_registered: bool = True

    def steps(self) -> Sequence[Step]:
        """Ring."""
        return (Step(0.0, StepKind.RING),)


@dataclass(frozen=True, slots=True)
class HangsUp:
    """Answers, talks for a while, and hangs up."""

    after_s: float = 1.0
    talks_s: float = 5.0
    is_registered: bool = True

    def steps(self) -> Sequence[Step]:
        """Ring, answer, hang up."""
        return (
            Step(0.0, StepKind.RING),
            Step(self.after_s, StepKind.ANSWER),
            Step(self.after_s + self.talks_s, StepKind.HANG_UP),
        )


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Registered, but its network is gone: the INVITE meets silence."""

    is_registered: bool = True

    def steps(self) -> Sequence[Step]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Unregistered:
    """No leg can be created: 500 "Allocation failed"."""

    is_registered: bool = False

    def steps(self) -> Sequence[Step]:
        """Nothing: it is never dialled."""
        return ()
