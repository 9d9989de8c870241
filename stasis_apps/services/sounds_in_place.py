"""Puts prompts in their places that somebody who changed them had no time for: a crash, say."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from models import provisioning
from models.errors import DatabaseError
from models.sound_files import SoundFilesError, SoundFolder

EVERY_S: Final = 60.0

log = structlog.get_logger(__name__)


async def keep_sounds_in_place(folder: SoundFolder) -> None:
    """Look when the process begins, and once a minute; until cancelled.

    Callers hear the old prompt until then. The folders are read in a thread, and the database is
    asked only where something lies ready.
    """
    while True:
        for tenant in await folder.unsettled():
            try:
                await provisioning.settle_sounds(tenant=tenant, files=folder)
            except (DatabaseError, SoundFilesError) as fault:
                log.warning("sounds_wait", tenant=tenant, fault=str(fault))
            else:
                log.info("sounds_put_in_place", tenant=tenant)
        await asyncio.sleep(EVERY_S)
