"""A group's ringing: whom to ring when, round after round; pure.

Not here: who answers (see live_call), nor chance and turns, which come as an order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from stasis_apps.decisions.hangup_cause import LegOutcome


class Strategy(StrEnum):
    """How the members of a group are rung."""

    ALL = "all"
    SEQUENCE = "sequence"
    RANDOM = "random"
    ROUND_ROBIN = "round_robin"
    PROGRESSIVE = "progressive"


class Verdict(StrEnum):
    """How a group was not answered; also its exits."""

    NO_ANSWER = "no_answer"
    ALL_BUSY = "all_busy"
    NONE_REACHABLE = "none_reachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One who is rung with others.

    Attributes:
        number: The extension or outside number.
        delay_s: With ``all``: how much later than the others they begin to ring.
        ring_s: How long they ring at most; None for as long as the strategy lets them.
    """

    number: str
    delay_s: float = 0.0
    ring_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRules:
    """How a group rings.

    Attributes:
        strategy: All at once, one after the other, or one joining the other.
        ring_s: The whole group rings no longer than this, all rounds together.
        step_s: With all strategies but ``all``: seconds until the next member's turn.
        rounds: How often the list is gone through, by strategies that ring one after the other.
        retry_s: The pause before the next round when somebody was busy and nobody could ring.
    """

    strategy: Strategy
    ring_s: float
    step_s: float = 15.0
    rounds: int = 1
    retry_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One member's part in a round.

    Attributes:
        number: Who.
        after_s: When they begin to ring, counted from the beginning of the round.
        ring_s: How long they ring; None for the rest of the round.
    """

    number: str
    after_s: float
    ring_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Members that are rung in one go; nobody is in it twice.

    Attributes:
        rings: Whom, in the order of time; nobody when none of the members can be rung now.
        ring_s: The round is over after so long, whoever still rings.
    """

    rings: tuple[Ring, ...]
    ring_s: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Nobody rings for a while; then it is looked again who can be rung."""

    pause_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What has happened in this group so far.

    Attributes:
        rounds: How many rounds there were.
        spent_s: How long it took, pauses included.
        declined: Who does not want the call; they are left in peace.
        has_rung: Whether anybody rang in the last round.
        may_be_free_soon: Whether anybody was busy in the last round.
        has_paused: Whether there was a pause since the last round.
    """

    rounds: int = 0
    spent_s: float = 0.0
    declined: frozenset[str] = frozenset()
    has_rung: bool = False
    may_be_free_soon: bool = False
    has_paused: bool = False

    def after(
        self,
        round_: Round,
        outcomes: Sequence[LegOutcome],
        took_s: float,
        *,
        passed_over: Collection[LegOutcome] = (),
    ) -> History:
        """The history with one more round.

        Args:
            round_: The round.
            outcomes: What became of each of its members.
            took_s: The time that really passed; who cannot ring takes none from the others.
            passed_over: Why other members were not even tried.
        """
        refused = {
            ring.number
            for ring, outcome in zip(round_.rings, outcomes, strict=False)
            if outcome is LegOutcome.DECLINED
        }
        return History(
            rounds=self.rounds + 1,
            spent_s=self.spent_s + took_s,
            declined=self.declined | refused,
            has_rung=not _RANG.isdisjoint(outcomes),
            may_be_free_soon=LegOutcome.BUSY in {*outcomes, *passed_over},
        )

    def after_pause(self, took_s: float) -> History:
        """The history with a pause of this length."""
        return replace(self, spent_s=self.spent_s + took_s, has_paused=True)


def next_step(
    rules: GroupRules, members: Sequence[Member], so_far: History
) -> Round | Pause | None:
    """What to do next: ring whoever is willing, wait a little, or None when the group is done.

    A round in which nobody could ring is followed by a pause when somebody was busy, and is the
    last one when nobody can be reached at all.

    Args:
        rules: How the group rings.
        members: Whom it may ring, in the order of this call (see `in_order`).
        so_far: What has happened.
    """
    left_s = rules.ring_s - so_far.spent_s
    most_rounds = 1 if rules.strategy in _ONCE else rules.rounds
    willing = any(member.number not in so_far.declined for member in members)
    if so_far.rounds >= most_rounds or left_s <= 0 or not willing:
        return None
    if so_far.rounds and not so_far.has_rung and not so_far.has_paused:
        return Pause(min(rules.retry_s, left_s)) if so_far.may_be_free_soon else None
    return round_without((), rules, members, so_far)


