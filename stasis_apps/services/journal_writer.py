"""Write journals and call records behind the calls' backs: no caller ever waits for the database.

Steps are collected for a moment and written together. While the database is away they wait in
memory and, beyond a limit or at the end of the process, in a file. That is written into the
database first when it is back, or at the next start. Every write may be repeated without harm.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import structlog

from models import call_log
from models.call_log import CallWrite
from models.errors import DatabaseError
from stasis_apps.services.spool import Spool

GATHER_S = 0.05
"""How long steps are collected before they are written together."""

BATCH = 500
"""Most steps in one transaction."""

KEPT_IN_MEMORY = 50_000
"""Steps that wait in memory while the database is away; older ones go to the spool file."""

FLUSH_LIMIT_S = 5.0
"""How long the end of the process waits for the database before the rest is spooled."""

FIRST_RETRY_S, LONGEST_RETRY_S = 0.5, 10.0

log = structlog.get_logger(__name__)


class JournalWriter:
    """The one writer of call history in this process; see `journal_writer` for its life."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._waiting: deque[CallWrite] = deque()
        self._something = asyncio.Event()
        self._all_written = asyncio.Event()
        self._is_closing = False
        self._has_spilled = False

    @property
    def waiting(self) -> int:
        """How many steps wait in memory."""
        return len(self._waiting)

    @property
    def spooled_bytes(self) -> int:
        """How much waits on disk."""
        return self._spool.size_bytes

    def put(self, step: CallWrite) -> None:
        """Take a step to be written soon; never waits."""
        self._waiting.append(step)
        self._all_written.clear()
        self._something.set()

    async def take_up_spooled(self) -> None:
        """Write first what an earlier process could not, as far as the database takes it now."""
        if not await asyncio.to_thread(lambda: self.spooled_bytes):
            return
        self._has_spilled = True
        self._something.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_written.wait(), FLUSH_LIMIT_S)

    async def write_until_closed(self) -> None:
        """Write what is put, oldest first, until `close` and the last step."""
        retry_s = FIRST_RETRY_S
        while not (self._is_closing and not self._waiting):
            await self._something.wait()
            self._something.clear()
            if not self._is_closing:
                await asyncio.sleep(GATHER_S)
            try:
                await self._write_all()
                retry_s = FIRST_RETRY_S
            except DatabaseError as fault:
                log.warning("journal_waits", fault=str(fault), waiting=len(self._waiting))
                await self._spill()
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, LONGEST_RETRY_S)
                self._something.set()

    def close(self) -> None:
        """No more steps will come."""
        self._is_closing = True
        self._something.set()

    async def spool_the_rest(self) -> None:
        """Keep what could not be written for the next start."""
        if self._waiting:
            log.warning("journal_spooled", steps=len(self._waiting))
            if await self._keep(list(self._waiting)):
                self._waiting.clear()

    async def _write_all(self) -> None:
        if self._has_spilled:
            await self._write_spilled()
        while self._waiting:
            batch = [self._waiting[n] for n in range(min(BATCH, len(self._waiting)))]
            await self._write(batch)
            for _ in batch:
                self._waiting.popleft()
        self._all_written.set()
        with contextlib.suppress(OSError):  # it would be written once more at the next start
            await asyncio.to_thread(self._spool.forget_taken)

    async def _write_spilled(self) -> None:
        """What memory had no room for is older than what is in it: the end of no call comes first.

        A disk that does not give it out now keeps nothing else from the database.
        """
        try:
            steps = self._spool.take()
            while batch := await asyncio.to_thread(lambda: list(islice(steps, BATCH))):
                await self._write(batch)
        except OSError as fault:
            log.error("spool_not_read", fault=str(fault))  # noqa: TRY400 - as below
        self._has_spilled = False

    async def _write(self, batch: list[CallWrite]) -> None:
        try:
            await call_log.write(batch)
        except DatabaseError:
            raise
        except Exception:
            log.exception("journal_batch_refused", steps=len(batch))
            await self._write_one_by_one(batch)

    async def _write_one_by_one(self, batch: list[CallWrite]) -> None:
        """One bad step must not keep the others out; it is put aside where it can be looked at."""
        for step in batch:
            try:
                await call_log.write([step])
            except DatabaseError:
                raise
            except Exception:
                log.exception("journal_step_refused", call_id=_call_of(step))
                with contextlib.suppress(OSError):  # the log has said it already
                    await asyncio.to_thread(self._spool.set_aside, step)

    async def _spill(self) -> None:
        surplus = len(self._waiting) - KEPT_IN_MEMORY
        if surplus <= 0:
            return
        is_kept = await self._keep([self._waiting[n] for n in range(surplus)])
        self._has_spilled = self._has_spilled or is_kept
        if is_kept or surplus > KEPT_IN_MEMORY:
            log.error("journal_spilled" if is_kept else "journal_dropped", steps=surplus)
            for _ in range(surplus):
                self._waiting.popleft()

    async def _keep(self, steps: list[CallWrite]) -> bool:
        """Put steps into the spool; a full disk costs them, but never a call."""
        try:
            await asyncio.to_thread(self._spool.keep, steps)
        except OSError as fault:
            log.error("spool_not_written", fault=str(fault), steps=len(steps))  # noqa: TRY400 - the operator needs the fault, not our stack
            return False
        return True


@asynccontextmanager
async def journal_writer(spool_file: Path) -> AsyncIterator[JournalWriter]:
    """A writer that is running inside the block and has written everything after it.

    Args:
        spool_file: Where steps wait when the database does not take them in time.
    """
    spool = Spool(spool_file)
    writer = JournalWriter(spool)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(writer.write_until_closed())
        try:
            await writer.take_up_spooled()
            yield writer
        finally:
            writer.close()
            await asyncio.wait([writing], timeout=FLUSH_LIMIT_S)
            writing.cancel()
            await writer.spool_the_rest()


def _call_of(step: CallWrite) -> str:
    return step.call_id if isinstance(step, call_log.JournalLine) else step.id
