"""The application as a process: ``python -m stasis_apps``, started and watched by ``pbx run``.

It ends in good order on SIGTERM, on SIGINT, which says that Asterisk ends as well, and when the
process that started it is gone (the end of standard input says so), so that nobody has to hunt for
it.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
from pathlib import Path

import structlog
import uvloop

from ari_client import AriClient, AriSettings
from ari_client.transport import AiohttpTransport
from asterisk_conf.node import certificate_place, node_name_place
from models.database import open_database
from models.errors import ModelsError
from stasis_apps.app import Exchange, Replaced
from stasis_apps.background import Background, make_background
from stasis_apps.lifeline import given_lifeline
from stasis_apps.live_call.event_types import EVENT_TYPES
from stasis_apps.log import set_up_logging
from stasis_apps.plan_store import PlanStore
from stasis_apps.services.journal_writer import journal_writer
from stasis_apps.services.web_requests import WebRequests
from stasis_apps.settings import SettingInvalid, Settings, read_settings
from stasis_apps.watching.counted_steps import CountedSteps
from stasis_apps.watching.figures import Figures
from stasis_apps.watching.timed_requests import TimedRequests
from stasis_apps.watching.watch import Watch

APP = "pbx"
ARI_USER = "pbx"

PRIVATE_UMASK = 0o077
"""Recordings, the spool and every other file of ours are nobody else's."""

REPLACED = 75
"""The exit code when another process has taken over our name: do not start us again."""

DRAIN_S = 10.0
"""How long calls may go on after SIGTERM before they are left to the next process."""

log = structlog.get_logger("stasis_apps")


def main() -> int:
    """Run until told to stop.

    Returns:
        0 after an end in good order, ``REPLACED`` when another process takes the calls now.
    """
    os.umask(PRIVATE_UMASK)
    faulthandler.enable()  # one that hangs is ended by SIGABRT, and says where it hung
    try:
        settings = read_settings()
        set_up_logging(log_format=settings.log_format, level=settings.log_level)
        return uvloop.run(_run(settings))
    except SettingInvalid as invalid:
        sys.stderr.write(f"{invalid}\n")
        return 2
    except ModelsError as fault:
        sys.stderr.write(f"{fault}\n")
        return fault.exit_code


def ari_settings(settings: Settings) -> AriSettings:
    """How to reach the Asterisk of this home; its password lies in the home."""
    password = (settings.home / "asterisk" / "ari.secret").read_text(encoding="ascii").strip()
    return AriSettings(
        base_url=settings.ari_base_url,
        username=ARI_USER,
        password=password,
        app=APP,
        event_types=EVENT_TYPES,
    )


def _node_name(settings: Settings) -> str:
    """The name of this exchange; empty when it has none yet."""
    try:
        return node_name_place(settings.home).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


async def _run(settings: Settings) -> int:
    stop, is_last = asyncio.Event(), asyncio.Event()
    _set_on(signal.SIGTERM, stop)
    _set_on(signal.SIGINT, stop, is_last)
    lifeline = given_lifeline()
    if lifeline is None:
        return await _work(settings, stop, is_last)
    lifeline.stop_when_cut(stop)
    with lifeline.beating():  # from the first moment: reading all plans may take its time
        return await _work(settings, stop, is_last)


async def _work(settings: Settings, stop: asyncio.Event, is_last: asyncio.Event) -> int:
    plans = PlanStore(settings.sound_folder)
    access, figures = ari_settings(settings), Figures()
    async with (
        open_database(settings.database_url),
        AriClient(access, TimedRequests(AiohttpTransport(access), figures)) as ari,
        WebRequests(settings.webhook_nets) as servers,
        journal_writer(settings.home / "journal.spool") as writer,
    ):
        await plans.refresh()
        steps = CountedSteps(writer, figures, plans)
        background = make_background(settings, ari, plans, steps, servers)
        await background.minutes.take_up()
        with _PidFile(settings.run_folder / "application.pid"):
            place = certificate_place(settings.home)
            watch = Watch(settings.health_bind, figures, writer, place, _node_name(settings))
            return await _serve(background, watch, stop, is_last)


async def _serve(
    background: Background, watch: Watch, stop: asyncio.Event, is_last: asyncio.Event
) -> int:
    ari, plans = background.room.ari, background.plans
    exchange = Exchange(background.room, plans, asterisk_is_back=background.asterisk_is_back)
    code = 0
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(ari.listen()),
                group.create_task(plans.watch()),
                group.create_task(exchange.serve()),
                *background.start(group, exchange.call_ids),
                *watch.start(group, exchange, background),
            ]
            await stop.wait()
            await exchange.drain(DRAIN_S, is_last=is_last.is_set())
            for task in tasks:
                task.cancel()
    except* Replaced:
        log.warning("application_replaced")
        code = REPLACED
    log.info("application_stopped")
    return code


def _set_on(sign: signal.Signals, *events: asyncio.Event) -> None:
    def set_all() -> None:
        for event in events:
            event.set()

    asyncio.get_running_loop().add_signal_handler(sign, set_all)


class _PidFile:
    """Says which process is the application, while it is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(f"{os.getpid()}\n", encoding="ascii")

    def __exit__(self, *_: object) -> None:
        if self._path.read_text(encoding="ascii").strip() == str(os.getpid()):
            self._path.unlink()  # else the next process has written its own already


if __name__ == "__main__":
    sys.exit(main())
