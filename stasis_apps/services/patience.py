"""How long work at the database is waited for: by a caller, and by the end of the process.

The work itself is never broken off, because a transaction cannot be left midway; it goes on behind
the caller's back, and may still come to something, unless that would belie what they were told.
Nobody is told of that but the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

import structlog

from models.errors import DatabaseUnavailable
from models.provisioning import changing

CALLER_WAITS_S: Final = 2.0
"""How long a caller hears nothing before the database counts as away."""

END_WAITS_S: Final = 3.0
"""How long the end of the process waits for a transaction that is under way."""

Result = TypeVar("Result")

log = structlog.get_logger(__name__)

_LATE: Final[set[asyncio.Task[Any]]] = set()  # whatever the work comes to; the loop alone loses it


async def while_a_caller_waits(work: Coroutine[Any, Any, Result]) -> Result:
    """Do something at the database for a call.

    Raises:
        DatabaseUnavailable: It takes too long; it may be done later, or never.
    """
    task = asyncio.create_task(work)
    _LATE.add(task)
    task.add_done_callback(_LATE.discard)
    try:
        await asyncio.wait([task], timeout=CALLER_WAITS_S)
    finally:  # the caller may have hung up
        if not task.done():
            task.add_done_callback(_tell)
    if task.done():
        return task.result()
    raise DatabaseUnavailable(f"The database has not answered for {CALLER_WAITS_S:g} s")


async def change_while_a_caller_waits(change: Callable[[], Awaitable[None]]) -> None:
    """Change configuration for a call in time, or not at all: what comes too late is undone.

    A caller who has hung up has been told nothing, so the change they asked for is made.

    Raises:
        DatabaseUnavailable: It takes too long, and is not made, but for a database that does not
            answer for so long just while it is told to keep it.
    """
    is_too_late = False

    async def change_in_time() -> None:
        async with changing():
            await change()
            if is_too_late:
                raise DatabaseUnavailable("it came too late for the caller, and is undone")

    try:
        await while_a_caller_waits(change_in_time())
    except DatabaseUnavailable:
        is_too_late = True
        raise


async def never_midway(work: Coroutine[Any, Any, Result]) -> Result:
    """Do something at the database that is brought to its end though we are told to stop.

    Raises:
        CancelledError: We were told to; the work is done, or has taken too long.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=END_WAITS_S)
        task.cancel()
        if task.done() and not task.cancelled():
            _tell(task)
        raise


def _tell(task: asyncio.Task[Any]) -> None:  # as above
    """Say what has become of work that nobody waited for to the end."""
    if not task.cancelled():
        fault = task.exception()
        log.warning("database_answered_late", fault=str(fault or ""))
