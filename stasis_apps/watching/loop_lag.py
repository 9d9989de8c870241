"""How late the event loop is: whatever holds it up delays every call of this process."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

from prometheus_client import Histogram

PERIOD_S: Final = 0.25


async def watch_lag(lag: Histogram) -> None:
    """Look again and again how late a short pause ends, until cancelled.

    The event loop's own clock stands still while the loop is busy, so another one is looked at.
    """
    while True:
        due_at = monotonic() + PERIOD_S
        await asyncio.sleep(PERIOD_S)
        lag.observe(max(0.0, monotonic() - due_at))
