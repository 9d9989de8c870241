"""Processes that follow the plans, as the application does: started, and asked what they go by."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_PROJECT = Path(__file__).parents[2]


@asynccontextmanager
async def a_watcher(url: str) -> AsyncIterator[Process]:
    """A process that tells which revision of acme its calls go by."""
    program = (sys.executable, "-m", "tests.support.plan_watcher", url)
    process = await asyncio.create_subprocess_exec(
        *program, cwd=_PROJECT, stdout=PIPE, stderr=DEVNULL
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
