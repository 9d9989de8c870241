"""Where backups are written to and read from, and what killed ones have left behind."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pbx_cli.backup.reaching import is_there, read_from, written_whole
from pbx_cli.errors import Refused
from tests.support.database import migrated_sqlite
from tests.unit.pbx_cli.saved_homes import Office, busy_offices, copies, first, write_files

__all__ = ["busy_offices", "copies", "first", "migrated_sqlite"]

ROOT, NOBODY = 0, 65_534
LEFT = {".backup-0a1b/database": "half"}


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that this process may not look into."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o000)
    is_root = os.geteuid() == ROOT
    if is_root:
        os.seteuid(NOBODY)
    yield folder
    if is_root:
        os.seteuid(ROOT)
    folder.chmod(0o700)


def test_who_may_not_look_into_a_folder_is_told_the_way_around(closed: Path) -> None:
    file = str(closed / "pbx.tar.gz")
    for look in (lambda: is_there(file), lambda: _write(file)):
        with pytest.raises(Refused, match=r"cannot reach .*`\(umask 077 && sudo pbx backup - > "):
            look()
    with pytest.raises(Refused, match=r"cannot reach .*`sudo pbx restore - < ") as refused:
        _read(file)
    assert refused.value.exit_code == 2


def test_a_file_or_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = str(tmp_path / "nowhere" / "pbx.tar.gz")
    assert not is_there(file)
    with pytest.raises(Refused, match=r"folder .*nowhere is not there"):
        _write(file)
    with pytest.raises(Refused, match="is not there") as refused:
        _read(file)
    assert refused.value.exit_code == 2


def test_a_backup_that_fails_leaves_nothing_and_takes_nothing(tmp_path: Path) -> None:
    file, of_another = tmp_path / "pbx.tar.gz", tmp_path / f".pbx.tar.gz.{os.getpid()}"
    of_another.write_text("another one works on this")
    with pytest.raises(ValueError, match="closed"), written_whole(str(file)) as out:
        out.close()  # no more can be written
    assert list(tmp_path.iterdir()) == [of_another]


def test_the_next_backup_clears_away_what_a_killed_one_has_left(
    first: Office, tmp_path: Path
) -> None:
    write_files(first.home, LEFT)
    with _another_backup(first):
        first.done("backup", str(tmp_path / "1.tar.gz"))
        assert (first.home / ".backup-0a1b").exists()  # it may be that one's
    first.done("backup", str(tmp_path / "2.tar.gz"))
    assert list(first.home.glob(".backup-*")) == []


def test_what_a_killed_restore_has_left_comes_into_no_backup(first: Office, tmp_path: Path) -> None:
    write_files(first.home, {"voicemail/.restored/1/x.wav": "x", "sounds/.replaced/y.wav": "y"})
    file = tmp_path / "1.tar.gz"
    first.done("backup", str(file))
    first.done("restore", str(file), "--replace")
    assert list(first.home.rglob(".re*")) == []


@contextmanager
def _another_backup(office: Office) -> Iterator[None]:
    with (office.home / "run" / "backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def _write(file: str) -> None:
    with written_whole(file):
        pass


def _read(file: str) -> None:
    with read_from(file):
        pass
