"""A caller leaves a message: the caller's part of voicemail, for every kind that has a mailbox.

Not here: the owner's menu (see elements/mailbox), and how a message is recorded and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from stasis_apps.call import FAILED, Call, Exit, SoundName
from stasis_apps.call_mailboxes import MailboxRefused, MessageLimits
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.formats import EMAIL, SOUND, Schema

SAVED = Exit("saved")
TOO_SHORT = Exit("too_short")
FULL = Exit("full")
OPERATOR = Exit("operator")
OWNER = Exit("owner")

OPERATOR_KEY = "0"
OWNER_KEY = "*"

THE_PERSON_AT = SoundName("asterisk:vm-theperson")
IS_ON_THE_PHONE = SoundName("asterisk:vm-isonphone")
IS_UNAVAILABLE = SoundName("asterisk:vm-isunavail")
INSTRUCTIONS = SoundName("asterisk:vm-intro")
MESSAGE_SAVED = SoundName("asterisk:vm-msgsaved")
MESSAGE_TOO_SHORT = SoundName("asterisk:vm-tooshort")
MAILBOX_IS_FULL = SoundName("asterisk:vm-mailboxfull")

AT_ONCE = DigitClocks(first_s=0.0, next_s=0.0)
"""The beep follows the greeting without a pause."""

LONGEST_MESSAGE_S = 3600

MAILBOX: Mapping[str, Schema] = MappingProxyType(
    {
        "greeting": {
            **SOUND,
            "description": "The greeting callers hear; without one, a voice says the number",
        },
        "busy_greeting": {
            **SOUND,
            "description": "The greeting for callers who come because the person is on the phone",
        },
        "instructions": {
            "type": "boolean",
            "default": True,
            "description": "Whether callers are told how to leave a message, after the greeting",
        },
        "emails": {
            "type": "array",
            "items": EMAIL,
            "uniqueItems": True,
            "maxItems": 20,
            "description": "Who is sent each message by mail",
        },
        "attach": {
            "enum": ["wav", "mp3", "link", "none"],
            "default": "wav",
            "description": "How the mail brings the message",
        },
        "delete_after_mail": {
            "type": "boolean",
            "default": False,
            "description": "Whether a message leaves the mailbox when everybody has it by mail",
        },
        "max_messages": {
            "type": "integer",
            "minimum": 1,
            "maximum": 9999,
            "default": 100,
            "description": "A mailbox with so many messages takes no further one",
        },
        "shortest_s": {
            "type": "number",
            "minimum": 0,
            "maximum": 60,
            "default": 1,
            "description": "What is shorter is no message and is dropped",
        },
        "longest_s": {
            "type": "number",
            "minimum": 5,
            "maximum": LONGEST_MESSAGE_S,
            "default": 300,
            "description": "Recording ends after so many seconds",
        },
        "silence_s": {
            "type": "number",
            "minimum": 0,
            "maximum": 60,
            "default": 5,
            "description": "Recording ends after so many seconds of silence; 0 for never",
        },
    }
)
"""The settings of a mailbox, alike for shared ones and people's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """How callers are received at a mailbox.

    Attributes:
        greeting: The owner's own greeting; empty for the spoken default.
        busy_greeting: The same, for callers who come because the owner is on the phone.
        instructions: Whether callers are told how to leave a message.
        limits: How long a message may be.
        has_operator: Whether ``0`` leads away from the mailbox.
        has_owner_menu: Whether ``*`` leads to the owner's menu.
    """

    greeting: SoundName | None = None
    busy_greeting: SoundName | None = None
    instructions: bool = True
    limits: MessageLimits = field(default_factory=MessageLimits)
    has_operator: bool = False
    has_owner_menu: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:  # JSON border: settings as `MAILBOX` has them
        """The reception that the settings of a person's own mailbox describe."""
        limits = {name: settings[name] for name in _LIMITS if name in settings}
        plain = {name: settings[name] for name in _RECEPTION if name in settings}
        return cls(limits=MessageLimits(**limits), **plain)

    def sounds(self, box: str, *, is_busy: bool) -> tuple[SoundName, ...]:
        """What the caller hears before the beep."""
        own = (self.busy_greeting if is_busy else None) or self.greeting
        state = IS_ON_THE_PHONE if is_busy else IS_UNAVAILABLE
        spoken = (own,) if own else (THE_PERSON_AT, SoundName(f"digits:{box}"), state)
        return (*spoken, INSTRUCTIONS) if self.instructions else spoken


_LIMITS = ("shortest_s", "longest_s", "silence_s")
_RECEPTION = ("greeting", "busy_greeting", "instructions")


async def leave_message(
    call: Call, box: str, reception: Reception, *, is_busy: bool = False
) -> Exit:
    """Greet the caller, let them speak after the beep, and say whether the message is safe.

    Any key stops the greeting and brings the beep; ``0`` and ``*`` lead elsewhere where that is
    set. A caller who hangs up while they speak has left a message too.

    Args:
        call: The caller.
        box: The number of the mailbox.
        reception: How callers are received there.
        is_busy: Whether they come because its owner is on the phone.

    Returns:
        ``saved``, ``too_short``, ``full``, ``operator``, ``owner`` or ``failed``.
    """
    await call.answer()
    key = await call.ask(
        *reception.sounds(box, is_busy=is_busy),
        wants_more=lambda pressed: not pressed,
        clocks=AT_ONCE,
        barge_in=True,
    )
    if key == OPERATOR_KEY and reception.has_operator:
        return OPERATOR
    if key == OWNER_KEY and reception.has_owner_menu:
        return OWNER
    return await _record(call, box, reception.limits)


async def _record(call: Call, box: str, limits: MessageLimits) -> Exit:
    try:
        message = await call.mailboxes.record(box, limits)
    except MailboxRefused as refused:
        call.note(f"no message was taken: {refused}")
        if not refused.is_full:
            return FAILED
        await call.play(MAILBOX_IS_FULL)
        return FULL
    if message is None:
        await call.play(MESSAGE_TOO_SHORT)
        return TOO_SHORT
    await call.play(MESSAGE_SAVED)
    return SAVED
