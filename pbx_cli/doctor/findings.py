"""What the doctor found out about one dependency."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a dependency is."""

    UP = "up"
    WARNING = "warning"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        name: The dependency.
        health: How it is.
        words: What was seen, and what to do when it is not well.
    """

    name: str
    health: Health
    words: str


def up(name: str, words: str) -> Finding:
    """It works."""
    return Finding(name, Health.UP, words)


def warning(name: str, words: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(name, Health.WARNING, words)


def down(name: str, words: str) -> Finding:
    """It does not work."""
    return Finding(name, Health.DOWN, words)
