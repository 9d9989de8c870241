"""Programs of the exchange that do nothing for a while, though they live."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.exchange import Exchange


@contextmanager
def hanging(exchange: Exchange) -> Iterator[int]:
    """Hold the application up; its number."""
    pid = exchange.application_pid()
    assert pid is not None
    with _held_up(exchange, pid):
        yield pid


@contextmanager
def nothing_is_started(exchange: Exchange) -> Iterator[None]:
    """Hold ``pbx run`` up, which starts again what has died."""
    status = Path(f"/proc/{exchange.application_pid()}/stat").read_text()
    parent = int(status.rpartition(")")[2].split()[1])
    with _held_up(exchange, parent):
        yield


@contextmanager
def _held_up(exchange: Exchange, pid: int) -> Iterator[None]:
    assert exchange.is_alive(pid)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        if exchange.is_alive(pid):
            os.kill(pid, signal.SIGCONT)
