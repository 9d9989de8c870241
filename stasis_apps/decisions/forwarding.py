"""Personal forwarding: what becomes of a call to a user, by that user's own rules; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stasis_apps.decisions.hangup_cause import LegOutcome

DIRECT = "direct"
"""The way in for which personal rules always run (requirement A8.4)."""


class Whom(StrEnum):
    """What kind of number it is that a rule names; who makes the rule knows how numbers look."""

    USER = "user"
    ELEMENT = "element"
    OUTSIDE = "outside"


class When(StrEnum):
    """What has to happen for a personal rule to act."""

    ALWAYS = "always"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREGISTERED = "unregistered"
    DND = "dnd"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardRule:
    """One personal rule: when this happens, ring that number.

    Attributes:
        when: What has to happen.
        to: An internal or an outside number.
        whom: Which of them it is.
        after_s: For ``no_answer``: how long the step before rings; None for the user's own time.
        ring_s: How long the number of this rule rings.
        must_confirm: Whether who picks up at an outside number presses a key to take the call.
    """

    when: When
    to: str
    whom: Whom
    after_s: float | None = None
    ring_s: float = 30.0
    must_confirm: bool = True


@dataclass(frozen=True, slots=True)
class RingThere:
    """Ring this number, and nothing of its own rules; when nobody answers, the next step is due.

    Attributes:
        to: An outside number, or a user's.
        ring_s: How long.
        must_confirm: Whether who picks up presses a key to take the call.
    """

    to: str
    ring_s: float
    must_confirm: bool


@dataclass(frozen=True, slots=True)
class HandOver:
    """The call is the other user's now: their own rules run (requirement A8.6)."""

    to: str


@dataclass(frozen=True, slots=True)
class GoElsewhere:
    """The call goes on at this element."""

    to: str


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """The caller may speak to the user's voicemail."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Nobody is to be reached; the call leaves the user with this outcome."""

    outcome: LegOutcome


LastStep = HandOver | GoElsewhere | LeaveMessage | Leave
Step = RingThere | LastStep


def rules_run(how: str, opened: Collection[str]) -> bool:
    """Whether personal rules run for a call that came this way (requirements A8.4 and A8.5)."""
    return how == DIRECT or how in opened


def known_at_once(
    rules: Sequence[ForwardRule], *, is_on_dnd: bool, is_busy: bool
) -> tuple[When, LegOutcome] | None:
    """What is the matter before any phone of the user rings, and how it ends without a rule.

    None when their phones are to be rung.
    """
    if any(rule.when is When.ALWAYS for rule in rules):
        return When.ALWAYS, LegOutcome.NO_ANSWER
    if is_on_dnd:
        return When.DND, LegOutcome.BUSY
    return (When.BUSY, LegOutcome.BUSY) if is_busy else None


def what_happened(outcome: LegOutcome) -> When:
    """Which rules are due when the user's phones were rung in vain.

    Who presses "decline" says "busy, determined by the user" (3GPP TS 22.082, 1.2).
    """
    return _HAPPENED.get(outcome, When.UNREGISTERED)


def own_ring_s(rules: Sequence[ForwardRule], ring_s: float) -> float:
    """How long the user's own phones ring before the first rule for "no answer" is due."""
    return _until(_due(rules, When.NO_ANSWER), ring_s)


def steps(
    rules: Sequence[ForwardRule],
    when: When,
    outcome: LegOutcome,
    *,
    users: Collection[str],
    has_mailbox: bool,
) -> tuple[Step, ...]:
    """What to do, one after the other, until somebody answers; the last one ends the user's part.

    A last rule that names another user hands the call over when the user has no voicemail;
    otherwise the other user's phones ring plainly and voicemail stays the last resort
    (requirements A8.6, F10). A rule that names an element gives the call away: what follows it
    never comes to pass.

    Args:
        rules: The user's, in order; none when they do not run for this call.
        when: What happened.
        outcome: How the call leaves the user in the end.
        users: The numbers of all users.
        has_mailbox: Whether voicemail is the last resort.
    """
    due = _due(rules, when)
    taken: list[Step] = []
    for place, rule in enumerate(due):
        if rule.whom is Whom.ELEMENT:
            return (*taken, GoElsewhere(rule.to))
        if rule.to in users and place == len(due) - 1 and not has_mailbox:
            return (*taken, HandOver(rule.to))
        is_outside = rule.whom is Whom.OUTSIDE
        if rule.to in users or is_outside:
            ring_s = _until(due[place + 1 :], rule.ring_s)
            must_confirm = rule.must_confirm and is_outside
            taken.append(RingThere(rule.to, ring_s, must_confirm))
    return (*taken, LeaveMessage() if has_mailbox else Leave(outcome))


def _due(rules: Sequence[ForwardRule], when: When) -> list[ForwardRule]:
    """The rules that act; who has none for "unregistered" is looked for as if nobody answered.

    A person on a day off has switched their phone off, and yet is to be found (requirement A8.3).
    """
    due = [rule for rule in rules if rule.when is when]
    if not due and when is When.UNREGISTERED:
        return [rule for rule in rules if rule.when is When.NO_ANSWER]
    return due


def _until(following: Sequence[ForwardRule], ring_s: float) -> float:
    """How long something rings before what follows it is due."""
    if following and following[0].when is When.NO_ANSWER and following[0].after_s is not None:
        return following[0].after_s
    return ring_s


_HAPPENED: dict[LegOutcome, When] = {
    LegOutcome.BUSY: When.BUSY,
    LegOutcome.DECLINED: When.BUSY,
    LegOutcome.NO_ANSWER: When.NO_ANSWER,
}
