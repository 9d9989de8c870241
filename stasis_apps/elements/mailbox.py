"""Mailbox: the owner listens to what callers have left, by phone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stasis_apps.call import (
    FAILED,
    NOWHERE,
    Call,
    Exit,
    GoTo,
    SoundName,
    SoundUnplayable,
    Target,
    WayIn,
)
from stasis_apps.call_mailboxes import MailboxRefused, Message
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.mailbox_menu import Act, Key, Reading, after_key
from stasis_apps.element import BOX, SOUND, TARGET, element

DONE = Exit("done")
REFUSED = Exit("refused")

MOST_ATTEMPTS = 3
"""Wrong mailboxes or PINs in one call, after which the caller leaves by ``refused``."""

END_OF_ENTRY = "#"
LONGEST_ENTRY = 12

ENTRY = DigitClocks(first_s=8.0, next_s=4.0)
CHOICE = DigitClocks(first_s=5.0, next_s=0.0)
AT_ONCE = DigitClocks(first_s=0.0, next_s=0.0)

WHICH_MAILBOX = SoundName("asterisk:vm-login")
WHICH_PIN = SoundName("asterisk:vm-password")
WRONG = SoundName("asterisk:vm-incorrect")
FROM_NUMBER = SoundName("asterisk:vm-from-phonenumber")
FROM_SOMEBODY = SoundName("asterisk:vm-unknown-caller")
DELETED = SoundName("asterisk:vm-deleted")
NO_CALL_BACK = SoundName("asterisk:unidentified-no-callback")
NO_MORE = SoundName("asterisk:vm-nomore")
GOODBYE = SoundName("asterisk:vm-goodbye")

OPTIONS = tuple(
    SoundName(f"asterisk:{name}")
    for name in ("vm-repeat", "vm-next", "vm-tocallback", "vm-delete", "vm-savemessage")
)
"""Press 5 to repeat, 6 for the next, 2 to call back, 7 to delete, or 9 to save."""

_IS_OUTSIDE = re.compile(r"\+[0-9]{5,15}|[0-9]{7,15}", re.ASCII)

_TAKES_NOTE = frozenset({Key.REPEAT, Key.SAVE, Key.CALL_BACK})
"""Keys that make a message new no more, although it was not heard to its end."""


@element(
    "mailbox",
    settings={
        "box": {
            **BOX,
            "description": "Whose mailbox: the number of a voicemail element or of a user; when "
            "empty, the caller's own, or the one they enter",
        },
        "pin_for_own": {
            "type": "boolean",
            "default": False,
            "description": "Whether owners are asked for the PIN at their own phones, too",
        },
        "envelope": {
            "type": "boolean",
            "default": True,
            "description": "Whether each message begins with its caller's number",
        },
        "box_sound": {
            **SOUND,
            "default": WHICH_MAILBOX,
            "description": "The prompt that asks for the number of the mailbox",
        },
        "pin_sound": {
            **SOUND,
            "default": WHICH_PIN,
            "description": "The prompt that asks for the PIN",
        },
        "done": {**TARGET, "description": "Where owners go who have finished"},
        "refused": {**TARGET, "description": "Where callers go who do not know the PIN"},
        "failed": {**TARGET, "description": "Where the call goes when nothing can be played"},
    },
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Let the owner of a mailbox listen to messages, keep them, delete them and call back.

    Owners at their own phones are let in at once, into whichever of their mailboxes they enter;
    everybody else gives the PIN, and a mailbox without one opens to nobody else. After each
    message: ``5`` again, ``6`` next, ``4`` previous, ``7`` delete, ``9`` save, ``2`` call back,
    ``#`` end.

    Exits: ``done``, which ends the call when nothing is set; ``refused`` after three wrong PINs;
    ``failed``.
    """

    box: str = ""
    pin_for_own: bool = False
    envelope: bool = True
    box_sound: SoundName = WHICH_MAILBOX
    pin_sound: SoundName = WHICH_PIN
    done: Target = NOWHERE
    refused: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """Done, or not let in."""
        return {DONE: self.done, REFUSED: self.refused, FAILED: self.failed}

    async def run(self, call: Call) -> Exit | GoTo:
        """Let the owner in, and read them their mailbox."""
        await call.answer()
        try:
            box = await self._open(call)
            return REFUSED if box is None else await self._read(call, box)
        except MailboxRefused as refused:
            call.note(f"the mailbox cannot be read: {refused}")
            return FAILED

    async def _open(self, call: Call) -> str | None:
        """The mailbox that the caller may read, or None."""
        own = _caller_at_a_phone(call)
        box = self.box or (own if _is_owner(call, own) else "")
        for _ in range(MOST_ATTEMPTS):
            tried = box or await _enter(call, self.box_sound)
            if not self.pin_for_own and _is_owner(call, tried):
                call.note(f"mailbox {tried} opened by its owner")
                return tried
            pin = await _enter(call, self.pin_sound) if tried else ""
            if pin and await call.mailboxes.opens(tried, pin):
                call.note(f"mailbox {tried} opened by PIN")
                return tried
            call.note("wrong PIN" if pin else "no PIN was entered")
            await call.play(WRONG)
        call.note("no mailbox was opened")
        await call.play(GOODBYE)
        return None

    async def _read(self, call: Call, box: str) -> Exit | GoTo:
        messages = await call.mailboxes.messages(box)
        await call.play(_counts(messages))
        reading = Reading(count=len(messages))
        act = Act.NOTHING
        while reading.is_at_a_message:
            message = messages[reading.at]
            was_heard = act in (Act.EXPLAIN, Act.CALL_BACK)
            pressed = "" if was_heard else await self._listen(call, box, message)
            pressed = pressed or await _choose(call)
            if pressed in _TAKES_NOTE:
                await call.mailboxes.mark_heard(box, message.id)
            if pressed == Key.SAVE:
                call.note(f"message {message.id} saved")
            act, reading = after_key(reading, pressed)
            if act is Act.DELETE:
                await call.mailboxes.delete(box, message.id)
                await call.play(DELETED)
            elif act is Act.CALL_BACK:
                if _can_be_called(call, message.caller_number):
                    return GoTo(Target(message.caller_number), reason="called back from a mailbox")
                await call.play(NO_CALL_BACK)
        await call.play(*((GOODBYE,) if reading.is_over else (NO_MORE, GOODBYE)))
        if self.done == NOWHERE:
            await call.hang_up(Reason.HUNG_UP_BY_PLAN)
        return DONE

    async def _listen(self, call: Call, box: str, message: Message) -> str:
        """Play a message; one that was broken off stays new, one that cannot be played, too."""
        sounds = (*_envelope(message),) if self.envelope else ()
        try:
            pressed = await call.ask(
                *sounds,
                SoundName(f"message:{message.id}"),
                wants_more=_is_nothing,
                clocks=AT_ONCE,
                barge_in=True,
            )
        except SoundUnplayable as unplayable:
            call.note(f"a message was passed over: {unplayable}")
            return Key.NEXT
        if not pressed:
            await call.mailboxes.mark_heard(box, message.id)
        return pressed


