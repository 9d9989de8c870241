"""The clock that jumps, on which the tests of callers run."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ari_client.testing import Deadlock, JumpingClockLoop
from tests.support.waiting import COMES_S


async def test_half_an_hour_passes_at_once_and_everybody_is_called_in_order() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, JumpingClockLoop)
    began_s = loop.time()
    rang: list[int] = []
    for minutes in (30, 10, 20):
        loop.call_later(60.0 * minutes, rang.append, minutes)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60.0 * 25):
            await asyncio.Event().wait()

    assert rang == [10, 20]
    assert loop.time() - began_s == pytest.approx(60.0 * 25)


async def test_who_is_called_for_the_same_moment_is_called_in_order() -> None:
    loop = asyncio.get_running_loop()
    called: list[int] = []
    for place in range(20):
        loop.call_later(1.0, called.append, place)
        loop.call_later(0.5, str)

    await asyncio.sleep(2.0)

    assert called == list(range(20))


async def test_the_clock_stands_still_while_a_thread_works() -> None:
    loop = asyncio.get_running_loop()
    gate, began_s = threading.Event(), loop.time()
    loop.call_soon(gate.set)

    async with asyncio.timeout(COMES_S):
        await asyncio.to_thread(gate.wait)

    assert loop.time() == began_s


def test_a_wait_that_cannot_end_fails_at_once() -> None:
    loop = JumpingClockLoop()

    with pytest.raises(Deadlock):
        loop.run_until_complete(asyncio.Event().wait())

    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
