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
    """

    came_at: deque[float] = field(default_factory=deque)

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
