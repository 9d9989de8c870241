"""A change reaches the plans of every process in time, whichever process has made it."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

from models import provisioning
from tests.unit.models.builders import a_tenant

PROJECT = Path(__file__).parents[3]
PROCESSES = 2
PROMISED_S = 0.5
START_S = 30.0


@asynccontextmanager
async def a_watcher(url: str) -> AsyncIterator[Process]:
    """A process that tells which revision of acme its calls go by."""
    program = (sys.executable, "-m", "tests.support.plan_watcher", url)
    process = await asyncio.create_subprocess_exec(
        *program, cwd=PROJECT, stdout=PIPE, stderr=DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


async def told_by(watcher: Process, revision: int, within_s: float) -> float:
    """Wait until a process goes by a revision, or a later one; when that was."""
    assert watcher.stdout is not None
    async with asyncio.timeout(within_s):
        while int(await watcher.stdout.readline() or -1) < revision:
            assert watcher.returncode is None
    return asyncio.get_running_loop().time()


async def test_every_process_has_a_change_within_half_a_second(database: str) -> None:
    first = await a_tenant("acme")
    async with AsyncExitStack() as stack:
        watchers = [await stack.enter_async_context(a_watcher(database)) for _ in range(PROCESSES)]
        for watcher in watchers:
            await told_by(watcher, first.revision, START_S)
        took_s = []
        for zone in ("Europe/Moscow", "Europe/Berlin", "UTC"):
            now = await provisioning.set_tenant(name="acme", timezone=zone)
            changed_s = asyncio.get_running_loop().time()
            seen_s = await asyncio.gather(
                *(told_by(watcher, now.revision, START_S) for watcher in watchers)
            )
            took_s.append(max(seen_s) - changed_s)
    assert median(took_s) < PROMISED_S, took_s  # one may meet a machine that is busy
