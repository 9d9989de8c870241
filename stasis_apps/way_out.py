"""How an outside number leaves: rule, trunks in their order, form of the number, who is shown.

Looks at the plan alone, so that a call, a simulated call and ``pbx rule explain`` cannot differ.
Not here: what is in use at this moment (see outside_gate), nor the dialling (see live_call).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.numbering import TargetKind, bare_of, is_emergency, is_outside, target_kind
from stasis_apps.call import WayIn
from stasis_apps.decisions.caller_id import digits_of, first_owned, written_as
from stasis_apps.decisions.destinations import (
    Destination,
    abroad_as_dialled,
    dearer,
    destination_of,
)
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.masks import is_ban
from stasis_apps.decisions.outbound import Choice, OutboundRule, Purpose, choose_rule
from stasis_apps.decisions.trunk_choice import order_of
from stasis_apps.plan import NumberPlan, PlannedTrunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An outside number that is to be dialled.

    Attributes:
        number: As it was dialled, or as it stands in the plan.
        acting: The user or element for whom it is dialled; empty for nobody.
        purpose: Why.
        device: The phone that dialled it, by its name; empty otherwise.
        at: The moment, in the tenant's time zone.
        way_in: How the caller came in.
        came_by: The trunk they came in through, or empty.
        called: The outside number of ours that they called, or empty.
        caller_number: Their number.
        caller_name: Their name, as phones of the tenant would show it.
        hides_number: Whether they asked that no number be shown.
        is_dialling: Whether the caller dials it on a phone of the tenant; nobody else reaches help.
        is_emergency: Whether help is called.
    """

    number: str
    acting: str
    purpose: Purpose
    device: str = ""
    at: datetime
    way_in: WayIn = WayIn.PHONE
    came_by: str = ""
    called: str = ""
    caller_number: str = ""
    caller_name: str = ""
    hides_number: bool = False
    is_dialling: bool = False
    is_emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Who calls, as a carrier is told.

    Attributes:
        number: In the form that the trunk wants; ``anonymous`` where the tenant has none to show.
        name: Or empty.
        is_hidden: Whether the carrier is asked to show it to nobody (RFC 3323).
        forwarded_by: The number of ours that forwarded the call; empty when nobody did.
    """

    number: str
    name: str = ""
    is_hidden: bool = False
    forwarded_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One trunk to try."""

    trunk: PlannedTrunk
    sends: str
    shown: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """How a number leaves.

    Attributes:
        attempts: Trunks in the order in which they are tried; never none.
        destination: Where it leads.
        choice: What the rules said.
        pin_hash: The PIN of the rule, hashed; empty when nobody is asked.
        is_emergency: Whether the rules make an emergency number of it (0 112 becomes 112): then
            `emergency_way.find_way` says how ``choice.sends`` leaves, and nothing here counts.
        note: One sentence for the call's story.
    """

    attempts: tuple[Attempt, ...]
    destination: Destination
    choice: Choice
    pin_hash: str = field(default="", repr=False)
    is_emergency: bool = False
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoWayOut:
    """Why a number does not leave, in one word and in a sentence.

    Attributes:
        outcome: One of those that `LegOutcome` has for outside numbers.
        note: One sentence for the call's story.
        choice: What the rules said; None when they were not asked.
    """

    outcome: LegOutcome
    note: str
    choice: Choice | None = None


def find_way_out(plan: NumberPlan, wish: Wish) -> WayOut | NoWayOut:
    """Say how a number leaves, or why it does not.

    What is in use at this moment is not looked at, nor the tenant's policy, nor whether the tenant
    is blocked. Whoever dials asks `emergency_way.find_way`, which knows emergency numbers as well.
    """
    if wish.way_in is WayIn.DIRECT_SIP:
        why = "strangers are not connected to outside numbers"
        return NoWayOut(outcome=LegOutcome.UNREACHABLE, note=why)
    choice = choose_rule(plan.outbound, wish.number, acting=wish.acting, at=wish.at)
    helps = is_emergency(bare_of(choice.sends), plan.tenant.country)
    if helps and _may_call_help(wish):
        return _by_trunks(plan, wish, replace(choice, sends=bare_of(choice.sends)), helps=True)
    refused = _no_help(plan, wish, choice) or _refused(plan, wish, choice)
    if refused is not None:
        return refused
    if not _is_by_rules(plan, wish):
        choice = Choice(rule=None, sends=wish.number, passed=choice.passed)
    return _by_trunks(plan, wish, choice)


