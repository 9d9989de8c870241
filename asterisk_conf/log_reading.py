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
    r"|pjsip_transport_events\.c: Transport '"
    r"|Option 'stir_shaken' is no longer supported"
    r"|sounds\.c: Failed to stat "
    r"|cannot modify ps_\w+ because it is a view"
    r"|Updating on column '\w+', but that .* within the table 'ps_(endpoints|aors)'"
    r"|Failed to query 'ps_(endpoints|aors)@|Query Failed: \w+ (INTO|FROM) ps_(endpoints|aors) "
    r"|Query Failed because: ERROR:  cannot (insert into|delete from) view"
    r"|Query Failed because: ERROR:  column \"\w+\" of relation \"ps_(endpoints|aors)\" "
    r"|Query Failed because: ERROR:  [^\"]* at or near \"100rel\""
)
"""What Asterisk calls an error though nothing is wrong with it.

Somebody rings a phone that is not registered; a carrier refuses to register us, or we refuse its
certificate, which `pbx trunk list` tells; a trunk is told again, which reads all options there are;
the doctor has asked which languages it speaks, and folders for prompts of one's own are not there;
and the database does not want a trunk that is being put into Asterisk's memory.
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
    lines = tail(path)
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


def turn_over(path: Path, *, largest_bytes: int = LARGEST_LOG_BYTES, kept: int = KEPT_LOGS) -> None:
    """Put a log that has grown large aside as ``.1``, keeping a few; its writer must begin anew."""
    if not _is_large(path, largest_bytes):
        return
    for number in range(kept - 1, 0, -1):
        older = aside(path, number)
        if older.exists():
            older.replace(aside(path, number + 1))
    path.replace(aside(path))


def empty(path: Path) -> None:
    """Empty a log that has grown large, while a process that cannot be told writes at its end."""
    if _is_large(path):
        os.truncate(path, 0)


def aside(path: Path, number: int = 1) -> Path:
    """Where a log is put that has grown large; the higher the number, the longer ago."""
    return path.with_name(f"{path.name}.{number}")


def tail(path: Path, most_bytes: int = TAIL_BYTES) -> list[str]:
    """Return the last whole lines of a log; none when there is no log."""
    try:
        with path.open("rb") as file:
            left_out = max(0, path.stat().st_size - most_bytes)
            file.seek(left_out)
            lines = file.read(most_bytes).decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return lines[1:] if left_out else lines  # the first one has lost its beginning


def _is_large(path: Path, largest_bytes: int = LARGEST_LOG_BYTES) -> bool:
    return path.exists() and path.stat().st_size > largest_bytes
