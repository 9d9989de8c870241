"""The line to whoever has started us: we hear of their end on it, and they hear that we live."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

BEAT_PERIOD_S: Final = 1.0
BEAT: Final = b"."

_VARIABLE: Final = "PBX_LIFELINE"
_STDIN: Final = "stdin"

ENVIRONMENT: Final = {_VARIABLE: _STDIN}
"""Says that standard input is a lifeline: a connected socket that nobody writes to."""


class Lifeline:
    """The end of it that the application holds.

    Nothing is ever sent to us, so all that can be read is the end of the other side.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        line.setblocking(False)

    def stop_when_cut(self, stop: asyncio.Event) -> None:
        """Set ``stop`` when whoever has started us is gone: calls are left in good order then."""
        loop = asyncio.get_running_loop()

        def let_go() -> None:
            loop.remove_reader(self._line)  # an end that is not read would be told for ever
            stop.set()

        loop.add_reader(self._line, let_go)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Beat as long as the block lasts."""
        beats = asyncio.create_task(self.beat())
        try:
            yield
        finally:
            beats.cancel()

    async def beat(self) -> None:
        """Tell once a second that our loop turns, until cancelled."""
        while True:
            with suppress(OSError):  # they are gone, or are held and have not read for long
                self._line.send(BEAT)
            await asyncio.sleep(BEAT_PERIOD_S)


def given_lifeline() -> Lifeline | None:
    """The lifeline of this process; None when it was started by hand."""
    if os.environ.get(_VARIABLE) != _STDIN:
        return None
    return Lifeline(socket.socket(fileno=os.dup(sys.stdin.fileno())))
