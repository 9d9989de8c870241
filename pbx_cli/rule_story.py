"""What would become of a number that somebody dials: rule by rule, and the way out; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from models.errors import Fault, InvalidSettings
from models.facts import OutboundRuleFacts, TenantRows
from models.numbering import TargetKind, is_emergency, target_kind
from stasis_apps.call import Target, WayIn
from stasis_apps.decisions.dialled import Dialled, Meaning, bare_number
from stasis_apps.decisions.ending import Reason, ended_by_plan
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Choice, Purpose, choose_rule
from stasis_apps.decisions.outside_limits import policy_refusal
from stasis_apps.emergency_way import find_way
from stasis_apps.outside_gate import TRIAL
from stasis_apps.plan import BLOCKED, NumberPlan
from stasis_apps.way_out import Attempt, NoWayOut, WayOut, Wish

FIRES: Final = "fires"
PASSED: Final = "passed"
NOT_ASKED: Final = "not asked"
SWITCHED_OFF: Final = "disabled"

_ENGLISH: Final = "en"
_OF_RULE: Final = "outbound rule "
_THEIR_OWN: Final = "the caller's own"
_ONLY_DIALLED: Final = "it calls help, and only who dials that on a phone may reach it"
_KEEPS: Final = "but a forwarded call keeps its number, and leaves by the default trunk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A number, and who would dial it.

    Attributes:
        number: As it would be dialled.
        acting: The user or element for whom; empty for nobody.
        device: The phone, by its name; empty for none.
        purpose: Why.
        at: The moment, in the tenant's time zone.
        came_by: The trunk through which the call had come in, by name; empty for a phone's.
    """

    number: str
    acting: str
    device: str
    purpose: Purpose
    at: datetime
    came_by: str = ""


def story_of(rows: TenantRows, plan: NumberPlan, asked: Asked) -> dict[str, object]:
    """All that can be said without dialling, as one document.

    Raises:
        InvalidSettings: It is neither a number nor a name or code of the tenant.
    """
    is_dialled = asked.purpose is Purpose.DIALLED
    dialled = plan.dialled(asked.number) if is_dialled else _led(plan, asked.number)
    is_none = dialled.meaning in (Meaning.INVALID, Meaning.UNKNOWN)
    if is_none and bare_number(dialled.number) is None:
        words = dialled.note or f"{asked.number or repr('')} is no number"
        raise InvalidSettings([Fault("number", asked.number, "is no number", words)])
    wish = Wish(
        number=dialled.number,
        acting=asked.acting,
        purpose=asked.purpose,
        device=asked.device,
        at=asked.at,
        way_in=WayIn.TRUNK if asked.came_by else WayIn.PHONE,
        came_by=asked.came_by,
        caller_number=_THEIR_OWN if asked.came_by else asked.acting,
        hides_number=dialled.hides_number,
        is_dialling=is_dialled,
    )
    head = {
        "number": asked.number,
        "acting": asked.acting,
        "device": asked.device,
        "purpose": asked.purpose.value,
        "came_by": asked.came_by,
        "at": asked.at.isoformat(timespec="seconds"),
        "meaning": dialled.meaning.value,
    }
    if dialled.meaning is Meaning.OUTSIDE:
        return head | _outside(rows, plan, wish)
    unasked = {"rules": _rules(rows, plan, None)}
    if dialled.meaning is Meaning.EMERGENCY and not is_dialled:
        return head | unasked | _no_way(LegOutcome.FORBIDDEN.value, _ONLY_DIALLED)
    if dialled.meaning is Meaning.EMERGENCY:
        found = find_way(plan, replace(wish, is_emergency=True))
        return head | unasked | _way(plan, wish, found)
    return head | unasked | _nowhere_outside(plan, dialled)


def _led(plan: NumberPlan, written: str) -> Dialled:
    """What a number means to which the plan leads: nobody dials codes or help there."""
    number = bare_number(written) or written
    kind = target_kind(number, plan.tenant.country)
    if plan.behind(Target(number)) is not None:
        return Dialled(number=number, meaning=Meaning.OURS)
    if kind is TargetKind.EMERGENCY or is_emergency(number, plan.tenant.country):
        return Dialled(number=number, meaning=Meaning.EMERGENCY)
    if kind is TargetKind.OUTSIDE:
        return Dialled(number=number, meaning=Meaning.OUTSIDE)
    return Dialled(number=number, meaning=Meaning.UNKNOWN)


def _outside(rows: TenantRows, plan: NumberPlan, wish: Wish) -> dict[str, object]:
    choice = choose_rule(plan.outbound, wish.number, acting=wish.acting, at=wish.at)
    told = {"rules": _rules(rows, plan, choice, keeps=_keeps_number(plan, wish))}
    return told | _way(plan, wish, find_way(plan, wish))


