"""The lamp of every phone shows what waits for its user, whoever changed it and whenever."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import provisioning, voicemail
from models.facts import TenantFacts
from stasis_apps.plan import NumberPlan
from stasis_apps.services import lamp_watch as lamp_watch_module
from stasis_apps.services import lamps as lamps_module
from stasis_apps.services.lamp_watch import LampWatch
from stasis_apps.services.lamps import Lamps
from stasis_apps.settings import read_settings
from tests.support.builders import a_plan
from tests.support.waiting import COMES_S
from tests.unit.stasis_apps.occupied import Occupier

ALICE, BORIS, KITCHEN = "100@acme.test", "101@acme.test", "101-kitchen@acme.test"


class Panel:
    """The lamps of all phones, as they were told."""

    def __init__(self) -> None:
        self.connections = 1
        self.lit: dict[str, tuple[int, int]] = {}
        self.deaf_for = 0
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.registered: asyncio.Queue[str] = asyncio.Queue()

    async def show(self, endpoint: str, *, new: int, old: int) -> bool:
        """A phone is told, unless Asterisk does not answer."""
        if self.deaf_for:
            self.deaf_for -= 1
            return False
        self.lit[endpoint] = (new, old)
        self.told.put_nowait(endpoint)
        return True

    async def registrations(self) -> AsyncIterator[str]:
        """A phone registers."""
        while True:
            yield await self.registered.get()

    async def until_told(self, *endpoints: str) -> None:
        """Wait until these phones were told, each once, in any order."""
        waited_for = set(endpoints)
        async with asyncio.timeout(COMES_S):
            while waited_for:
                waited_for.discard(await self.told.get())


class OnePlan:
    """The plans of a node with one tenant."""

    def __init__(self, plan: NumberPlan) -> None:
        self.plan = plan

    def all(self) -> Sequence[NumberPlan]:
        """The plan."""
        return (self.plan,)

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        """The plan, for its tenant."""
        return self.plan if tenant_id == str(self.plan.tenant.id) else None


def the_plan(acme: TenantFacts) -> NumberPlan:
    """A mailbox for the office: Alice and Boris own it; Boris has one of his own besides."""
    return a_plan(
        tenant=acme,
        elements={"5120": {"kind": "voicemail", "lamps": ["100", "101"]}},
        users={"101": {"voicemail": True}},
    )


@asynccontextmanager
async def watching(plan: NumberPlan | OnePlan) -> AsyncIterator[tuple[LampWatch, Panel]]:
    panel = Panel()
    watch = LampWatch(panel, plan if isinstance(plan, OnePlan) else OnePlan(plan))
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

        assert (panel.lit[BORIS], panel.lit[KITCHEN]) == ((2, 0), (2, 0))


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


@pytest.mark.parametrize("asterisk_was_away", [True, False])
async def test_a_phone_that_is_news_while_the_database_is_away_is_told_afterwards(
    acme: TenantFacts,
    occupier: Occupier,
    monkeypatch: pytest.MonkeyPatch,
    asterisk_was_away: bool,
) -> None:
    monkeypatch.setattr(lamp_watch_module, "LOOK_S", 0.01)
    monkeypatch.setattr(lamp_watch_module, "ROUND_S", 0.05)
    async with watching(the_plan(acme)) as (_, panel):
        occupier.take()
        if asterisk_was_away:
            panel.connections += 1
        else:
            panel.registered.put_nowait(KITCHEN)
        asyncio.get_running_loop().call_later(0.5, occupier.give_back)

        await panel.until_told(KITCHEN)


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


async def test_a_phone_that_asterisk_did_not_tell_is_told_again(acme: TenantFacts) -> None:
    async with watching(the_plan(acme)) as (watch, panel):
        panel.deaf_for = 2
        await left(acme, "101", "aaaaaa")
        watch.has_changed(acme.id, "101")

        await panel.until_told(BORIS, KITCHEN)

        assert panel.lit == {ALICE: (0, 0), BORIS: (1, 0), KITCHEN: (1, 0)}


async def test_a_tenant_that_was_removed_and_made_anew_has_its_lamps(acme: TenantFacts) -> None:
    node = OnePlan(the_plan(acme))
    async with watching(node) as (_, panel):
        panel.registered.put_nowait(ALICE)
        await panel.until_told(ALICE)
        await provisioning.remove_tenant(name="acme")
        anew = await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
        node.plan = the_plan(anew)
        await left(anew, "101", "aaaaaa")

        panel.registered.put_nowait(KITCHEN)
        await panel.until_told(KITCHEN)

        assert anew.id != acme.id
        assert panel.lit[KITCHEN] == (1, 0)


async def test_lamps_go_on_when_asterisk_has_hung_up_under_one(
    acme: TenantFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lamps_module, "PAUSE_S", 0.01)
    lamps = Lamps(read_settings({"PBX_HOME": str(tmp_path)}))
    watch = LampWatch(lamps, OnePlan(the_plan(acme)))
    async with an_asterisk_that_hangs_up_once(tmp_path) as notified:
        work = [asyncio.create_task(one) for one in (lamps.run(), watch.run())]
        try:
            async with asyncio.timeout(COMES_S):
                await until_lit(notified, "0/0")
                await left(acme, "5120", "aaaaaa")
                watch.has_changed(acme.id, "5120")
                await until_lit(notified, "1/0")
        finally:
            for one in work:
                one.cancel()
            ended = await asyncio.gather(*work, return_exceptions=True)
    assert [type(one) for one in ended] == [asyncio.CancelledError] * 2


async def until_lit(notified: asyncio.Queue[tuple[str, str]], shown: str) -> None:
    """Wait until every phone was told this."""
    dark = {ALICE, BORIS, KITCHEN}
    while dark:
        endpoint, told = await notified.get()
        if told == shown:
            dark.discard(endpoint)


@asynccontextmanager
async def an_asterisk_that_hangs_up_once(
    home: Path,
) -> AsyncIterator[asyncio.Queue[tuple[str, str]]]:
    """It hangs up under the first action, takes all of whoever comes again, and tells of them."""
    notified: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    lines: list[asyncio.StreamWriter] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)
        is_first = len(lines) == 1
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError):
            while block := (await reader.readuntil(b"\r\n\r\n")).decode():
                asked = dict(line.split(": ", 1) for line in block.splitlines() if line)
                if is_first and asked["Action"] != "Login":
                    break
                number = f"ActionID: {asked.get('ActionID', '')}\r\n"
                writer.write(f"Response: Success\r\n{number}\r\n".encode())
                if "Endpoint" in asked:
                    notified.put_nowait((asked["Endpoint"], _shown(block)))
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    (home / "asterisk").mkdir()
    port = server.sockets[0].getsockname()[1]
    (home / "asterisk" / "ami.address").write_text(f"127.0.0.1:{port}\n")
    (home / "asterisk" / "ami.secret").write_text("s\n")
    async with server:
        try:
            yield notified
        finally:
            for line in lines:
                line.close()


def _shown(block: str) -> str:
    """``1/0`` of the notice to a phone."""
    return block.partition("Voice-Message: ")[2].partition(" ")[0]
