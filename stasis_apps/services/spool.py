"""Steps of calls in a file, for as long as the database does not take them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

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
            with self._path.open("rb") as waits, _appending(self._taken) as taken:
                shutil.copyfileobj(waits, taken)
            self._path.unlink()
        if self._taken.exists():
            yield from _read(self._taken)
        self._has_taken = True

    def forget_taken(self) -> None:
        """What was taken, to its end, is in the database now."""
        if self._has_taken:
            self._taken.unlink(missing_ok=True)
            self._has_taken = False


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # nothing is there, or nothing can be
        return 0


@contextmanager
def _appending(path: Path) -> Iterator[BinaryIO]:
    """The end of a file, on a line of its own: a full disk may have cut the last one off."""
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        yield file


def _append(path: Path, steps: Iterable[CallWrite]) -> None:
    with _appending(path) as file:
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
