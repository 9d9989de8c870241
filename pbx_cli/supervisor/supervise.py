"""Asterisk and the application under one roof: up together, watched, down in good order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from asterisk_conf import AsteriskProcess, Down
from pbx_cli.supervisor.application import (
    READY_LIMIT_S,
    Application,
    NotConnected,
    TakenOver,
    until_connected,
)
from stasis_apps.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StopSigns:
    """What the operator wants: to stop, and at the second sign to stop at once."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def install(self) -> None:
        """Listen to Ctrl-C, SIGTERM, and a terminal that goes away."""
        loop = asyncio.get_running_loop()
        wanted = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # started under nohup
            wanted.append(signal.SIGHUP)
        for number in wanted:
            loop.add_signal_handler(number, self._raise)

    def _raise(self) -> None:
        if self.stop.is_set():
            self.hurry.set()
        self.stop.set()


async def supervise(
    settings: Settings, asterisk: AsteriskProcess | None, announce: Callable[[], None]
) -> None:
    """Run the exchange until somebody says stop.

    Args:
        settings: Of this home.
        asterisk: Ours to start and watch; None when it runs elsewhere.
        announce: Called once, when calls can be placed for the first time.

    Raises:
        AsteriskError: Asterisk could not be started.
        TakenOver: Another program decides the calls now; Asterisk is left to it.
    """
    signs = StopSigns()
    signs.install()
    lost = asyncio.Event()
    application = Application(lost)
    work = asyncio.create_task(_work(settings, asterisk, application, lost, announce))
    stopping = asyncio.create_task(signs.stop.wait())
    try:
        await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            log.info("stopping", calls_may_end_for_s=10)
    finally:
        stopping.cancel()
        work.cancel()
        outcome = (await asyncio.gather(work, return_exceptions=True))[0]
        fault = _first(outcome) if isinstance(outcome, Exception) else None
        await application.end(signs.hurry)
        if asterisk is not None:
            await _end_asterisk(asterisk, fault, signs)
    if fault is not None:
        raise fault
    log.info("pbx_stopped")


async def _end_asterisk(
    asterisk: AsteriskProcess, fault: Exception | None, signs: StopSigns
) -> None:
    """Stop it, unless the calls in it are another program's now."""
    if isinstance(fault, TakenOver):
        log.warning("asterisk_left_running", pid=asterisk.pid)
    else:
        await asterisk.stop(signs.hurry)


async def _work(
    settings: Settings,
    asterisk: AsteriskProcess | None,
    application: Application,
    lost: asyncio.Event,
    announce: Callable[[], None],
) -> None:
    if asterisk is not None:
        await asterisk.start()
    async with asyncio.TaskGroup() as group:
        if asterisk is not None:
            group.create_task(_watch(asterisk, lost))
            group.create_task(asterisk.keep_logs_small())
        group.create_task(application.keep_running())
        await _say_when_ready(settings, application)
        announce()
        while True:
            await lost.wait()
            lost.clear()
            await _say_when_ready(settings, application)


async def _say_when_ready(settings: Settings, application: Application) -> None:
    """Wait until calls are taken; while it is restarted in vain, say so again and again."""
    while True:
        try:
            await until_connected(settings, application)
            break
        except NotConnected:
            log.warning("application_not_ready", waited_s=READY_LIMIT_S, pid=application.pid)
    log.info("pbx_ready", sip=str(settings.sip_bind))


async def _watch(asterisk: AsteriskProcess, lost: asyncio.Event) -> None:
    """Keep Asterisk alive, and note when it has died."""
    async for news in asterisk.keep_running():
        if isinstance(news, Down):
            lost.set()


def _first(fault: Exception) -> Exception:
    """The fault itself, not the group of tasks it came out of."""
    if isinstance(fault, ExceptionGroup):
        return _first(fault.exceptions[0])
    return fault
