"""The rules of watching Asterisk that need no Asterisk: pauses, and what its log says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf.log_reading import Complaint, complaints, declined_modules, lines_since_start
from asterisk_conf.process import LONGEST_PAUSE_S, next_pause_s
from asterisk_conf.running import adopt
from tests.unit.asterisk_conf.test_render import node

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


@pytest.mark.parametrize("text", ["", "no number", "1", "4194303"])
def test_a_pid_file_that_names_somebody_else_is_not_believed(tmp_path: Path, text: str) -> None:
    settings = node(home=tmp_path)
    settings.pid_file.parent.mkdir(parents=True)
    settings.pid_file.write_text(text)

    assert adopt(settings) is None
