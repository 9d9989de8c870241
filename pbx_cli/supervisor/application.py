"""The application as a child process: started, restarted when it dies, ended in good order."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog

from ari_client import AriClient, AriError
from pbx_cli.asterisk import ari_access
from pbx_cli.errors import Refused
from stasis_apps.__main__ import REPLACED
from stasis_apps.settings import Settings

PROGRAM: Final = (sys.executable, "-m", "stasis_apps")

FIRST_PAUSE_S: Final = 0.2
"""Callers hear ringing for ten seconds while the application is away: be quick the first time."""

LONGEST_PAUSE_S: Final = 15.0
CALM_AFTER_S: Final = 60.0

END_LIMIT_S: Final = 15.0
"""A little more than the application grants to calls that are still up."""

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
    """The process that decides calls; it dies with us, because we hold its standard input.

    Args:
        lost: Set whenever it has died.
        program: What is started.
    """

    def __init__(self, lost: asyncio.Event, program: Sequence[str] = PROGRAM) -> None:
        self._lost = lost
        self._program = program
        self._process: Process | None = None

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
            process = await self._start()
            status = await process.wait()
            if status == REPLACED:
                log.error("application_replaced")
                raise TakenOver
            self._lost.set()
            if clock() - started_at >= CALM_AFTER_S:
                pause_s = FIRST_PAUSE_S
            log.error("application_died", status=status, restart_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def end(self, hurry: asyncio.Event) -> None:
        """Let it finish its calls for a moment, or end it at once when somebody is in a hurry."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
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

    async def _start(self) -> Process:
        """Start it in a session of its own, so that Ctrl-C reaches it through us alone."""
        self._process = await asyncio.create_subprocess_exec(
            *self._program,
            stdin=PIPE,
            env={**os.environ, "PBX_LIFELINE": "stdin"},
            start_new_session=True,
        )
        log.info("application_started", pid=self._process.pid)
        return self._process


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
