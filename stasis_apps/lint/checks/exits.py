"""Ways that lead nowhere, and elements that no way leads to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from models.numbering import TargetKind
from models.provisioning.catalogue import USER, Wire
from models.tenant_file.parts import Route
from stasis_apps.call import FAILED, Exit
from stasis_apps.call_webhooks import HTTP_REQUEST
from stasis_apps.decisions.ending import Reason, ending_of_exit
from stasis_apps.lint.finding import Code, Finding, Severity
from stasis_apps.lint.view import View
from stasis_apps.plan import PlanFault, PlannedElement

EMPTY_EXIT = Code(
    code="empty-exit",
    title="exits that callers can take and where nothing is set",
    why="The caller is cut off in the middle, with the comment no route set.",
    mend="Lead it somewhere; to a hang_up element where the call shall end there.",
)
NUMBER_LEADS_NOWHERE = Code(
    code="number-leads-nowhere",
    title="outside numbers that lead nowhere",
    why="Whoever calls the number is refused at once.",
    mend="Say where its calls go: to.",
)
MISSING_TARGET = Code(
    code="missing-target",
    severity=Severity.ERROR,
    title="ways that lead to a number that does not exist",
    why="The call ends there, with the comment no route set.",
    mend="Make what is missing, or lead the call elsewhere.",
)
TARGET_IS_HELP = Code(
    code="target-is-help",
    severity=Severity.ERROR,
    title="ways that lead to an emergency number",
    why="No call is led to help by a plan; only who dials it on a phone gets there.",
    mend="Lead the call elsewhere.",
)
CANNOT_RUN = Code(
    code="cannot-run",
    severity=Severity.ERROR,
    title="parts of the plan that cannot be run",
    why="Calls go on as if the part were not there; a broken ban forbids every call.",
    mend="Correct its settings.",
)
UNREACHABLE_ELEMENT = Code(
    code="unreachable-element",
    title="elements that nothing leads to",
    why="No caller from outside ever comes there; phones of the tenant that dial its number do.",
    mend="Lead an exit, a number or an alias there, or remove it.",
)

_MAY_BE_EMPTY: Final[Mapping[str, frozenset[str]]] = {
    "mailbox": frozenset({"done", "refused"}),
    "number_rule": frozenset({"anonymous"}),
    "set_switch": frozenset({"done", "refused"}),
    "time_rule": frozenset({"holiday"}),
    "voicemail": frozenset({"operator", "owner"}),
}
"""Exits by kind at which an empty target has a meaning of its own, or the call is at its end."""

_OF_RULE: Final = "outbound rule "
"""Before the name of a rule in what the plan says of it."""

_DIALLED_BY_PEOPLE: Final = frozenset({"mailbox", "set_switch"})
"""Kinds that are there to be dialled on a phone."""


def findings(view: View) -> Iterator[Finding]:
    """Look at every exit, number and alias."""
    for planned in view.plan.elements.values():
        yield from _empty_exits(planned, view)
    for number in view.rows.numbers:
        if not number.target:
            sentence = f"{number.number} leads nowhere"
            yield NUMBER_LEADS_NOWHERE.at(("numbers", number.number), sentence)
    for wire in view.wires:
        yield from _lost(wire, view)
    for fault in view.plan.faults:
        yield CANNOT_RUN.at(_place_of(fault, view), f"{fault.number}: {fault.message}")
    yield from _unreachable(view)


def _place_of(fault: PlanFault, view: View) -> Route:
    """Where a part of the plan stands that cannot be run: an element, a user or a rule."""
    if fault.number in view.things:
        return view.place(fault.number)
    return ("outbound", "rules", fault.number.removeprefix(_OF_RULE))


def _empty_exits(planned: PlannedElement, view: View) -> Iterator[Finding]:
    if planned.kind == USER:
        return
    for name, target in planned.element.exits().items():
        if not target and _is_taken(planned, name):
            sentence = (
                f"{planned.number} ({planned.kind}): nothing is set at {_told(planned, name)}"
            )
            yield EMPTY_EXIT.at(view.exit_place(planned.number, name), sentence)


def _is_taken(planned: PlannedElement, name: Exit) -> bool:
    """Whether callers are cut off there, and not told how their call ended."""
    if name == FAILED or name in _MAY_BE_EMPTY.get(planned.kind, ()):
        return False
    settings = planned.element
    names_nobody = not (getattr(settings, "masks", ()) or getattr(settings, "numbers", ()))
    if planned.kind == "number_rule" and name == "match" and names_nobody:
        return False
    return ending_of_exit(name).reason is Reason.NO_ROUTE


def _told(planned: PlannedElement, name: Exit) -> str:
    return f"key {name}" if name in getattr(planned.element, "keys", {}) else str(name)


def _lost(wire: Wire, view: View) -> Iterator[Finding]:
    kind = view.kinds_of_targets[wire.target]
    if kind is TargetKind.EMERGENCY:
        sentence = f"{wire}, which is an emergency number"
        yield TARGET_IS_HELP.at(view.route_of(wire), sentence)
    elif kind is TargetKind.NO_NUMBER:
        yield MISSING_TARGET.at(view.route_of(wire), f"{wire}, which is no number")
    elif kind is TargetKind.INTERNAL and wire.target not in view.numbers:
        yield MISSING_TARGET.at(view.route_of(wire), f"{wire}, which does not exist")


def _unreachable(view: View) -> Iterator[Finding]:
    """Say which elements are out of reach, but not what only they lead to.

    Where calls come by a server that is asked, nothing is known to be out of reach.
    """
    dialled = [one for one in view.things if view.kind_of(one) in _DIALLED_BY_PEOPLE]
    reached = view.reached_from((*view.doors, *view.plan.extensions, *dialled))
    if any(view.kind_of(number) == HTTP_REQUEST for number in reached):
        return
    lost = {
        element.number: view.reached_from([element.number])
        for element in view.rows.elements
        if element.number not in reached
    }
    for number, onward in lost.items():
        if not any(_comes_first(other, number, onward, lost[other]) for other in lost):
            sentence = f"{number} ({view.kind_of(number)}): nothing leads there"
            yield UNREACHABLE_ELEMENT.at(view.place(number), sentence)


def _comes_first(
    other: str, number: str, onward: Collection[str], others_onward: Collection[str]
) -> bool:
    """Whether another leads to a number; in a ring, whether it has the smaller number."""
    if other == number or number not in others_onward:
        return False
    return other not in onward or other < number
