"""What calls tell administrators of reaches the database, whatever breaks on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.typing import EventDict

from stasis_apps.plan import PlannedTenant
from stasis_apps.services import notices as module
from stasis_apps.services.notice_sender import NoticeSender
from stasis_apps.services.notice_spool import NoticeSpool
from stasis_apps.services.notices import Notices
from tests.support import mail_server
from tests.support.waiting import until
from tests.unit.stasis_apps.mail.box import DiesAfter, Killed, a_full_disk
from tests.unit.stasis_apps.mail.post import Clock
from tests.unit.stasis_apps.mail.told import (
    ANNA,
    FARTHEST_STEP,
    a_call_for_help,
    bundles,
    is_empty,
    names,
    serving,
    written,
)
from tests.unit.stasis_apps.occupied import Occupier


async def test_a_database_that_is_away_costs_no_notice(
    company: PlannedTenant,
    notices: Notices,
    folder: Path,
    occupier: Occupier,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.05)
    occupier.take()
    async with serving(notices):
        notices.tell(a_call_for_help(company, 1))
        await until(lambda: len(bundles(folder)) == 1, saying="the first on disk")
        await until(
            lambda: "notices_wait" in [entry["event"] for entry in logged],
            saying="the database is missed",
        )
        notices.tell(a_call_for_help(company, 2))
        await until(lambda: len(bundles(folder)) == 2, saying="the second on disk")
        occupier.give_back()
        events = await written(2)
        await is_empty(folder)

    assert [event.call_id for event in events] == ["pbx-2.1", "pbx-1.1"]


async def test_what_a_process_that_was_killed_had_on_disk_is_told_by_the_next(
    company: PlannedTenant, notices: Notices, folder: Path, clock: Clock, occupier: Occupier
) -> None:
    occupier.take()
    async with serving(notices):
        notices.tell(a_call_for_help(company))
        await until(lambda: bool(bundles(folder)), saying="it is on disk")
    occupier.give_back()

    async with serving(Notices(NoticeSpool(folder), now=clock)):
        await written(1)


async def test_what_is_told_in_the_last_moment_of_a_process_is_told_by_the_next(
    company: PlannedTenant, notices: Notices, folder: Path, clock: Clock
) -> None:
    async with serving(notices):
        await asyncio.sleep(0)
        notices.tell(a_call_for_help(company))

    async with serving(Notices(NoticeSpool(folder), now=clock)):
        await written(1)


async def test_a_process_that_dies_between_the_database_and_the_disk_tells_it_once(
    company: PlannedTenant,
    notices: Notices,
    folder: Path,
    clock: Clock,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
) -> None:
    for steps in range(1, FARTHEST_STEP):
        await asyncio.to_thread(
            NoticeSpool(folder).keep, [module._event(a_call_for_help(company, steps))]
        )
        is_killed = await dies(steps, notices)
        async with serving(Notices(NoticeSpool(folder), now=clock)):
            await written(steps)
            await is_empty(folder)
        if not is_killed:
            break
    assert 3 < steps < FARTHEST_STEP - 1
    await postman.send_due()
    assert len(post_office.letters(ANNA)) == steps


async def dies(steps: int, notices: Notices) -> bool:
    """Let a process bring what is on disk to the database, and die after so many steps."""
    try:
        await DiesAfter(steps, notices._write_all())
    except Killed:
        return True
    return False


async def test_a_full_disk_costs_no_notice_while_the_process_lives(
    company: PlannedTenant, notices: Notices, logged: list[EventDict]
) -> None:
    with a_full_disk(room_bytes=0):
        await asyncio.to_thread(notices._keep, [module._event(a_call_for_help(company))])
    assert "notices_not_on_disk" in [entry["event"] for entry in logged]

    async with serving(notices):
        await written(1)


async def test_a_file_that_nobody_can_read_is_put_aside_and_keeps_no_other_out(
    company: PlannedTenant, notices: Notices, folder: Path, logged: list[EventDict]
) -> None:
    await asyncio.to_thread(folder.mkdir)
    await asyncio.to_thread((folder / "0000-broken.json").write_text, "[{")
    async with serving(notices):
        notices.tell(a_call_for_help(company))
        await written(1)
        await is_empty(folder)

    assert names(folder, "*.refused") == ["0000-broken.refused"]
    assert "notices_unreadable" in [entry["event"] for entry in logged]


async def test_a_notice_of_a_tenant_that_has_gone_keeps_no_other_out(
    company: PlannedTenant, notices: Notices, folder: Path
) -> None:
    async with serving(notices):
        notices.tell(a_call_for_help(replace(company, id=company.id + 1_000)))
        notices.tell(a_call_for_help(company))
        await written(1)
        await is_empty(folder)
