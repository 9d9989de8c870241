"""Steps of calls in a file, for as long as the database does not take them."""

from __future__ import annotations

import shutil
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

    def take(self) -> Iterator[CallWrite]:
        """Everything that waits, read as it is asked for: there may be more than memory holds.

        It is kept on disk until `forget_taken` says that it is written. A line that cannot be read
        is reported and left out.
        """
        self._has_taken = False
        if self._path.exists():
            with self._path.open("rb") as waits, self._taken.open("ab") as taken:
                shutil.copyfileobj(waits, taken)
            self._path.unlink()
        if self._taken.exists():
            yield from _read(self._taken)
        self._has_taken = True

    def take_all(self) -> list[CallWrite]:
        """The same at once."""
        return list(self.take())

    def forget_taken(self) -> None:
        """What was taken, to its end, is in the database now."""
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
    with path.open("rb") as file:
        for line in file:
            try:
                document = msgspec.json.decode(line)
                yield msgspec.convert(document["step"], _KINDS[document["kind"]])
            except (msgspec.MsgspecError, KeyError, TypeError) as fault:
                log.warning("spooled_step_unreadable", fault=str(fault), path=str(path))
