"""Starts, adopts, watches and stops one Asterisk; it outlives whoever started it.

Calls go on while our own program is replaced, so Asterisk runs in a session of its own and the next
program adopts it, when it runs with the configuration that would be written now.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import structlog

from asterisk_conf import console, log_reading
from asterisk_conf.errors import AlreadyRuns, AsteriskDidNotEnd, AsteriskDidNotStart, AsteriskError
from asterisk_conf.node import NodeSettings, shown
from asterisk_conf.ports import check_ports
from asterisk_conf.render import ari_password, draw_free_ami_address, outdated_files, write
from asterisk_conf.running import Running, adopt, only_one_starter, spawn

START_LIMIT_S = 60.0
PING_PERIOD_S = 0.1
PING_LIMIT_S = 2.0
TERM_LIMIT_S = 15.0
KILL_LIMIT_S = 5.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
CALM_AFTER_S = 60.0
LAST_WORDS = 12

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Up:
    """Asterisk answers; calls can be placed."""

    pid: int
    is_adopted: bool


@dataclass(frozen=True, slots=True)
class Down:
    """Asterisk is gone; the next start comes after the pause."""

    reason: str
    pause_s: float


def next_pause_s(previous_s: float | None, up_for_s: float) -> float:
    """Say how long to wait before a start: 0.5 s, doubling to 30 s, afresh after a calm minute."""
    if previous_s is None or up_for_s >= CALM_AFTER_S:
        return FIRST_PAUSE_S
    return min(previous_s * 2, LONGEST_PAUSE_S)


class AsteriskProcess:
    """The one Asterisk of a node, as a process.

    ``start`` brings it up or raises; ``keep_running`` then restarts it whenever it dies; ``stop``
    ends it. Cancelling ``keep_running`` leaves Asterisk and its calls running.
    """

    def __init__(self, settings: NodeSettings) -> None:
        self._settings = settings
        self._running: Running | None = None
        self._is_stopping = False

    @property
    def pid(self) -> int | None:
        """The process number, or None while it does not run under our eyes."""
        return self._running.pid if self._running else None

    async def check(self) -> None:
        """Refuse now what `start` would refuse, before anything else has been made.

        Raises:
            ModuleMissing: This Asterisk lacks a module we load.
            PortInUse: Somebody else listens on one of its addresses.
            UnusableSetting: An address is not ours.
        """
        self._settings.install.require_modules(self._settings.modules)
        if await asyncio.to_thread(adopt, self._settings) is None:
            await asyncio.to_thread(check_ports, self._settings)

    async def start(self) -> Up:
        """Adopt a running Asterisk of ours, else start one; return when it answers.

        Raises:
            ModuleMissing: This Asterisk lacks a module we load.
            PortInUse: Somebody else listens on one of its addresses.
            UnusableSetting: ``home`` cannot be written, or an address is not ours.
            AsteriskDidNotStart: It ended at once or did not answer in time.
            AnotherStarter: Another program is at it and does not come to an end.
            AsteriskDidNotEnd: One that is set up otherwise could not be ended.
        """
        self._is_stopping = False
        async with only_one_starter(self._settings):
            running = await self._adopt_current()
            is_adopted = running is not None
            if running is None:
                running = await self._launched()
        self._running = running
        try:
            await self._until_it_answers(running)
        except BaseException:
            if not is_adopted:
                running.kill()
            raise
        log.info("asterisk_adopted" if is_adopted else "asterisk_started", pid=running.pid)
        return Up(running.pid, is_adopted)

    async def keep_running(self) -> AsyncGenerator[Up | Down]:
        """Yield what becomes of Asterisk, restarting it with growing pauses, until ``stop``."""
        clock = asyncio.get_running_loop().time
        pause_s: float | None = None
        if self._running is None:
            yield await self.start()
        while self._running is not None:
            started_at = clock()
            reason = await self._running.ended()
            while not self._is_stopping:
                pause_s = next_pause_s(pause_s, clock() - started_at)
                log.error("asterisk_died", reason=reason, restart_in_s=pause_s)
                yield Down(reason, pause_s)
                await asyncio.sleep(pause_s)
                started_at = clock()
                try:
                    yield await self.start()
                    break
                except (AsteriskError, OSError) as problem:  # no room, or no process left
                    reason = str(problem)
            if self._is_stopping:
                return

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """End Asterisk: its calls are hung up, within fifteen seconds by its own hand.

        Args:
            hurry: Once it is set, Asterisk is killed instead of waited for.

        Raises:
            AsteriskDidNotEnd: Even killed, it did not go.
        """
        self._is_stopping = True
        running = self._running or await asyncio.to_thread(adopt, self._settings)
        if running is None:
            return
        await self._end(running, hurry)
        self._running = None
        log.info("asterisk_stopped", pid=running.pid)

    async def console(self, command: str) -> str:
        """Run one command on Asterisk's console and return what it printed.

        Raises:
            AsteriskError: The console did not answer.
        """
        return await console.ask(self._settings, command)

    async def declined_modules(self) -> Sequence[str]:
        """Name the modules that declined to load at the latest start."""
        lines = await asyncio.to_thread(log_reading.lines_since_start, self._settings.log_file)
        return log_reading.declined_modules(lines)

    async def complaints(self) -> Sequence[log_reading.Complaint]:
        """Return the warnings and errors that Asterisk wrote since its latest start."""
        lines = await asyncio.to_thread(log_reading.lines_since_start, self._settings.log_file)
        return log_reading.complaints(lines)

    async def _adopt_current(self) -> Running | None:
        """Take over the Asterisk that runs here, or end it when it is set up for other settings."""
        running = await asyncio.to_thread(adopt, self._settings)
        if running is None:
            return None
        outdated = await asyncio.to_thread(outdated_files, self._settings)
        if not outdated:
            return running
        log.warning("asterisk_configuration_changed", files=outdated, pid=running.pid)
        await self._end(running)
        return None

    async def _launched(self) -> Running:
        """Start Asterisk; cancelled meanwhile, end the one that the thread starts all the same."""
        # No task, which the end of the loop would cancel while the thread goes on.
        launching = asyncio.get_running_loop().run_in_executor(None, self._launch)
        try:
            return await asyncio.shield(launching)
        except asyncio.CancelledError:
            while not launching.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait((launching,))
            if launching.exception() is None:
                self._running = launching.result()
                self._running.kill()
            raise

    def _launch(self) -> Running:
        settings = self._settings
        _make_ready(settings)
        return spawn(settings)

    async def _until_it_answers(self, running: Running) -> None:
        """Wait until ARI answers and every module is up, or Asterisk ends, or patience does."""
        answering = asyncio.create_task(self._answer())
        ending = asyncio.create_task(running.ended())
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await asyncio.wait((answering, ending), return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                raise AsteriskDidNotStart(
                    f"Asterisk ended while starting: {ending.result()}", await self._last_words()
                )
            await answering
        except TimeoutError:
            raise AsteriskDidNotStart(
                f"Asterisk did not answer within {START_LIMIT_S:.0f} s", await self._last_words()
            ) from None
        finally:
            answering.cancel()
            ending.cancel()
            await asyncio.gather(answering, ending, return_exceptions=True)

    async def _answer(self) -> None:
        url = f"http://{shown(self._settings.ari_host)}:{self._settings.ari_port}/ari/asterisk/ping"
        password = await asyncio.to_thread(ari_password, self._settings)
        login = {"Authorization": aiohttp.encode_basic_auth(self._settings.app, password)}
        limit = aiohttp.ClientTimeout(total=PING_LIMIT_S)
        async with aiohttp.ClientSession(headers=login, timeout=limit) as session:
            while not await _pings(session, url):  # noqa: ASYNC110 - another process, no event
                await asyncio.sleep(PING_PERIOD_S)
        await self.console("core waitfullybooted")

    async def _last_words(self) -> str:
        found = [complaint.text for complaint in await self.complaints()]
        output = await asyncio.to_thread(_tail, self._settings)
        return "\n".join([*found[-LAST_WORDS:], *output])

    async def _end(self, running: Running, hurry: asyncio.Event | None = None) -> None:
        running.terminate()
        ending = asyncio.create_task(running.ended())
        hurrying = asyncio.create_task((hurry or asyncio.Event()).wait())
        both = (ending, hurrying)
        try:
            await asyncio.wait(both, timeout=TERM_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
            if not ending.done():
                log.warning("asterisk_killed", pid=running.pid, is_hurried=hurrying.done())
                running.kill()
            async with asyncio.timeout(KILL_LIMIT_S):
                await ending
        except TimeoutError:
            raise AsteriskDidNotEnd(running.pid, KILL_LIMIT_S) from None
        finally:
            ending.cancel()
            hurrying.cancel()
            await asyncio.gather(*both, return_exceptions=True)


def _make_ready(settings: NodeSettings) -> None:
    """Write what Asterisk reads at its start, and see that it can begin."""
    settings.install.require_modules(settings.modules)
    check_ports(settings)
    draw_free_ami_address(settings)
    write(settings)
    for path in (settings.log_file, settings.security_log_file, settings.output_file):
        log_reading.turn_over(path)


async def make_ready(settings: NodeSettings) -> None:
    """Prepare all that `asterisk_conf.running.become` needs, and refuse what it could not do.

    Raises:
        AlreadyRuns: The Asterisk of this node runs.
        AsteriskError: As with ``AsteriskProcess.start``.
    """
    async with only_one_starter(settings):
        running = await asyncio.to_thread(adopt, settings)
        if running is not None:
            raise AlreadyRuns(settings.folder, running.pid)
        await asyncio.to_thread(_make_ready, settings)


async def _pings(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _tail(settings: NodeSettings) -> Sequence[str]:
    try:
        return settings.output_file.read_text(errors="replace").splitlines()[-LAST_WORDS:]
    except FileNotFoundError:
        return []