def round_without(
    away: Collection[str], rules: GroupRules, members: Sequence[Member], so_far: History
) -> Round:
    """The round of `next_step` without those who cannot be rung at this moment.

    A member whose turn would come after the end is in the round all the same: it comes earlier
    when those before are busy or away.
    """
    left_s = rules.ring_s - so_far.spent_s
    absent = so_far.declined.union(away)
    free = _each_once(member for member in members if member.number not in absent)
    rings = _RINGS[rules.strategy](rules, free)
    longest_s = left_s if rules.strategy in _ONCE else min(left_s, _end_of(rings))
    return Round(rings=tuple(rings), ring_s=longest_s)


def became_of(
    before: Mapping[str, LegOutcome], now: Mapping[str, LegOutcome]
) -> dict[str, LegOutcome]:
    """What became of each member, one more round counted.

    Whoever has been rung, or has declined, remains so whatever keeps them from it later.
    """
    rung = {number: outcome for number, outcome in before.items() if outcome in _RANG}
    kept = {number: rung[number] for number in now if now[number] not in _RANG and number in rung}
    return {**before, **now, **kept}


def in_order(
    strategy: Strategy, members: Sequence[Member], *, shuffled: Sequence[int], turn: int
) -> list[Member]:
    """The members as this call goes through them.

    Args:
        strategy: Of the group.
        members: As they are listed.
        shuffled: Every place of the list once, in an order made by chance.
        turn: How many calls came to this group before.
    """
    match strategy:
        case Strategy.RANDOM:
            return [members[place] for place in shuffled]
        case Strategy.ROUND_ROBIN if members:
            first = turn % len(members)
            return [*members[first:], *members[:first]]
        case _:
            return list(members)


def verdict(outcomes: Sequence[LegOutcome]) -> Verdict:
    """How the group was not answered, from what became of every member.

    Somebody who could have picked up, or did not want to, makes it "no answer"; among the others a
    busy member outweighs those that cannot be reached.
    """
    if LegOutcome.NO_ANSWER in outcomes or LegOutcome.DECLINED in outcomes:
        return Verdict.NO_ANSWER
    return Verdict.ALL_BUSY if LegOutcome.BUSY in outcomes else Verdict.NONE_REACHABLE


def _all(_rules: GroupRules, members: Sequence[Member]) -> list[Ring]:
    rings = [Ring(number=one.number, after_s=one.delay_s, ring_s=one.ring_s) for one in members]
    return sorted(rings, key=lambda ring: ring.after_s)


def _one_by_one(rules: GroupRules, members: Sequence[Member]) -> list[Ring]:
    rings: list[Ring] = []
    for member in members:
        ring_s = rules.step_s if member.ring_s is None else member.ring_s
        rings.append(Ring(number=member.number, after_s=_end_of(rings), ring_s=ring_s))
    return rings


def _one_joining_the_other(rules: GroupRules, members: Sequence[Member]) -> list[Ring]:
    return [
        Ring(number=member.number, after_s=place * rules.step_s, ring_s=member.ring_s)
        for place, member in enumerate(members)
    ]


_RINGS = {
    Strategy.ALL: _all,
    Strategy.SEQUENCE: _one_by_one,
    Strategy.RANDOM: _one_by_one,
    Strategy.ROUND_ROBIN: _one_by_one,
    Strategy.PROGRESSIVE: _one_joining_the_other,
}


_ONCE = frozenset({Strategy.ALL, Strategy.PROGRESSIVE})
"""Strategies that go through the members once, whatever ``rounds`` says."""

_RANG = frozenset({LegOutcome.NO_ANSWER, LegOutcome.DECLINED})
"""What becomes of members whose phones have rung."""


def _end_of(rings: Sequence[Ring]) -> float:
    return rings[-1].after_s + (rings[-1].ring_s or 0.0) if rings else 0.0


def _each_once(members: Iterable[Member]) -> list[Member]:
    return list({member.number: member for member in reversed([*members])}.values())[::-1]
