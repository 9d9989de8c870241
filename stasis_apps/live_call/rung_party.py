"""A party while it is rung: when its turn is, its legs, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from stasis_apps.call import Party
from stasis_apps.decisions.hangup_cause import LegOutcome, outcome_of_all, stops_all_ringing
from stasis_apps.live_call.confirming import Confirmation
from stasis_apps.live_call.legs import Leg


@dataclass(slots=True, eq=False)
class RungParty:
    """One party, or whoever is rung in its place.

    Attributes:
        party: Who is, or will be, rung.
        due_at: When their turn is, on the event loop's clock.
        ends_at: When they stop ringing; None while they wait for their turn.
        legs: Their phones, while they ring.
        asked: Who has picked up and is to press a key, by the leg's channel.
        outcome: What became of them in the end, or None.
    """

    party: Party
    due_at: float
    ends_at: float | None = None
    legs: list[Leg] = field(default_factory=list)
    asked: dict[str, Confirmation] = field(default_factory=dict)
    outcome: LegOutcome | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether their turn is still to come."""
        return self.outcome is None and self.ends_at is None

    @property
    def is_ringing(self) -> bool:
        """Whether somebody of theirs may still take the call."""
        return self.outcome is None and self.ends_at is not None

    @property
    def unanswered(self) -> list[Leg]:
        """The phones that nobody has picked up yet."""
        return [leg for leg in self.legs if leg.is_unanswered]

    @property
    def wakes_at(self) -> float:
        """When something is due for them, whatever happens."""
        if self.outcome is not None:
            return inf
        if self.ends_at is None:
            return self.due_at
        clocks = [question.until for question in self.asked.values()]
        clocks += [leg.silent_until for leg in self.legs if leg.is_silent]
        return min([*clocks, self.ends_at] if self.unanswered else clocks, default=inf)

    @property
    def was_declined(self) -> bool:
        """Whether somebody pressed "decline" on one of their phones; who is to help, never."""
        said = [leg.outcome for leg in self.legs if leg.outcome and not leg.calls_help]
        return any(map(stops_all_ringing, said))

    @property
    def verdict(self) -> LegOutcome | None:
        """One answer for all their phones, once none of them may be answered any more."""
        if any(leg.is_open for leg in self.legs):
            return None
        return outcome_of_all(leg.outcome for leg in self.legs if leg.outcome)

    def begin(self, now: float, until: float) -> None:
        """Their turn has come; nobody rings beyond the end of the whole."""
        ring_s = self.party.ring_s
        self.ends_at = until if ring_s is None else min(until, now + ring_s)

    def overdue(self, now: float) -> list[Leg]:
        """The phones that have rung for long enough, and who was asked and has pressed no key."""
        if not self.is_ringing or self.wakes_at > now:
            return []
        undecided = [leg for leg in self.legs if self._is_undecided(leg, now)]
        is_over = self.ends_at is not None and self.ends_at <= now
        return [*self.unanswered, *undecided] if is_over else undecided

    def silent(self, now: float) -> list[Leg]:
        """The legs through trunks that have said nothing for so long that others are tried."""
        if not self.is_ringing:
            return []
        return [leg for leg in self.legs if leg.is_silent and leg.silent_until <= now]

    def turn_to(self, other: Party, due_at: float) -> None:
        """Somebody else is rung in their place."""
        self.party, self.due_at, self.ends_at = other, due_at, None
        self.legs = []

    def _is_undecided(self, leg: Leg, now: float) -> bool:
        question = self.asked.get(leg.channel.id)
        return question is not None and question.until <= now


def due_of(parties: Sequence[RungParty], now: float) -> list[RungParty]:
    """Whose turn it is; when nobody rings, the next need not wait for theirs."""
    waiting = [party for party in parties if party.is_waiting]
    if not waiting:
        return []
    rings = any(party.is_ringing for party in parties)
    limit = now if rings else max(now, min(party.due_at for party in waiting))
    return [party for party in waiting if party.due_at <= limit]
