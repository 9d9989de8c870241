"""The application as a child of `pbx run`: programs that stand in for it live, die and dawdle."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pbx_cli.supervisor.application import Application, NotConnected, TakenOver, until_connected
from pbx_cli.supervisor.pulse import Pulse
from stasis_apps.__main__ import REPLACED
from stasis_apps.settings import read_settings
from tests.support.waiting import until

WAITS = """
import sys
open(sys.argv[1], "a").write("started\\n")
sys.stdin.read()
"""
IGNORES_US = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "a").write("started\\n")
sys.stdin.read()
"""
DIES_AT_ONCE = """
import sys
open(sys.argv[1], "a").write("started\\n")
"""

IS_REPLACED = f"""
import sys
open(sys.argv[1], "a").write("started\\n")
sys.exit({REPLACED})
"""

HANGS = """
import os, signal, sys
open(sys.argv[1], "a").write("started\\n")
os.write(0, b".")
signal.pause()
"""
HANGS_FAST = """
import os, signal, sys
signal.signal(signal.SIGABRT, signal.SIG_IGN)
open(sys.argv[1], "a").write("started\\n")
os.write(0, b".")
signal.pause()
"""

Watched = Callable[[], int]


@asynccontextmanager
async def kept(program: str, diary: Path) -> AsyncIterator[tuple[Application, asyncio.Event]]:
    """Keep a program running as the application; it ends with the block."""
    lost = asyncio.Event()
    application = Application(lost, (sys.executable, "-c", program, str(diary)))
    keeping = asyncio.create_task(application.keep_running())
    hurry = asyncio.Event()
    hurry.set()
    try:
        yield application, lost
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await application.end(hurry)


async def starts(diary: Path, count: int) -> None:
    """Wait until the program was started so often."""
    await until(
        lambda: diary.exists() and diary.read_text().count("started") >= count,
        saying=f"{count} starts",
    )


async def test_an_application_that_dies_comes_back(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    async with kept(WAITS, diary) as (application, lost):
        await starts(diary, 1)
        died = application.pid
        assert died is not None

        os.kill(died, signal.SIGKILL)

        await starts(diary, 2)
        assert lost.is_set()
        await until(lambda: application.pid not in (None, died), saying="it is known by its number")


@pytest.mark.parametrize("program", [HANGS, HANGS_FAST])
async def test_one_that_hangs_is_ended_and_comes_back(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_cli.supervisor.pulse.ROUND_S", 0.02)
    monkeypatch.setattr("pbx_cli.supervisor.application.LAST_WORDS_S", 0.1)
    async with kept(program, tmp_path / "diary") as (application, lost):
        await starts(tmp_path / "diary", 1)
        assert application.answers

        await until(lambda: not application.answers, saying="it is doubted")

        await starts(tmp_path / "diary", 2)
        assert lost.is_set()


async def test_one_that_freezes_before_its_first_beat_is_ended_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_cli.supervisor.pulse.ROUND_S", 0.02)
    monkeypatch.setattr("pbx_cli.supervisor.pulse.FIRST_AFTER", 20)
    async with kept(WAITS, tmp_path / "diary") as (application, lost):
        await starts(tmp_path / "diary", 1)

        await until(lambda: not application.answers, saying="it is doubted")

        await starts(tmp_path / "diary", 2)
        assert lost.is_set()


async def test_one_that_takes_long_to_begin_is_let_be(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        pulse = Pulse(ours)
        losing = asyncio.create_task(pulse.is_lost())
        await asyncio.wait((losing,), timeout=0.05)
        assert pulse.is_felt

        theirs.close()

        assert not await losing
    pulse.close()


async def test_one_that_cannot_live_is_tried_again_and_again(tmp_path: Path) -> None:
    async with kept(DIES_AT_ONCE, tmp_path / "diary"):
        await starts(tmp_path / "diary", 3)


async def test_one_that_the_machine_cannot_start_now_is_tried_again(tmp_path: Path) -> None:
    """Its Python is not there in the middle of an upgrade; the calls are, and go on in Asterisk."""
    diary, python = tmp_path / "diary", tmp_path / "python"
    python.symlink_to(sys.executable)
    lost = asyncio.Event()
    application = Application(lost, (str(python), "-c", WAITS, str(diary)))
    keeping = asyncio.create_task(application.keep_running())
    hurry = asyncio.Event()
    hurry.set()
    try:
        await starts(diary, 1)
        python.unlink()
        os.kill(application.pid or 0, signal.SIGKILL)
        await asyncio.wait_for(lost.wait(), 20)
        lost.clear()

        await asyncio.wait_for(lost.wait(), 20)

        python.symlink_to(sys.executable)
        await starts(diary, 2)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await application.end(hurry)


async def test_its_calls_may_end_before_it_does(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    async with kept(WAITS, diary) as (application, _):
        await starts(diary, 1)

        await application.end(asyncio.Event())

        assert application.pid is None


async def test_one_that_dawdles_is_ended_when_somebody_is_in_a_hurry(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    async with kept(IGNORES_US, diary) as (application, _):
        await starts(diary, 1)
        hurry = asyncio.Event()
        hurry.set()

        await application.end(hurry)

        assert application.pid is None


async def test_one_that_dawdles_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_cli.supervisor.application.END_LIMIT_S", 0.1)
    diary = tmp_path / "diary"
    async with kept(IGNORES_US, diary) as (application, _):
        await starts(diary, 1)

        await application.end(asyncio.Event())

        assert application.pid is None


async def test_one_whose_calls_another_program_has_taken_is_not_started_again(
    tmp_path: Path,
) -> None:
    diary = tmp_path / "diary"
    lost = asyncio.Event()
    application = Application(lost, (sys.executable, "-c", IS_REPLACED, str(diary)))

    with pytest.raises(TakenOver, match="another program has taken over"):
        await application.keep_running()

    assert diary.read_text().count("started") == 1
    assert application.pid is None


async def test_an_application_that_never_takes_calls_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_cli.supervisor.application.READY_LIMIT_S", 0.2)
    (tmp_path / "asterisk").mkdir()
    (tmp_path / "asterisk/ari.secret").write_text("secret")
    settings = read_settings({"PBX_HOME": str(tmp_path), "PBX_ARI_BIND": "127.0.0.1:1"})

    with pytest.raises(NotConnected):
        await until_connected(settings, Application(asyncio.Event()))


async def test_ending_what_never_began_is_no_fault() -> None:
    await Application(asyncio.Event()).end(asyncio.Event())
