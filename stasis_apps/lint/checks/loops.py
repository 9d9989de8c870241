"""Calls that go round: elements that lead to each other for ever, people who forward in a ring."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from models.provisioning.catalogue import USER
from stasis_apps.call import FAILED, NOWHERE, Exit
from stasis_apps.call_webhooks import HTTP_REQUEST
from stasis_apps.decisions.forwarding import (
    GoElsewhere,
    HandOver,
    Leave,
    known_at_once,
    steps,
    what_happened,
)
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.element import Element
from stasis_apps.elements.user import User, rules_of
from stasis_apps.lint.finding import Code, Finding, Severity
from stasis_apps.lint.rings import loop_through
from stasis_apps.lint.view import View
from stasis_apps.plan import NumberPlan, PlannedElement

ENDLESS_LOOP = Code(
    code="endless-loop",
    severity=Severity.ERROR,
    title="elements from which a call only goes round, whatever the caller, key or hour",
    why="The call is led from one to the next fifty times and then ended as a loop.",
    mend="Lead one of these exits to somebody, or to a hang_up element.",
)
LOOP_BEHIND_EXIT = Code(
    code="loop-behind-exit",
    title="exits of rules and switches that lead straight back to where the same exit is taken",
    why="The hour, the caller, the switch and the server are still the same, so the call goes "
    "round until it is ended as a loop.",
    mend="Lead the exit, or one behind it, somewhere else.",
)
FORWARD_LOOP = Code(
    code="forward-loop",
    title="people and groups that hand calls on in a ring while nobody picks up",
    why="The phones ring in turns until the call is ended as a loop.",
    mend="Let one of them have voicemail, or lead to somebody outside the ring.",
)

_FORCED: Final = frozenset({"play", "prefix", "set_name"})
"""Kinds with one way on."""

_STEADY: Final = frozenset({"number_rule", "switch", "time_rule"})
"""Kinds that take the same exit again when the same call comes back at once."""

_PASSING: Final = _FORCED | _STEADY | {"greeting"}
"""Kinds at which a call never ends and nobody can answer, as long as their exits lead on."""

_LEADS_ON: Final = _FORCED | {"group"}
"""Kinds that lead on whenever nobody picks up."""

_IN_VAIN: Final = (
    LegOutcome.BUSY,
    LegOutcome.NO_ANSWER,
    LegOutcome.DECLINED,
    LegOutcome.UNREGISTERED,
    LegOutcome.UNREACHABLE,
)
"""What becomes of a user's own phones that nobody picks up."""

_STANDS_FOR: Final[Mapping[tuple[str, str], Exit]] = {
    ("number_rule", "anonymous"): Exit("no_match"),
    ("time_rule", "holiday"): Exit("no_match"),
}
"""Exits of a kind that mean another one while nothing is set there."""


def findings(view: View) -> Iterator[Finding]:
    """Look for rings of elements, then of people."""
    endless = endless_in(view.plan)
    for number in sorted(endless):
        planned = view.plan.elements[number]
        sentence = f"{number} ({planned.kind}): every way on leads round in a ring, none ends"
        yield ENDLESS_LOOP.at(view.place(number), sentence)
    for number, name, way in exits_that_come_back(view.plan):
        if number not in endless:
            listed = f", by {', then '.join(way)}" if way else ""
            sentence = f"{number}: calls that leave by {name} come back at once{listed}"
            yield LOOP_BEHIND_EXIT.at(view.exit_place(number, name), sentence)
    yield from _people(view)


def endless_in(plan: NumberPlan) -> Collection[str]:
    """The elements from which no end can be reached, by whichever exits.

    An end is a person, a mailbox, a number outside, or an exit where nothing is set. Prompts that
    cannot be played are not counted on.
    """
    ways = {number: _ways_on(one) for number, one in plan.elements.items()}
    endless = {number for number, targets in ways.items() if targets is not None}
    while True:
        freed = {number for number in endless if not set(ways[number] or ("",)) <= endless}
        if not freed:
            return endless
        endless -= freed


def _ways_on(planned: PlannedElement) -> Collection[str] | None:
    """Where calls go from here; None where they may end or somebody may take them."""
    if planned.kind not in _PASSING or getattr(planned.element, "direct_dial", False):
        return None
    exits = planned.element.exits()
    return [
        target or exits.get(_STANDS_FOR.get((planned.kind, name), name), target)
        for name, target in exits.items()
        if name != FAILED and _can_be_taken(planned, name)
    ]


