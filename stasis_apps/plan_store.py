"""Every tenant's plan in memory, and the news of changes: no call waits for the database.

When the database is away, calls go on with the last plans that were read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from models.errors import ModelsError, NotFound
from models.facts import TenantRevision, TenantRows
from models.provisioning.reading import read_plan_rows, revisions_after
from stasis_apps.plan import BLOCKED, NumberPlan, PlannedTenant
from stasis_apps.planning import build_plan

POLL_S = 0.2
"""How often the database is asked for changes; a change works for calls within half a second."""

RETRY_S = 2.0
"""How long to wait when the database does not answer."""

log = structlog.get_logger(__name__)


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

    async def refresh(self) -> None:
        """Read every tenant that has changed since the last time.

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
        for change in await revisions_after(self._seen):
            try:
                await self._read(change)
            except ModelsError:
                raise
            except Exception:  # one tenant's plan must not keep the others from theirs
                log.exception("plan_unusable", tenant_id=change.tenant_id)
            self._seen = max(self._seen, change.revision)

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
        self._revisions[change.tenant_id] = revision
        if rows is None:
            self._plans.pop(change.tenant_id, None)
            log.info("plan_removed", tenant_id=change.tenant_id)
        else:
            self._install(build_plan(rows, sound_folder=self._sound_folder))
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
