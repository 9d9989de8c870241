"""Reads Asterisk's own log: what it complained about since it was last started."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

START_MARK = re.compile(r"^\[[^]]*\] Asterisk \S+ built by ")
COMPLAINT = re.compile(r"^\[[^]]*\] (?P<level>WARNING|ERROR)\[\d+\][^ ]* (?P<text>.*)$")
DECLINED = re.compile(r"(?P<module>[\w-]+)(?:\.so)? declined to load")
LARGEST_LOG_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Complaint:
    """One warning or error, as Asterisk wrote it."""

    level: str
    text: str


def lines_since_start(path: Path) -> Sequence[str]:
    """Return the log's lines from Asterisk's latest start on; none when there is no log."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    starts = [number for number, line in enumerate(lines) if START_MARK.match(line)]
    return lines[starts[-1] :] if starts else lines


def complaints(lines: Sequence[str]) -> Sequence[Complaint]:
    """Pick warnings and errors out of the log's lines."""
    found = (COMPLAINT.match(line) for line in lines)
    return [Complaint(match["level"], match["text"]) for match in found if match]


def declined_modules(lines: Sequence[str]) -> Sequence[str]:
    """Name the modules that did not want to load, in the order of their complaints."""
    found = (DECLINED.search(line) for line in lines)
    return list(dict.fromkeys(match["module"] for match in found if match))


def turn_over(path: Path) -> None:
    """Put a log that has grown large aside, keeping one of its kind; for use before a start."""
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
