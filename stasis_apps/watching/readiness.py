"""Whether calls are taken, and what is missing when they are not; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

DATABASE_SILENT_S: Final = 10.0
"""The database is asked five times a second; after this long without an answer it is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What the process knows about itself at one moment.

    Attributes:
        is_connected: Whether Asterisk tells us of calls.
        takes_calls: False once the process has been told to end.
        plans_age_s: How long ago the plans were last compared with the database; None for never.
        is_database_there: Whether the database has answered the last time it was asked.
        plans_unusable: Tenants that go on with an old plan or none, as the new one cannot be made.
    """

    is_connected: bool
    takes_calls: bool
    plans_age_s: float | None
    is_database_there: bool
    plans_unusable: int = 0

    @property
    def has_database(self) -> bool:
        """Whether the database answers, as far as one can tell."""
        is_silent = self.plans_age_s is None or self.plans_age_s > DATABASE_SILENT_S
        return self.is_database_there and not is_silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that the exchange stands on.

    Attributes:
        name: Which.
        is_well: Whether it is as it should be.
        is_needed: Whether no call is taken without it.
        words: What was seen.
    """

    name: str
    is_well: bool
    is_needed: bool = True
    words: str


def parts_of(vitals: Vitals) -> Sequence[Part]:
    """Judge each part; a database that is away is told, but calls go on without it."""
    return (
        Part(
            name="asterisk",
            is_well=vitals.is_connected,
            words="connected" if vitals.is_connected else "not connected",
        ),
        Part(
            name="plans",
            is_well=vitals.plans_age_s is not None,
            words="read" if vitals.plans_age_s is not None else "never read",
        ),
        Part(
            name="every_plan",
            is_well=not vitals.plans_unusable,
            is_needed=False,
            words=_words_on_plans(vitals.plans_unusable),
        ),
        Part(
            name="application",
            is_well=vitals.takes_calls,
            words="takes calls" if vitals.takes_calls else "is ending, takes no new calls",
        ),
        Part(
            name="database",
            is_well=vitals.has_database,
            is_needed=False,
            words="answers"
            if vitals.has_database
            else "away; calls go on with the plans in memory",
        ),
    )


def _words_on_plans(unusable: int) -> str:
    if not unusable:
        return "in use as it stands in the database"
    who = "1 tenant goes" if unusable == 1 else f"{unusable} tenants go"
    return f"{who} on with an old plan or none; see the log"


def are_calls_taken(parts: Sequence[Part]) -> bool:
    """Whether everything is well that a call needs."""
    return all(part.is_well for part in parts if part.is_needed)


def told(parts: Sequence[Part], node: str = "") -> Mapping[str, object]:
    """The parts as a document for people and programs.

    Args:
        parts: What was seen.
        node: Which exchange says so.
    """
    return {
        "node": node,
        "ready": are_calls_taken(parts),
        "parts": {
            part.name: {"well": part.is_well, "needed": part.is_needed, "says": part.words}
            for part in parts
        },
    }
