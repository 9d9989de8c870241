"""One running Asterisk, known by its process number: spawned by us or found again."""

from __future__ import annotations

import asyncio
import fcntl
import os
import resource
import signal
import subprocess
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn

from asterisk_conf.errors import AnotherStarter
from asterisk_conf.node import NodeSettings

OPEN_FILES = 65_536
"""A call takes about a dozen; a shell's usual 1,024 would end at eighty calls."""

PRIVATE_UMASK = 0o077
LOCK_PERIOD_S = 0.1

LOCK_LIMIT_S = 45.0
"""Longer than it takes to end an Asterisk that does not listen and to spawn the next."""


class Running:
    """A live process, held by a descriptor so that its number cannot come to mean another."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)
        weakref.finalize(self, os.close, self._descriptor)

    async def ended(self) -> str:
        """Wait until it is gone and say how it went, as far as that can be known."""
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        # A copy, because a loop watches a descriptor for one waiter only.
        watched = os.dup(self._descriptor)
        try:
            loop.add_reader(watched, gone.set)
            await gone.wait()
        finally:
            loop.remove_reader(watched)
            os.close(watched)
        return self._how_it_ended()

    def terminate(self) -> None:
        """Ask it to hang up all calls and leave."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it without asking."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    def _how_it_ended(self) -> str:
        try:
            how = os.waitid(os.P_PIDFD, self._descriptor, os.WEXITED | os.WNOHANG)
        except ChildProcessError:
            return "it is gone"  # somebody else's child: an adopted one
        if how is None:
            return "it is gone"
        if how.si_code == os.CLD_EXITED:
            return f"exit status {how.si_status}"
        return f"signal {signal.Signals(how.si_status).name}"


def adopt(settings: NodeSettings) -> Running | None:
    """Find the Asterisk that runs with this node's configuration, whoever started it."""
    try:
        pid = int(settings.pid_file.read_text())
        running = Running(pid)
    except (OSError, ValueError):
        return None
    # Read after the descriptor is held: the number can no longer pass to somebody else.
    return running if _runs_with(pid, settings.main_file) else None


def spawn(settings: NodeSettings) -> Running:
    """Start Asterisk in a session of its own, deaf to our terminal and to our death."""
    with settings.output_file.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - the Asterisk that install.py found
            _command(settings),
            cwd=settings.folder,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=PRIVATE_UMASK,
        )
    with suppress(ProcessLookupError):
        _grant_files(child.pid)
    try:
        settings.pid_file.write_text(f"{child.pid}\n")
    except OSError:  # the disk is full, say: nobody would find it again, nor be let onto its ports
        child.kill()
        child.wait()
        raise
    # From here on the descriptor tells its end; Popen is not to wait for it or warn about it.
    child.returncode = 0
    return Running(child.pid)


def become(settings: NodeSettings) -> NoReturn:
    """Turn this very process into Asterisk, which then has its number, terminal and parent."""
    os.umask(PRIVATE_UMASK)
    os.chdir(settings.folder)
    _grant_files(os.getpid())
    settings.pid_file.write_text(f"{os.getpid()}\n")
    command = _command(settings)
    os.execve(command[0], command, _environment(settings) | _of_the_service())  # noqa: S606 - the Asterisk that install.py found


@asynccontextmanager
async def only_one_starter(settings: NodeSettings) -> AsyncIterator[None]:
    """Let two programs that start the same node's Asterisk do it one after the other.

    Raises:
        AnotherStarter: The other one does not come to an end.
    """
    await asyncio.to_thread(settings.folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    descriptor = await asyncio.to_thread(
        os.open, settings.folder / "start.lock", os.O_RDWR | os.O_CREAT, 0o600
    )
    try:
        try:
            async with asyncio.timeout(LOCK_LIMIT_S):
                while not _locked(descriptor):  # noqa: ASYNC110 - another process's lock, no event
                    await asyncio.sleep(LOCK_PERIOD_S)
        except TimeoutError:
            raise AnotherStarter(settings.folder, LOCK_LIMIT_S) from None
        yield
    finally:
        os.close(descriptor)


def _command(settings: NodeSettings) -> list[str]:
    return [*settings.install.command, "-C", str(settings.main_file), "-f"]


def _environment(settings: NodeSettings) -> dict[str, str]:
    return {
        "HOME": str(settings.folder),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        # Memory follows the calls in progress instead of the number of threads.
        "MALLOC_ARENA_MAX": "4",
    }


def _of_the_service() -> dict[str, str]:
    """What systemd tells a service about itself, and Asterisk answers to where it can."""
    names = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
    return {name: os.environ[name] for name in names if name in os.environ}


def _grant_files(pid: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (files, files))


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _runs_with(pid: int, main_file: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    is_alive = state not in "ZX"
    return is_alive and b"-C" in words and os.fsencode(main_file) in words