def _may_call_help(wish: Wish) -> bool:
    """Whether rules may make a call for help of it: somebody dials the number on a phone of ours.

    Nothing but their distress takes a call past limits and PINs: no group, no exit, no forward, and
    no message that asks to be called back.
    """
    is_from_phone = wish.way_in is WayIn.PHONE and wish.is_dialling
    return is_from_phone and wish.purpose is Purpose.DIALLED


def _no_help(plan: NumberPlan, wish: Wish, choice: Choice) -> NoWayOut | None:
    """Refuse what would reach help as it stands or by a rule, though nobody has dialled it."""
    if _may_call_help(wish):
        return None
    country = plan.tenant.country
    for number in (choice.sends, wish.number):
        is_help = target_kind(number, country) is TargetKind.EMERGENCY
        if is_help or is_emergency(bare_of(number), country):
            why = f"{number} calls help, and only who dials that on a phone may reach it"
            return NoWayOut(outcome=LegOutcome.FORBIDDEN, note=why, choice=choice)
    return None


def _is_by_rules(plan: NumberPlan, wish: Wish) -> bool:
    """Whether rules give trunk and form of the number, and do not only forbid (F8)."""
    return wish.purpose is not Purpose.FORWARDED or plan.tenant.outside.forwards_by_rules


def _refused(plan: NumberPlan, wish: Wish, choice: Choice) -> NoWayOut | None:
    """What the rules have against it, if anything."""
    why = _forbidden(wish, choice)
    if why:
        return NoWayOut(outcome=LegOutcome.FORBIDDEN, note=why, choice=choice)
    if not _is_by_rules(plan, wish):
        return None
    if choice.is_bad_number:
        why = f"the rules make an empty number of {wish.number}"
        return NoWayOut(outcome=LegOutcome.INVALID_NUMBER, note=why, choice=choice)
    if choice.rule is None and not is_outside(wish.number):
        why = f"{wish.number} is no outside number, and no rule is for it"
        return NoWayOut(outcome=LegOutcome.NO_SUCH_NUMBER, note=why, choice=choice)
    return None


def _forbidden(wish: Wish, choice: Choice) -> str:
    """Why the rule that fires forbids the call, or the empty text."""
    rule = choice.rule
    if rule is None:
        return ""
    if choice.is_denied:
        return f"rule {rule.name} forbids it"
    if is_ban(choice.sends):
        return f"rule {rule.name} makes {choice.sends} of it, and zeros alone are sent to nobody"
    if rule.pin_hash and wish.purpose is not Purpose.DIALLED:
        return f"rule {rule.name} asks for a PIN, and nobody is there to give it"
    return ""


def _by_trunks(
    plan: NumberPlan, wish: Wish, choice: Choice, *, helps: bool = False
) -> WayOut | NoWayOut:
    named = choice.rule.trunks if choice.rule else ()
    came_by = "" if wish.purpose is Purpose.DIALLED else wish.came_by
    trunks = order_of(plan.trunks.values(), named=named, came_by=came_by)
    if helps and not trunks:
        trunks = tuple(plan.trunks.values())
    if not trunks:
        why = "there is no trunk to outside numbers"
        if choice.rule and named:
            why = f"none of the trunks of rule {choice.rule.name} can be used: {', '.join(named)}"
        return NoWayOut(outcome=LegOutcome.NO_TRUNK, note=why, choice=choice)
    return WayOut(
        attempts=tuple(
            Attempt(trunk=trunk, sends=choice.sends, shown=shown_by(plan, wish, trunk, choice.rule))
            for trunk in trunks
        ),
        destination=_destination(plan, wish, choice),
        choice=choice,
        pin_hash=choice.rule.pin_hash if choice.rule and not helps else "",
        is_emergency=helps,
        note=_told(choice, trunks, is_by_rules=helps or _is_by_rules(plan, wish)),
    )


