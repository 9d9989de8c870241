"""The pulse of the application: whether its loop turns, as its beats on the lifeline tell."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from stasis_apps.lifeline import BEAT_PERIOD_S

ROUND_S: Final = BEAT_PERIOD_S * 1.5

HANGS_AFTER: Final = 7
"""So many rounds without a beat: for ten seconds nothing has happened to any call. Our own rounds
are counted, not the clock, so that a machine that has slept takes nobody for dead."""

FIRST_AFTER: Final = 80
"""So many rounds (two minutes) without the first beat: it has frozen before it could begin. It
beats as soon as its loop turns, so that a big database does not take that long."""

DOUBTFUL_AFTER: Final = 2
"""One late beat is a busy machine."""

MANY_BEATS: Final = 4096


class Pulse:
    """The supervisor's end of one application's lifeline.

    Args:
        line: Closed by the application's end, and with our own.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        line.setblocking(False)
        self._missed = 0
        self._has_begun = False

    @property
    def is_felt(self) -> bool:
        """Whether it beats, or may still be starting."""
        return self._missed < (DOUBTFUL_AFTER if self._has_begun else FIRST_AFTER)

    async def is_lost(self) -> bool:
        """Wait for what comes first: True when the application hangs, False when it has ended."""
        loop = asyncio.get_running_loop()
        while self._missed < (HANGS_AFTER if self._has_begun else FIRST_AFTER):
            try:
                async with asyncio.timeout(ROUND_S):
                    beats = await loop.sock_recv(self._line, MANY_BEATS)
            except TimeoutError:
                self._missed += 1
                continue
            if not beats:
                return False
            self._has_begun, self._missed = True, 0
        return True

    def close(self) -> None:
        """Let go of the line; an application that still lives ends in good order."""
        self._line.close()
