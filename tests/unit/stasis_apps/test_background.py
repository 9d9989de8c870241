"""What runs beside calls: who tells whom, and that all of it ends when the process does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.typing import EventDict

from models import notices, outside_use, provisioning, voicemail
from models.delivery import DeliveryState
from models.facts import TenantFacts
from models.message_files import MessageFolder
from models.seal import Seal
from stasis_apps import background
from stasis_apps.background import Background, make_background
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.plan_store import PlanStore
from stasis_apps.services import postman
from stasis_apps.services.journal_writer import JournalWriter
from stasis_apps.services.notices import Notice
from stasis_apps.services.spool import Spool
from stasis_apps.services.web_requests import WebRequests
from stasis_apps.settings import Settings, read_settings
from tests.support.mail_server import MailServer
from tests.support.ports import is_free, small_block
from tests.support.waiting import COMES_S, until, until_told
from tests.unit.stasis_apps.mail.box import a_tone, new_message
from tests.unit.stasis_apps.outside import NOON, a_leg, a_planned_tenant
from tests.unit.stasis_apps.services.sorcery import Memory, asterisk_with_memory


@dataclass
class Node:
    """Everything of one process but its calls."""

    asterisk: Memory
    background: Background
    plans: PlanStore
    settings: Settings
    acme: TenantFacts

    async def open_trunk(self) -> str:
        """Open a line to a carrier; its endpoint."""
        made = await provisioning.create_trunk(
            tenant="acme",
            name="moscow",
            seal=Seal(self.settings.secret_key_file),
            host="192.0.2.10",
            username="acme",
            password="secret",
        )
        await self.plans.refresh()
        return made.endpoint

    async def is_told_of(self, endpoint: str) -> None:
        """Wait until Asterisk has the line."""
        await until(lambda: self.asterisk.endpoints() == [endpoint], saying="the trunk")


@pytest.fixture
async def acme(database: str, monkeypatch: pytest.MonkeyPatch) -> TenantFacts:
    """A tenant of a home where nothing is looked for that nobody tells of."""
    monkeypatch.setattr(postman, "POLL_S", 3_600.0)
    return await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")


async def a_node(home: Path, acme: TenantFacts, **given: str) -> AsyncIterator[Node]:
    """Start everything, and end it."""
    with small_block() as ports:
        settings = read_settings(
            {"PBX_HOME": str(home), "PBX_HTTP_BIND": f"127.0.0.1:{ports.first}", **given}
        )
        plans = PlanStore(settings.sound_folder)
        await plans.refresh()
        async with asterisk_with_memory() as (ari, asterisk):
            writer = JournalWriter(Spool(home / "journal.spool"))
            background = make_background(settings, ari, plans, writer, WebRequests())
            async with asyncio.TaskGroup() as group:
                tasks = background.start(group, set)
                await until(lambda: not is_free(ports.first), saying="links")
                yield Node(asterisk, background, plans, settings, acme)
                for task in tasks:
                    task.cancel()
        assert all(task.cancelled() for task in tasks)


@pytest.fixture
async def node(tmp_path: Path, acme: TenantFacts) -> AsyncIterator[Node]:
    async for started in a_node(tmp_path, acme):
        yield started


async def test_a_new_line_reaches_asterisk_and_reaches_it_again_after_a_restart(
    node: Node,
) -> None:
    endpoint = await node.open_trunk()
    await node.is_told_of(endpoint)

    node.asterisk.restart()
    node.background.asterisk_is_back.set()

    await node.is_told_of(endpoint)


async def test_without_a_mail_server_mail_waits_and_that_is_said(
    node: Node, logged: list[EventDict]
) -> None:
    assert node.background.mail is None
    assert [entry["reason"] for entry in logged if entry["event"] == "mail_waits"] == [
        "PBX_SMTP_URL is not set"
    ]


async def test_a_message_wakes_the_mail(tmp_path: Path, acme: TenantFacts) -> None:
    """Its sound is in place, as after a restart in the middle of finishing."""
    message = new_message(acme.id, "office@acme.test")
    with MailServer() as post_office:
        async for node in a_node(tmp_path, acme, PBX_SMTP_URL=post_office.url):
            await node.background.messages.begin(message)
            files = MessageFolder(node.settings.voicemail_folder)
            await files.put(acme.id, message.id, a_tone(2))

            await node.background.messages.finish(message.id)

            await post_office.letter("office@acme.test")
            await until_told(is_sent, saying="the mail marked as sent")
    assert len(post_office.letters("office@acme.test")) == 1


async def is_sent() -> bool:
    (message,) = await voicemail.list_messages()
    return [one.state for one in message.deliveries] == [DeliveryState.SENT]


async def test_what_a_call_tells_administrators_of_is_in_their_mailbox_at_once(
    tmp_path: Path, acme: TenantFacts
) -> None:
    company = a_planned_tenant(acme.id, alert_emails=("office@acme.test",))
    notice = Notice(tenant=company, kind="emergency_call", at=NOON, call_id="pbx-1.1")
    with MailServer() as post_office:
        async for node in a_node(tmp_path, acme, PBX_SMTP_URL=post_office.url):
            node.background.room.notices.tell(notice)

            await post_office.letter("office@acme.test")
            await until_told(are_told, saying="the mail marked as sent")


async def are_told() -> bool:
    return [one.mails for one in await notices.list_events(tenant="acme")] == [
        {"office@acme.test": "sent"}
    ]


async def test_what_administrators_heard_of_long_ago_is_forgotten(
    tmp_path: Path, acme: TenantFacts
) -> None:
    now = datetime.now(UTC)
    ages = {"old": now - timedelta(days=401), "recent": now - timedelta(days=399)}
    happened = [
        notices.NewEvent(notice_id=name, tenant_id=acme.id, kind="emergency_call", at=at)
        for name, at in ages.items()
    ]
    await notices.write(happened, now=now)

    async def is_left() -> bool:
        return [one.at for one in await notices.list_events(tenant="acme")] == [ages["recent"]]

    async for _node in a_node(tmp_path, acme):
        await until_told(is_left, saying="the old event forgotten")


async def test_what_is_talked_outside_is_stored_when_the_process_ends(
    tmp_path: Path, acme: TenantFacts
) -> None:
    company = a_planned_tenant(acme.id)
    async for node in a_node(tmp_path, acme):
        since_at = datetime.now(UTC) - timedelta(seconds=50)
        node.background.room.gate.take_over(company, "101@acme.test", "leg-1", since_at)

    days = await outside_use.read(since=(datetime.now(UTC) - timedelta(days=2)).date())
    assert 50 <= sum(one.talked_s for one in days) < 50 + COMES_S


async def test_who_is_blocked_calls_nobody_outside_in_calls_that_are_up_already(
    node: Node, acme: TenantFacts
) -> None:
    leg = a_leg(a_planned_tenant(acme.id))
    gate = node.background.room.gate
    assert gate.refusal(leg) is None

    await provisioning.set_tenant(name="acme", state="blocked")
    await node.plans.refresh()

    assert gate.refusal(leg) is LegOutcome.BLOCKED


async def test_a_part_that_fails_begins_again_and_ends_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "RESTART_S", 0.0)
    begun: asyncio.Queue[str] = asyncio.Queue()

    async def part() -> None:
        begun.put_nowait("begun")
        raise ZeroDivisionError

    running = asyncio.create_task(background.again_and_again("a part", part))
    async with asyncio.timeout(COMES_S):
        assert [await begun.get(), await begun.get()] == ["begun", "begun"]

    running.cancel()
    assert isinstance(
        (await asyncio.gather(running, return_exceptions=True))[0], asyncio.CancelledError
    )
