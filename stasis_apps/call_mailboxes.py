"""The voicemail of a tenant, as an element sees it in a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class MailboxRefused(Exception):
    """The mailbox takes no message now, or does not give out what lies in it.

    Attributes:
        is_full: Whether it holds as many messages as it may.
    """

    def __init__(self, why: str, *, is_full: bool = False) -> None:
        super().__init__(why)
        self.is_full = is_full


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLimits:
    """How long a voicemail message may be.

    Attributes:
        shortest_s: What is shorter is no message and is dropped.
        longest_s: Recording ends here.
        silence_s: Recording ends after so much silence.
    """

    shortest_s: float = 1.0
    longest_s: float = 300.0
    silence_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftMessage:
    """A message that is safe: its sound is durable on disk, with all that its mailbox needs.

    Its row is committed by now; while the database is away, that follows by itself.
    """

    id: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in a mailbox, for its owner.

    Attributes:
        id: Played as ``message:ID``.
        caller_number: Who left it, or empty.
        received_at: When, in the tenant's zone.
        duration_s: How long it is.
        is_heard: Whether its owner has listened to it.
    """

    id: str
    caller_number: str
    received_at: datetime
    duration_s: float
    is_heard: bool


class Mailboxes(Protocol):
    """The voicemail of this tenant, for elements."""

    async def record(self, box: str, limits: MessageLimits) -> LeftMessage | None:
        """Record the caller, after the beep, until ``#``, silence or the limit.

        Returns when the message is safe, and with None when it was too short. A caller who hangs up
        has left a message too: it is safe before `CallEnded` goes on.

        Raises:
            MailboxRefused: Before the beep, when the mailbox is full or there is none; after it,
                when nothing could be recorded.
        """

    def owners(self, box: str) -> Sequence[str]:
        """The users whose mailbox it is: their phones show that a message waits."""

    async def messages(self, box: str) -> Sequence[Message]:
        """What lies in the mailbox: new messages first, each part from old to new.

        Raises:
            MailboxRefused: The database is away; so with the verbs below.
        """

    async def mark_heard(self, box: str, message_id: str) -> None:
        """The owner has listened to it; the lamp goes out with the last new one."""

    async def delete(self, box: str, message_id: str) -> None:
        """Throw a message away, its sound included."""

    def has_pin(self, number: str) -> bool:
        """Whether a PIN is set for a mailbox, or for another element that asks for one."""

    async def opens(self, box: str, pin: str) -> bool:
        """Whether this is the PIN of a mailbox or another element; False where none is set.

        After too many wrong ones in a row it is locked for a while, over all calls.
        """
