"""The application as a child process: started, restarted when it dies, ended in good order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog

from ari_client import AriClient, AriError
from pbx_cli.asterisk import ari_access
from pbx_cli.errors import Refused
from pbx_cli.supervisor.pulse import Pulse
from stasis_apps import lifeline
from stasis_apps.__main__ import REPLACED
from stasis_apps.settings import Settings

PROGRAM: Final = (sys.executable, "-P", "-m", "stasis_apps")
"""With nothing from the working folder, which may be anybody's and have a `models` of its own."""

FIRST_PAUSE_S: Final = 0.2
"""Callers hear ringing for ten seconds while the application is away: be quick the first time."""

LONGEST_PAUSE_S: Final = 15.0
CALM_AFTER_S: Final = 60.0

END_LIMIT_S: Final = 15.0
"""A little more than the application grants to calls that are still up."""

LAST_WORDS_S: Final = 1.0
"""For the traceback of one that hangs; callers wait meanwhile."""

READY_PERIOD_S: Final = 0.1

READY_LIMIT_S: Final = 30.0
"""It takes a second or two; after this long somebody should look."""

IN_USE: Final = 4
"""The exit code of a command that finds its place taken."""

log = structlog.get_logger(__name__)


class TakenOver(Refused):
    """Another program decides this Asterisk's calls now; starting ours again would take them back.

    Asterisk tells one of two applications of the same name to go, the older one. Two supervisors
    that each start theirs again would do so to each other for ever.
    """

    def __init__(self) -> None:
        super().__init__(
            "another program has taken over the calls of this Asterisk, as the application of the "
            "same name; this one has ended and left Asterisk to it. End that program, or set "
            "PBX_ARI_BIND to an Asterisk of its own, then try again",
            exit_code=IN_USE,
        )


class NotConnected(Exception):
    """The application is not at work yet, though it should have been for a while."""


class Application:
    """The process that decides calls; it dies with us, because we hold its lifeline.

    Args:
        lost: Set whenever it has died.
        program: What is started.
    """

    def __init__(self, lost: asyncio.Event, program: Sequence[str] = PROGRAM) -> None:
        self._lost = lost
        self._program = program
        self._process: Process | None = None
        self._pulse: Pulse | None = None

    @property
    def answers(self) -> bool:
        """Whether it is not known to hang; one that has died is being started again."""
        return self._pulse is None or self._pulse.is_felt

    @property
    def pid(self) -> int | None:
        """The process number while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def keep_running(self) -> None:
        """Start it, and again whenever it dies, with growing pauses, until cancelled.

        Raises:
            TakenOver: Another program has taken over its name.
        """
        clock = asyncio.get_running_loop().time
        pause_s = FIRST_PAUSE_S
        while True:
            started_at = clock()
            status = await self._live_once()
            if status == REPLACED:
                log.error("application_replaced")
                raise TakenOver
            self._lost.set()
            if clock() - started_at >= CALM_AFTER_S:
                pause_s = FIRST_PAUSE_S
            log.error("application_died", status=status, restart_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def end(self, hurry: asyncio.Event, *, with_asterisk: bool = False) -> None:
        """Let it finish its calls for a moment, or end it at once when somebody is in a hurry.

        Args:
            hurry: Set when somebody is.
            with_asterisk: Whether what is still up then ends as well.
        """
        process = self._process
        if process is not None and process.returncode is None:
            await _end(process, hurry, signal.SIGINT if with_asterisk else signal.SIGTERM)
        if self._pulse is not None:
            self._pulse.close()

    async def _live_once(self) -> int | str:
        """Start it and wait for its end: its status, or why the machine starts nothing now.

        One without memory, or in the middle of an upgrade, must not cost the calls in Asterisk.
        """
        try:
            process, pulse = await self._start()
        except OSError as fault:
            if self._pulse is not None:
                self._pulse.close()
            return str(fault)
        status = await _its_end(process, pulse)
        pulse.close()
        return status

    async def _start(self) -> tuple[Process, Pulse]:
        """Start it in a session of its own, so that Ctrl-C reaches it through us alone."""
        ours, theirs = socket.socketpair()
        self._pulse = pulse = Pulse(ours)
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *self._program,
                stdin=theirs.fileno(),
                env={**os.environ, **lifeline.ENVIRONMENT},
                start_new_session=True,
            )
        log.info("application_started", pid=self._process.pid)
        return self._process, pulse


async def _end(process: Process, hurry: asyncio.Event, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(sign)
    ending = asyncio.create_task(process.wait())
    hurrying = asyncio.create_task(hurry.wait())
    try:
        await asyncio.wait(
            (ending, hurrying), timeout=END_LIMIT_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not ending.done():
            log.warning("application_killed", pid=process.pid)
            process.kill()
        await ending
    finally:
        hurrying.cancel()


async def _its_end(process: Process, pulse: Pulse) -> int:
    """Wait until it has died, and see to that when it hangs: the next one takes the calls over."""
    ending = asyncio.create_task(process.wait())
    hanging = asyncio.create_task(pulse.is_lost())
    try:
        await asyncio.wait((ending, hanging), return_when=asyncio.FIRST_COMPLETED)
        if not ending.done() and await hanging:
            await _end_what_hangs(process, ending)
        return await ending
    finally:
        ending.cancel()
        hanging.cancel()
        await asyncio.gather(ending, hanging, return_exceptions=True)


async def _end_what_hangs(process: Process, ending: asyncio.Task[int]) -> None:
    """Let it say where it hangs, if it still can, then end it."""
    log.error("application_hangs", pid=process.pid)
    process.send_signal(signal.SIGABRT)
    await asyncio.wait((ending,), timeout=LAST_WORDS_S)
    if not ending.done():
        process.kill()


async def until_connected(settings: Settings, application: Application) -> None:
    """Wait until this very application is at work and Asterisk knows it, so that calls are taken.

    Asterisk remembers the name of one that has died while it holds its channels; the process number
    that the living one writes down tells them apart.

    Raises:
        NotConnected: It was not within ``READY_LIMIT_S``.
    """
    try:
        async with asyncio.timeout(READY_LIMIT_S), AriClient(ari_access(settings)) as ari:
            while not (_is_at_work(settings, application) and await _is_connected(ari)):  # noqa: ASYNC110 - Asterisk tells nobody of it
                await asyncio.sleep(READY_PERIOD_S)
    except TimeoutError:
        raise NotConnected from None


def _is_at_work(settings: Settings, application: Application) -> bool:
    try:
        written = (settings.run_folder / "application.pid").read_text(encoding="ascii").strip()
    except OSError:
        return False
    return written == str(application.pid)


async def _is_connected(ari: AriClient) -> bool:
    try:
        await ari.applications.get(ari.settings.app)
    except AriError:
        return False
    return True
