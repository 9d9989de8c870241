"""Keeps what Asterisk dials by itself in an emergency as this version of the program knows it."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from models import provisioning
from models.errors import DatabaseError

EVERY_S: Final = 86_400.0
RETRY_S: Final = 30.0

log = structlog.get_logger(__name__)


async def keep_emergency_lines() -> None:
    """Look when the process begins, for it may be a newer one, and once a day; until cancelled.

    Each change of a tenant does the same for that tenant.
    """
    while True:
        pause_s = EVERY_S
        try:
            await provisioning.renew_all_emergency_lines()
        except DatabaseError as fault:
            log.warning("emergency_lines_wait", fault=str(fault))
            pause_s = RETRY_S
        await asyncio.sleep(pause_s)
