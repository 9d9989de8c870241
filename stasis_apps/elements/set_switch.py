"""Set switch: whoever dials it opens or closes a switch or a time rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from stasis_apps.call import (
    FAILED,
    NOWHERE,
    Call,
    Exit,
    GoTo,
    Position,
    SoundName,
    Target,
    WayIn,
)
from stasis_apps.call_mailboxes import MailboxRefused
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.element import SWITCH, TARGET, element

DONE = Exit("done")
REFUSED = Exit("refused")

ASK_FOR_PIN = SoundName("asterisk:vm-password")
WRONG_PIN = SoundName("asterisk:vm-incorrect")
NOW_OPEN = SoundName("asterisk:activated")
NOW_CLOSED = SoundName("asterisk:de-activated")
AS_PLANNED = SoundName("asterisk:auth-thankyou")

CLOCKS = DigitClocks(first_s=10, next_s=5)
MOST_ATTEMPTS = 3
MOST_DIGITS = 16
END_OF_PIN = "#"

_TOGGLED = {Position.OPEN: Position.CLOSED, Position.CLOSED: Position.OPEN}
_CONFIRMATION = {Position.OPEN: NOW_OPEN, Position.CLOSED: NOW_CLOSED, None: AS_PLANNED}


@element(
    "set_switch",
    settings={
        "switch": {**SWITCH, "description": "The number of the switch or time rule"},
        "position": {
            "type": "string",
            "enum": ["open", "closed", "toggle", "automatic"],
            "default": "toggle",
            "description": "What becomes of it; toggle closes what is open at that moment, by "
            "hand or by its own hours, and opens what is closed; automatic leaves it to the plan "
            "again",
        },
        "for_minutes": {
            "type": "integer",
            "minimum": 0,
            "maximum": 525_600,
            "default": 0,
            "description": "Minutes after which it falls back by itself; 0 means never",
        },
        "done": {**TARGET, "description": "Where the call goes afterwards"},
        "refused": {**TARGET, "description": "Where callers go who may not throw it"},
        "failed": {**TARGET, "description": "Where the call goes when the exchange itself fails"},
    },
    required=("switch",),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SetSwitch:
    """Throw a switch by dialling a number, and hear that it was done.

    Who dials it enters the PIN that ``pbx switch pin NUMBER`` has set, ended by ``#``; after too
    many wrong ones in a row, whoever enters them, it is locked for a while. Without a PIN, all
    phones of the tenant may throw it, and callers from outside are refused.

    ``toggle`` throws it the other way than calls go at that moment: while nobody has thrown it,
    that is by its own hours or setting. It stays so until it is thrown again, or for
    ``for_minutes``.

    Exits: ``done``, ``refused``; ``failed``.
    """

    switch: str
    position: str = "toggle"
    for_minutes: int = 0
    done: Target = NOWHERE
    refused: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """On when it was thrown, and for those who may not."""
        return {DONE: self.done, REFUSED: self.refused, FAILED: self.failed}

    async def run(self, call: Call) -> Exit | GoTo:
        """Ask for the PIN, throw the switch, confirm it."""
        await call.answer()
        try:
            is_refused = not await self._may_throw(call)
        except MailboxRefused as refused:
            call.note(f"the PIN cannot be checked: {refused}")
            return FAILED
        if is_refused:
            return REFUSED
        position = self._wanted(call)
        until_at = call.now() + timedelta(minutes=self.for_minutes)
        await call.set_position(
            self.switch, position, until_at=until_at if self.for_minutes and position else None
        )
        call.note(f"{self.switch} is switched to {position or 'automatic'}")
        await call.play(_CONFIRMATION[position])
        return DONE

    def _wanted(self, call: Call) -> Position | None:
        match self.position:
            case "toggle":
                return _TOGGLED[call.position_in_effect(self.switch)]
            case "automatic":
                return None
            case position:
                return Position(position)

    async def _may_throw(self, call: Call) -> bool:
        """Whether it is the caller's to throw: by the PIN, or by a phone when there is none."""
        if not call.mailboxes.has_pin(call.number):
            if call.facts.way_in is WayIn.PHONE:
                return True
            call.note("callers from outside are refused while no PIN is set")
            return False
        if await self._knows_pin(call):
            return True
        call.note("the caller does not know the PIN")
        return False

    async def _knows_pin(self, call: Call) -> bool:
        for attempt in range(MOST_ATTEMPTS):
            sounds = (ASK_FOR_PIN,) if attempt == 0 else (WRONG_PIN, ASK_FOR_PIN)
            pressed = await call.ask(*sounds, wants_more=_wants_more, clocks=CLOCKS, barge_in=True)
            pin = pressed.removesuffix(END_OF_PIN)
            if pin and await call.mailboxes.opens(call.number, pin):
                return True
        return False


def _wants_more(pressed: str) -> bool:
    return END_OF_PIN not in pressed and len(pressed) < MOST_DIGITS
