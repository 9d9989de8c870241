"""Asks others for figures, but never often and never for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from ari_client import AriError
from models.errors import ModelsError

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


class Asked(Generic[Answer]):
    """A question with its last answer.

    Attributes:
        answer: What was said last; None when there was no answer.
    """

    def __init__(
        self, question: Callable[[], Awaitable[Answer]], *, every_s: float, limit_s: float
    ) -> None:
        """Prepare a question; nobody is asked yet.

        Args:
            question: Asks.
            every_s: The shortest time between two askings, whoever wants to know.
            limit_s: For how long an answer is waited for.
        """
        self.answer: Answer | None = None
        self._question = question
        self._every_s = every_s
        self._limit_s = limit_s
        self._next_at = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def renew(self) -> None:
        """Ask anew if the last answer is old enough."""
        clock = asyncio.get_running_loop().time
        async with self._one_at_a_time:
            if clock() >= self._next_at:
                self._next_at = clock() + self._every_s
                self.answer = await self._ask()

    async def _ask(self) -> Answer | None:
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._question()
        except (AriError, ModelsError, OSError) as fault:
            log.debug("figure_not_told", fault=str(fault) or type(fault).__name__)
            return None
