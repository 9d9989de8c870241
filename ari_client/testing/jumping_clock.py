"""An event loop whose clock jumps when nobody has anything to do: half a minute costs nothing.

Work in the loop's threads (`asyncio.to_thread`) is waited for in real time, and so is everything as
long as a socket is open: the system brings what was sent when it likes. When all tasks wait for
something that cannot come, that is said at once, by `Deadlock`.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import Counter
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple, Unpack

BEGINNING_S = 1_000.0
"""What the clock shows in the beginning; not 0, which too easily passes for "not set"."""

A_TIE_S = 2.0**-35
"""By so much a timer is later than the one that was set before it for the same moment."""

OWN_SOCKETS = 1
"""A loop listens to itself: so threads wake it."""

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Deadlock(Exception):
    """Everybody waits, no timer runs, and nothing can come from outside."""


class _Selector(selectors.DefaultSelector):
    """Lets the loop's clock jump instead of waiting, unless a thread or a socket may wake it."""

    loop: JumpingClockLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; when nothing is, the time is later afterwards."""
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.loop.threads_at_work:
            return super().select(None)
        if len(self.get_map()) > OWN_SOCKETS:
            ready = super().select(timeout)
            self.loop.jump(0 if ready or timeout is None else timeout)
            return ready
        if timeout is None:
            raise Deadlock("every task waits for something that cannot come any more")
        self.loop.jump(timeout)
        return []


class JumpingClockLoop(asyncio.SelectorEventLoop):
    """An ordinary event loop, but for its clock.

    Timers for one moment go off in the order in which they were set, whatever others there are.
    """

    def __init__(self) -> None:
        self._now_s = BEGINNING_S
        self._timers_at: Counter[float] = Counter()
        self._threads_at_work = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    @property
    def threads_at_work(self) -> bool:
        """Whether a thread is doing something that will wake the loop."""
        return self._threads_at_work > 0

    def time(self) -> float:
        """The time of this loop, which has nothing to do with the time of day."""
        return self._now_s

    def jump(self, seconds: float) -> None:
        """Let time pass at once."""
        self._now_s += seconds

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Arguments]], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Do something at a moment of this loop's clock."""
        before = self._timers_at[when]
        self._timers_at[when] = before + 1
        return super().call_at(when + before * A_TIE_S, callback, *args, context=context)

    def run_in_executor(
        self,
        executor: Any,  # whatever the loop's own method takes
        func: Callable[[Unpack[Arguments]], Result],
        *args: *Arguments,
    ) -> asyncio.Future[Result]:
        """Do something in a thread; the clock stands still meanwhile."""
        work = super().run_in_executor(executor, func, *args)
        self._threads_at_work += 1
        work.add_done_callback(self._thread_is_done)
        return work

    async def shutdown_default_executor(self, *args: Any) -> None:  # as the loop's own
        """Wait for the threads, which are let go by yet another thread."""
        self._threads_at_work += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._threads_at_work -= 1

    def _thread_is_done(self, _work: asyncio.Future[Any]) -> None:
        self._threads_at_work -= 1
