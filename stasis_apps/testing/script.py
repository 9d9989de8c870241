"""What a test says in advance about a caller and the phones; and what it reads afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from stasis_apps.call import Answered, Caller, CallFacts, Endpoint, Party, SoundName, WayIn
from stasis_apps.decisions.digits import DigitClocks
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
    WAIT = "wait"
    TALK = "talk"
    RECORD = "record"
    REQUEST = "request"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class HangsUpAt:
    """The caller hangs up while this goes on, at its ``nth`` time (1 is the first)."""

    verb: Verb
    nth: int = 1


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A phone that is picked up; with ``confirms`` False, by a machine that presses no key."""

    confirms: bool = True


PhoneScript = PickedUp | LegOutcome
"""What a phone does when it rings: it is picked up, or this becomes of it instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One time the caller was asked for keys; ``sound`` is the first prompt."""

    sound: SoundName
    clocks: DigitClocks
    barge_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """One time parties were rung together."""

    parties: tuple[Party, ...]
    ring_s: float
    caller_name: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Who was rung."""
        return tuple(party.number for party in self.parties)


def a_call_of_alice(*, dialled: str = "5000") -> CallFacts:
    """Alice, extension 100, calls from her desk."""
    alice = Caller(number="100", name="Alice", device="100")
    return CallFacts(call_id="pbx-1700000000.1", caller=alice, dialled=dialled)


def a_call_from_outside(
    *, number: str = "+79161234567", name: str = "", dialled: str = "74951234567"
) -> CallFacts:
    """Somebody calls an outside number of the tenant, through the trunk ``moscow``."""
    caller = Caller(number=number, name=name, device="")
    return CallFacts(
        call_id="pbx-1700000000.2",
        caller=caller,
        dialled=dialled,
        way_in=WayIn.TRUNK,
        trunk="moscow",
    )


def ringing_s(parties: Sequence[Party], outcomes: Sequence[LegOutcome], ring_s: float) -> float:
    """How long it rings in vain: whoever cannot ring takes no time, and the next rings at once."""
    ends_s = 0.0
    for party, became in zip(parties, outcomes, strict=True):
        if became is LegOutcome.NO_ANSWER:
            begins_s = min(party.after_s, ends_s)
            lasts_s = ring_s if party.ring_s is None else party.ring_s
            ends_s = max(ends_s, begins_s + lasts_s)
    return min(ends_s, ring_s)


def what_becomes_of(party: Party, phones: Mapping[str, PhoneScript]) -> Answered | LegOutcome:
    """Ring a party as the script says, and then whoever is rung in their place."""
    became = _ring(party, phones)
    while isinstance(became, LegOutcome) and became in party.otherwise:
        party = party.otherwise[became]
        became = _ring(party, phones)
    return became


def _ring(party: Party, phones: Mapping[str, PhoneScript]) -> Answered | LegOutcome:
    outcomes: list[LegOutcome] = []
    for endpoint in party.phones or (Endpoint(party.number),):
        match phones.get(endpoint, LegOutcome.UNREGISTERED):
            case PickedUp(confirms=confirms) if confirms or not party.must_confirm:
                return Answered(f"leg to {endpoint}", endpoint, party.number)
            case PickedUp():
                outcomes.append(LegOutcome.NO_ANSWER)
            case outcome:
                outcomes.append(outcome)
    return outcome_of_all(outcomes)
