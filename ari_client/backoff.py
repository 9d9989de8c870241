"""How long to wait before the next attempt: longer each time, and never two clients in step."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(slots=True)
class Backoff:
    """Waits that double from `first_s` to `longest_s`, each shortened at random by up to half."""

    random: Random
    first_s: float = 0.2
    longest_s: float = 5.0
    _failures: int = 0

    def next_s(self) -> float:
        """How long to wait after one more failure."""
        wait_s = min(self.longest_s, self.first_s * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return wait_s * self.random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Forget the failures: an attempt succeeded."""
        self._failures = 0
