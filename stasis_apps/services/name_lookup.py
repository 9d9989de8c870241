"""The addresses behind a name, asked of DNS without anybody waiting long for it."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final

ANSWER_S: Final = 5.0
AT_A_TIME: Final = 8


class NameLookup:
    """Asks DNS in threads of its own, so that a silent DNS keeps nobody else waiting for one."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="dns")
        self._turns = asyncio.Semaphore(AT_A_TIME)

    async def addresses_of(self, name: str) -> tuple[str, ...]:
        """Look a name up; none when DNS does not know it, or does not answer in time."""
        loop = asyncio.get_running_loop()
        try:
            async with self._turns, asyncio.timeout(ANSWER_S):
                return await loop.run_in_executor(self._threads, _ask, name)
        except (OSError, UnicodeError, TimeoutError):
            return ()


def _ask(name: str) -> tuple[str, ...]:
    told = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return tuple(sorted({str(address[0]) for *_, address in told}))
