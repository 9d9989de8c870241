"""How a call for help leaves: through which trunks, and which number those see who help.

Looks at the plan alone. No rule, limit, PIN or state of the tenant has a say here, and nobody's
number is hidden: help is sent to the address that is on record with it.
"""

from __future__ import annotations

from dataclasses import replace

from models.emergency_rules import ShownForHelp, in_emergency_order, number_for_help
from models.facts import EmergencyAddressFacts, LocationFacts
from stasis_apps.decisions.caller_id import digits_of, written_as
from stasis_apps.decisions.destinations import Destination
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Choice
from stasis_apps.plan import NumberPlan, PlannedDevice, PlannedTrunk
from stasis_apps.way_out import Attempt, NoWayOut, Shown, WayOut, Wish, any_number, find_way_out

EMERGENCY_CALL = "emergency_call"
"""The kind of notice that administrators get of each call for help."""


def find_way(plan: NumberPlan, wish: Wish) -> WayOut | NoWayOut:
    """Say how any number leaves: an emergency number, one that rules make one of, or another."""
    if wish.is_emergency:
        return find_emergency_way(plan, wish)
    found = find_way_out(plan, wish)
    if isinstance(found, WayOut) and found.is_emergency:
        return find_emergency_way(plan, replace(wish, number=found.choice.sends, is_emergency=True))
    return found


def find_emergency_way(plan: NumberPlan, wish: Wish) -> WayOut | NoWayOut:
    """Say how an emergency number leaves; only a tenant without any trunk has no way.

    Args:
        plan: Where phones stand, and which trunks there are.
        wish: The emergency number, and the phone that dialled it.
    """
    trunks = in_emergency_order(plan.tenant.emergency_trunks, plan.trunks.values())
    if not trunks:
        why = f"there is no trunk through which {wish.number} could be called"
        return NoWayOut(outcome=LegOutcome.NO_TRUNK, note=why)
    attempts = tuple(_attempt(plan, wish, trunk) for trunk in trunks)
    names = ", then ".join(trunk.name for trunk in trunks)
    shown = attempts[0].shown.number or "no number"
    return WayOut(
        attempts=attempts,
        destination=Destination(
            country=plan.tenant.country, number_class="", e164=wish.number, is_home=True
        ),
        choice=Choice(rule=None, sends=wish.number),
        is_emergency=True,
        note=f"emergency number: {wish.number} through {names}, showing {shown}",
    )


def facts_for_those_who_help(plan: NumberPlan, wish: Wish) -> dict[str, str]:
    """What the front desk must know of a call for help: who, where, and what help sees.

    Keys: ``number``, ``user``, ``name``, ``phone``, ``location``, ``detail``, ``shown`` (through
    the first trunk), ``address`` (on record with that number), ``trunk``; none is empty.
    """
    trunks = in_emergency_order(plan.tenant.emergency_trunks, plan.trunks.values())
    trunk = trunks[0] if trunks else None
    place = _place(plan, plan.phone(wish.device))
    shown = _shown(plan, wish, trunk)
    address = plan.addresses.get(digits_of(shown, plan.tenant.country))
    known = {
        "number": wish.number,
        "user": wish.caller_number or wish.acting,
        "name": wish.caller_name,
        "phone": wish.device,
        "location": place.name if place else "",
        "detail": place.detail if place else "",
        "shown": shown,
        "address": in_one_line(address) if address else "",
        "trunk": trunk.name if trunk else "",
    }
    return {name: value for name, value in known.items() if value}


def in_one_line(address: EmergencyAddressFacts) -> str:
    """An address as one writes it on one line."""
    parts = (
        address.party,
        address.street,
        address.city,
        f"{address.region} {address.postal_code}".strip(),
        address.country,
    )
    return ", ".join(part for part in parts if part)


def _attempt(plan: NumberPlan, wish: Wish, trunk: PlannedTrunk) -> Attempt:
    number = _shown(plan, wish, trunk) or wish.caller_number
    written = written_as(number, trunk.caller_id_format, plan.tenant.country)
    return Attempt(trunk=trunk, sends=wish.number, shown=Shown(number=written))


def _shown(plan: NumberPlan, wish: Wish, trunk: PlannedTrunk | None) -> str:
    """What help sees and calls back; where nobody has set it, any number of the tenant serves."""
    own = _own_number(plan, wish, trunk)
    if own is not None:
        return own.number
    return any_number(plan, trunk) if trunk else ""


def _own_number(plan: NumberPlan, wish: Wish, trunk: PlannedTrunk | None) -> ShownForHelp | None:
    phone = plan.phone(wish.device)
    if phone is not None:
        said = [("device", phone.name, phone.caller_id)]
    else:
        said = [("extension", wish.acting, plan.caller_ids.get(wish.acting, ""))]
    tenant = plan.tenant
    return number_for_help(
        location=_place(plan, phone),
        said=[*said, ("tenant", tenant.name, tenant.caller_id)],
        trunk=trunk,
        country=tenant.country,
        owned=plan.numbers.keys(),
    )


def _place(plan: NumberPlan, phone: PlannedDevice | None) -> LocationFacts | None:
    """Where the phone stands; the default location when that is not known."""
    found = plan.locations.get(phone.location) if phone else None
    return found or next((one for one in plan.locations.values() if one.is_default), None)
