"""Looks for newer plans when a call asks for something unknown; it neither hurries nor waits long.

Not here: the plans themselves, and the look at them that goes on all the time (see plan_store).
"""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

import structlog

from models.errors import ModelsError

APART_S: Final = 1.0
"""How long after the begin of one look the next may begin, whoever calls how often."""

CALLER_WAITS_S: Final = 1.5
"""A look that takes longer is waited for by nobody: the plans in memory decide."""

log = structlog.get_logger(__name__)


class Plans(Protocol):
    """The plans, which can be read anew."""

    async def refresh(self) -> None:
        """Read every tenant that has changed since the last time."""


class SecondLook:
    """One look at the database for all calls that need one at the same time."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._looking: asyncio.Task[None] | None = None
        self._began_at = -APART_S

    async def look(self) -> None:
        """Read newer plans if there are any; whatever the database does, this ends soon."""
        now = asyncio.get_running_loop().time()
        if self._looking is None or self._looking.done():
            if now < self._began_at + APART_S:
                return
            self._began_at = now
            self._looking = asyncio.create_task(self._read())
        patience_s = self._began_at + CALLER_WAITS_S - now
        if patience_s > 0:
            await asyncio.wait([self._looking], timeout=patience_s)

    async def _read(self) -> None:
        try:
            await self._plans.refresh()
        except ModelsError as fault:
            log.warning("plans_not_refreshed", fault=str(fault))
        except Exception:  # a fault of ours must not end the call that asks
            log.exception("plans_not_refreshed")
