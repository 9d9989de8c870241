"""A change reaches the plans of every process, whichever process has made it."""

import asyncio
from contextlib import AsyncExitStack

from models import provisioning
from tests.support.plan_watchers import a_watcher, told_by
from tests.unit.models.builders import a_tenant

PROCESSES = 2
LIMIT_S = 30.0
"""For a process to start, or to be told; how long it takes is measured in ``bench``."""


async def test_every_process_goes_by_every_change_without_being_told(database: str) -> None:
    first = await a_tenant("acme")
    async with AsyncExitStack() as stack:
        watchers = [await stack.enter_async_context(a_watcher(database)) for _ in range(PROCESSES)]
        for watcher in watchers:
            await told_by(watcher, first.revision, LIMIT_S)
        for zone in ("Europe/Moscow", "Europe/Berlin"):
            now = await provisioning.set_tenant(name="acme", timezone=zone)
            await asyncio.gather(*(told_by(one, now.revision, LIMIT_S) for one in watchers))
