"""The application: takes what Asterisk hands over, a task per call, and leaves in good order."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from ari_client import AriClient, AriError, Connected, Disconnected, Inbox, Overflowed, events
from models.errors import ModelsError
from stasis_apps.adopting import Adopting
from stasis_apps.calls_up import CallsUp
from stasis_apps.plan_store import PlanStore
from stasis_apps.router import Entry, Stray, route
from stasis_apps.running_call import CallRoom, run_new_call
from stasis_apps.services.journal_writer import JournalWriter

log = structlog.get_logger(__name__)


class Replaced(Exception):
    """Another process has taken over our name; this one must go quiet and touch nothing."""


class Exchange:
    """All calls of one Asterisk."""

    def __init__(self, ari: AriClient, plans: PlanStore, writer: JournalWriter) -> None:
        self._ari = ari
        self._plans = plans
        self._room = CallRoom(ari=ari, writer=writer)
        self._calls = CallsUp(ari)
        self._adopting = Adopting(self._room, plans, self._calls)
        self._takes_calls = True
        self._looking: asyncio.Task[None] | None = None

    @property
    def calls_up(self) -> int:
        """How many calls are being run."""
        return len(self._calls)

    async def serve(self) -> None:
        """Take calls until cancelled.

        Raises:
            Replaced: Another process has taken over our name.
        """
        async with asyncio.TaskGroup() as group:
            while True:
                match await self._ari.lobby.get():
                    case Connected() | Overflowed():
                        self._look_at_asterisk(group)
                    case events.StasisStart() as started:
                        self._take(started, group)
                    case events.ApplicationReplaced():
                        raise Replaced
                    case Disconnected():
                        log.warning("asterisk_lost", calls_up=self.calls_up)
                    case _:
                        pass  # an event of a channel whose call is over

    async def drain(self, limit_s: float) -> None:
        """Take no new calls and wait for the old ones, up to a limit; the rest is left as it is."""
        self._takes_calls = False
        log.info("draining", calls_up=self.calls_up, limit_s=limit_s)
        await self._calls.wait(limit_s)

    def _look_at_asterisk(self, group: asyncio.TaskGroup) -> None:
        """Begin to sort what Asterisk holds; a look from before this connect is out of date."""
        if self._looking is not None:
            self._looking.cancel()
        if self._takes_calls:
            self._looking = group.create_task(self._adopting.adopt_all(group))

    def _take(self, started: events.StasisStart, group: asyncio.TaskGroup) -> None:
        if started.channel.id in self._calls:
            return  # adopted already
        if not self._takes_calls:
            group.create_task(self._keep_waiting(started.channel.id))
            return
        # Claimed in the same breath in which its call begins, so that no event is missed.
        inbox = self._ari.inbox(f"call {started.channel.id}")
        inbox.claim_channel(started.channel.id)
        self._calls.run(started.channel.id, self._run(started, inbox), group)

    async def _keep_waiting(self, channel_id: str) -> None:
        """A caller who comes while we leave hears ringing until the next process adopts them."""
        with contextlib.suppress(AriError):
            await self._ari.channels.ring(channel_id)

    async def _run(self, started: events.StasisStart, inbox: Inbox) -> None:
        with inbox:
            match await self._route(started):
                case Entry() as entry:
                    await run_new_call(self._room, entry, inbox, started.channel)
                case Stray(why):
                    log.warning("stray_channel_released", channel_id=started.channel.id, why=why)
                    await self._calls.let_go(started.channel.id)

    async def _route(self, started: events.StasisStart) -> Entry | Stray:
        """Find the entrance; a phone or number newer than the plans makes us read them again."""
        if started.channel.id in self._calls.over:
            return Stray("its call is over")
        where = route(started, self._plans)
        if isinstance(where, Entry) and where.leads_somewhere:
            return where
        try:
            await self._plans.refresh()
        except ModelsError as fault:
            log.warning("plans_not_refreshed", fault=str(fault))
        return route(started, self._plans)
