"""The product under test: one running exchange on ports of its own, used from its outside only.

Commands go through ``pbx``, as an operator's do. Asterisk itself is asked one question only: is
anything left.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

import aiohttp
import msgspec

from tests.support.inside import AsteriskInside
from tests.support.operator import run_pbx
from tests.support.ports import media_block, small_block
from tests.support.waiting import COMES_S, until, until_told

READY = b"pbx_ready"
START_S = 90.0
STOP_S = 60.0

LOG_LINES = 80


class CommandError(AssertionError):
    """``pbx`` ended with another exit code than 0."""

    def __init__(self, arguments: tuple[str, ...], code: int, complaint: str) -> None:
        super().__init__(f"pbx {' '.join(arguments)} -> exit {code}\n{complaint}")
        self.code = code
        self.complaint = complaint


class Exchange:
    """A running exchange with a home folder of its own.

    Args:
        environment: settings that differ from those of every test exchange.
    """

    host = "127.0.0.1"
    command: ClassVar[tuple[str, ...]] = ("run",)
    """What ``pbx`` is told to do."""

    program: Sequence[str | Path] = (sys.executable, "-m", "pbx_cli")
    """How ``pbx`` is started."""

    folder: Path | None = None
    """Where it is started; None for the folder of the test run."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._stack = ExitStack()
        ports = self._stack.enter_context(small_block())
        self.sip_port, self.ari_port, self.http_port = ports.one(), ports.one(), ports.one()
        self.health_port = ports.one()
        rtp_first, rtp_last = self._stack.enter_context(media_block()).rest()
        self.home = Path(mkdtemp(prefix="pbx-exchange-"))
        self._stack.callback(shutil.rmtree, self.home, ignore_errors=True)
        self.inside = AsteriskInside(self.home / "var", self.ari_port)
        self._log = self.home / "run-output.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._ready_before_death = 0
        self.environment = {
            **{name: value for name, value in os.environ.items() if not _is_setting(name)},
            "PBX_HOME": str(self.home / "var"),
            "PBX_DATABASE_URL": f"sqlite://{self.home / 'var' / 'pbx.sqlite3'}",
            "PBX_SECRET_KEY_FILE": str(self.home / "var" / "secret.key"),
            "PBX_SIP_BIND": f"127.0.0.1:{self.sip_port}",
            "PBX_RTP_PORTS": f"{rtp_first}-{rtp_last}",
            "PBX_ARI_BIND": f"127.0.0.1:{self.ari_port}",
            "PBX_HTTP_BIND": f"127.0.0.1:{self.http_port}",
            "PBX_HEALTH_BIND": f"127.0.0.1:{self.health_port}",
            "PBX_WEBHOOK_NETS": "127.0.0.0/8",
            "PBX_LOG_FORMAT": "json",
            "PBX_LOG_LEVEL": "info",
            **(environment or {}),
        }

    def start(self) -> None:
        """Start ``pbx run`` and wait until it says that it is ready."""
        already_said = self._times_ready()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.program, *self.command],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while self._times_ready() == already_said:
            assert self._process.poll() is None, f"pbx run ended:\n{self.log()}"
            assert time.monotonic() < deadline, f"pbx run is not ready:\n{self.log()}"
            time.sleep(0.05)

    def end(self) -> int:
        """End ``pbx run`` as Ctrl-C does, and give its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(STOP_S)

    def stop(self) -> None:
        """End ``pbx run``; what then still lives is ended by its id."""
        if self._process is not None and self._process.poll() is None:
            try:
                self.end()
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pid in (self.application_pid(), self.asterisk_pid()):
            if pid is not None and self.is_alive(pid):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Stop, and throw the home folder away."""
        with self._stack:
            self.stop()

    def application_pid(self) -> int | None:
        """The process that decides the calls, when it runs."""
        return _pid_in(self.home / "var" / "run" / "application.pid")

    def asterisk_pid(self) -> int | None:
        """The process that carries the media, when it runs."""
        return _pid_in(self.home / "var" / "asterisk" / "run" / "started.pid")

    @property
    def is_at_work(self) -> bool:
        """Whether it was started, and has not ended in good order; a crash is none."""
        return self._process is not None and self._process.poll() != 0

    def is_alive(self, pid: int | None) -> bool:
        """Whether a process of this exchange lives; an old id may be a stranger's by now."""
        place = Path(f"/proc/{pid}")
        try:
            told = (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
        except OSError:
            return False
        return str(self.home).encode() in told

    def kill_application(self) -> None:
        """``kill -9`` of the application alone; Asterisk and its calls go on."""
        self._ready_before_death = self._times_ready()
        self._kill(self.application_pid())

    def kill_asterisk(self) -> None:
        """``kill -9`` of Asterisk alone."""
        self._kill(self.asterisk_pid())

    @asynccontextmanager
    async def without_application(self) -> AsyncIterator[None]:
        """Kill the application and hold back ``pbx run``, which would start it again at once."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            self.kill_application()
            await until_told(
                self.inside.has_no_application,
                saying="Asterisk notices that the application has gone",
            )
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)
        await self.starts_again()

    async def starts_again(self) -> None:
        """Start ``pbx run`` again if it ended with its application; wait until it is ready."""
        process = self._process
        assert process is not None
        before = self._ready_before_death
        await until(
            lambda: process.poll() is not None or self._times_ready() > before,
            within_s=START_S,
            saying=lambda: f"the application is back:\n{self.log()}",
        )
        if process.poll() is not None:
            await asyncio.to_thread(self.start)

    async def has_another_asterisk_than(self, died: int | None) -> None:
        """Wait until Asterisk was started anew and answers."""

        async def answers() -> bool:
            if self.asterisk_pid() in (None, died):
                return False
            try:
                await self.inside.channels()
            except (aiohttp.ClientError, msgspec.DecodeError):
                return False
            return True

        await until_told(
            answers,
            within_s=START_S,
            saying=lambda: f"Asterisk is back:\n{self.log()}",
            pause_s=0.1,
        )

    async def pbx(self, *arguments: str, typed: str | None = None) -> bytes:
        """Run a command of the operator and give what it printed as JSON."""
        return await asyncio.to_thread(self.pbx_now, *arguments, typed=typed)

    def pbx_now(self, *arguments: str, typed: str | None = None) -> bytes:
        """The same for fixtures, which do not run in a loop.

        Raises:
            CommandError: the command did not end with 0.
        """
        done = run_pbx((*arguments, "--json"), self.environment, typed or "")
        if done.code != 0:
            said = (done.out + done.err).decode(errors="replace")
            raise CommandError(arguments, done.code, said)
        return done.out

    def wait_for_plan(self, tenant: str, revision: int, *, within_s: float = COMES_S) -> None:
        """Wait until the application says that it has read this revision of a tenant's plan."""
        deadline = time.monotonic() + within_s
        while self._plan_in_use(tenant) < revision:
            assert time.monotonic() < deadline, f"plan {revision} of {tenant}:\n{self.log()}"
            time.sleep(0.02)

    def wait_for_trunk(self, endpoint: str, *, within_s: float = COMES_S) -> None:
        """Wait until the application says that it has told Asterisk of a new trunk."""
        told = f'"trunk": "{endpoint}", "event": "trunk_told"'
        deadline = time.monotonic() + within_s
        while told not in self._log.read_text(errors="replace"):
            assert time.monotonic() < deadline, f"{endpoint} is not told:\n{self.log()}"
            time.sleep(0.02)

    async def has_one_talk(self) -> None:
        """Wait until Asterisk has exactly one bridge and two channels."""
        seen: list[list[str]] = []

        async def is_so() -> bool:
            seen[:] = await self.inside.bridges(), await self.inside.channels()
            return [len(one) for one in seen] == [1, 2]

        await until_told(is_so, saying=lambda: f"one talk, not {seen}")

    async def nothing_left(self, within_s: float = COMES_S) -> None:
        """Wait until no channel, no bridge and no call in progress is left."""
        left: list[str] = []

        async def is_empty() -> bool:
            left[:] = await self.inside.channels() + await self.inside.bridges()
            return not left

        await until_told(is_empty, within_s=within_s, saying=lambda: f"left: {left}", pause_s=0.1)

    async def no_call_is_run(self) -> None:
        """Wait until the application has no call left either; each is written down as over."""
        said = b""

        async def are_over() -> bool:
            nonlocal said
            said = await self.pbx("calls", "live")
            return not msgspec.json.decode(said, type=list[object])

        await until_told(are_over, saying=lambda: f"calls: {said!r}")

    def log(self, lines: int = LOG_LINES) -> str:
        """The end of what the exchange printed, for the reader of a failed test."""
        own = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        asterisk = self.home / "var" / "asterisk" / "log" / "asterisk.log"
        theirs = asterisk.read_text(errors="replace").splitlines() if asterisk.exists() else []
        return "\n".join(["pbx run:", *own[-lines:], "Asterisk:", *theirs[-lines:]])

    def _plan_in_use(self, tenant: str) -> int:
        said = self._log.read_text(errors="replace")
        pattern = rf'"tenant": "{tenant}", "revision": ([0-9]+), "event": "plan_read"'
        return max((int(found) for found in re.findall(pattern, said)), default=0)

    def _times_ready(self) -> int:
        return self._log.read_bytes().count(READY) if self._log.exists() else 0

    def _kill(self, pid: int | None) -> None:
        assert pid is not None, f"it does not run:\n{self.log()}"
        assert self.is_alive(pid), f"process {pid} is not of this exchange"
        os.kill(pid, signal.SIGKILL)


@contextmanager
def started(exchange: Exchange) -> Iterator[Exchange]:
    """Run an exchange as long as the block lasts; its home goes with it."""
    try:
        exchange.start()
        yield exchange
    finally:
        exchange.close()


def _is_setting(name: str) -> bool:
    """Whether it would reach into the exchange; where Asterisk lies is the machine's business."""
    return name.startswith("PBX_") and name != "PBX_ASTERISK_ROOT"


def _pid_in(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
