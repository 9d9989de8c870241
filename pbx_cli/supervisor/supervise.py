"""Asterisk and the application under one roof: up together, watched, down in good order."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import structlog

from asterisk_conf import AsteriskProcess, Down
from asterisk_conf.log_keeping import keep_logs_small
from pbx_cli.asterisk import home_node
from pbx_cli.supervisor.application import (
    READY_LIMIT_S,
    Application,
    NotConnected,
    TakenOver,
    until_connected,
)
from pbx_cli.supervisor.elsewhere import until_set_up
from pbx_cli.supervisor.notifying import READY, STOPPING, Systemd
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
    systemd = Systemd.of(os.environ)
    systemd.say("Waiting for Asterisk")
    told = partial(_say_when_ready, settings, application, systemd)
    work = asyncio.create_task(_work(settings, asterisk, application, lost, told, announce))
    caring = asyncio.create_task(systemd.give_signs_of_life(lambda: application.answers))
    stopping = asyncio.create_task(signs.stop.wait())
    try:
        await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            log.info("stopping", calls_may_end_for_s=10)
        systemd.say("Stopping; calls may end by themselves for ten seconds", STOPPING)
    finally:
        stopping.cancel()
        caring.cancel()
        work.cancel()
        outcome = (await asyncio.gather(work, return_exceptions=True))[0]
        fault = _first(outcome) if isinstance(outcome, Exception) else None
        await application.end(signs.hurry, with_asterisk=asterisk is not None)
        await _end_asterisk(asterisk, fault, signs)
    if fault is not None:
        raise fault
    log.info("pbx_stopped")


async def _end_asterisk(
    asterisk: AsteriskProcess | None, fault: Exception | None, signs: StopSigns
) -> None:
    """Stop it if it is ours, unless the calls in it are another program's now."""
    if asterisk is None:
        return
    if isinstance(fault, TakenOver):
        log.warning("asterisk_left_running", pid=asterisk.pid)
    else:
        await asterisk.stop(signs.hurry)


async def _work(
    settings: Settings,
    asterisk: AsteriskProcess | None,
    application: Application,
    lost: asyncio.Event,
    say_when_ready: Callable[[], Awaitable[None]],
    announce: Callable[[], None],
) -> None:
    if asterisk is not None:
        await asterisk.start()
    else:
        await until_set_up(settings)
    async with asyncio.TaskGroup() as group:
        if asterisk is not None:
            group.create_task(_watch(asterisk, lost))
        group.create_task(keep_logs_small(home_node(settings)))
        group.create_task(application.keep_running())
        await say_when_ready()
        announce()
        while True:
            await lost.wait()
            lost.clear()
            await say_when_ready()


async def _say_when_ready(settings: Settings, application: Application, systemd: Systemd) -> None:
    """Wait until calls are taken; while it is restarted in vain, say so again and again."""
    systemd.say("The application is being started")
    while True:
        try:
            await until_connected(settings, application)
            break
        except NotConnected:
            log.warning("application_not_ready", waited_s=READY_LIMIT_S, pid=application.pid)
            systemd.say("Asterisk does not know the application; see application_not_ready")
    log.info("pbx_ready", sip=str(settings.sip_bind))
    systemd.say(f"Calls at {settings.sip_bind} are decided here; see `pbx doctor`", READY)


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