def exits_that_come_back(plan: NumberPlan) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Exits of steady elements from which forced ways lead back: number, exit, the way between."""
    for number, planned in plan.elements.items():
        if planned.kind not in _STEADY and planned.kind != HTTP_REQUEST:
            continue
        for name, target in planned.element.exits().items():
            way = None if name == FAILED else _forced_way(plan, target, number)
            is_steady = planned.kind in _STEADY or not way  # a prompt later, a server may be back
            if way is not None and is_steady and _can_be_taken(planned, name):
                yield number, name, way


def _forced_way(plan: NumberPlan, target: str, back_to: str) -> tuple[str, ...] | None:
    """The elements with one way on alone between an exit and where it began; None if it ends."""
    way: list[str] = []
    while target != back_to:
        planned = plan.elements.get(target)
        if planned is None or target in way or planned.kind not in _FORCED:
            return None
        way.append(target)
        (target,) = (to for name, to in planned.element.exits().items() if name != FAILED)
    return tuple(way)


def _can_be_taken(planned: PlannedElement, name: str) -> bool:
    """Whether some call leaves by the exit, as far as the element itself tells."""
    element = planned.element
    if planned.kind == "number_rule" and name == "match":
        return bool(getattr(element, "masks", ()) or getattr(element, "numbers", ()))
    if planned.kind == "time_rule" and name == "holiday":
        return bool(getattr(element, "holidays", ""))
    return True


def _people(view: View) -> Iterator[Finding]:
    leads = _without_ends(unanswered(view.plan))
    told: set[frozenset[str]] = set()
    for number in sorted(one for one in leads if view.kind_of(one) not in _FORCED):
        way = loop_through(number, leads)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            yield FORWARD_LOOP.at(view.place(number), _told(view.plan, way))


def forward_loop_through(plan: NumberPlan, number: str) -> str:
    """The ring in which a call for a number comes back to it, in a sentence; empty for none."""
    way = loop_through(number, unanswered(plan))
    return _told(plan, way) if way else ""


def _told(plan: NumberPlan, way: Sequence[str]) -> str:
    steps_taken = zip(way, (*way[1:], way[0]), strict=True)
    listed = ", ".join(_step(plan, one, following) for one, following in steps_taken)
    return f"{listed}: calls can go round until they are ended as a loop"


def _without_ends(leads: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """The same without all from which no ring can be reached; most tenants have none."""
    left = {number: {to for to in targets if to in leads} for number, targets in leads.items()}
    callers: dict[str, list[str]] = {}
    for number, targets in left.items():
        for target in targets:
            callers.setdefault(target, []).append(number)
    waiting = [number for number, targets in left.items() if not targets]
    while waiting:
        ended = waiting.pop()
        for caller in callers.get(ended, ()):
            left[caller].discard(ended)
            if not left[caller]:
                waiting.append(caller)
    return {number: targets for number, targets in left.items() if targets}


def _step(plan: NumberPlan, number: str, following: str) -> str:
    does = "forwards" if plan.elements[number].kind == USER else "leads"
    return f"{number} {does} to {following}"


def unanswered(plan: NumberPlan) -> Mapping[str, Collection[str]]:
    """Where a call can go from users and groups in which nobody picks up, and from what passes it.

    Rules, clocks and menus are left out: what they do depends on more than who picks up.
    """
    users = plan.people
    leads: dict[str, set[str]] = {}
    for number, planned in plan.elements.items():
        if planned.kind == USER:
            leads[number] = _after_user(planned.element, users)
        elif planned.kind in _LEADS_ON:
            exits = planned.element.exits()
            leads[number] = {str(to) for name, to in exits.items() if name != FAILED}
    return {number: targets & plan.elements.keys() for number, targets in leads.items()}


def _after_user(element: Element, users: Collection[str]) -> set[str]:
    """Where a direct call goes from a user whom it does not find."""
    found: set[str] = set()
    if not isinstance(element, User):
        return found
    rules = rules_of(element.rules)
    for outcome in _IN_VAIN:
        at_once = known_at_once(rules, is_on_dnd=element.dnd, is_busy=outcome is LegOutcome.BUSY)
        when, ends = at_once or (what_happened(outcome), outcome)
        *_, last = steps(rules, when, ends, users=users, has_mailbox=element.voicemail)
        match last:
            case HandOver(to) | GoElsewhere(to):
                found.add(to)
            case Leave(left_by):
                found.add(element.exits().get(Exit(left_by), NOWHERE))
            case _:
                pass
    return found
