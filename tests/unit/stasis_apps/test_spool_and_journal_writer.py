"""Call history on its way to the database, and where it waits when that is away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.typing import EventDict

from models import provisioning
from models.call_log import (
    AnsweredCall,
    CallWrite,
    ClosedCall,
    JournalLine,
    OpenedCall,
    journal_of,
    show_call,
)
from stasis_apps.services import journal_writer as module
from stasis_apps.services.journal_writer import journal_writer
from stasis_apps.services.spool import Spool
from tests.support.waiting import COMES_S, until, until_told
from tests.unit.stasis_apps.occupied import Occupier

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
async def tenant_id(database: str) -> int:
    return (await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")).id


@pytest.fixture
def spool_file(tmp_path: Path) -> Path:
    return tmp_path / "journal.spool"


def opened(tenant_id: int, call_id: str = "pbx-1.1") -> OpenedCall:
    return OpenedCall(
        id=call_id,
        tenant_id=tenant_id,
        channel_id=call_id,
        revision=1,
        how="phone",
        caller_number="100",
        caller_name="Алиса",
        caller_device=None,
        dialled="101",
        started_at=NOON,
    )


def line(tenant_id: int, seq: int, call_id: str = "pbx-1.1") -> JournalLine:
    return JournalLine(
        tenant_id=tenant_id,
        call_id=call_id,
        seq=seq,
        at=NOON,
        what="noted",
        reason="because",
        facts={"keys": 1},
    )


def a_whole_call(tenant_id: int) -> list[CallWrite]:
    return [
        opened(tenant_id),
        line(tenant_id, 1),
        AnsweredCall(id="pbx-1.1", tenant_id=tenant_id, answered_at=NOON, answered_by="101"),
        line(tenant_id, 2),
        ClosedCall(
            id="pbx-1.1",
            tenant_id=tenant_id,
            ended_at=NOON,
            ended_by="caller",
            reason="normal",
            comment="ended normally",
            talk_s=1.5,
        ),
    ]


async def test_a_whole_call_stands_in_the_database_afterwards(
    tenant_id: int, spool_file: Path
) -> None:
    async with journal_writer(spool_file) as writer:
        for step in a_whole_call(tenant_id):
            writer.put(step)

    record = await show_call(call_id="pbx-1.1")
    assert (record.reason, record.answered_by, record.talk_s) == ("normal", "101", 1.5)
    assert [step.seq for step in await journal_of(call_id="pbx-1.1")] == [1, 2]
    assert not is_there(spool_file)


async def test_steps_are_written_while_the_call_goes_on(tenant_id: int, spool_file: Path) -> None:
    async with journal_writer(spool_file) as writer:
        writer.put(line(tenant_id, 1))

        async def ask() -> bool:
            return bool(await journal_of(call_id="pbx-1.1"))

        await until_told(ask, within_s=5.0, saying="the first step")


def test_a_spool_gives_back_every_kind_of_step_once(spool_file: Path) -> None:
    steps = a_whole_call(7)
    spool = Spool(spool_file)

    spool.keep(steps[:2])
    spool.keep(steps[2:])

    assert list(Spool(spool_file).take()) == steps
    assert list(spool.take()) == steps, "a process that died before it had written them"
    spool.forget_taken()
    assert list(spool.take()) == []


def test_a_spooled_line_that_cannot_be_read_keeps_no_other_out(
    spool_file: Path, logged: list[EventDict]
) -> None:
    spool = Spool(spool_file)
    spool.keep([opened(7)])
    with spool_file.open("ab") as file:
        file.write(b'not json\n{"kind": "Unknown", "step": {}}\n[1]\n{"kind":"OpenedCall"}\n')
    spool.keep([line(7, 1)])

    assert len(list(spool.take())) == 2
    assert [entry["event"] for entry in logged] == ["spooled_step_unreadable"] * 4


async def test_what_an_earlier_process_could_not_write_is_written_by_the_next(
    tenant_id: int, spool_file: Path
) -> None:
    await asyncio.to_thread(Spool(spool_file).keep, a_whole_call(tenant_id))

    async with journal_writer(spool_file):
        pass

    assert (await show_call(call_id="pbx-1.1")).reason == "normal"
    assert not is_there(spool_file)


async def test_a_step_the_database_never_takes_is_put_aside_and_the_others_are_written(
    tenant_id: int, spool_file: Path, logged: list[EventDict]
) -> None:
    bad = replace(opened(tenant_id, "pbx-1.2"), revision="many")  # type: ignore[arg-type] # is bad

    async with journal_writer(spool_file) as writer:
        for step in (line(tenant_id, 1), bad, line(tenant_id, 2)):
            writer.put(step)

    assert [step.seq for step in await journal_of(call_id="pbx-1.1")] == [1, 2]
    assert lines_in(spool_file.with_suffix(".refused")) == 1
    assert "journal_step_refused" in [entry["event"] for entry in logged]


async def test_steps_wait_while_the_database_is_away_and_are_written_when_it_is_back(
    tenant_id: int,
    spool_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
    occupier: Occupier,
) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.02)
    async with journal_writer(spool_file) as writer:
        occupier.take()
        for step in a_whole_call(tenant_id):
            writer.put(step)
        await until(lambda: waits(logged), within_s=COMES_S, saying="the journal waits")
        occupier.give_back()

    assert (await show_call(call_id="pbx-1.1")).reason == "normal"


async def test_at_the_end_of_the_process_the_rest_goes_to_the_spool(
    tenant_id: int,
    spool_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
    occupier: Occupier,
) -> None:
    monkeypatch.setattr(module, "FLUSH_LIMIT_S", 0.05)
    occupier.take()
    async with journal_writer(spool_file) as writer:
        for step in a_whole_call(tenant_id):
            writer.put(step)
        await until(lambda: waits(logged), within_s=COMES_S, saying="the journal waits")
    occupier.give_back()

    async with journal_writer(spool_file):
        pass

    assert (await show_call(call_id="pbx-1.1")).reason == "normal"


async def test_memory_is_spared_while_the_database_is_away(
    tenant_id: int,
    spool_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
    occupier: Occupier,
) -> None:
    monkeypatch.setattr(module, "KEPT_IN_MEMORY", 2)
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.02)
    async with journal_writer(spool_file) as writer:
        occupier.take()
        for step in a_whole_call(tenant_id):
            writer.put(step)
        await until(
            lambda: tells(logged, "journal_spilled"), within_s=COMES_S, saying="it is spared"
        )
        assert (lines_in(spool_file), writer.waiting) == (3, 2)
        occupier.give_back()


async def test_what_memory_had_no_room_for_is_written_first_when_the_database_is_back(
    tenant_id: int,
    spool_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
    occupier: Occupier,
) -> None:
    """The end of a call is of use only behind its beginning, which may have been put on disk."""
    monkeypatch.setattr(module, "KEPT_IN_MEMORY", 2)
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(module, "BATCH", 2)
    async with journal_writer(spool_file) as writer:
        occupier.take()
        for step in a_whole_call(tenant_id):
            writer.put(step)
        await until(lambda: tells(logged, "journal_spilled"), within_s=COMES_S, saying="it spills")
        occupier.give_back()
        taken = spool_file.with_suffix(".taken")
        await until(
            lambda: not is_there(spool_file) and not is_there(taken) and not writer.waiting,
            within_s=COMES_S,
            saying="all is written",
        )

        record = await show_call(call_id="pbx-1.1")
        assert (record.reason, record.answered_by) == ("normal", "101")
        assert [step.seq for step in await journal_of(call_id="pbx-1.1")] == [1, 2]


async def test_a_disk_that_takes_nothing_more_costs_no_call(
    tenant_id: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
    occupier: Occupier,
) -> None:
    monkeypatch.setattr(module, "KEPT_IN_MEMORY", 2)
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.02)
    no_folder = tmp_path / "file"
    no_folder.touch()
    async with journal_writer(no_folder / "journal.spool") as writer:
        occupier.take()
        for step in a_whole_call(tenant_id)[:4]:
            writer.put(step)
        await until(
            lambda: tells(logged, "spool_not_written"), within_s=COMES_S, saying="it is full"
        )
        occupier.give_back()

    assert [step.seq for step in await journal_of(call_id="pbx-1.1")] == [1, 2]


async def test_a_disk_that_does_not_give_out_what_waits_there_lets_the_exchange_start(
    tenant_id: int, spool_file: Path, logged: list[EventDict]
) -> None:
    await asyncio.to_thread(Spool(spool_file).keep, a_whole_call(tenant_id)[:2])
    spool_file.with_suffix(".taken").mkdir()

    async with journal_writer(spool_file) as writer:
        writer.put(line(tenant_id, 2))

    assert [step.seq for step in await journal_of(call_id="pbx-1.1")] == [2]
    assert tells(logged, "spool_not_read")
    assert is_there(spool_file), "for a better time"


async def test_a_start_without_a_database_keeps_what_waits_on_disk_once(
    tenant_id: int, spool_file: Path, monkeypatch: pytest.MonkeyPatch, occupier: Occupier
) -> None:
    monkeypatch.setattr(module, "FLUSH_LIMIT_S", 0.05)
    spool = Spool(spool_file)
    await asyncio.to_thread(spool.keep, a_whole_call(tenant_id))
    occupier.take()

    for _ in range(2):
        async with journal_writer(spool_file):
            pass
    occupier.give_back()

    assert await asyncio.to_thread(lambda: list(spool.take())) == a_whole_call(tenant_id)


def test_a_line_that_a_full_disk_has_cut_off_spoils_no_step_after_it(spool_file: Path) -> None:
    spool_file.write_bytes(b'{"kind":"JournalLine","st')

    spool = Spool(spool_file)
    spool.keep(a_whole_call(7))

    assert list(spool.take()) == a_whole_call(7)


def tells(logged: list[EventDict], event: str) -> bool:
    return any(entry["event"] == event for entry in logged)


def is_there(file: Path) -> bool:
    return file.exists()


def lines_in(file: Path) -> int:
    return len(file.read_bytes().splitlines())


def waits(logged: list[EventDict]) -> bool:
    return any(entry["event"] == "journal_waits" for entry in logged)


async def test_nothing_is_written_when_nothing_happened(database: str, spool_file: Path) -> None:
    async with asyncio.timeout(COMES_S), journal_writer(spool_file):
        pass

    assert not is_there(spool_file)
