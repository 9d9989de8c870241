"""The addresses behind a name, asked of DNS without anybody waiting long for it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Thread
from typing import Final, TypeAlias

ANSWER_S: Final = 5.0
AT_A_TIME: Final = 8

Addresses: TypeAlias = tuple[str, ...]


class NameLookup:
    """Asks DNS in threads of its own, so that a silent DNS keeps nobody else waiting for one.

    They are daemons: an exchange that stops waits for none of them.
    """

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_A_TIME)

    async def addresses_of(self, name: str) -> Addresses:
        """Look a name up; none when DNS does not know it, or does not answer in time.

        The time runs from when it is this name's turn. A turn ends with its thread, which may be
        stuck for longer than anybody waits for it.
        """
        await self._turns.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Addresses] = loop.create_future()

        def told(addresses: Addresses) -> None:
            self._turns.release()
            if not answer.done():
                answer.set_result(addresses)

        def ask() -> None:
            addresses: Addresses = ()
            try:
                with suppress(OSError, ValueError):
                    addresses = _ask(name)
            finally:
                with suppress(RuntimeError):  # the exchange has stopped meanwhile
                    loop.call_soon_threadsafe(told, addresses)

        try:
            Thread(target=ask, name="dns", daemon=True).start()
        except RuntimeError:  # the machine has no thread left
            told(())
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                return await answer
        return ()


def _ask(name: str) -> Addresses:
    told = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return tuple(sorted({str(address[0]) for *_, address in told}))
