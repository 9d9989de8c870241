"""Steps of calls in a file, for as long as the database does not take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import structlog

from models.call_log import AnsweredCall, CallWrite, ClosedCall, JournalLine, OpenedCall

_KINDS: dict[str, type[CallWrite]] = {
    kind.__name__: kind for kind in (OpenedCall, AnsweredCall, ClosedCall, JournalLine)
}

log = structlog.get_logger(__name__)


class Spool:
    """An append-only file, one JSON document a line; what cannot be written ever lies beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._taken = path.with_suffix(".taken")
        self._has_taken = False
        self._refused = path.with_suffix(".refused")

    @property
    def size_bytes(self) -> int:
        """How much waits on disk for the database; what it will never take does not count."""
        return sum(_size_of(path) for path in (self._path, self._taken))

    def keep(self, steps: Iterable[CallWrite]) -> None:
        """Add steps at the end."""
        _append(self._path, steps)

    def set_aside(self, step: CallWrite) -> None:
        """Keep a step that the database will never take, for somebody to look at."""
        _append(self._refused, [step])

    def take_all(self) -> list[CallWrite]:
        """Everything that waits; kept on disk until `forget_taken` says that it is written.

        A line that cannot be read is reported and left out.
        """
        if self._path.exists():
            with self._taken.open("ab") as taken:
                taken.write(self._path.read_bytes())
            self._path.unlink()
        self._has_taken = self._taken.exists()
        return list(_read(self._taken)) if self._has_taken else []

    def forget_taken(self) -> None:
        """What was taken is in the database now."""
        if self._has_taken:
            self._taken.unlink(missing_ok=True)
            self._has_taken = False


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _append(path: Path, steps: Iterable[CallWrite]) -> None:
    with path.open("ab") as file:
        for step in steps:
            kind = type(step).__name__
            file.write(msgspec.json.encode({"kind": kind, "step": step}) + b"\n")


def _read(path: Path) -> Iterator[CallWrite]:
    for line in path.read_bytes().splitlines():
        try:
            document = msgspec.json.decode(line)
            yield msgspec.convert(document["step"], _KINDS[document["kind"]])
        except (msgspec.MsgspecError, KeyError, TypeError) as fault:
            log.warning("spooled_step_unreadable", fault=str(fault), path=str(path))