def _nowhere_outside(plan: NumberPlan, dialled: Dialled) -> dict[str, object]:
    """What leads to no carrier, in the same words as what does."""
    found = plan.behind(Target(dialled.number)) if dialled.meaning is Meaning.OURS else None
    if found is not None:
        return _no_way("", f"it stays inside: {found.number} is a {found.kind} of the tenant")
    if dialled.meaning is Meaning.REDIAL:
        return _no_way("", "it is the code for what the phone dialled last")
    nothing = f"there is no number {dialled.number}, and it is too short for an outside number"
    return _no_way(Reason.NO_ROUTE.value, nothing)


def _keeps_number(plan: NumberPlan, wish: Wish) -> bool:
    """Whether rules may forbid the call, and have no say in its number and trunk."""
    return wish.purpose is Purpose.FORWARDED and not plan.tenant.outside.forwards_by_rules


def _rules(
    rows: TenantRows, plan: NumberPlan, choice: Choice | None, *, keeps: bool = False
) -> list[dict[str, object]]:
    """Each rule of the list and what becomes of it.

    Args:
        rows: The tenant's; those rules that are switched off are in no plan.
        plan: The tenant's.
        choice: What the rules say; None when they are not asked.
        keeps: Whether number and trunk stay as they are, whatever the rule that fires says.
    """
    broken = {
        fault.number.removeprefix(_OF_RULE): fault.message
        for fault in plan.faults
        if fault.number.startswith(_OF_RULE)
    }
    passed = {one.rule: one.why for one in choice.passed} if choice else {}
    if choice and choice.rule and keeps and not choice.is_denied:
        broken[choice.rule.name] = _KEEPS
    fired = choice.rule.name if choice and choice.rule else ""
    ordered = sorted(rows.outbound, key=lambda rule: rule.place)
    return [_rule(rule, fired=fired, passed=passed, broken=broken) for rule in ordered]


def _rule(
    rule: OutboundRuleFacts,
    *,
    fired: str,
    passed: Mapping[str, str],
    broken: Mapping[str, str],
) -> dict[str, object]:
    verdict, why = NOT_ASKED, ""
    if not rule.is_enabled:
        verdict, why = SWITCHED_OFF, "it is switched off"
    elif rule.name == fired:
        verdict, why = FIRES, broken.get(rule.name, "")
    elif rule.name in passed:
        verdict, why = PASSED, passed[rule.name]
    elif rule.name in broken:
        verdict, why = PASSED, f"it cannot be run: {broken[rule.name]}"
    return {"place": rule.place, "name": rule.name, "mask": rule.mask, "is": verdict, "why": why}


def _way(plan: NumberPlan, wish: Wish, found: WayOut | NoWayOut) -> dict[str, object]:
    if isinstance(found, NoWayOut):
        return _no_way(found.outcome.value, found.note)
    refused = "" if found.is_emergency else _limit(plan, wish, found)
    destination = found.destination
    return {
        "leaves": not refused,
        "refused": refused,
        "comment": comment_on(refused) if refused else "",
        "mend": _mend(plan, found, refused),
        "note": found.note,
        "rule": found.choice.rule.name if found.choice.rule else "",
        "sends": found.choice.sends,
        "is_emergency": found.is_emergency,
        "asks_pin": bool(found.pin_hash),
        "trunks": [_attempt(one) for one in found.attempts],
        "destination": {
            "country": destination.country,
            "number_class": destination.number_class,
            "e164": destination.e164,
            "is_home": destination.is_home,
        },
    }


def _limit(plan: NumberPlan, wish: Wish, found: WayOut) -> str:
    """Which limit refuses the call whatever is in use, or the empty text."""
    tenant = plan.tenant
    if tenant.state == BLOCKED:
        return LegOutcome.BLOCKED.value
    refused = policy_refusal(
        found.destination,
        policy=tenant.outside,
        purpose=wish.purpose,
        at=wish.at,
        is_trial=tenant.state == TRIAL,
    )
    return refused.value if refused else ""


def _mend(plan: NumberPlan, found: WayOut, refused: str) -> str:
    """What opens a direction that is closed, or the empty text."""
    if refused != LegOutcome.DESTINATION_CLOSED:
        return ""
    tenant, destination = plan.tenant, found.destination
    if tenant.state == TRIAL:
        return f"pbx tenant set {tenant.name} --state active (on trial, calls go home only)"
    if destination.number_class and destination.number_class not in tenant.outside.classes:
        return f"pbx tenant set {tenant.name} --open-class {destination.number_class}"
    return f"pbx tenant set {tenant.name} --open-country {destination.country}"


def _attempt(attempt: Attempt) -> dict[str, object]:
    shown = attempt.shown
    return {
        "trunk": attempt.trunk.name,
        "sends": attempt.sends,
        "shows": shown.number,
        "is_hidden": shown.is_hidden,
        "forwarded_by": shown.forwarded_by,
    }


def _no_way(refused: str, note: str) -> dict[str, object]:
    return {
        "leaves": False,
        "refused": refused,
        "comment": comment_on(refused) if refused else "",
        "note": note,
        "rule": "",
        "sends": "",
        "is_emergency": False,
        "asks_pin": False,
        "trunks": [],
        "destination": None,
    }


def comment_on(refused: str) -> str:
    """The sentence that call records have for it."""
    return ended_by_plan(Reason(refused)).comment(_ENGLISH)
