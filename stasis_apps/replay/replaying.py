"""Many recorded calls, one after the other, through two plans."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from models.call_log import JournalLine, RecordedCall
from stasis_apps.plan import NumberPlan
from stasis_apps.replay.comparing import Difference, Judgement, Replay, Untold

AT_ONCE: Final = 100
"""Calls that are judged between two looks at the database."""

PastCall = tuple[RecordedCall, Sequence[JournalLine]]


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What would become of recorded calls.

    Attributes:
        same: How many would go just the same way.
        differences: Those that would not, in the order in which they were given.
        untold: Those of which nobody can tell.
    """

    same: int = 0
    differences: list[Difference] = field(default_factory=list)
    untold: list[Untold] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return self.same + len(self.differences) + len(self.untold)

    def take(self, judgement: Judgement) -> None:
        """Count one more."""
        match judgement:
            case None:
                self.same += 1
            case Difference():
                self.differences.append(judgement)
            case Untold():
                self.untold.append(judgement)


async def replay(
    calls: AsyncIterable[PastCall],
    before: NumberPlan,
    after: NumberPlan,
    *,
    progress: Callable[[], None] = lambda: None,
) -> Replayed:
    """Send recorded calls through the plan as it is and through another one; nobody is called.

    Args:
        calls: With their steps.
        before: The plan as it is.
        after: The plan as it would be.
        progress: Hears of each call that has been judged.
    """
    judge = Replay(before, after)
    replayed = Replayed()

    def judge_all(waiting: Sequence[PastCall]) -> None:
        for call, journal in waiting:
            replayed.take(judge.judge(call, journal))
            progress()

    waiting: list[PastCall] = []
    async for call in calls:
        waiting.append(call)
        if len(waiting) == AT_ONCE:
            await asyncio.to_thread(judge_all, waiting)
            waiting = []
    await asyncio.to_thread(judge_all, waiting)
    return replayed
