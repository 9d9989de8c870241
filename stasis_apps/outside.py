"""An outside number as the end of a call's way through the plan; nothing one could set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from stasis_apps.call import (
    FAILED,
    NOWHERE,
    Answered,
    Call,
    Exit,
    GoTo,
    Party,
    SoundName,
    Target,
)
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose

OUTSIDE_RING_S = 60.0
"""How long an outside number rings to which an exit leads."""

ASK_FOR_PIN: Final = SoundName("asterisk:agent-pass")
"""Please enter your password followed by the pound key."""

WRONG_PIN: Final = SoundName("asterisk:auth-incorrect")
"""Password incorrect; please enter your password followed by the pound key."""

NOT_LET_OUT: Final = SoundName("asterisk:vm-incorrect")
"""Login incorrect."""

CLOCKS = DigitClocks(first_s=10, next_s=5)
MOST_ATTEMPTS = 3
MOST_DIGITS = 16
END_OF_PIN = "#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Dial an outside number through a trunk, and talk when somebody answers.

    Whoever dials a number for which the outbound rule has a PIN is asked for it first.

    Exits: whatever became of it; none of them leads anywhere.

    Attributes:
        number: Digits, with or without a plus.
        acting: The user or element for whom it is dialled; empty for nobody.
        purpose: Why.
        hides_number: Whether the called are to see no number.
        is_dialling: Whether the caller dials it on a phone, by which help can be reached, too.
    """

    number: str
    acting: str = ""
    purpose: Purpose = Purpose.LED
    hides_number: bool = False
    is_dialling: bool = False

    def exits(self) -> Mapping[Exit, Target]:
        """The call ends here, one way or another."""
        return {**{Exit(outcome): NOWHERE for outcome in LegOutcome}, FAILED: NOWHERE}

    async def run(self, call: Call) -> Exit | GoTo:
        """Ring, and talk when somebody answers."""
        party = Party(
            number=self.number,
            acting=self.acting,
            purpose=self.purpose,
            hides_number=self.hides_number,
            is_dialling=self.is_dialling,
        )
        leave = call.leave(party)
        if leave.refused is not None:
            return Exit(leave.refused)
        if leave.asks_pin:
            await _ask_for_pin(call, leave.rule)
            party = replace(party, pin_given_for=leave.rule)
        result = await call.dial([party], ring_s=OUTSIDE_RING_S)
        if isinstance(result, Answered):
            await call.talk(result)
        return Exit(result.outcome)


async def _ask_for_pin(call: Call, rule: str) -> None:
    """Let nobody out by this rule who does not know its PIN; the call of others ends here."""
    call.note(f"rule {rule} asks for a PIN")
    await call.answer()
    for attempt in range(MOST_ATTEMPTS):
        prompt = WRONG_PIN if attempt else ASK_FOR_PIN
        pressed = await call.ask(prompt, wants_more=_wants_more, clocks=CLOCKS, barge_in=True)
        pin = pressed.removesuffix(END_OF_PIN)
        if pin and await call.is_pin_of_rule(rule, pin):
            call.note(f"the caller knows the PIN of rule {rule}")
            return
        call.note("wrong PIN" if pin else "no PIN was entered")
    await call.play(NOT_LET_OUT)
    await call.hang_up(Reason.WRONG_PIN)


def _wants_more(pressed: str) -> bool:
    return END_OF_PIN not in pressed and len(pressed) < MOST_DIGITS
