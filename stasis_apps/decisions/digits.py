"""How long to wait for the next key: the two clocks of a prompt that asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitClocks:
    """The caller's time to press keys.

    Attributes:
        first_s: Seconds of silence allowed after the end of the prompt, before the first key.
        next_s: Seconds allowed between one key and the next.
    """

    first_s: float
    next_s: float

    def deadline(self, *, prompt_ended_at: float | None, last_key_at: float | None) -> float | None:
        """When to stop waiting, on the clock of both arguments; None while the prompt plays on.

        The first clock starts when the prompt has ended, so a long prompt costs nobody their turn.
        """
        if last_key_at is not None:
            return last_key_at + self.next_s
        if prompt_ended_at is not None:
            return prompt_ended_at + self.first_s
        return None
