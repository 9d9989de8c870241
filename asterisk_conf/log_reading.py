"""Asterisk's own logs: what it complained about since its start, and their turning over."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

START_MARK = re.compile(r"^\[[^]]*\] Asterisk \S+ built by ")
COMPLAINT = re.compile(r"^\[[^]]*\] (?P<level>WARNING|ERROR)\[\d+\][^ ]* (?P<text>.*)$")
DECLINED = re.compile(r"(?P<module>[\w-]+)(?:\.so)? declined to load")
EXPECTED = re.compile(
    r"Could not create dialog to invalid URI|Failed to create outgoing session"
    r"|registration attempt to '"
    r"|sounds\.c: Failed to stat "
    r"|cannot modify ps_\w+ because it is a view"
    r"|Failed to query 'ps_(endpoints|aors)@|Query Failed: \w+ (INTO|FROM) ps_(endpoints|aors) "
    r"|Query Failed because: ERROR:  cannot (insert into|delete from) view"
    r"|Query Failed because: ERROR:  column \"\w+\" of relation \"ps_(endpoints|aors)\" "
    r"|Query Failed because: ERROR:  [^\"]* at or near \"100rel\""
)
"""What Asterisk calls an error though nothing is wrong with it.

Somebody rings a phone that is not registered; a carrier refuses to register us, which `pbx trunk
list` tells; the doctor has asked which languages it speaks, and folders for prompts of one's own
are not there; and the database does not want a trunk that is being put into Asterisk's memory.
"""

LARGEST_LOG_BYTES = 50_000_000
KEPT_LOGS = 3

TAIL_BYTES = 2_000_000
"""As far back as a log is read: some ten thousand complaints, in a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One warning or error, as Asterisk wrote it."""

    level: str
    text: str


def lines_since_start(path: Path) -> Sequence[str]:
    """Return the log's lines from Asterisk's latest start on; none when there is no log.

    Of a log that has grown large since then, the last ``TAIL_BYTES`` only.
    """
    lines = _tail(path)
    starts = [number for number, line in enumerate(lines) if START_MARK.match(line)]
    return lines[starts[-1] :] if starts else lines


def complaints(lines: Sequence[str]) -> Sequence[Complaint]:
    """Pick warnings and errors out of the log's lines."""
    found = (COMPLAINT.match(line) for line in lines)
    return [
        Complaint(match["level"], match["text"])
        for match in found
        if match and not EXPECTED.search(match["text"])
    ]


def declined_modules(lines: Sequence[str]) -> Sequence[str]:
    """Name the modules that did not want to load, in the order of their complaints."""
    found = (DECLINED.search(line) for line in lines)
    return list(dict.fromkeys(match["module"] for match in found if match))


def turn_over(path: Path) -> None:
    """Put a log that has grown large aside as ``.1``, keeping three; its writer must begin anew."""
    if not _is_large(path):
        return
    for number in range(KEPT_LOGS - 1, 0, -1):
        older = _aside(path, number)
        if older.exists():
            older.replace(_aside(path, number + 1))
    path.replace(_aside(path, 1))


def empty(path: Path) -> None:
    """Empty a log that has grown large, while a process that cannot be told writes at its end."""
    if _is_large(path):
        os.truncate(path, 0)


def _is_large(path: Path) -> bool:
    return path.exists() and path.stat().st_size > LARGEST_LOG_BYTES


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            left_out = max(0, path.stat().st_size - TAIL_BYTES)
            file.seek(left_out)
            lines = file.read(TAIL_BYTES).decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return lines[1:] if left_out else lines  # the first one has lost its beginning
