"""ScriptedCall: a caller who follows a script; for people who write elements.

No Asterisk, no clock, no network: what the caller presses and what the phones do is said in
advance, and afterwards the test reads what the caller has experienced::

    call = ScriptedCall(presses=["9", "1"])

    exit_taken = await greeting.run(call)

    assert exit_taken == "1"
    assert call.heard == ["welcome", "asterisk:pbx-invalid", "welcome"]
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NoReturn

from stasis_apps.call import (
    Answered,
    CallEnded,
    Caller,
    CallFacts,
    DialResult,
    Endpoint,
    NotAnswered,
    SoundName,
    SoundUnplayable,
)
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import (
    NORMAL_CLEARING,
    CallEnd,
    EndedBy,
    Reason,
    ended_by_caller,
    ended_by_plan,
)
from stasis_apps.decisions.hangup_cause import LegOutcome, outcome_of_all

MOST_VERBS = 1_000
"""An element that asks more of one caller than this never lets them go."""

A_MONDAY_MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class Verb(StrEnum):
    """Everything an element can ask of a call that takes time."""

    ANSWER = "answer"
    PLAY = "play"
    ASK = "ask"
    DIAL = "dial"
    TALK = "talk"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class HangsUpAt:
    """The caller hangs up while this goes on, at its ``nth`` time (1 is the first)."""

    verb: Verb
    nth: int = 1


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A phone that is picked up."""


PhoneScript = PickedUp | LegOutcome
"""What a phone does when it rings: it is picked up, or this becomes of it instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One time the caller was asked for keys."""

    sound: SoundName
    clocks: DigitClocks
    barge_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """One time phones were rung together."""

    endpoints: tuple[Endpoint, ...]
    ring_s: float


