"""Every tenant's plan in memory, and the news of changes: no call waits for the database.

When the database is away, calls go on with the last plans that were read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from models.errors import DatabaseError, ModelsError, NotFound
from models.facts import TenantRevision, TenantRows
from models.provisioning.reading import read_plan_rows, revisions_after
from stasis_apps.plan import BLOCKED, NumberPlan, PlannedTenant
from stasis_apps.planning import build_plan

POLL_S = 0.2
"""How often the database is asked for changes; a change works for calls within half a second."""

RETRY_S = 2.0
"""How long to wait when the database does not answer."""

FIRST_AGAIN_S = 1.0
"""When a tenant whose plan could not be made is tried again; then after twice as long each time."""

LONGEST_AGAIN_S = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A tenant that goes on with its old plan, or with none.

    Attributes:
        change: What could not be read or made into a plan.
        fault: Why.
        pause_s: How long it is left alone.
        again_at: When it is tried again, on the event loop's clock.
    """

    change: TenantRevision
    fault: str
    pause_s: float
    again_at: float


class PlanStore:
    """The plans of all tenants of this node, by tenant id.

    Attributes:
        is_current: Whether the database has just said that these are the plans as they stand there.
        read_at: When it last said so, on the event loop's clock; None before the first time.
    """

    def __init__(self, sound_folder: Path) -> None:
        self.is_current = False
        self.read_at: float | None = None
        self._sound_folder = sound_folder
        self._plans: dict[int, NumberPlan] = {}
        self._seen = 0
        self._revisions: dict[int, int] = {}
        self._unusable: dict[int, Unusable] = {}
        self._listeners: list[asyncio.Event] = []

    def listen(self) -> asyncio.Event:
        """An event that is set whenever a plan has changed; whoever listens clears it."""
        self._listeners.append(asyncio.Event())
        return self._listeners[-1]

    def all(self) -> Sequence[NumberPlan]:
        """The plans of all tenants, in no order."""
        return tuple(self._plans.values())

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        """The tenant's plan, from memory; None when there is no such tenant."""
        return self._plans.get(int(tenant_id)) if tenant_id.isdecimal() else None

    def plan_named(self, tenant: str) -> NumberPlan | None:
        """The plan of the tenant with this name, or None."""
        return next((plan for plan in self._plans.values() if plan.tenant.name == tenant), None)

    def newest(self, tenant: PlannedTenant) -> PlannedTenant:
        """A tenant as the newest plan has it; one that was removed meanwhile counts as blocked."""
        plan = self._plans.get(tenant.id)
        return plan.tenant if plan else replace(tenant, state=BLOCKED)

    @property
    def unusable(self) -> int:
        """How many tenants go on with an old plan or none, because the new one cannot be made."""
        return len(self._unusable)

    async def refresh(self) -> None:
        """Read every tenant that has changed since the last time, and what failed a while ago.

        Raises:
            DatabaseError: The database does not answer; the plans stay as they were.
        """
        try:
            await self._read_changes()
        except BaseException:
            self.is_current = False
            raise
        self.is_current, self.read_at = True, asyncio.get_running_loop().time()

    async def _read_changes(self) -> None:
        changes = await revisions_after(self._seen)
        for change in changes:
            await self._try(change)
            self._seen = max(self._seen, change.revision)
        now = asyncio.get_running_loop().time()
        for failed in [one for one in self._unusable.values() if one.again_at <= now]:
            await self._try(failed.change)

    async def _try(self, change: TenantRevision) -> None:
        """Read one tenant; what cannot be made into a plan must not keep the others from theirs."""
        try:
            await self._read(change)
        except DatabaseError:
            raise
        except Exception as fault:
            if self._is_news(change, repr(fault)):
                log.exception("plan_unusable", tenant_id=change.tenant_id)
        else:
            self._unusable.pop(change.tenant_id, None)

    def _is_news(self, change: TenantRevision, fault: str) -> bool:
        """Put a tenant off for a while, and tell whether its fault is another than before."""
        before = self._unusable.get(change.tenant_id)
        pause_s = FIRST_AGAIN_S
        if before is not None and before.change == change:
            pause_s = min(2 * before.pause_s, LONGEST_AGAIN_S)
        again_at = asyncio.get_running_loop().time() + pause_s
        self._unusable[change.tenant_id] = Unusable(change, fault, pause_s, again_at)
        return before is None or before.fault != fault

    async def watch(self) -> None:
        """Keep the plans current until cancelled."""
        while True:
            try:
                await self.refresh()
            except ModelsError as fault:
                log.warning("plans_not_refreshed", fault=str(fault))
                await asyncio.sleep(RETRY_S)
            except Exception:  # a fault of ours must not end the calls that are up
                log.exception("plans_not_refreshed")
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(POLL_S)

    async def _read(self, change: TenantRevision) -> None:
        rows = await _rows_of(change.tenant_id)
        revision = rows.tenant.revision if rows else change.revision
        if revision <= self._revisions.get(change.tenant_id, 0):
            return  # somebody else has read it, or something newer, in the meantime
        if rows is None:
            self._plans.pop(change.tenant_id, None)
            log.info("plan_removed", tenant_id=change.tenant_id)
        else:
            self._install(build_plan(rows, sound_folder=self._sound_folder))
        self._revisions[change.tenant_id] = revision
        for listener in self._listeners:
            listener.set()

    def _install(self, plan: NumberPlan) -> None:
        for fault in plan.faults:
            log.error(
                "element_unusable",
                tenant=plan.tenant.name,
                element=fault.number,
                fault=fault.message,
            )
        self._plans[plan.tenant.id] = plan
        log.info("plan_read", tenant=plan.tenant.name, revision=plan.revision)


async def _rows_of(tenant_id: int) -> TenantRows | None:
    try:
        return await read_plan_rows(tenant_id)
    except NotFound:
        return None
