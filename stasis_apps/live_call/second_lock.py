"""What a leg to an outside number tells the dialplan, which judges it once more (`asterisk_conf`).

It says what the leg is, and not what would be allowed: that, Asterisk asks of the database. The
limits go with it for the moments in which the database is away.
"""

from __future__ import annotations

import hashlib
from datetime import tzinfo
from typing import Final

from models.outside_codes import compared_digits
from models.outside_lock import limits_of, lock_of
from stasis_apps.outside_gate import OutsideLeg
from stasis_apps.plan import PlannedTenant, PlannedTrunk

_UNKNOWN_TALK: Final = "-,0"
"""In the place of today's talking time: the gate alone knows it while the database is away."""


def told_to_dialplan(leg: OutsideLeg, trunk: PlannedTrunk) -> dict[str, str]:
    """Channel variables of a leg: what the dialplan counts and compares."""
    tenant, destination = leg.tenant, leg.destination
    at = leg.at.astimezone(tenant.timezone)
    return {
        "OUT_DOMAIN": tenant.domain,
        "OUT_TENANT": str(tenant.id),
        "OUT_DEVICE": _short(leg.device),
        "OUT_CALL": _short(leg.call_id),
        "OUT_TO": compared_digits(
            destination.e164,
            country=tenant.country,
            number_class=destination.number_class,
            is_home=destination.is_home,
        ),
        "OUT_CLASS": destination.number_class,
        "OUT_PURPOSE": leg.purpose.value,
        "OUT_AT": str(int(leg.at.timestamp())),
        "OUT_CLOCK": f"{at:%Y-%m-%d %H%M}",
        "OUT_LIMITS": f"{_limits(tenant)},{_UNKNOWN_TALK}",
        "OUT_CHANNELS": str(trunk.max_channels),
    }


def _limits(tenant: PlannedTenant) -> str:
    lock = lock_of(tenant.outside, country=tenant.country, state=tenant.state)
    return limits_of(lock, state=tenant.state, timezone=_name_of(tenant.timezone))


def _name_of(zone: tzinfo) -> str:
    """As Asterisk knows it; nothing but names of the time zone database get as far as a tenant."""
    return str(zone)


def _short(name: str) -> str:
    """A name where Asterisk has room for 79 characters and none for an ``@``."""
    return hashlib.sha256(name.encode()).hexdigest()[:16] if name else ""
