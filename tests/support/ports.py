"""Ports for tests: blocks that no other test process on this machine holds at the same time."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

SMALL_FIRST, SMALL_LAST, SMALL_SIZE = 20_000, 32_000, 20
"""Blocks for phones and servers, below the ports that the kernel gives to outgoing connections."""

MEDIA_FIRST, MEDIA_LAST, MEDIA_SIZE = 4_000, 20_000, 1_000
"""Blocks for the audio of one exchange; a worker of a test run has up to three at once."""


@dataclass(slots=True)
class PortBlock:
    """Ports that belong to one phone or exchange; handed out one by one or as a range."""

    first: int
    last: int
    _taken: int = field(default=0)

    def one(self) -> int:
        """Hand out the next port of the block."""
        port = self.first + self._taken
        assert port <= self.last, "the block of ports is used up"
        self._taken += 1
        return port

    def rest(self) -> tuple[int, int]:
        """Hand out all that is left, beginning at an even port as audio wants it."""
        first = self.first + self._taken
        self._taken = self.last - self.first + 1
        return first + first % 2, self.last


@contextmanager
def small_block() -> Iterator[PortBlock]:
    """Hold twenty free ports of 127.0.0.1 for as long as the block is open."""
    with _block(range(SMALL_FIRST, SMALL_LAST, SMALL_SIZE), SMALL_SIZE) as block:
        yield block


@contextmanager
def media_block() -> Iterator[PortBlock]:
    """Hold a thousand ports for the audio of one exchange."""
    with _block(range(MEDIA_FIRST, MEDIA_LAST, MEDIA_SIZE), MEDIA_SIZE) as block:
        yield block


@contextmanager
def _block(starts: range, size: int) -> Iterator[PortBlock]:
    """Take a block at random; a lock that dies with its process keeps others away."""
    for first in SystemRandom().sample(starts, len(starts)):
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            lock.bind(f"\0pbx-test-ports-{size}-{first}")
        except OSError:
            lock.close()
            continue
        with lock:
            if size != SMALL_SIZE or all(is_free(port) for port in range(first, first + size)):
                yield PortBlock(first, first + size - 1)
                return
    raise AssertionError("no free block of ports on this machine")


def is_held(port: int, host: str) -> bool:
    """Say whether somebody has this port; it is not tried out, which would keep them from it."""
    address = int.from_bytes(socket.inet_aton(host), sys.byteorder)
    place = f" {address:08X}:{port:04X} "
    return any(place in Path(f"/proc/net/{kind}").read_text() for kind in ("udp", "tcp"))


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Say whether nobody listens on this port."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
