"""Restores that somebody or something ends midway, and homes that others still use."""

import os
import pty
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from asterisk_conf import console
from pbx_cli.backup.unfinished import MARKER
from tests.support.database import migrated_sqlite
from tests.support.waiting import until
from tests.unit.pbx_cli.conftest import environment_of
from tests.unit.pbx_cli.saved_homes import Office, archive, busy_offices, copies, first
from tests.unit.pbx_cli.shell import Shell
from tests.unit.pbx_cli.spoilt_archives import Member, with_more

__all__ = ["archive", "busy_offices", "copies", "first", "migrated_sqlite"]

LIMIT_S = 60


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def later(first: Office) -> Office:
    """A home in which something has happened since its backup."""
    first.done("tenant", "create", "late", "--domain", "late.test", "--country", "RU")
    (first.home / "voicemail/1/cccccccc.wav").write_text("later")
    return first


def begin(office: Office, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a command in a process of its own, with pipes to it."""
    usual = {name: value for name, value in environment_of(office.home).items() if value}
    return subprocess.Popen(
        [sys.executable, "-m", "pbx_cli", *arguments],
        env={"PATH": os.environ["PATH"], **usual, "PBX_DATABASE_URL": office.url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@contextmanager
def held(office: Office) -> Iterator[None]:
    """Keep everybody else from writing to its database inside the block."""
    with closing(sqlite3.connect(office.home / "pbx.sqlite3", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


async def has_begun(office: Office) -> None:
    """Wait until a restore exchanges the database."""
    await until(
        (office.home / MARKER).exists, within_s=LIMIT_S, saying="the restore begins to change it"
    )


def test_who_ends_a_restore_while_it_unpacks_has_changed_nothing(
    first: Office, archive: Path
) -> None:
    before = first.everything()
    noise = Member("home/voicemail/1/dddddddd.wav", os.urandom(1_000_000))
    whole = with_more(archive.read_bytes(), noise)
    with begin(first, "restore", "-", "--replace") as restore:
        assert restore.stdin is not None
        restore.stdin.write(whole[:-200_000])  # returns when most of it was read
        restore.stdin.flush()
        restore.send_signal(signal.SIGINT)
        with suppress(BrokenPipeError):
            _, said = restore.communicate(whole[-200_000:], timeout=LIMIT_S)

    assert restore.returncode == 1
    assert b"nothing was changed" in said
    assert first.everything() == before
    assert [str(path) for path in first.home.rglob(".re*")] == []


async def test_a_restore_that_has_begun_to_change_things_ends_by_itself(
    later: Office, archive: Path
) -> None:
    with begin(later, "restore", str(archive), "--replace") as restore:
        assert restore.stderr is not None
        with held(later):
            await has_begun(later)
            told = []
            for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                restore.send_signal(sent)
                told.append(restore.stderr.readline())
        _, said = restore.communicate(timeout=LIMIT_S)

    assert (restore.returncode, said) == (0, b"")
    assert all(b"cannot be stopped" in one for one in told)
    assert b"late" not in later.done("tenant", "list")
    assert [str(path) for path in later.home.rglob(".re*")] == []


async def test_after_a_restore_that_was_killed_nothing_runs_but_another_restore(
    later: Office, archive: Path, tmp_path: Path
) -> None:
    with begin(later, "restore", str(archive), "--replace") as restore, held(later):
        await has_begun(later)
        restore.kill()
        restore.wait(LIMIT_S)

    for command in (
        ("run", "--no-asterisk"),
        ("asterisk", "run"),
        ("migrate",),
        ("backup", str(tmp_path / "mixed.tar.gz")),
        ("restore", str(archive)),
    ):
        words = later.refused(*command, code=4)
        assert "a restore was interrupted; restore again with --replace" in words
    later.done("restore", str(archive), "--replace")
    assert b"late" not in later.done("tenant", "list")
    assert [str(path) for path in later.home.rglob(".re*")] == []
    later.done("migrate")


@pytest.fixture
def asterisk_up(first: Office) -> Iterator[None]:
    """Something that answers at Asterisk's console of this home."""
    path = first.home / "asterisk/run/asterisk.ctl"
    path.parent.mkdir(parents=True)
    with closing(socket.socket(socket.AF_UNIX)) as door:
        door.bind(str(path))
        door.listen()

        def answer() -> None:
            caller, _ = door.accept()
            with caller:
                caller.sendall(b"here/17/22\n")
                caller.recv(1000)
                caller.sendall(b"Asterisk 22\n")

        answering = threading.Thread(target=answer)
        answering.start()
        yield
        answering.join()


@pytest.mark.usefixtures("asterisk_up")
def test_recordings_are_not_taken_from_an_asterisk_that_runs_alone(
    first: Office, archive: Path
) -> None:
    words = first.refused("restore", str(archive), "--replace", code=4)
    assert "its Asterisk runs" in words


def test_recordings_are_not_taken_from_an_asterisk_that_hangs(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "ANSWER_LIMIT_S", 0.2)
    archive = tmp_path / "never-read"
    archive.touch()
    path = shell.home / "asterisk/run/asterisk.ctl"
    path.parent.mkdir(parents=True)
    with closing(socket.socket(socket.AF_UNIX)) as door:
        door.bind(str(path))
        door.listen()

        ran = shell("restore", str(archive), "--replace", "--yes")

    assert (ran.code, "its Asterisk runs" in ran.err) == (4, True)


def test_at_a_terminal_what_goes_is_named_before_it_goes(later: Office, archive: Path) -> None:
    before = later.everything()
    usual = {name: value for name, value in environment_of(later.home).items() if value}
    keyboard, terminal = pty.openpty()
    os.write(keyboard, b"n\n")
    done = subprocess.run(
        [sys.executable, "-m", "pbx_cli", "restore", str(archive), "--replace"],
        env={"PATH": os.environ["PATH"], **usual},
        stdin=terminal,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    os.close(keyboard)
    os.close(terminal)

    assert done.returncode == 1, done.stderr
    assert b"2 tenants" in done.stderr
    assert later.everything() == before
