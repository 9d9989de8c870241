"""Tenants, and legs of theirs that want to leave, made with a line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.destinations import Destination
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.outside_gate import OutsideLeg
from stasis_apps.plan import PlannedTenant

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=MOSCOW)

AT_HOME = Destination(country="RU", number_class="", e164="+74951234567", is_home=True)
ABROAD = Destination(country="CU", number_class="", e164="+5355512345", is_home=False)
PREMIUM = Destination(country="RU", number_class="premium", e164="+78095051234", is_home=True)


def a_planned_tenant(
    tenant_id: int = 7, *, state: str = "active", zone: str = "Europe/Moscow", **policy: object
) -> PlannedTenant:
    """A tenant with this policy, and the usual where nothing is said."""
    return PlannedTenant(
        id=tenant_id,
        name="acme",
        domain="acme.test",
        timezone=ZoneInfo(zone),
        country="RU",
        language="en",
        state=state,
        outside=OutsidePolicy(**policy),  # type: ignore[arg-type] # the names are checked
    )


def a_leg(
    tenant: PlannedTenant,
    call_id: str = "pbx-1.1",
    *,
    device: str = "101-desk@acme.test",
    purpose: Purpose = Purpose.DIALLED,
    destination: Destination = AT_HOME,
    at: datetime = NOON,
) -> OutsideLeg:
    """A leg that wants to leave."""
    return OutsideLeg(
        tenant=tenant,
        call_id=call_id,
        device=device,
        purpose=purpose,
        destination=destination,
        at=at.astimezone(tenant.timezone),
    )


class Clock:
    """What time it is, until somebody lets time pass."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The present moment, in UTC."""
        return self.now.astimezone(UTC)

    def later(self, **span: float) -> datetime:
        """Let time pass; the moment then."""
        self.now += timedelta(**span)
        return self.now
