"""ScriptedMailboxes: the voicemail of a scripted call, all in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stasis_apps.call_mailboxes import LeftMessage, MailboxRefused, Message, MessageLimits

SAID_S = 5.0
"""How long callers speak about whom the script says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftInBox:
    """A message that the caller of the script has left."""

    box: str
    duration_s: float


class ScriptedMailboxes:
    """Mailboxes that follow a script; see `stasis_apps.call.Mailboxes` for what can be asked.

    Attributes:
        left: The messages that the caller has left, in order.
        limits: How long each of them might have been.
        deleted: The ids of messages that were thrown away.
        tried: Each mailbox that was tried with a PIN.
        reach: Called while the caller speaks; the scripted call lets them hang up there.
    """

    def __init__(
        self,
        messages: Mapping[str, Sequence[Message]] | None = None,
        *,
        pins: Mapping[str, str] | None = None,
        owners: Mapping[str, Sequence[str]] | None = None,
        says_s: Sequence[float] = (),
        refusal: MailboxRefused | None = None,
    ) -> None:
        """Fill the mailboxes.

        Args:
            messages: What lies in each mailbox.
            pins: What opens each mailbox.
            owners: The users whose mailbox each one is.
            says_s: How long the caller speaks, each time they are recorded.
            refusal: Why nothing works.
        """
        self._messages = {box: list(found) for box, found in (messages or {}).items()}
        self._pins = dict(pins or {})
        self._owners = dict(owners or {})
        self._says_s = deque(says_s)
        self._refusal = refusal
        self.left: list[LeftInBox] = []
        self.limits: list[MessageLimits] = []
        self.deleted: list[str] = []
        self.tried: list[str] = []
        self.reach: Callable[[], None] = lambda: None

    def owners(self, box: str) -> Sequence[str]:
        """The users whose mailbox it is."""
        return self._owners.get(box, ())

    async def record(self, box: str, limits: MessageLimits) -> LeftMessage | None:
        """Let the caller speak; what they said until they hang up is kept."""
        self._refuse()
        self.limits.append(limits)
        said_s = min(self._says_s.popleft() if self._says_s else SAID_S, limits.longest_s)
        if said_s >= limits.shortest_s:
            self.left.append(LeftInBox(box=box, duration_s=said_s))
        self.reach()
        if said_s < limits.shortest_s:
            return None
        return LeftMessage(id=f"left{len(self.left)}", duration_s=said_s)

    async def messages(self, box: str) -> Sequence[Message]:
        """What lies in a mailbox."""
        self._refuse()
        return tuple(self._messages.get(box, ()))

    async def mark_heard(self, box: str, message_id: str) -> None:
        """The owner has listened to a message."""
        self._refuse()
        self._messages[box] = [
            replace(message, is_heard=True) if message.id == message_id else message
            for message in self._messages[box]
        ]

    async def delete(self, box: str, message_id: str) -> None:
        """Throw a message away."""
        self._refuse()
        self.deleted.append(message_id)
        self._messages[box] = [each for each in self._messages[box] if each.id != message_id]

    def has_pin(self, number: str) -> bool:
        """Whether the script has a PIN for it."""
        return number in self._pins

    async def opens(self, box: str, pin: str) -> bool:
        """Whether the script has this PIN for the mailbox."""
        self._refuse()
        self.tried.append(box)
        return self._pins.get(box) == pin

    def heard(self, box: str) -> list[str]:
        """The ids of the messages in a mailbox that are not new."""
        return [message.id for message in self._messages.get(box, ()) if message.is_heard]

    def _refuse(self) -> None:
        if self._refusal is not None:
            raise self._refusal


def a_message(id_: str, *, caller_number: str = "+79161234567", is_heard: bool = False) -> Message:
    """A message of ten seconds that was left on a Monday morning."""
    return Message(
        id=id_,
        caller_number=caller_number,
        received_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        duration_s=10.0,
        is_heard=is_heard,
    )
