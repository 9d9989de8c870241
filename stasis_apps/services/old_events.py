"""Deletes what administrators had to hear of long ago."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog

from models import notices
from models.errors import DatabaseError

EVERY_S: Final = 86_400.0
RETRY_S: Final = 30.0

log = structlog.get_logger(__name__)


async def forget_old_events() -> None:
    """Look when the process begins, and once a day; until cancelled."""
    while True:
        pause_s = EVERY_S
        try:
            count = await notices.forget_old(now=datetime.now(UTC))
        except DatabaseError as fault:
            log.warning("old_events_wait", fault=str(fault))
            pause_s = RETRY_S
        else:
            log.debug("old_events_forgotten", count=count)
        await asyncio.sleep(pause_s)
