"""Keeps each tenant's talking time over restarts: written every few seconds while somebody talks.

A process that is killed takes the seconds since the last time with it; the talks that go on without
it are counted on by the next.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from models import outside_use
from models.errors import DatabaseError
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.services.patience import END_WAITS_S, never_midway

SAVE_S: Final = 3.0
"""How often talking time is written while somebody talks."""

GATHER_S: Final = 0.2
"""Talks that end together are written together."""

_DAYS_READ: Final = timedelta(days=2)
"""Somewhere on earth it is still yesterday, or already tomorrow."""

log = structlog.get_logger(__name__)


class OutsideMinutes:
    """The talking time of the gate, on its way to the database and back."""

    def __init__(
        self, gate: OutsideGate, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Keep what this gate counts; ``now`` says what time it is."""
        self._gate = gate
        self._now = now
        self._is_read = False

    async def take_up(self) -> None:
        """Read what was talked before this process; call it before talks are adopted.

        Raises:
            DatabaseError: The database is away.
        """
        if not self._is_read:
            since = (self._now() - _DAYS_READ).date()
            self._gate.talking.take_up(await outside_use.read(since=since))
            self._is_read = True

    async def run(self) -> None:
        """Write whatever is not written, every few seconds and when a talk ends, until cancelled.

        While the database is away, counting goes on in memory.
        """
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SAVE_S):
                        await self._gate.talk_has_ended.wait()
                        await asyncio.sleep(GATHER_S)
                self._gate.talk_has_ended.clear()
                await never_midway(self._save())
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_WAITS_S):
                    await never_midway(self._save())

    async def _save(self) -> None:
        try:
            await self.take_up()
            if days := self._gate.talking.unsaved(self._now()):
                await outside_use.write(days)
                self._gate.talking.saved(days)
        except DatabaseError as fault:
            log.warning("talking_time_waits", fault=str(fault))
