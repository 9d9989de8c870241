"""Where a new channel belongs: whose plan, which number, and who calls; reads nothing by itself.

The tenant comes from the endpoint that Asterisk authenticated (``tenantid``), never from a header
that a caller can write. Only for a stranger, whom nobody can authenticate, it comes from the domain
they address, and they reach nothing but what has been opened to strangers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from ari_client import models
from models.numbering import is_internal
from stasis_apps.call import NOWHERE, Caller, CallFacts, Endpoint, HowCame, Target, WayIn
from stasis_apps.decisions.dialled import Dialled, Meaning
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.numbers import is_hidden
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.sip_headers import asks_for_privacy, number_in
from stasis_apps.live_call.legs import LEG_ARGUMENT
from stasis_apps.plan import BLOCKED, NOBODY, LedBy, NumberPlan, PlannedDevice, PlannedTrunk

PHONE_ARGUMENT: Final = "phone"
"""First Stasis argument of a channel that came from a tenant's phone."""

TRUNK_ARGUMENT: Final = "trunk"
"""First Stasis argument of a channel that came through a trunk. Whether its caller may be shown
follows: as Asterisk has read it (``CALLERID(num-pres)``), and the words of the Privacy header."""

STRANGER_ARGUMENT: Final = "stranger"
"""First Stasis argument of a channel that came by SIP from somewhere; tenant and address follow."""

_REFUSALS: Final = {
    Meaning.UNKNOWN: Reason.NO_SUCH_NUMBER,
    Meaning.INVALID: Reason.INVALID_NUMBER,
}
_RESTRICTED: Final = "prohib"
_NAMES_OF_SOURCES: Final = {"to": "To", "from": "From"}
_READ_BY_ASTERISK: Final = frozenset({"request_uri", "from", "identity"})


