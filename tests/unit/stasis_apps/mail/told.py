"""What administrators are told of, made with a line, and a process that takes it on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from models import notices as tables
from models.notices import EventFacts
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.plan import PlannedTenant
from stasis_apps.services.limit_notices import limit_reached
from stasis_apps.services.notices import Notice, Notices
from tests.support.waiting import until, until_told
from tests.unit.stasis_apps.outside import NOON, a_leg

ANNA, BORIS = "anna@acme.test", "boris@acme.test"
FARTHEST_STEP = 100


def a_call_for_help(company: PlannedTenant, n: int = 1) -> Notice:
    facts = {"number": "112", "phone": "101-desk"}
    return Notice(tenant=company, kind="emergency_call", at=NOON, call_id=f"pbx-{n}.1", facts=facts)


def a_limit(company: PlannedTenant, n: int = 1, **leg: object) -> Notice:
    return limit_reached(
        a_leg(company, f"pbx-{n}.1", **leg),  # type: ignore[arg-type] # by name
        LegOutcome.DESTINATION_CLOSED,
        gate=OutsideGate(),
        number="81053 55512345",
        phone="101-desk",
        acting="101",
    )


@asynccontextmanager
async def serving(notices: Notices) -> AsyncIterator[None]:
    """A process that takes notices on, until it is told to end."""
    task = asyncio.create_task(notices.serve())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def written(count: int) -> list[EventFacts]:
    """The events of the company, once there are so many."""

    async def ask() -> list[EventFacts] | None:
        events = await tables.list_events(tenant="acme")
        return events if len(events) == count else None

    return await until_told(ask, saying=f"{count} events")


def names(folder: Path, which: str) -> list[str]:
    return [path.name for path in folder.glob(which)]


def bundles(folder: Path) -> list[str]:
    return names(folder, "*.json")


async def is_empty(folder: Path) -> None:
    await until(lambda: not bundles(folder), saying="nothing waits on disk")


async def has_at_least(count: int) -> bool:
    return len(await tables.list_events(tenant="acme", limit=count)) >= count
