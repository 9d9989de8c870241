"""Who has tried too many PINs of outbound rules: a stolen phone must not find one by trying."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from models.pins import is_pin

GUESSES: Final = 10
"""Wrong PINs in a row from one phone; then none from it is right for a while."""

LOCKED_FOR_S: Final = 900.0
"""How long; each further try begins it anew."""


@dataclass(slots=True)
class _Tried:
    """How often somebody has guessed since they were right, and when last."""

    guesses: int
    last_s: float


class PinGuesses:
    """Counts the guesses of every phone of every tenant; one for the process.

    A guess is counted before it is looked at, so many calls at once get no more guesses than one
    after the other.
    """

    def __init__(self) -> None:
        self._tried: dict[tuple[int, str], _Tried] = {}

    async def is_right(
        self, phone: tuple[int, str], hashed: str, pin: str, *, note: Callable[[str], None]
    ) -> bool:
        """Whether this is the PIN that was hashed, from a phone that has not guessed too often.

        Args:
            phone: The tenant's id, and the phone's name.
            hashed: The PIN of the rule.
            pin: The guess.
            note: Takes what the story of the call has to tell.
        """
        may_guess = self.may_guess(*phone, now_s=asyncio.get_running_loop().time())
        is_right = await is_pin(hashed, pin)
        if not may_guess:
            note("too many wrong PINs from this phone; none counts for a while")
        elif is_right:
            self.was_right(*phone)
        return is_right and may_guess

    def may_guess(self, tenant_id: int, device: str, *, now_s: float) -> bool:
        """Whether a guess of this phone counts.

        Args:
            tenant_id: Whose phone it is.
            device: Its name.
            now_s: The moment, on a clock that only goes forward.
        """
        tried = self._tried.setdefault((tenant_id, device), _Tried(0, now_s))
        if now_s >= tried.last_s + LOCKED_FOR_S:
            tried.guesses = 0
        tried.guesses = min(tried.guesses + 1, GUESSES + 1)
        tried.last_s = now_s
        return tried.guesses <= GUESSES

    def was_right(self, tenant_id: int, device: str) -> None:
        """The phone's user knows the PIN: what they tried before is forgotten."""
        self._tried.pop((tenant_id, device), None)
