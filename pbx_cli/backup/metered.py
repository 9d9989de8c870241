"""What an archive may make of this machine's memory, whoever has written it."""

from __future__ import annotations

import tarfile
from typing import IO, Final

LONGEST_HEAD: Final = 64 * 1024
"""Names may have 4096 characters; no other header of ours is long."""

_READ_AHEAD: Final = 2 * tarfile.RECORDSIZE


class Metered:
    """Reads on, but no further than was allowed last: what is read of a member is written away."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._left = 0
        self.allow_head()

    def allow_head(self) -> None:
        """Let one more header be read."""
        self._left = LONGEST_HEAD + _READ_AHEAD

    def allow(self, size: int) -> None:
        """Let so much of a member be read."""
        self._left = size + _READ_AHEAD

    def read(self, size: int) -> bytes:
        """Read on.

        Raises:
            tarfile.ReadError: It is more than any header of ours.
        """
        self._left -= size
        if self._left < 0:
            raise tarfile.ReadError("a header in it is too long")
        return self._source.read(size)
