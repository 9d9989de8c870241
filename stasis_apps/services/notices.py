"""What administrators must hear of, on its way from a call to the tables and the outbox.

No call waits for it. What is told lies on disk a moment later and is written into the database as
soon as that takes it, so that neither a database that is away nor the end of this process loses a
call for help or a theft of minutes.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog

from models import notices
from models.errors import DatabaseError
from models.message_files import MessageFilesError
from models.notices import NewEvent
from stasis_apps.plan import PlannedTenant
from stasis_apps.services.notice_spool import NoticeSpool
from stasis_apps.services.patience import never_midway

BATCH: Final = 200
"""Most events in one transaction."""

KEPT_IN_MEMORY: Final = 10_000
"""When the disk takes nothing either, so many wait in memory; older ones are lost, and said so."""

FIRST_RETRY_S, LONGEST_RETRY_S = 0.5, 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that administrators of a tenant must hear of.

    Attributes:
        tenant: Whose.
        kind: A word for what happened: ``limit_reached``, ``emergency_call``. Its mail has a
            template of that name (``templates/notices``).
        at: When.
        call_id: In which call.
        facts: What the template and the list of events show.
        key: Notices of one kind and key are one mail an hour; each is mailed when it is empty.
    """

    tenant: PlannedTenant
    kind: str
    at: datetime
    call_id: str
    facts: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


class Notices:
    """Takes notices from calls, and brings them to where administrators find them.

    Attributes:
        told_by_kind: How many were told since the start of this process.
    """

    def __init__(
        self,
        spool: NoticeSpool | None = None,
        *,
        has_mail: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Begin with nothing told.

        Args:
            spool: Where notices lie until the database has them; without one, in memory alone.
            has_mail: Told when there may be a mail to be sent.
            now: What time it is.
        """
        self.told_by_kind: Counter[str] = Counter()
        self._spool = spool
        self._has_mail = has_mail
        self._now = now
        self._told: deque[tuple[Notice, NewEvent]] = deque()
        self._in_memory: deque[NewEvent] = deque()
        self._something_told = asyncio.Event()
        self._something_kept = asyncio.Event()

    @property
    def told(self) -> Sequence[Notice]:
        """What has been told and not been taken up yet."""
        return tuple(notice for notice, _ in self._told)

    def tell(self, notice: Notice) -> None:
        """Take a notice, to be written and mailed soon; never waits."""
        log.warning("administrators_told", kind=notice.kind, key=notice.key, call_id=notice.call_id)
        self.told_by_kind[notice.kind] += 1
        self._told.append((notice, _event(notice)))
        self._something_told.set()

    async def serve(self) -> None:
        """Keep and write what is told, and what an earlier process could not, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_what_is_told())
                group.create_task(self._write_what_is_kept())
        finally:
            await self._keep_all()

    async def _keep_what_is_told(self) -> None:
        while True:
            await self._something_told.wait()
            self._something_told.clear()
            await self._keep_all()

    async def _keep_all(self) -> None:
        """What is told is forgotten here only when it is kept, be it kept twice."""
        if events := [event for _, event in self._told]:
            await asyncio.to_thread(self._keep, events)
            for _ in events:
                self._told.popleft()
            self._something_kept.set()

    async def _write_what_is_kept(self) -> None:
        self._something_kept.set()  # an earlier process may have left something
        retry_s = FIRST_RETRY_S
        while True:
            await self._something_kept.wait()
            self._something_kept.clear()
            try:
                await self._write_all()
                retry_s = FIRST_RETRY_S
            except (DatabaseError, OSError) as fault:
                log.warning("notices_wait", fault=str(fault))
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, LONGEST_RETRY_S)
                self._something_kept.set()

    def _keep(self, events: list[NewEvent]) -> None:
        """To disk; in memory when there is none, or it takes nothing."""
        try:
            if self._spool is not None:
                self._spool.keep(events)
                return
        except MessageFilesError as fault:
            log.error("notices_not_on_disk", fault=str(fault))  # noqa: TRY400 - the operator needs the fault, not our stack
        self._in_memory.extend(events)
        for _ in range(len(self._in_memory) - KEPT_IN_MEMORY):
            log.error("notice_dropped", notice=self._in_memory.popleft())

    async def _write_all(self) -> None:
        while self._in_memory:
            events = [self._in_memory[n] for n in range(min(BATCH, len(self._in_memory)))]
            await self._write(events)
            for _ in events:
                self._in_memory.popleft()
        if self._spool is None:
            return
        for bundle in await asyncio.to_thread(self._spool.bundles):
            await self._write(await asyncio.to_thread(self._spool.read, bundle))
            await asyncio.to_thread(self._spool.forget, bundle)

    async def _write(self, events: Sequence[NewEvent]) -> None:
        for first in range(0, len(events), BATCH):
            batch = events[first : first + BATCH]
            try:
                await never_midway(notices.write(batch, now=self._now()))
            except DatabaseError:
                raise
            except Exception:
                log.exception("notices_refused", events=len(batch))
                await self._write_one_by_one(batch)
        self._has_mail()

    async def _write_one_by_one(self, events: Sequence[NewEvent]) -> None:
        """One that the database will never take must not keep the others out; the log has it."""
        for event in events:
            try:
                await never_midway(notices.write([event], now=self._now()))
            except DatabaseError:
                raise
            except Exception:
                log.exception("notice_refused", notice=event)


def _event(notice: Notice) -> NewEvent:
    return NewEvent(
        notice_id=secrets.token_hex(16),
        tenant_id=notice.tenant.id,
        kind=notice.kind,
        at=notice.at.astimezone(UTC),
        call_id=notice.call_id,
        facts=dict(notice.facts),
        key=notice.key,
        recipients=notice.tenant.outside.alert_emails,
    )
