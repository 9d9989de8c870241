"""Whom to ring when a number is named: a user's phones, an outside number, or nobody at all.

Here elements that ring others agree on who counts as busy and what a person's rules come to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.numbering import is_outside
from stasis_apps.call import Call, Party, Person, WayIn
from stasis_apps.decisions.forwarding import (
    RingThere,
    When,
    known_at_once,
    own_ring_s,
    steps,
    what_happened,
)
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """For whom an outside number is dialled, and why; their outbound rules and numbers are used."""

    acting: str
    purpose: Purpose


def of_rule(person: str) -> OnBehalf:
    """A user's own rule leads there, whoever calls, and by whichever element they came."""
    return OnBehalf(person, Purpose.FORWARDED)


def of_group(number: str) -> OnBehalf:
    """It is a member of a group."""
    return OnBehalf(number, Purpose.MEMBER)


def party_of(
    call: Call,
    number: str,
    *,
    on_behalf: OnBehalf,
    must_confirm: bool,
    ring_s: float | None = None,
) -> Party | LegOutcome:
    """Who is rung at a number, without any rules of their own; or why nobody can be.

    Whoever does not want to be disturbed, or is on as many calls as they take, is busy.

    Args:
        call: For whom.
        number: A user's extension number or an outside number.
        on_behalf: For whom an outside number is dialled.
        must_confirm: Whether who picks up presses a key to take the call.
        ring_s: How long they ring; None for as long as the others.
    """
    if is_outside(number):
        return Party(
            number=number,
            ring_s=ring_s,
            must_confirm=must_confirm,
            acting=on_behalf.acting,
            purpose=on_behalf.purpose,
        )
    person = call.person(number)
    if person is None:
        call.note(f"there is no user {number}")
        return LegOutcome.UNREACHABLE
    if person.is_on_dnd:
        call.note(f"{number} does not want to be disturbed")
        return LegOutcome.BUSY
    if (lines := call.lines_in_use(number)) >= person.max_lines:
        call.note(f"{number} is busy: {lines} calls of {person.max_lines} at most")
        return LegOutcome.BUSY
    own = _phones_of(call, person, must_confirm=must_confirm)
    return replace(own, ring_s=ring_s) if isinstance(own, Party) else own


def party_by_rules(call: Call, person: Person, *, must_confirm: bool) -> Party | LegOutcome:
    """Who is rung for a person together with others, when the person's rules run.

    The numbers of the rules become further parties in the person's place. Voicemail never answers
    for one of many, and a rule that names an element cannot act.
    """
    is_busy = call.lines_in_use(person.number) >= person.max_lines
    at_once = known_at_once(person.rules, is_on_dnd=person.is_on_dnd, is_busy=is_busy)
    if at_once is not None:
        when, outcome = at_once
        instead = _chain(call, person, when)
        call.note(
            f"{person.number}: {when.value}{f', {instead.number} is rung' if instead else ''}"
        )
        return instead or outcome
    own = _phones_of(call, person, must_confirm=must_confirm)
    places = {
        outcome: party
        for outcome in LegOutcome
        if (party := _chain(call, person, what_happened(outcome)))
    }
    if isinstance(own, LegOutcome):
        return places.get(own, own)
    if LegOutcome.NO_ANSWER in places:
        own = replace(own, ring_s=own_ring_s(person.rules, person.ring_s))
    return replace(own, otherwise=places)


def is_caller(call: Call, number: str) -> bool:
    """Whether this user is the one who calls."""
    facts = call.facts
    return facts.way_in is WayIn.PHONE and facts.caller.number == number


def _phones_of(call: Call, person: Person, *, must_confirm: bool) -> Party | LegOutcome:
    if not person.phones:
        call.note(f"{person.number} has no device")
        return LegOutcome.UNREGISTERED
    return Party(number=person.number, phones=person.phones, must_confirm=must_confirm)


def _chain(call: Call, person: Person, when: When) -> Party | None:
    """The numbers of the rules that are due, each rung in the place of the one before."""
    todo = steps(
        person.rules, when, LegOutcome.NO_ANSWER, users=call.extensions(), has_mailbox=True
    )
    first: Party | None = None
    for step in reversed(todo):
        if not isinstance(step, RingThere) or is_caller(call, step.to):
            continue
        party = party_of(
            call,
            step.to,
            on_behalf=of_rule(person.number),
            must_confirm=step.must_confirm,
            ring_s=step.ring_s,
        )
        if isinstance(party, Party):
            following = {} if first is None else dict.fromkeys(LegOutcome, first)
            first = replace(party, otherwise=following)
    return first
