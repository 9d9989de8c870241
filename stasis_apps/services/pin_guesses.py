"""Who has tried too many PINs of an outbound rule: a stolen phone must not find one by trying."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Final

from models.pins import is_pin
from stasis_apps.plan import PlannedTenant
from stasis_apps.services.notices import Notice

GUESSES: Final = 10
"""Wrong PINs of a rule in a row from one phone; then none from it is right for a while."""

WRONG_OF_ALL: Final = 30
"""Wrong PINs of a rule from all phones within that while; then none from any of them is right."""

LOCKED_FOR_S: Final = 900.0
"""How long; each further try of a phone that is locked begins its own lock anew."""

PIN_LOCKED: Final = "pin_locked"
"""The kind of the notice that administrators get when a lock begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Somebody enters a PIN.

    Attributes:
        tenant_id: Whose rule and phone it is.
        device: The name of the phone.
        rule: The name of the rule.
    """

    tenant_id: int
    device: str
    rule: str


class Verdict(Enum):
    """What a guess is taken for; a wrong one may begin a lock, of the phone or of the rule."""

    RIGHT = auto()
    WRONG = auto()
    LOCK_BEGINS = auto()
    RULE_LOCK_BEGINS = auto()
    LOCKED = auto()


@dataclass(slots=True)
class _Tried:
    """How often a phone has guessed a rule's PIN since it was right, and when last."""

    guesses: int
    last_s: float


@dataclass(slots=True)
class _TriedByAll:
    """When all phones have guessed a rule's PIN wrong, and until when none of them is right."""

    wrong_s: deque[float] = field(default_factory=deque)
    locked_until_s: float = 0.0


class PinGuesses:
    """Counts the wrong guesses at every rule's PIN, by phone and of all; one for the process.

    Knowing one rule's PIN earns no more guesses at another's. Whether a guess counts is decided
    when it has been looked at, in one breath with counting it, so that many calls at once get no
    more guesses than one after the other.
    """

    def __init__(self) -> None:
        self._of_phones: dict[Guess, _Tried] = {}
        self._of_rules: defaultdict[tuple[int, str], _TriedByAll] = defaultdict(_TriedByAll)

    async def judge(self, guess: Guess, hashed: str, pin: str) -> Verdict:
        """Say what is to be made of a PIN; nobody learns whether one is right that is locked.

        Args:
            guess: Who guesses, at which rule.
            hashed: The PIN of the rule.
            pin: What was entered.
        """
        is_right = await is_pin(hashed, pin)
        now_s = asyncio.get_running_loop().time()
        return self.right(guess, now_s=now_s) if is_right else self.wrong(guess, now_s=now_s)

    def right(self, guess: Guess, *, now_s: float) -> Verdict:
        """The PIN is the rule's; what this phone tried at this rule before is forgotten.

        Args:
            guess: Who, at which rule.
            now_s: The moment, on a clock that only goes forward.
        """
        if self._is_locked(guess, now_s):
            return Verdict.LOCKED
        self._of_phones.pop(guess, None)
        return Verdict.RIGHT

    def wrong(self, guess: Guess, *, now_s: float) -> Verdict:
        """The PIN is not the rule's: one more wrong one of this phone, and of all."""
        if self._is_locked(guess, now_s):
            return Verdict.LOCKED
        tried = self._of_phones.setdefault(guess, _Tried(0, now_s))
        tried.guesses += 1
        tried.last_s = now_s
        if self._locks_rule(guess, now_s):
            return Verdict.RULE_LOCK_BEGINS
        return Verdict.LOCK_BEGINS if tried.guesses >= GUESSES else Verdict.WRONG

    def _is_locked(self, guess: Guess, now_s: float) -> bool:
        tried = self._of_phones.get(guess)
        if tried is not None and now_s >= tried.last_s + LOCKED_FOR_S:
            del self._of_phones[guess]
        elif tried is not None and tried.guesses >= GUESSES:
            tried.last_s = now_s
            return True
        by_all = self._of_rules.get((guess.tenant_id, guess.rule))
        return by_all is not None and now_s < by_all.locked_until_s

    def _locks_rule(self, guess: Guess, now_s: float) -> bool:
        by_all = self._of_rules[guess.tenant_id, guess.rule]
        while by_all.wrong_s and by_all.wrong_s[0] <= now_s - LOCKED_FOR_S:
            by_all.wrong_s.popleft()
        by_all.wrong_s.append(now_s)
        if len(by_all.wrong_s) < WRONG_OF_ALL:
            return False
        by_all.wrong_s.clear()
        by_all.locked_until_s = now_s + LOCKED_FOR_S
        return True


def pin_locked(
    tenant: PlannedTenant, guess: Guess, verdict: Verdict, *, call_id: str, at: datetime
) -> Notice | None:
    """Tell administrators that a lock begins; None when none does.

    Args:
        tenant: Whose rule it is.
        guess: The last of the wrong guesses.
        verdict: What it was taken for.
        call_id: In which call.
        at: When.
    """
    if verdict not in (Verdict.LOCK_BEGINS, Verdict.RULE_LOCK_BEGINS):
        return None
    is_of_phone = verdict is Verdict.LOCK_BEGINS
    facts = {
        "rule": guess.rule,
        "phone": guess.device,
        "locks": "phone" if is_of_phone else "rule",
        "guesses": str(GUESSES if is_of_phone else WRONG_OF_ALL),
        "minutes": str(round(LOCKED_FOR_S / 60)),
    }
    return Notice(
        tenant=tenant, kind=PIN_LOCKED, at=at, call_id=call_id, facts=facts, key=guess.rule
    )
