"""Takes the vitals of the process; nobody is asked."""

from __future__ import annotations

import asyncio

from stasis_apps.app import Exchange
from stasis_apps.background import Background
from stasis_apps.watching.readiness import Vitals


def vitals_of(exchange: Exchange, background: Background) -> Vitals:
    """How the process is at this moment."""
    plans = background.plans
    now = asyncio.get_running_loop().time()
    return Vitals(
        is_connected=background.room.ari.is_connected,
        takes_calls=exchange.takes_calls,
        plans_age_s=None if plans.read_at is None else now - plans.read_at,
        is_database_there=plans.is_current,
        plans_unusable=plans.unusable,
    )
