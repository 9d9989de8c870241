"""The gate that every leg to an outside number passes: how many, how fast, whereto.

It stands before the dialling and knows nothing of how a call came to want the number, so that no
element and no rule gets around it. What Asterisk counts once more is in the dialplan (``outside``).
Nothing here is awaited: "is there room" and "take it" are one breath. Emergency calls never come
here.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from stasis_apps.decisions.destinations import Destination
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.outside_limits import policy_refusal
from stasis_apps.occupancy import Occupancy, outside_of, outside_of_device
from stasis_apps.plan import BLOCKED, PlannedTenant
from stasis_apps.talking_time import TalkingTime

TRIAL: Final = "trial"
"""The state of a tenant who tries the exchange out."""

_A_SECOND: Final = timedelta(seconds=1)
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLeg:
    """A leg that wants to leave.

    Attributes:
        tenant: Whose.
        call_id: The call it belongs to.
        device: The endpoint of the phone that dialled it; empty when none did.
        purpose: Why it is dialled.
        destination: Where to.
        at: The moment, in the tenant's time zone.
    """

    tenant: PlannedTenant
    call_id: str
    device: str
    purpose: Purpose
    destination: Destination
    at: datetime


class OutsideGate:
    """Counts legs and talking time of all tenants; one for the process.

    Attributes:
        newest: Tells a tenant as it is at this moment.
        talking: How long each tenant talks.
        talk_has_ended: Set when a talk ends; whoever keeps talking time clears it.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        newest: Callable[[PlannedTenant], PlannedTenant] = lambda tenant: tenant,
    ) -> None:
        """Begin with nobody on the line.

        Args:
            now: What time it is, for talks that begin and end.
            newest: The tenant as it is at this moment: a call keeps the plan that it began with,
                but who lowers a limit or blocks a tenant is obeyed by calls that are up, too.
        """
        self.newest = newest
        self.talking = TalkingTime()
        self.talk_has_ended = asyncio.Event()
        self._now = now
        self._in_use = Occupancy()
        self._begun = _Begun()
        self._owners: dict[str, tuple[int, tzinfo]] = {}

    def refusal(self, leg: OutsideLeg) -> LegOutcome | None:
        """Why this leg may not leave now (one of `LIMITS`), or None when it may."""
        leg = self.as_now(leg)
        return _closed(leg) or self._used_up(leg) or self._too_many(leg) or self._too_fast(leg)

    def closed(self, leg: OutsideLeg) -> LegOutcome | None:
        """Why this leg may not leave whoever else is on the line, or None."""
        return _closed(self.as_now(leg))

    def as_now(self, leg: OutsideLeg) -> OutsideLeg:
        """The leg with its tenant as that is at this moment."""
        return replace(leg, tenant=self.newest(leg.tenant))

    def hold(self, leg: OutsideLeg, channel_id: str) -> None:
        """The leg leaves: from now on its channel counts."""
        self._count(leg.tenant, leg.device, channel_id)
        self._begun.note(leg.tenant.id, leg.call_id, leg.at)

    def take_over(
        self, tenant: PlannedTenant, device: str, channel_id: str, since_at: datetime
    ) -> None:
        """A leg that an earlier process let out is talked on: it counts again, and its time too.

        Args:
            tenant: Whose.
            device: The endpoint of the phone that dialled it; empty when none did, or nobody knows.
            channel_id: The leg's channel.
            since_at: When somebody out there picked up; now, when nobody knows. What the earlier
                process has counted of the talk is not counted again.
        """
        self._count(tenant, device, channel_id)
        self.talking.begin(channel_id, tenant.id, tenant.timezone, since_at)

    def answered(self, channel_id: str) -> None:
        """Somebody out there has picked up: talking time runs."""
        if channel_id in self._owners:
            self.talking.begin(channel_id, *self._owners[channel_id], self._now())

    def let_go(self, channel_id: str) -> None:
        """The channel is gone; one that never passed here is no fault."""
        self._owners.pop(channel_id, None)
        self._in_use.let_go(channel_id)
        if self.talking.end(channel_id, self._now()):
            self.talk_has_ended.set()

    def legs_of(self, tenant_id: int) -> int:
        """How many legs of a tenant count at this moment."""
        return self._in_use.count(outside_of(tenant_id))

    def is_device_full(self, leg: OutsideLeg) -> bool:
        """Whether the phone itself, and not only the tenant, has all the legs it may have."""
        if not leg.device:
            return False
        in_use = self._in_use.count(outside_of_device(leg.tenant.id, leg.device))
        limit = self.newest(leg.tenant).outside.max_calls_per_device
        return _is_reached(limit, in_use)

    def _count(self, tenant: PlannedTenant, device: str, channel_id: str) -> None:
        self._owners[channel_id] = (tenant.id, tenant.timezone)
        self._in_use.hold(outside_of(tenant.id), channel_id)
        if device:
            self._in_use.hold(outside_of_device(tenant.id, device), channel_id)

    def _used_up(self, leg: OutsideLeg) -> LegOutcome | None:
        limit_s = leg.tenant.outside.minutes_per_day * _MINUTE_S
        at = leg.at.astimezone(leg.tenant.timezone)
        is_used_up = bool(limit_s) and self.talking.talked_s(leg.tenant.id, at) >= limit_s
        return LegOutcome.MINUTES_USED_UP if is_used_up else None

    def _too_many(self, leg: OutsideLeg) -> LegOutcome | None:
        policy = leg.tenant.outside
        is_full = _is_reached(policy.max_calls, self.legs_of(leg.tenant.id)) or (
            self.is_device_full(leg)
        )
        return LegOutcome.TOO_MANY_OUTSIDE if is_full else None

    def _too_fast(self, leg: OutsideLeg) -> LegOutcome | None:
        limit = leg.tenant.outside.calls_per_second
        others = self._begun.others(leg.tenant.id, leg.call_id, leg.at)
        is_too_fast = others is not None and _is_reached(limit, others)
        return LegOutcome.TOO_FAST if is_too_fast else None


class _Begun:
    """Which calls of each tenant have let a leg out in the last second."""

    def __init__(self) -> None:
        self._at: dict[int, dict[str, datetime]] = defaultdict(dict)

    def note(self, tenant_id: int, call_id: str, at: datetime) -> None:
        """A call has begun; ``at`` may be long ago, when it goes on through another trunk."""
        self._at[tenant_id].setdefault(call_id, at)

    def others(self, tenant_id: int, call_id: str, at: datetime) -> int | None:
        """How many calls began within the second; None when this one is among them."""
        self._forget(tenant_id, at)
        begun = self._at.get(tenant_id, {})
        return None if call_id in begun else len(begun)

    def _forget(self, tenant_id: int, at: datetime) -> None:
        begun = self._at.get(tenant_id, {})
        for call_id in [one for one, then in begun.items() if abs(at - then) >= _A_SECOND]:
            del begun[call_id]
        if not begun:
            self._at.pop(tenant_id, None)


def _is_reached(limit: int, count: int) -> bool:
    """Whether there is no room for one more; 0 is no limit."""
    return limit > 0 and count >= limit


def _closed(leg: OutsideLeg) -> LegOutcome | None:
    """Whether the tenant's state or policy closes this way, whoever else is on the line."""
    if leg.tenant.state == BLOCKED:
        return LegOutcome.BLOCKED
    return policy_refusal(
        leg.destination,
        policy=leg.tenant.outside,
        purpose=leg.purpose,
        at=leg.at.astimezone(leg.tenant.timezone),
        is_trial=leg.tenant.state == TRIAL,
    )
