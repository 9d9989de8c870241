"""Asking whether a PIN is that of an outbound rule, and telling who tries to find it out."""

from __future__ import annotations

from datetime import datetime

from stasis_apps.journal import What
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.room import CallRoom
from stasis_apps.plan import NumberPlan
from stasis_apps.services.pin_guesses import Guess, Verdict, pin_locked


async def is_known_pin(
    line: Line, plan: NumberPlan, room: CallRoom, guess: Guess, pin: str, *, at: datetime
) -> bool:
    """Whether this is the rule's PIN, and neither the phone nor the rule is locked.

    Administrators are told when a lock begins.

    Args:
        line: The caller.
        plan: Whose rules they are.
        room: Where guesses are counted, and administrators told.
        guess: Who guesses, at which rule.
        pin: What was entered.
        at: The moment, in the tenant's time zone.
    """
    hashed = next((one.pin_hash for one in plan.outbound if one.name == guess.rule), "")
    verdict = await room.pin_guesses.judge(guess, hashed, pin)
    if verdict is Verdict.LOCKED:
        line.journal.write(What.NOTED, reason="too many wrong PINs; none counts for a while")
    if notice := pin_locked(plan.tenant, guess, verdict, call_id=line.call_id, at=at):
        room.notices.tell(notice)
    return verdict is Verdict.RIGHT
