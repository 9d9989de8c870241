"""How each channel ended, as Asterisk notes it; for the ends that nobody else has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from asterisk_conf.log_reading import aside, tail

FOLDER: Final = "log/cel-custom"
"""Below Asterisk's own folder; the name is Asterisk's."""

FILE: Final = "ends.json"

LARGEST_BYTES: Final = 2_000_000
"""Of some ten thousand channels; what came before is kept as long again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedEnd:
    """The end of one channel.

    Attributes:
        at: When.
        is_somebodys: Whether somebody hung up; else Asterisk ended it, at its own end, say.
        cause: The Q.850 cause; 0 for none.
    """

    at: datetime
    is_somebodys: bool
    cause: int = 0


def place(home: Path) -> Path:
    """Where the Asterisk of a home notes them."""
    return home / "asterisk" / FOLDER / FILE


def read(file: Path) -> Mapping[str, NotedEnd]:
    """Return how channels ended that have ended of late, by their ids.

    Raises:
        OSError: It cannot be read.
    """
    latest = tail(file, LARGEST_BYTES)  # first, for it may be turned over just now
    lines = [*tail(aside(file), LARGEST_BYTES), *latest]
    return dict(noted for line in lines if (noted := _read_line(line)) is not None)


class _Line(msgspec.Struct):
    eventtime: str
    uniqueid: str
    eventextra: str


class _Extra(msgspec.Struct):
    hangupsource: str
    hangupcause: int = 0


def _read_line(line: str) -> tuple[str, NotedEnd] | None:
    """What one line says; None for one that a full disk has cut off."""
    try:
        noted = msgspec.json.decode(line, type=_Line)
        at = datetime.fromtimestamp(float(noted.eventtime), UTC)
        extra = msgspec.json.decode(noted.eventextra, type=_Extra)
    except (msgspec.DecodeError, ValueError, OverflowError, OSError):
        return None
    return noted.uniqueid, NotedEnd(
        at=at,
        is_somebodys=bool(extra.hangupsource),
        cause=extra.hangupcause,
    )
