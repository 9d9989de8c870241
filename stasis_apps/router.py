"""Where a new channel belongs: whose plan, which number, and who calls.

The tenant comes from the endpoint that Asterisk authenticated (``tenantid``), never from a header
that a caller can write.
"""

from __future__ import annotations

from dataclasses import dataclass

from ari_client import events, models
from stasis_apps.call import Caller, CallFacts, Endpoint, Target
from stasis_apps.decisions.ending import Reason
from stasis_apps.live_call.legs import LEG_ARGUMENT
from stasis_apps.plan import NumberPlan
from stasis_apps.plan_store import PlanStore

PHONE_ARGUMENT = "phone"
"""First Stasis argument of a channel that came from a tenant's phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A call at its entrance.

    Attributes:
        plan: The plan it will run on to its end.
        facts: Who calls and what they dialled.
        target: The number it enters at.
        refusal: Why it is not let in at all, or None.
    """

    plan: NumberPlan
    facts: CallFacts
    target: Target
    refusal: Reason | None = None

    @property
    def leads_somewhere(self) -> bool:
        """Whether the plan has the number."""
        return self.plan.behind(self.target) is not None


@dataclass(frozen=True, slots=True)
class Stray:
    """A channel that is nobody's call: a leg whose call has gone, or something unknown."""

    why: str


def route(started: events.StasisStart, plans: PlanStore) -> Entry | Stray:
    """The entrance for a channel that Asterisk has just handed to us."""
    match started.args:
        case (argument, *_) if argument == LEG_ARGUMENT:
            return Stray("a leg whose call has ended")
        case (argument, *_) if argument == PHONE_ARGUMENT:
            return entry_of_phone(started.channel, plans)
        case _:
            return Stray("came by no known way")


def entry_of_phone(channel: models.Channel, plans: PlanStore) -> Entry | Stray:
    """The entrance for a call from a tenant's phone, read from the channel alone."""
    plan = plans.plan_of(channel.tenantid or "")
    if plan is None:
        return Stray(f"its tenant {channel.tenantid!r} is not known")
    device = plan.devices.get(endpoint_of(channel.name))
    if device is None:
        return Stray(f"its device {endpoint_of(channel.name)!r} is not in the tenant's plan")
    dialled = channel.dialplan.exten
    caller = Caller(number=device.extension, name=device.caller_name, device=device.name)
    facts = CallFacts(call_id=channel.id, caller=caller, dialled=dialled)
    refusal = Reason.BLOCKED if plan.tenant.state == "blocked" else None
    return Entry(plan=plan, facts=facts, target=Target(dialled), refusal=refusal)


def endpoint_of(channel_name: str) -> Endpoint:
    """``100@acme.test`` of the channel name ``PJSIP/100@acme.test-0000002a``."""
    return Endpoint(channel_name.partition("/")[2].rpartition("-")[0])
