"""How often somebody whom nobody knows may call: so many times in any minute; pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW_S = 60.0


@dataclass(slots=True)
class Crowd:
    """The calls of one stranger, or to one tenant, in the last minute.

    Attributes:
        came_at: When each admitted call came, on any steady clock, oldest first.
        turned_away: Calls that were not let in, since that was last told.
        told_at: When it was, or None.
    """

    came_at: deque[float] = field(default_factory=deque)
    turned_away: int = 0
    told_at: float | None = None

    def admits(self, now: float, *, most: int) -> bool:
        """Whether one more call is let in at this moment; if so, it counts from now on.

        Args:
            now: The moment, in seconds; never before that of an earlier question.
            most: Calls in any window of `WINDOW_S` seconds.
        """
        while self.came_at and self.came_at[0] <= now - WINDOW_S:
            self.came_at.popleft()
        if len(self.came_at) >= most:
            return False
        self.came_at.append(now)
        return True

    def turn_away(self, now: float) -> int:
        """Count a call that is not let in.

        Returns:
            How many that are since the last time, when it is time to tell somebody; once in
            `WINDOW_S` seconds, otherwise 0.
        """
        self.turned_away += 1
        if self.told_at is not None and now < self.told_at + WINDOW_S:
            return 0
        count, self.turned_away, self.told_at = self.turned_away, 0, now
        return count


class Crowds:
    """The crowd of each address; those that were not heard of for longest are forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._crowds: dict[str, Crowd] = {}

    def __len__(self) -> int:
        return len(self._crowds)

    def of(self, address: str) -> Crowd:
        """The crowd of an address, which is heard of now."""
        crowd = self._crowds.pop(address, None) or Crowd()
        self._crowds[address] = crowd
        if len(self._crowds) > self._most:
            del self._crowds[next(iter(self._crowds))]
        return crowd
