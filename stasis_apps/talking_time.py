"""How long each tenant has talked through its trunks on each day of its own time zone; in memory.

A talk over midnight is counted on both days. Not here: who keeps it over a restart (see
services/outside_minutes).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from models.outside_use import DayTalked

DAYS_KEPT: Final = 3
"""Days that are over and stored are forgotten here after so many; nobody asks for them."""


@dataclass(slots=True)
class _Talk:
    tenant_id: int
    zone: tzinfo
    counted_until: datetime


class TalkingTime:
    """Talks that run, and what has been talked before."""

    def __init__(self) -> None:
        self._talks: dict[str, _Talk] = {}
        self._talked: dict[tuple[int, date], timedelta] = defaultdict(timedelta)
        self._stored_s: dict[tuple[int, date], int] = {}
        self._stored_until: dict[int, datetime] = {}

    def take_up(self, stored: Iterable[DayTalked]) -> None:
        """What an earlier process has counted; once, before its talks are gone on with."""
        for one in stored:
            self._talked[one.tenant_id, one.day] += timedelta(seconds=one.talked_s)
            self._stored_s[one.tenant_id, one.day] = one.talked_s
            until_at = self._stored_until.get(one.tenant_id, one.until_at)
            self._stored_until[one.tenant_id] = max(until_at, one.until_at)

    def begin(self, channel_id: str, tenant_id: int, zone: tzinfo, since_at: datetime) -> None:
        """Somebody talks on this channel; again and again is once.

        What an earlier process has counted of the talk is not counted twice.
        """
        counted_until = max(since_at, self._stored_until.get(tenant_id, since_at))
        self._talks.setdefault(channel_id, _Talk(tenant_id, zone, counted_until))

    def end(self, channel_id: str, at: datetime) -> bool:
        """Nobody talks on this channel any more; whether anybody did."""
        talk = self._talks.pop(channel_id, None)
        if talk is not None:
            self._count(talk, at)
        return talk is not None

    def talked_s(self, tenant_id: int, at: datetime) -> float:
        """For how long a tenant has talked today; ``at`` is now, in the tenant's zone."""
        self._count_all(at, (talk for talk in self._talks.values() if talk.tenant_id == tenant_id))
        return self._talked.get((tenant_id, at.date()), timedelta()).total_seconds()

    def unsaved(self, at: datetime) -> list[DayTalked]:
        """Days whose count is not what is stored of them."""
        self._count_all(at, self._talks.values())
        talked_s = {key: round(talked.total_seconds()) for key, talked in self._talked.items()}
        return [
            DayTalked(tenant_id=key[0], day=key[1], talked_s=seconds, until_at=at)
            for key, seconds in talked_s.items()
            if seconds != self._stored_s.get(key, 0)
        ]

    def saved(self, days: Iterable[DayTalked]) -> None:
        """These are stored now; what is long over need not be remembered here."""
        oldest = date.min
        for one in days:
            self._stored_s[one.tenant_id, one.day] = one.talked_s
            oldest = max(oldest, one.until_at.date() - timedelta(days=DAYS_KEPT))
        for key in [key for key in self._talked if key[1] < oldest]:
            del self._talked[key]
            self._stored_s.pop(key, None)

    def _count_all(self, at: datetime, talks: Iterable[_Talk]) -> None:
        for talk in talks:
            self._count(talk, at)

    def _count(self, talk: _Talk, at: datetime) -> None:
        for day, span in by_day(talk.counted_until, at, talk.zone):
            self._talked[talk.tenant_id, day] += span
        talk.counted_until = max(talk.counted_until, at)


def by_day(
    since_at: datetime, until_at: datetime, zone: tzinfo
) -> Iterator[tuple[date, timedelta]]:
    """Cut a span at the midnights of a zone; nothing when it ends before it begins."""
    begin, end = since_at.astimezone(UTC), until_at.astimezone(UTC)
    while begin < end:
        day = begin.astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        cut = min(end, max(midnight, begin + timedelta(microseconds=1)))
        yield day, cut - begin
        begin = cut
