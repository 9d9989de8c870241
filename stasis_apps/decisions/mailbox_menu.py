"""What the owner of a mailbox hears next: the rule of the menu between messages.

The keys are those that the prompts which ship with Asterisk name, in each of their languages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MOST_LOST: Final = 3
"""Wrong keys or silences one after the other, at one message, after which the owner is let go."""


class Key(StrEnum):
    """What a key does."""

    CALL_BACK = "2"
    PREVIOUS = "4"
    REPEAT = "5"
    NEXT = "6"
    DELETE = "7"
    SAVE = "9"
    HELP = "*"
    END = "#"


class Act(StrEnum):
    """What is done with the message at which the owner is, before the next one is heard."""

    NOTHING = "nothing"
    DELETE = "delete"
    CALL_BACK = "call_back"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Where the owner is in a mailbox with ``count`` messages.

    Attributes:
        count: How many messages there were when the mailbox was opened.
        at: The message that is heard, from 0; ``count`` when all have been.
        deleted: The messages that were thrown away.
        lost: Wrong keys and silences one after the other.
        is_over: Whether the owner is let go.
    """

    count: int
    at: int = 0
    deleted: frozenset[int] = frozenset()
    lost: int = 0
    is_over: bool = False

    @property
    def is_at_a_message(self) -> bool:
        """Whether there is a message to be heard."""
        return not self.is_over and self.at < self.count


def after_key(reading: Reading, pressed: str) -> tuple[Act, Reading]:
    """What the key does, and where the owner is then; silence is the empty text."""
    here = replace(reading, lost=0)
    match pressed:
        case Key.NEXT | Key.SAVE:
            return Act.NOTHING, _onward(here)
        case Key.PREVIOUS:
            return Act.NOTHING, _back(here)
        case Key.REPEAT | Key.END:
            return Act.NOTHING, replace(here, is_over=pressed == Key.END)
        case Key.DELETE:
            gone = replace(here, deleted=here.deleted | {here.at})
            return Act.DELETE, _onward(gone)
        case Key.CALL_BACK:
            return Act.CALL_BACK, here
        case _:
            lost = reading.lost + 1
            return Act.EXPLAIN, replace(reading, lost=lost, is_over=lost >= MOST_LOST)


def _onward(reading: Reading) -> Reading:
    left = (at for at in range(reading.at + 1, reading.count) if at not in reading.deleted)
    return replace(reading, at=next(left, reading.count))


def _back(reading: Reading) -> Reading:
    left = (at for at in range(reading.at - 1, -1, -1) if at not in reading.deleted)
    return replace(reading, at=next(left, reading.at))