def _caller_at_a_phone(call: Call) -> str:
    """Who calls, by the phone they call from, or empty.

    A number that came through a trunk proves nothing: whoever calls may have made it up.
    """
    return call.facts.caller.number if call.facts.way_in is WayIn.PHONE else ""


def _is_owner(call: Call, box: str) -> bool:
    caller = _caller_at_a_phone(call)
    return bool(caller) and caller in call.mailboxes.owners(box)


def _can_be_called(call: Call, number: str) -> bool:
    """Whether a caller's number leads anywhere: outside, or to a user who is still there."""
    return bool(_IS_OUTSIDE.fullmatch(number)) or call.person(number) is not None


async def _enter(call: Call, prompt: SoundName) -> str:
    pressed = await call.ask(prompt, wants_more=_is_unfinished, clocks=ENTRY, barge_in=True)
    return pressed.partition(END_OF_ENTRY)[0]


async def _choose(call: Call) -> str:
    return await call.ask(*OPTIONS, wants_more=_is_nothing, clocks=CHOICE, barge_in=True)


def _is_unfinished(pressed: str) -> bool:
    return END_OF_ENTRY not in pressed and len(pressed) < LONGEST_ENTRY


def _is_nothing(pressed: str) -> bool:
    return not pressed


def _envelope(message: Message) -> tuple[SoundName, ...]:
    digits = message.caller_number.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return (FROM_SOMEBODY,)
    return FROM_NUMBER, SoundName(f"digits:{digits}")


def _counts(messages: Sequence[Message]) -> SoundName:
    """You have 2 new and 1 old messages."""
    old = sum(message.is_heard for message in messages)
    return SoundName(f"messages:{len(messages) - old}+{old}")
