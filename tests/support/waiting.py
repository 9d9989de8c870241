"""Waiting in tests: a real question is asked until the answer is yes; never a blind sleep."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")

PAUSE_S = 0.02

COMES_S = 30.0
"""How long a test waits for what must come: a busy machine may do nothing of ours for seconds."""


async def until(
    question: Callable[[], Answer | None],
    *,
    within_s: float = COMES_S,
    saying: str | Callable[[], str],
    pause_s: float = PAUSE_S,
) -> Answer:
    """Ask until the answer is true and give that answer back.

    Args:
        question: what is asked, again and again, every ``pause_s`` seconds.
        within_s: how long the truth may take to come.
        saying: what the failed test prints.
        pause_s: rest between two askings.

    Raises:
        AssertionError: the deadline passed.
    """

    async def ask() -> Answer | None:
        return question()

    return await until_told(ask, within_s=within_s, saying=saying, pause_s=pause_s)


async def until_told(
    question: Callable[[], Awaitable[Answer | None]],
    *,
    within_s: float = COMES_S,
    saying: str | Callable[[], str],
    pause_s: float = PAUSE_S,
) -> Answer:
    """Ask somebody who takes time to answer, a server or a command; see ``until``."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + within_s
    while True:
        answer = await question()
        if answer:
            return answer
        if clock() >= deadline:
            text = saying if isinstance(saying, str) else saying()
            raise AssertionError(f"not within {within_s} s: {text}")
        await asyncio.sleep(pause_s)
