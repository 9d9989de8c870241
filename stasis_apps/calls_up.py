"""The calls that this process is running, and the ones that it has just run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Set

import structlog

from ari_client import AriClient
from stasis_apps.live_call.legs import hang_up_channel

CALLS_REMEMBERED = 10_000
"""Calls that are over and still known by their ids, which never come again; none begins twice."""

STRAY_CAUSE = 21
"""Q.850 cause 21 (call rejected): what a channel is told that belongs to no call."""

log = structlog.get_logger(__name__)


class CallsUp:
    """A task for each call; whatever goes wrong in one stays in it."""

    def __init__(self, ari: AriClient) -> None:
        self._ari = ari
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._over: dict[str, None] = {}  # in the order in which they ended

    def __len__(self) -> int:
        return len(self._tasks)

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._tasks

    @property
    def running(self) -> Set[str]:
        """The calls that are up."""
        return self._tasks.keys()

    @property
    def over(self) -> Set[str]:
        """The calls that have ended here; their ids never come again."""
        return self._over.keys()

    def run(
        self, call_id: str, call: Coroutine[None, None, None], group: asyncio.TaskGroup
    ) -> None:
        """Run a call in a task of its own."""
        task = group.create_task(self._guarded(call_id, call))
        self._tasks[call_id] = task
        task.add_done_callback(lambda _: self._is_over(call_id))

    async def wait(self, limit_s: float, *, unless: asyncio.Event) -> None:
        """Wait until all calls that are up now have ended, something happens, or for so long."""
        if not self._tasks:
            return
        over = asyncio.gather(*self._tasks.values(), return_exceptions=True)
        happens = asyncio.create_task(unless.wait())
        await asyncio.wait((over, happens), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        happens.cancel()

    async def let_go(self, channel_id: str) -> None:
        """Hang up a channel that is nobody's call."""
        await hang_up_channel(self._ari, channel_id, STRAY_CAUSE)

    async def _guarded(self, call_id: str, call: Coroutine[None, None, None]) -> None:
        try:
            await call
        except Exception:
            log.exception("call_broke", call_id=call_id)
            await self.let_go(call_id)

    def _is_over(self, call_id: str) -> None:
        self._tasks.pop(call_id, None)
        self._over[call_id] = None
        if len(self._over) > CALLS_REMEMBERED:
            del self._over[next(iter(self._over))]
