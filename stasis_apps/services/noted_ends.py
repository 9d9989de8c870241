"""What Asterisk has noted of channels that ended unseen, see `asterisk_conf.noted_ends`.

It is read only when a call has ended unseen; many may have, then it is read once for all.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import structlog

from ari_client.ids import call_of
from asterisk_conf import noted_ends
from asterisk_conf.log_reading import aside
from asterisk_conf.noted_ends import NotedEnd

_Looks: TypeAlias = tuple[int, int] | None

log = structlog.get_logger(__name__)


class NotedEnds:
    """How channels ended, by their calls."""

    def __init__(self, file: Path | None = None) -> None:
        """Read nothing yet.

        Args:
            file: Where Asterisk notes it; None for an Asterisk that notes nothing.
        """
        self._file = file
        self._one_reader = asyncio.Lock()
        self._read_at: tuple[_Looks, _Looks] | None = None
        self._noted: Mapping[str, Mapping[str, NotedEnd]] = {}

    async def of_call(self, call_id: str) -> Mapping[str, NotedEnd]:
        """How channels of a call ended, by their ids; empty when nothing is noted of it."""
        if self._file is None:
            return {}
        async with self._one_reader:
            try:
                await asyncio.to_thread(self._look, self._file)
            except OSError as fault:
                log.warning("noted_ends_not_read", fault=str(fault))
        return self._noted.get(call_id, {})

    def _look(self, file: Path) -> None:
        """Read what has been noted since the last look, if anything has."""
        looks_like = _looks(file), _looks(aside(file))
        if looks_like == self._read_at:
            return
        noted: defaultdict[str, dict[str, NotedEnd]] = defaultdict(dict)
        for channel_id, end in noted_ends.read(file).items():
            noted[call_of(channel_id)][channel_id] = end
        self._read_at, self._noted = looks_like, noted


def _looks(file: Path) -> _Looks:
    """What tells a file from another, or from itself when it was shorter; None when it is away."""
    try:
        about = file.stat()
    except FileNotFoundError:
        return None
    return about.st_ino, about.st_size