def _destination(plan: NumberPlan, wish: Wish, choice: Choice) -> Destination:
    """Where it leads; who dials a call abroad means it, though a rule has taken off what says so.

    Not so where a rule sends what is at home for every carrier: with the country's own code, or
    behind a single zero.
    """
    country, sends = plan.tenant.country, choice.sends
    sent = destination_of(sends, country)
    behind_plus = destination_of(f"+{sends.removeprefix('+')}", country)
    is_certain = sends.startswith("0") or (behind_plus.is_home and not behind_plus.number_class)
    if sent.is_home and not sent.number_class and is_certain:
        return sent
    captured = (choice.rule.mask.match(wish.number) if choice.rule else None) or ""
    return dearer(sent, abroad_as_dialled(wish.number, captured, country))


def _told(choice: Choice, trunks: Sequence[PlannedTrunk], *, is_by_rules: bool) -> str:
    by = f"rule {choice.rule.name}" if choice.rule else "no rule"
    by = by if is_by_rules else "a forward goes by no outbound rule"
    names = ", then ".join(trunk.name for trunk in trunks)
    return f"{by}: {choice.sends} through {names}"


def shown_by(plan: NumberPlan, wish: Wish, trunk: PlannedTrunk, rule: OutboundRule | None) -> Shown:
    """Who calls, as the carrier of this trunk is told (requirement A18.10).

    A call from outside that leaves again was somebody's of the tenant, whoever sent it on: a rule,
    the number itself, an element's exit, a group; so was any that a user's rules send outside.
    """
    own = own_number(plan, wish, trunk, rule)
    is_from_outside = wish.way_in is WayIn.TRUNK
    passes = trunk.passes_caller_id and is_from_outside and wish.caller_number
    number, name = (wish.caller_number, wish.caller_name) if passes else (own, "")
    was_anothers = is_from_outside or wish.purpose is Purpose.FORWARDED
    tells = was_anothers and trunk.forwarded_by != _TELLS_NOTHING
    form, country = trunk.caller_id_format, plan.tenant.country
    return Shown(
        number=written_as(number, form, country) or _NOBODY,
        name=name,
        is_hidden=not number or wish.hides_number or _hides(plan, wish),
        forwarded_by=written_as(own, form, country) if tells else "",
    )


def own_number(plan: NumberPlan, wish: Wish, trunk: PlannedTrunk, rule: OutboundRule | None) -> str:
    """The tenant's number that stands for the call: of the rule, phone, person, trunk, tenant.

    A number that is the tenant's no more is passed over; a trunk's own may also be the login that
    its carrier knows us by. When nobody has set any, it is the number that the caller dialled to
    come in by this trunk, or that login; else a number of the trunk, or any of the tenant. Empty
    for a tenant that has none: never another's, nor an extension.
    """
    login, country = trunk.username, plan.tenant.country
    is_login = digits_of(trunk.caller_id, country) == digits_of(login, country)
    came_in_here = wish.called if wish.came_by == trunk.name else ""
    owned = first_owned(
        (
            rule.caller_id if rule else "",
            _callers_own(plan, wish),
            trunk.caller_id,
            plan.tenant.caller_id,
            came_in_here,
        ),
        lambda number: is_owned(plan, number) or (number == trunk.caller_id and is_login),
    )
    return owned or login or any_number(plan, trunk)


def any_number(plan: NumberPlan, trunk: PlannedTrunk) -> str:
    """The first number on the trunk, else the first of the tenant, else the empty text."""
    numbers = [plan.numbers[digits] for digits in sorted(plan.numbers)]
    on_trunk = [one for one in numbers if one.trunk == trunk.name]
    return next((one.number for one in (*on_trunk, *numbers)), "")


def is_owned(plan: NumberPlan, number: str) -> bool:
    """Whether a number is one of the tenant's outside numbers, however it is spelt."""
    return digits_of(number, plan.tenant.country) in plan.numbers


def _callers_own(plan: NumberPlan, wish: Wish) -> str:
    """The number of the one for whom it is dialled: the user who forwards, or the phone."""
    if wish.purpose is Purpose.FORWARDED:
        return plan.caller_ids.get(wish.acting, "")
    phone = plan.phone(wish.device)
    return phone.caller_id if phone else ""


def _hides(plan: NumberPlan, wish: Wish) -> bool:
    phone = plan.phone(wish.device)
    return phone is not None and phone.hides_number


_TELLS_NOTHING = "none"
_NOBODY = "anonymous"
