"""The rules of watching Asterisk that need no Asterisk: pauses, and what its log says."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf import AnotherStarter
from asterisk_conf.log_keeping import keep_logs_small
from asterisk_conf.log_reading import (
    LARGEST_LOG_BYTES,
    TAIL_BYTES,
    Complaint,
    complaints,
    declined_modules,
    empty,
    lines_since_start,
    turn_over,
)
from asterisk_conf.process import LONGEST_PAUSE_S, next_pause_s
from asterisk_conf.running import adopt, only_one_starter
from tests.support.waiting import until
from tests.unit.asterisk_conf.nodes import node

START = "[2026-11-21 21:53:27.854] Asterisk 22.10.1 built by nobody @ x on a y running Linux"
DECLINED = "[2026-11-21 21:53:27.9] ERROR[9] loader.c: res_pjsip_notify declined to load."
DROPPED = "[2026-11-21 21:53:28.0] WARNING[9][C-00000001] pjproject: Dropping 388 bytes packet"
NOTICE = "[2026-11-21 21:53:28.1] NOTICE[9] cdr.c: CDR logging disabled."


@given(st.lists(st.floats(0, 59), min_size=1, max_size=20))
def test_an_asterisk_that_keeps_dying_is_restarted_ever_more_rarely(lives_s: list[float]) -> None:
    pauses: list[float] = []
    for life_s in lives_s:
        pauses.append(next_pause_s(pauses[-1] if pauses else None, life_s))

    assert pauses[0] == 0.5
    assert pauses == sorted(pauses)
    assert max(pauses) <= LONGEST_PAUSE_S


@given(st.floats(0.5, 30), st.floats(60, 1e6))
def test_after_a_calm_minute_the_next_restart_is_quick_again(pause_s: float, life_s: float) -> None:
    assert next_pause_s(pause_s, life_s) == 0.5


def test_complaints_of_an_earlier_start_are_not_told_again(tmp_path: Path) -> None:
    log = tmp_path / "asterisk.log"
    log.write_text("\n".join([START, DECLINED, START, NOTICE, DROPPED]))

    lines = lines_since_start(log)

    assert declined_modules(lines) == []
    assert complaints(lines) == [Complaint("WARNING", "pjproject: Dropping 388 bytes packet")]


def test_a_module_that_declined_is_named() -> None:
    assert declined_modules([START, DECLINED, DECLINED]) == ["res_pjsip_notify"]


def test_without_a_log_there_are_no_complaints(tmp_path: Path) -> None:
    assert lines_since_start(tmp_path / "none.log") == []


def test_of_a_log_that_has_grown_for_weeks_only_the_end_is_read(tmp_path: Path) -> None:
    log = tmp_path / "asterisk.log"
    with log.open("w") as file:
        file.write(f"{START}\n{DECLINED}\n")
        file.writelines(f"{NOTICE}\n" for _ in range(TAIL_BYTES // len(NOTICE)))
        file.write(f"{DROPPED}\n")

    lines = lines_since_start(log)

    assert sum(map(len, lines)) <= TAIL_BYTES
    assert set(lines) == {NOTICE, DROPPED}
    assert [complaint.level for complaint in complaints(lines)] == ["WARNING"]


def test_three_large_logs_are_kept_and_the_oldest_goes(tmp_path: Path) -> None:
    log = tmp_path / "asterisk.log"
    for number in range(5):
        a_large_log(log, begins=f"{number}")

        turn_over(log)

    kept = {path.name: first_letter(path) for path in tmp_path.iterdir()}
    assert kept == {"asterisk.log.1": b"4", "asterisk.log.2": b"3", "asterisk.log.3": b"2"}


async def test_logs_go_on_being_turned_over_when_the_console_did_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asterisk_conf.log_keeping.LOG_PERIOD_S", 0.01)
    settings = node(home=tmp_path)
    log = settings.log_file
    log.parent.mkdir(parents=True)
    keeping = asyncio.create_task(keep_logs_small(settings))
    try:
        for number in (1, 2):
            a_large_log(log, begins=f"{number}")
            oldest = log.with_name(f"{log.name}.{number}")
            await until(oldest.exists, saying=f"{oldest} is made")
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


def test_a_small_log_stays_where_it_is(tmp_path: Path) -> None:
    log = tmp_path / "asterisk.log"
    log.write_text(START)

    turn_over(log)
    empty(log)

    assert log.read_text() == START


async def test_a_start_does_not_wait_for_ever_for_another_starter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asterisk_conf.running.LOCK_LIMIT_S", 0.2)
    settings = node(home=tmp_path)

    async with only_one_starter(settings):
        with pytest.raises(AnotherStarter, match="another program has been starting"):
            async with only_one_starter(settings):
                pytest.fail("two programs start one Asterisk")

    async with only_one_starter(settings):
        pass  # the one that gave up holds nothing


def first_letter(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1)


def a_large_log(path: Path, begins: str) -> None:
    path.write_text(begins)
    os.truncate(path, LARGEST_LOG_BYTES + 1)


@pytest.mark.parametrize("text", ["", "no number", "1", "4194303"])
def test_a_pid_file_that_names_somebody_else_is_not_believed(tmp_path: Path, text: str) -> None:
    settings = node(home=tmp_path)
    settings.pid_file.parent.mkdir(parents=True)
    settings.pid_file.write_text(text)

    assert adopt(settings) is None