class ScriptedCall:
    """A call whose caller follows a script; see `stasis_apps.call.Call` for its verbs.

    Attributes:
        heard: Every prompt the caller heard, in order; a prompt that was skipped because keys
            had been typed ahead is not among them.
        asked: Each time the caller was asked for keys.
        rang: Each time phones were rung.
        verbs: What was asked of the call, in order.
        notes: What the element wrote into the journal.
        is_answered: Whether the caller's phone was picked up for.
        talked_to: The device the caller was connected with, or None.
        end: How the call ended, or None while it has not.
    """

    def __init__(  # noqa: PLR0913 - a script has many parts, and each has a default
        self,
        *,
        presses: Sequence[str] = (),
        phones: Mapping[str, PhoneScript] | None = None,
        hangs_up_at: HangsUpAt | None = None,
        unplayable: Collection[str] = (),
        extensions: Sequence[str] = (),
        facts: CallFacts | None = None,
        now: datetime = A_MONDAY_MORNING,
    ) -> None:
        """Write the script.

        Args:
            presses: The keys pressed each time the caller is asked, ``""`` for silence; one who
                is asked more often stays silent. Keys that are not used count the next time.
            phones: What each device does when it rings; others are not registered.
            hangs_up_at: When the caller hangs up; never when None.
            unplayable: Prompts that Asterisk cannot play.
            extensions: The numbers of the tenant's users.
            facts: Who calls and what they dialled.
            now: The moment of the call, in the tenant's time zone.
        """
        self.heard: list[str] = []
        self.asked: list[Asking] = []
        self.rang: list[Rang] = []
        self.verbs: list[Verb] = []
        self.notes: list[str] = []
        self.is_answered = False
        self.talked_to: Endpoint | None = None
        self.end: CallEnd | None = None
        self._presses = deque(presses)
        self._keys: deque[str] = deque()
        self._phones = dict(phones or {})
        self._hangs_up_at = hangs_up_at
        self._unplayable = frozenset(unplayable)
        self._extensions = tuple(extensions)
        self._facts = facts or a_call_of_alice()
        self._now = now

    @property
    def facts(self) -> CallFacts:
        """Who calls and what they dialled."""
        return self._facts

    def now(self) -> datetime:
        """The moment of the call; it does not move."""
        return self._now

    def extensions(self) -> Sequence[str]:
        """The numbers of the tenant's users."""
        return self._extensions

    def note(self, reason: str) -> None:
        """Keep what the element writes into the journal."""
        self.notes.append(reason)

    async def answer(self) -> None:
        """Pick up for the caller."""
        self._reach(Verb.ANSWER)
        self.is_answered = True

    async def play(self, sound: SoundName) -> None:
        """Let the caller hear a prompt."""
        self._hear(sound)
        self._reach(Verb.PLAY)

    async def ask(
        self,
        sound: SoundName,
        *,
        wants_more: Callable[[str], bool],
        clocks: DigitClocks,
        barge_in: bool,
    ) -> str:
        """Let the caller press the next keys of the script."""
        self.asked.append(Asking(sound=sound, clocks=clocks, barge_in=barge_in))
        if not (barge_in and self._keys):
            self._hear(sound)
        self._reach(Verb.ASK)
        pressed = self._take_keys("", wants_more)
        if wants_more(pressed) and self._presses:
            self._keys.extend(self._presses.popleft())
            pressed = self._take_keys(pressed, wants_more)
        return pressed

    async def dial(self, endpoints: Sequence[Endpoint], *, ring_s: float) -> DialResult:
        """Ring phones; the first in order that is picked up answers."""
        self.rang.append(Rang(endpoints=tuple(endpoints), ring_s=ring_s))
        self._reach(Verb.DIAL)
        outcomes: list[LegOutcome] = []
        for endpoint in endpoints:
            match self._phones.get(endpoint, LegOutcome.UNREGISTERED):
                case PickedUp():
                    return Answered(leg_id=f"leg to {endpoint}", endpoint=endpoint)
                case outcome:
                    outcomes.append(outcome)
        return NotAnswered(outcome_of_all(outcomes))

    async def talk(self, answered: Answered) -> NoReturn:
        """Connect both; the callee hangs up in the end, unless the script says the caller does."""
        self.is_answered = True
        self.talked_to = answered.endpoint
        self._reach(Verb.TALK)
        self._finish(CallEnd(by=EndedBy.CALLEE, reason=Reason.NORMAL, cause=NORMAL_CLEARING))

    async def hang_up(self, reason: Reason, *, cause: int | None = None) -> NoReturn:
        """End the call."""
        self._reach(Verb.HANG_UP)
        end = ended_by_plan(reason)
        self._finish(CallEnd(by=end.by, reason=reason, cause=end.cause if cause is None else cause))

    def _reach(self, verb: Verb) -> None:
        """Let the caller hang up if this is where the script says so."""
        if self.end is not None:
            raise CallEnded(self.end)
        self.verbs.append(verb)
        if len(self.verbs) > MOST_VERBS:
            message = f"the element never lets its caller go: {self.verbs[-6:]}"
            raise AssertionError(message)
        script = self._hangs_up_at
        if script and script.verb is verb and self.verbs.count(verb) == script.nth:
            self._finish(ended_by_caller(was_answered=self.is_answered))

    def _finish(self, end: CallEnd) -> NoReturn:
        self.end = end
        raise CallEnded(end)

    def _hear(self, sound: SoundName) -> None:
        if sound in self._unplayable:
            message = f"there is no sound {sound}"
            raise SoundUnplayable(message)
        self.heard.append(str(sound))

    def _take_keys(self, pressed: str, wants_more: Callable[[str], bool]) -> str:
        while self._keys and wants_more(pressed):
            pressed += self._keys.popleft()
        return pressed


def a_call_of_alice(*, dialled: str = "5000") -> CallFacts:
    """Alice, extension 100, calls from her desk."""
    alice = Caller(number="100", name="Alice", device="100")
    return CallFacts(call_id="pbx-1700000000.1", caller=alice, dialled=dialled)
