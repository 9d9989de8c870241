"""Files that have been looked at, folded up small until their turn comes."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator
from typing import Final

from pbx_cli.applying.looking import Judged, Looked

MOST_BYTES: Final = 128_000_000
"""What is kept takes no more, however many files there are; a tenant of 10 phones takes 3,000."""

_FASTEST: Final = 1


class LooksKept:
    """What was found out about files, in their order, so that none has to be read twice.

    What is kept lies in memory alone, for passwords are part of it. Of files for which there is no
    room left it is remembered what was judged; they have to be looked at again.
    """

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._turns: list[bytes | Judged] = []
        self._room_bytes = MOST_BYTES

    def add(self, looked: Looked) -> None:
        """Keep one more."""
        folded = zlib.compress(pickle.dumps(looked), _FASTEST)
        if len(folded) > self._room_bytes:
            self._turns.append(looked.judged)
            return
        self._room_bytes -= len(folded)
        self._turns.append(folded)

    def __len__(self) -> int:
        """How many files there are."""
        return len(self._turns)

    def __iter__(self) -> Iterator[Looked | Judged]:
        """What was found out about every file; where that was not kept, what was judged."""
        for turn in self._turns:
            yield turn if isinstance(turn, Judged) else _unfolded(turn)


def _unfolded(folded: bytes) -> Looked:
    looked: Looked = pickle.loads(zlib.decompress(folded))  # noqa: S301 - folded up by ourselves
    return looked
