"""Voicemail: take a message into a mailbox of its own, and tell its owners by mail and lamp."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, SoundName, Target
from stasis_apps.call_mailboxes import MessageLimits
from stasis_apps.element import EXTENSION, TARGET, element
from stasis_apps.leaving_messages import (
    FULL,
    MAILBOX,
    OPERATOR,
    OWNER,
    SAVED,
    TOO_SHORT,
    Reception,
    leave_message,
)


@element(
    "voicemail",
    settings={
        **MAILBOX,
        "lamps": {
            "type": "array",
            "items": EXTENSION,
            "uniqueItems": True,
            "description": "The extensions whose phones show that a message waits; they own the "
            "mailbox and open it at their phones without its PIN",
        },
        "saved": {**TARGET, "description": "Where callers go whose message is safe"},
        "too_short": {**TARGET, "description": "Where callers go who said nothing"},
        "full": {**TARGET, "description": "Where callers go when the mailbox is full"},
        "operator": {**TARGET, "description": "Where 0, pressed during the greeting, leads"},
        "owner": {
            **TARGET,
            "description": "Where * leads: to the mailbox element with the owner's menu",
        },
        "failed": {**TARGET, "description": "Where the call goes when nothing can be recorded"},
    },
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """Greet the caller, record them after the beep, and say when the message is safe.

    Any key stops the greeting; ``#``, silence or hanging up ends the message. The mailbox goes by
    the number of this element.

    Exits: ``saved`` when the message is safe; ``too_short``; ``full``; ``operator`` and ``owner``
    by ``0`` and ``*``, where they lead somewhere; ``failed``.
    """

    greeting: SoundName | None = None
    busy_greeting: SoundName | None = None
    instructions: bool = True
    emails: tuple[str, ...] = ()
    attach: str = "wav"
    delete_after_mail: bool = False
    max_messages: int = 100
    shortest_s: float = 1
    longest_s: float = 300
    silence_s: float = 5
    lamps: tuple[str, ...] = ()
    saved: Target = NOWHERE
    too_short: Target = NOWHERE
    full: Target = NOWHERE
    operator: Target = NOWHERE
    owner: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """What became of the message, and the two keys that lead elsewhere."""
        return {
            SAVED: self.saved,
            TOO_SHORT: self.too_short,
            FULL: self.full,
            OPERATOR: self.operator,
            OWNER: self.owner,
            FAILED: self.failed,
        }

    async def run(self, call: Call) -> Exit | GoTo:
        """Take a message; one who hangs up while they speak has left one."""
        reception = Reception(
            greeting=self.greeting,
            busy_greeting=self.busy_greeting,
            instructions=self.instructions,
            limits=MessageLimits(
                shortest_s=self.shortest_s, longest_s=self.longest_s, silence_s=self.silence_s
            ),
            has_operator=self.operator != NOWHERE,
            has_owner_menu=self.owner != NOWHERE,
        )
        return await leave_message(call, call.number, reception)
