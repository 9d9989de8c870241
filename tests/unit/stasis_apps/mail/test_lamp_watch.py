"""The lamp of every phone shows what waits for its user, whoever changed it and whenever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from models import voicemail
from models.facts import TenantFacts
from stasis_apps.plan import NumberPlan
from stasis_apps.services.lamp_watch import LampWatch
from tests.support.builders import a_plan

PATIENCE_S = 5.0
"""As long as a person may have to wait for their lamp."""

ALICE, BORIS, KITCHEN = "100@acme.test", "101@acme.test", "101-kitchen@acme.test"


class Panel:
    """The lamps of all phones, as they were told."""

    def __init__(self) -> None:
        self.connections = 1
        self.lit: dict[str, tuple[int, int]] = {}
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.registered: asyncio.Queue[str] = asyncio.Queue()

    async def show(self, endpoint: str, *, new: int, old: int) -> None:
        """A phone is told."""
        self.lit[endpoint] = (new, old)
        self.told.put_nowait(endpoint)

    async def registrations(self) -> AsyncIterator[str]:
        """A phone registers."""
        while True:
            yield await self.registered.get()

    async def until_told(self, *endpoints: str) -> None:
        """Wait until these phones were told, each once, in any order."""
        waited_for = set(endpoints)
        async with asyncio.timeout(PATIENCE_S):
            while waited_for:
                waited_for.discard(await self.told.get())


class OnePlan:
    """The plans of a node with one tenant."""

    def __init__(self, plan: NumberPlan) -> None:
        self._plan = plan

    def all(self) -> Sequence[NumberPlan]:
        """The plan."""
        return (self._plan,)

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        """The plan, for its tenant."""
        return self._plan if tenant_id == str(self._plan.tenant.id) else None


def the_plan(acme: TenantFacts) -> NumberPlan:
    """A mailbox for the office: Alice and Boris own it; Boris has one of his own besides."""
    return a_plan(
        tenant=acme,
        elements={"5120": {"kind": "voicemail", "lamps": ["100", "101"]}},
        users={"101": {"voicemail": True}},
    )


@asynccontextmanager
async def watching(plan: NumberPlan) -> AsyncIterator[tuple[LampWatch, Panel]]:
    panel = Panel()
    watch = LampWatch(panel, OnePlan(plan))
    task = asyncio.create_task(watch.run())
    try:
        await panel.until_told(ALICE, BORIS, KITCHEN)
        yield watch, panel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def left(acme: TenantFacts, box: str, id_: str) -> None:
    """A message lies in the box."""
    message = voicemail.ReceivedMessage(
        id=id_,
        tenant_id=acme.id,
        box=box,
        caller_number="",
        caller_name="",
        call_id="c",
        received_at=datetime.now(UTC),
        duration_s=3.0,
        language="en",
        is_deleted_after_mail=False,
        home="here",
        file="x.wav",
    )
    assert await voicemail.keep_message(message, at=datetime.now(UTC))


async def test_after_a_restart_every_lamp_is_told_what_waits(acme: TenantFacts) -> None:
    await left(acme, "5120", "aaaaaa")

    async with watching(the_plan(acme)) as (_, panel):
        assert panel.lit == {ALICE: (1, 0), BORIS: (1, 0), KITCHEN: (1, 0)}


async def test_a_message_lights_the_lamps_of_all_who_own_the_mailbox(acme: TenantFacts) -> None:
    async with watching(the_plan(acme)) as (watch, panel):
        await left(acme, "5120", "aaaaaa")
        watch.has_changed(acme.id, "5120")

        await panel.until_told(ALICE, BORIS, KITCHEN)

        assert panel.lit == {ALICE: (1, 0), BORIS: (1, 0), KITCHEN: (1, 0)}


async def test_a_phone_shows_all_mailboxes_of_its_user_together(acme: TenantFacts) -> None:
    async with watching(the_plan(acme)) as (watch, panel):
        await left(acme, "5120", "aaaaaa")
        await left(acme, "101", "bbbbbb")
        watch.has_changed(acme.id, "101")

        await panel.until_told(BORIS, KITCHEN)

        assert panel.lit == {ALICE: (0, 0), BORIS: (2, 0), KITCHEN: (2, 0)}


async def test_the_lamp_goes_out_with_the_last_new_message(acme: TenantFacts) -> None:
    await left(acme, "101", "aaaaaa")
    async with watching(the_plan(acme)) as (watch, panel):
        assert panel.lit[BORIS] == (1, 0)
        await voicemail.mark_heard(tenant_id=acme.id, message_id="aaaaaa", at=datetime.now(UTC))
        watch.has_changed(acme.id, "101")

        await panel.until_told(BORIS, KITCHEN)

        assert panel.lit[BORIS] == (0, 1)


async def test_a_phone_that_registers_is_told(acme: TenantFacts) -> None:
    async with watching(the_plan(acme)) as (_, panel):
        panel.lit.clear()
        panel.registered.put_nowait("999@nobody.test")
        panel.registered.put_nowait(KITCHEN)

        await panel.until_told(KITCHEN)

        assert panel.lit == {KITCHEN: (0, 0)}


async def test_every_phone_is_told_when_asterisk_was_away(acme: TenantFacts) -> None:
    async with watching(the_plan(acme)) as (_, panel):
        panel.lit.clear()
        panel.connections += 1

        await panel.until_told(ALICE, BORIS, KITCHEN)

        assert set(panel.lit) == {ALICE, BORIS, KITCHEN}


async def test_a_change_in_a_mailbox_that_nobody_knows_is_no_fault(acme: TenantFacts) -> None:
    async with watching(the_plan(acme)) as (watch, panel):
        panel.lit.clear()
        watch.has_changed(acme.id + 1, "5120")
        watch.has_changed(acme.id, "5999")
        watch.has_changed(acme.id, "101")

        await panel.until_told(BORIS, KITCHEN)

        assert set(panel.lit) == {BORIS, KITCHEN}


async def test_what_another_program_changes_is_seen_soon(acme: TenantFacts) -> None:
    async with watching(the_plan(acme)) as (_, panel):
        await left(acme, "101", "aaaaaa")

        await panel.until_told(BORIS, KITCHEN)

        assert panel.lit == {ALICE: (0, 0), BORIS: (1, 0), KITCHEN: (1, 0)}
