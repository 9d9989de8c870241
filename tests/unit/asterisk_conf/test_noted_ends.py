"""When channels ended, as Asterisk notes it: read, kept small."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from asterisk_conf import noted_ends
from asterisk_conf.log_keeping import put_logs_aside
from tests.unit.asterisk_conf.nodes import node

CALL, OTHER = "pbx-4e0e0a-1795355772.1", "pbx-4e0e0a-1795355772.2"
ENDED = (
    f'{{"eventtime":"1795355772.670492","uniqueid":"{CALL}","eventextra":'
    r'"{\"hangupcause\":16,\"hangupsource\":\"PJSIP/100@a.test-01\",\"dialstatus\":\"\"}"}'
    "\n"
)
ENDED_AT = datetime(2026, 11, 22, 13, 56, 12, 670492, tzinfo=UTC)


def noted(home: Path, text: str) -> Path:
    """The file of a home whose Asterisk has written this."""
    file = noted_ends.place(home)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


def test_each_channel_has_its_moment(tmp_path: Path) -> None:
    hung_up = noted_ends.NotedEnd(at=ENDED_AT, is_somebodys=True, cause=16)

    assert noted_ends.read(noted(tmp_path, ENDED)) == {CALL: hung_up}


def test_what_asterisk_ends_by_itself_is_nobodys_doing(tmp_path: Path) -> None:
    ended = ENDED.replace("PJSIP/100@a.test-01", "")

    assert not noted_ends.read(noted(tmp_path, ended))[CALL].is_somebodys


def test_what_a_phone_was_told_when_another_had_answered_is_known(tmp_path: Path) -> None:
    ended = ENDED.replace('cause\\":16', 'cause\\":26')

    assert noted_ends.read(noted(tmp_path, ended))[CALL].cause == 26


def test_an_asterisk_that_has_noted_nothing_yet_is_no_fault(tmp_path: Path) -> None:
    assert noted_ends.read(noted_ends.place(tmp_path)) == {}


def test_a_line_that_a_full_disk_has_cut_off_hides_no_other(tmp_path: Path) -> None:
    other = ENDED.replace(CALL, OTHER).replace("1795355772.670492", "no moment")
    file = noted(tmp_path, ENDED[:30] + "\n" + other + ENDED)

    assert list(noted_ends.read(file)) == [CALL]


def test_what_was_noted_before_the_file_grew_large_is_still_known(tmp_path: Path) -> None:
    later = ENDED.replace(CALL, OTHER)
    lines = noted_ends.LARGEST_BYTES // len(ENDED) + 1
    file = noted(tmp_path, ENDED * lines)

    put_logs_aside(node(home=tmp_path))
    file.write_text(later)

    assert set(noted_ends.read(file)) == {CALL, OTHER}


def test_notes_take_up_twice_their_largest_size_and_no_more(tmp_path: Path) -> None:
    lines = noted_ends.LARGEST_BYTES // len(ENDED) + 1
    file = noted(tmp_path, ENDED * lines)
    for _ in range(3):
        put_logs_aside(node(home=tmp_path))
        file.write_text(ENDED * lines)

    assert sorted(path.name for path in file.parent.iterdir()) == ["ends.json", "ends.json.1"]