class Plans(Protocol):
    """The plans of all tenants."""

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        """The tenant's plan; None when there is no such tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A channel at our door.

    Attributes:
        channel: As Asterisk tells it.
        args: What the dialplan says of its way in.
        headers: Those headers of its INVITE that its trunk is read by (see `headers_wanted`).
        at: When it came.
    """

    channel: models.Channel
    args: Sequence[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A call at its entrance.

    Attributes:
        plan: The plan it will run on to its end.
        facts: Who calls and what they dialled.
        target: The number it enters at.
        refusal: Why it is not let in at all, or None.
        trunk: The line it came through, or None.
        how: How it comes to that number; otherwise than directly only when it is taken up again.
        note: Something odd about how it came, for its story; empty when there is nothing.
        led_by: Who leads it to that number: the caller, when they dialled it on a phone of ours.
        to_redial: What that phone's redial dials after this call; empty when this call changes
            nothing about that.
        may_be_newer: Whether newer plans may have a number of ours where it is taken for another.
    """

    plan: NumberPlan
    facts: CallFacts
    target: Target
    refusal: Reason | None = None
    trunk: PlannedTrunk | None = None
    how: HowCame = HowCame.DIRECT
    note: str = ""
    led_by: LedBy = NOBODY
    to_redial: str = ""
    may_be_newer: bool = False


@dataclass(frozen=True, slots=True)
class Stray:
    """A channel that is nobody's call: a leg whose call has gone, or something unknown."""

    why: str


def route(arrival: Arrival, plans: Plans) -> Entry | Stray:
    """The entrance for a channel that Asterisk has handed to us."""
    match arrival.args:
        case (argument, *_) if argument == LEG_ARGUMENT:
            return Stray("a leg whose call has ended")
        case (argument, *_) if argument == PHONE_ARGUMENT:
            return _entry_of_phone(arrival, plans)
        case (argument, *_) if argument == TRUNK_ARGUMENT:
            return _entry_by_trunk(arrival, plans)
        case (argument, tenant_id, *_) if argument == STRANGER_ARGUMENT:
            return _entry_of_stranger(arrival.channel, tenant_id, plans)
        case _:
            return Stray("came by no known way")


def headers_wanted(arrival: Arrival, plans: Plans) -> frozenset[str]:
    """The headers that tell the dialled number and the caller on this channel's trunk."""
    plan = plans.plan_of(arrival.channel.tenantid or "")
    trunk = plan.trunk_behind(endpoint_of(arrival.channel.name)) if plan else None
    if trunk is None or not arrival.args or arrival.args[0] != TRUNK_ARGUMENT:
        return frozenset()
    sources = {trunk.number_source, trunk.caller_source} - _READ_BY_ASTERISK
    return frozenset(_NAMES_OF_SOURCES.get(source, source) for source in sources)


def _entry_of_phone(arrival: Arrival, plans: Plans) -> Entry | Stray:
    channel = arrival.channel
    plan = plans.plan_of(channel.tenantid or "")
    if plan is None:
        return Stray(f"its tenant {channel.tenantid!r} is not known")
    device = plan.devices.get(endpoint_of(channel.name))
    if device is None:
        return Stray(f"its device {endpoint_of(channel.name)!r} is not in the tenant's plan")
    dialled = plan.dialled(channel.dialplan.exten)
    facts = CallFacts(
        call_id=channel.id,
        caller=Caller(number=device.extension, name=device.caller_name, device=device.name),
        dialled=channel.dialplan.exten,
        hides_number=_hides_number(device, dialled),
    )
    entry = _entry(plan, facts, Target(dialled.number), _REFUSALS.get(dialled.meaning))
    caller = LedBy(acting=device.extension, purpose=Purpose.DIALLED, is_dialling=True)
    return replace(
        entry,
        refusal=None if _may_be_help(plan, dialled, device, arrival.at) else entry.refusal,
        note=dialled.note or entry.note,
        led_by=caller,
        to_redial=facts.dialled if dialled.is_number else "",
        may_be_newer=dialled.meaning is Meaning.OUTSIDE and is_internal(dialled.number),
    )


def _may_be_help(plan: NumberPlan, dialled: Dialled, device: PlannedDevice, at: datetime) -> bool:
    """Whether somebody calls for help, whom no block may stop; who dials again may (see redial)."""
    if dialled.meaning is Meaning.REDIAL:
        return True
    return plan.is_help(dialled, acting=device.extension, at=at)


def _hides_number(device: PlannedDevice, dialled: Dialled) -> bool:
    """Whether who is called outside sees no number; who helps in an emergency always does."""
    is_help = dialled.meaning is Meaning.EMERGENCY
    return not is_help and (device.hides_number or dialled.hides_number)


def _entry_by_trunk(arrival: Arrival, plans: Plans) -> Entry | Stray:
    channel = arrival.channel
    plan = plans.plan_of(channel.tenantid or "")
    trunk = plan.trunk_behind(endpoint_of(channel.name)) if plan else None
    if plan is None or trunk is None:
        return Stray(f"its trunk {endpoint_of(channel.name)!r} is in no plan")
    dialled = _said(trunk.number_source, channel.dialplan.exten, arrival.headers)
    number = plan.number_dialled(dialled, through=trunk)
    facts = CallFacts(
        call_id=channel.id,
        caller=_caller(trunk, arrival),
        dialled=dialled,
        way_in=WayIn.TRUNK,
        trunk=trunk.name,
    )
    if number is None:
        return _entry(plan, facts, NOWHERE, Reason.NO_SUCH_NUMBER, trunk)
    refusal = None if number.target else Reason.NO_ROUTE
    entry = _entry(plan, facts, Target(number.target), refusal, trunk)
    if number.trunk == trunk.name:
        return entry
    note = f"{number.number} belongs to trunk {number.trunk}; the call came through {trunk.name}"
    return replace(entry, note=note)


def _entry_of_stranger(channel: models.Channel, tenant_id: str, plans: Plans) -> Entry | Stray:
    plan = plans.plan_of(tenant_id)
    if plan is None:
        return Stray(f"its tenant {tenant_id!r} is not known")
    dialled = channel.dialplan.exten
    caller = Caller(number=channel.caller.number, name=channel.caller.name, device="")
    facts = CallFacts(call_id=channel.id, caller=caller, dialled=dialled, way_in=WayIn.DIRECT_SIP)
    refusal = None if plan.is_open_to_strangers(dialled) else Reason.NO_SUCH_NUMBER
    return _entry(plan, facts, Target(dialled), refusal)


def _entry(
    plan: NumberPlan,
    facts: CallFacts,
    target: Target,
    refusal: Reason | None,
    trunk: PlannedTrunk | None = None,
) -> Entry:
    if plan.tenant.state == BLOCKED:
        refusal = Reason.BLOCKED
    alias = plan.aliases.get(target)
    note = f"{alias.name} is an alias of {alias.target}" if alias else ""
    return Entry(plan=plan, facts=facts, target=target, refusal=refusal, trunk=trunk, note=note)


def _caller(trunk: PlannedTrunk, arrival: Arrival) -> Caller:
    caller = arrival.channel.caller
    number = _said(trunk.caller_source, caller.number, arrival.headers)
    if is_hidden(number):
        return Caller(number="", name=caller.name, device="")
    if _is_restricted(arrival):
        return Caller(number="", name="", device="")
    return Caller(number=number, name=caller.name, device="")


def _is_restricted(arrival: Arrival) -> bool:
    """Whether the caller asked the carrier that nobody be shown who they are."""
    presentation, privacy = (*arrival.args[1:3], "", "")[:2]
    return presentation.startswith(_RESTRICTED) or asks_for_privacy(privacy)


def _said(source: str, as_asterisk_says: str, headers: Mapping[str, str]) -> str:
    """A number by its source; a header that is missing or says nothing leaves Asterisk's word."""
    if source in _READ_BY_ASTERISK:
        return as_asterisk_says
    header = headers.get(_NAMES_OF_SOURCES.get(source, source), "")
    return number_in(header) or as_asterisk_says


def endpoint_of(channel_name: str) -> Endpoint:
    """``100@acme.test`` of the channel name ``PJSIP/100@acme.test-0000002a``."""
    return Endpoint(channel_name.partition("/")[2].rpartition("-")[0])
