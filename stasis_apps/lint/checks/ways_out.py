"""Calls that shall leave for outside numbers and cannot, and lines that are switched off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from models.numbering import is_extension_number
from models.provisioning.catalogue import Wire
from models.provisioning.warnings import is_default_and_off
from stasis_apps.call import WayIn
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.outside_limits import policy_refusal
from stasis_apps.decisions.schedule import Schedule, status
from stasis_apps.lint.finding import Code, Finding
from stasis_apps.lint.view import View
from stasis_apps.outside_gate import TRIAL
from stasis_apps.way_out import NoWayOut, WayOut, Wish, find_way_out

NO_WAY_OUT = Code(
    code="no-way-out",
    title="members, forwards and exits to outside numbers that no rule or trunk lets out",
    why="The outside phone never rings; the call goes on as if it could not be reached.",
    mend="Switch on a trunk, or let a rule before the ban send the number.",
)
WAY_OUT_CLOSED = Code(
    code="way-out-closed",
    title="members, forwards and exits to outside numbers that the tenant's limits close",
    why="The outside phone never rings; the call goes on as if it could not be reached.",
    mend="Open the country, the class or the reach of forwards in limits.",
)
DEFAULT_TRUNK_OFF = Code(
    code="default-trunk-off",
    title="a default trunk that is switched off",
    why="Calls out for which no rule names another trunk do not leave.",
    mend="Switch it on, or let another trunk be the default.",
)
NUMBER_ON_TRUNK_OFF = Code(
    code="number-on-trunk-off",
    title="outside numbers on a trunk that is switched off",
    why="Nobody who calls the number gets through.",
    mend="Switch the trunk on, or put the number on another one.",
)
TRUNK_WITHOUT_TLS = Code(
    code="trunk-without-tls",
    title="trunks by TLS on an exchange that speaks none",
    why="No call comes in or goes out by the trunk.",
    mend="Set PBX_TLS_CERT_FILE and PBX_TLS_KEY_FILE, and start the exchange anew.",
    is_of_machine=True,
)

_DAYS_AHEAD: Final = timedelta(days=8)
_CLOSED: Final = {
    LegOutcome.DESTINATION_CLOSED: "the tenant's limits close where it leads",
    LegOutcome.FORWARDING_CLOSED: "the tenant's limits do not let forwarded calls so far",
}


def findings(view: View) -> Iterator[Finding]:
    """Look at every way that leads outside, and at trunks that are off."""
    moments = _moments(view)
    for wire in view.outside_wires():
        yield from _about(wire, view, moments)
    off = {trunk.name for trunk in view.rows.trunks if not trunk.is_enabled}
    for trunk in view.rows.trunks:
        if is_default_and_off(trunk):
            sentence = f"{trunk.name} is the default trunk and switched off: no calls go out"
            yield DEFAULT_TRUNK_OFF.at(("trunks", trunk.name, "enabled"), sentence)
        if trunk.is_enabled and trunk.transport == "tls" and not view.speaks_tls:
            sentence = f"{trunk.name} is out of use: this exchange speaks no TLS"
            yield TRUNK_WITHOUT_TLS.at(("trunks", trunk.name, "transport"), sentence)
    for number in view.rows.numbers:
        if number.trunk in off:
            sentence = f"{number.number} comes in by {number.trunk}, which is switched off"
            yield NUMBER_ON_TRUNK_OFF.at(("numbers", number.number, "trunk"), sentence)


def _about(wire: Wire, view: View, moments: Sequence[datetime]) -> Iterator[Finding]:
    """Say why a number does not leave, where it does at no moment."""
    ways = [find_way_out(view.plan, _wish(wire, view, at)) for at in moments]
    refused = [way for way in ways if isinstance(way, NoWayOut)]
    if len(refused) == len(ways):
        yield NO_WAY_OUT.at(view.route_of(wire), f"{wire}, but {refused[0].note}")
        return
    closed = [_closed(way, wire, view) for way in ways if isinstance(way, WayOut)]
    if all(closed):
        yield WAY_OUT_CLOSED.at(view.route_of(wire), f"{wire}, but {closed[0]}")


def _wish(wire: Wire, view: View, at: datetime) -> Wish:
    return Wish(
        number=wire.target,
        acting=wire.owner if wire.owner in view.things else "",
        purpose=_purpose(wire, view),
        at=at,
        way_in=WayIn.TRUNK,
    )


def _purpose(wire: Wire, view: View) -> Purpose:
    if is_extension_number(wire.owner):
        return Purpose.FORWARDED
    is_member = view.kind_of(wire.owner) == "group" and wire.path.startswith("members.")
    return Purpose.MEMBER if is_member else Purpose.LED


def _closed(way: WayOut, wire: Wire, view: View) -> str:
    """Why the tenant's limits close it at any hour, or the empty text."""
    tenant = view.plan.tenant
    refusal = policy_refusal(
        way.destination,
        policy=tenant.outside,
        purpose=_purpose(wire, view),
        at=view.now,
        is_trial=tenant.state == TRIAL,
    )
    return "" if refusal is None else _CLOSED.get(refusal, "")


def _moments(view: View) -> Sequence[datetime]:
    """Now, and each moment of the next days at which the hours of some rule begin or end."""
    schedules = [rule.hours for rule in view.plan.outbound if rule.hours is not None]
    changes = {at for schedule in schedules for at in _changes(schedule, view.now)}
    zone = view.plan.tenant.timezone
    return [view.now, *(at.astimezone(zone) for at in sorted(changes))]


def _changes(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    at = status(schedule, now).until
    while at is not None and at < now + _DAYS_AHEAD:
        yield at
        at = status(schedule, at).until
