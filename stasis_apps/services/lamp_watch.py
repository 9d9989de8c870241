"""Whose lamps show what: from mailboxes to the phones of their owners. Sends nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import structlog

from models.errors import DatabaseError
from models.voicemail import BoxCounts, all_counts, everybodys_counts
from stasis_apps.call import Endpoint
from stasis_apps.plan import NumberPlan

ROUND_S: Final = 3.0
"""How often all mailboxes are looked at: other programs (``pbx voicemail``) change them, too."""

LOOK_S: Final = 1.0
"""How often it is looked whether Asterisk has been connected anew; then every lamp is told."""

log = structlog.get_logger(__name__)


class LampsOfPhones(Protocol):
    """Lights the lamps of phones; see `stasis_apps.services.lamps`."""

    @property
    def connections(self) -> int:
        """How often the way to the phones was opened; 0 while it never was."""

    async def show(self, endpoint: str, *, new: int, old: int) -> bool:
        """Let a phone show that messages are new, or that none is; False if to be repeated."""

    def registrations(self) -> AsyncIterator[str]:
        """The endpoint of every phone that registers."""


class Plans(Protocol):
    """The plans of all tenants."""

    def all(self) -> Sequence[NumberPlan]:
        """Every plan, as it is now."""

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        """The plan of one tenant."""


class _Lamp(NamedTuple):
    """One lamp: a phone of a user."""

    endpoint: Endpoint
    boxes: tuple[str, ...]


class LampWatch:
    """Keeps the lamp of every phone right.

    A phone shows the messages of all mailboxes that its user owns. It is told when a message
    comes, is heard or is deleted in one of them, when it registers, and once after a restart.
    """

    def __init__(self, lamps: LampsOfPhones, plans: Plans) -> None:
        self._lamps = lamps
        self._plans = plans
        self._tenants: dict[str, str] = {}
        self._shown: dict[Endpoint, BoxCounts] = {}
        self._changed: dict[int, set[str]] = {}
        self._something_changed = asyncio.Event()

    def has_changed(self, tenant_id: int, box: str) -> None:
        """A message came, was heard or was deleted; never waits."""
        self._changed.setdefault(tenant_id, set()).add(box)
        self._something_changed.set()

    async def run(self) -> None:
        """Keep the lamps right until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_changes())
            group.create_task(self._follow_registrations())
            group.create_task(self._go_round())

    async def _follow_changes(self) -> None:
        while True:
            await self._something_changed.wait()
            self._something_changed.clear()
            changed, self._changed = self._changed, {}
            for tenant_id, boxes in changed.items():
                plan = self._plans.plan_of(str(tenant_id))
                if plan is not None:
                    lamps = [lamp for lamp in _lamps(plan) if boxes & set(lamp.boxes)]
                    await self._show(plan, lamps)

    async def _follow_registrations(self) -> None:
        async for endpoint in self._lamps.registrations():
            plan = self._plan_with(endpoint)
            if plan is not None:
                lamps = [lamp for lamp in _lamps(plan) if lamp.endpoint == endpoint]
                await self._show(plan, lamps)

    def _plan_with(self, endpoint: str) -> NumberPlan | None:
        """The plan of the tenant at whose domain the phone has registered."""
        domain = endpoint.partition("@")[2]
        plan = self._plans.plan_of(self._tenants.get(domain, ""))
        if plan is None or plan.tenant.domain != domain:  # new, or made anew: another tenant's now
            self._tenants = {one.tenant.domain: str(one.tenant.id) for one in self._plans.all()}
            plan = self._plans.plan_of(self._tenants.get(domain, ""))
        return plan

    async def _go_round(self) -> None:
        connection, next_at = 0, 0.0
        clock = asyncio.get_running_loop().time
        while True:
            is_new = self._lamps.connections != connection
            if self._lamps.connections and (is_new or clock() >= next_at):
                connection, next_at = self._lamps.connections, clock() + ROUND_S
                await self._look_at_all(always=is_new)
            await asyncio.sleep(LOOK_S)

    async def _look_at_all(self, *, always: bool) -> None:
        if always:
            self._shown.clear()  # for whoever is not told now, the next round does it
        try:
            counts = await everybodys_counts()
        except DatabaseError as fault:
            log.warning("lamps_not_shown", fault=str(fault))
            return
        for plan in self._plans.all():
            of_tenant = counts.get(plan.tenant.id, {})
            await self._tell(_lamps(plan), of_tenant, always=False)

    async def _show(self, plan: NumberPlan, lamps: list[_Lamp]) -> None:
        """Tell these phones what waits for their users."""
        if not lamps:
            return
        try:
            counts = await all_counts(tenant_id=plan.tenant.id)
        except DatabaseError as fault:
            log.warning("lamps_not_shown", tenant=plan.tenant.name, fault=str(fault))
            for lamp in lamps:
                self._shown.pop(lamp.endpoint, None)  # the next round repeats it
            return
        await self._tell(lamps, counts, always=True)

    async def _tell(
        self, lamps: Iterable[_Lamp], counts: Mapping[str, BoxCounts], *, always: bool
    ) -> None:
        """Tell these phones, or only those to whom it is news."""
        for lamp in lamps:
            shown = _sum(counts, lamp.boxes)
            if not always and self._shown.get(lamp.endpoint) == shown:
                continue
            if await self._lamps.show(lamp.endpoint, new=shown.new, old=shown.old):
                self._shown[lamp.endpoint] = shown
            else:
                self._shown.pop(lamp.endpoint, None)  # the next round repeats it


def _lamps(plan: NumberPlan) -> Iterator[_Lamp]:
    """Every phone of a user who owns a mailbox."""
    boxes: dict[str, list[str]] = {}
    for box in plan.mailboxes.values():
        for owner in box.lamps:
            boxes.setdefault(owner, []).append(box.number)
    for owner, owned in boxes.items():
        person = plan.people.get(owner)
        for endpoint in person.phones if person else ():
            yield _Lamp(endpoint, tuple(owned))


def _sum(counts: Mapping[str, BoxCounts], boxes: tuple[str, ...]) -> BoxCounts:
    found = [counts.get(box, BoxCounts()) for box in boxes]
    return BoxCounts(sum(one.new for one in found), sum(one.old for one in found))
