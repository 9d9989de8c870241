"""What an element may see of a call and do to it: the vocabulary of a telephonist.

Not here: how it is done on real channels (see live_call).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, NoReturn, Protocol

from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import CallEnd, Reason
from stasis_apps.decisions.hangup_cause import LegOutcome

Exit = NewType("Exit", str)
"""A way out of an element, by its fixed name or the key that was pressed."""

Target = NewType("Target", str)
"""Where an exit leads: an internal number, or ``NOWHERE``."""

SoundName = NewType("SoundName", str)
"""A prompt of the tenant by its name, or one that ships with Asterisk as ``asterisk:NAME``."""

Endpoint = NewType("Endpoint", str)
"""A device as Asterisk knows it: ``100@acme.test``."""

NOWHERE = Target("")
"""Nothing is set: a call that is led here ends with the comment "no route set"."""

FAILED = Exit("failed")
"""The exit that every element has, taken when the element could not do its work."""


class HowCame(StrEnum):
    """How a call reached an element; personal rules run for ``direct`` alone (A8.4)."""

    DIRECT = "direct"
    GROUP = "group"
    QUEUE = "queue"
    FORWARD = "forward"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as Asterisk authenticated them.

    Attributes:
        number: Their extension number, or an outside number as the carrier sent it.
        name: What phones show beside the number; may be empty.
        device: The device they call from; empty for calls from outside.
    """

    number: str
    name: str
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What is known of a call from its first moment on, and never changes."""

    call_id: str
    caller: Caller
    dialled: str


@dataclass(frozen=True, slots=True)
class GoTo:
    """Follow a target that is no exit of the element: a number the caller or a webhook named."""

    target: Target
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody picked up; the leg waits to be talked to."""

    leg_id: str
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """Nobody picked up."""

    outcome: LegOutcome


DialResult = Answered | NotAnswered


class CallEnded(Exception):
    """The call is over: the caller has gone, the talk has ended, or the plan hung up."""

    def __init__(self, end: CallEnd) -> None:
        super().__init__(end.reason.value)
        self.end = end


class SoundUnplayable(Exception):
    """Asterisk could not play a prompt; the element leaves by ``failed``."""


class Call(Protocol):
    """One caller's experience. Every verb raises `CallEnded` when the caller has gone."""

    @property
    def facts(self) -> CallFacts:
        """Who calls and what they dialled."""

    def now(self) -> datetime:
        """The present moment in the tenant's time zone; an element's only clock."""

    def extensions(self) -> Sequence[str]:
        """The numbers of all users of this tenant."""

    def note(self, reason: str) -> None:
        """Write into the journal why the element decides as it does."""

    async def answer(self) -> None:
        """Pick up. Does nothing when the call was picked up before."""

    async def play(self, sound: SoundName) -> None:
        """Let the caller hear a prompt to its end.

        Raises:
            SoundUnplayable: Asterisk could not play it.
        """

    async def ask(
        self,
        sound: SoundName,
        *,
        wants_more: Callable[[str], bool],
        clocks: DigitClocks,
        barge_in: bool,
    ) -> str:
        """Play a prompt and collect keys; empty when the caller pressed none.

        Keys pressed earlier in the call and not yet used count first. With ``barge_in`` the first
        key stops the prompt; without, keys are kept until the prompt has ended.

        Args:
            sound: The prompt.
            wants_more: Whether another key could still matter after those pressed so far.
            clocks: How long to wait for keys.
            barge_in: Whether a key interrupts the prompt.
        """

    async def dial(self, endpoints: Sequence[Endpoint], *, ring_s: float) -> DialResult:
        """Ring these devices at once; the first to answer wins, the others stop ringing.

        The caller hears ringback, or the callee's early media when only one device is rung.
        """

    async def talk(self, answered: Answered) -> NoReturn:
        """Connect the caller with the leg that answered, until one of them hangs up."""

    async def hang_up(self, reason: Reason, *, cause: int | None = None) -> NoReturn:
        """End the call for this reason; ``cause`` (Q.850) overrides what the phone is told."""
