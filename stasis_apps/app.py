"""The application: takes what Asterisk hands over, a task per call, and leaves in good order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Set

import structlog

from ari_client import AriError, Connected, Disconnected, Inbox, Overflowed, events
from stasis_apps.adopting import Adopting
from stasis_apps.calls_up import CallsUp
from stasis_apps.entrances import Entrances, TurnedAway
from stasis_apps.live_call.legs import hang_up_channel
from stasis_apps.live_call.room import CallRoom
from stasis_apps.plan_store import PlanStore
from stasis_apps.router import Entry, Stray
from stasis_apps.running_call import run_new_call

log = structlog.get_logger(__name__)


class Replaced(Exception):
    """Another process has taken over our name; this one must go quiet and touch nothing."""


class Exchange:
    """All calls of one Asterisk."""

    def __init__(
        self, room: CallRoom, plans: PlanStore, *, asterisk_is_back: asyncio.Event | None = None
    ) -> None:
        """Run the calls of one Asterisk.

        Args:
            room: What every call has around it.
            plans: The plans of all tenants.
            asterisk_is_back: Set whenever we are connected to Asterisk, for those who tell it
                things beside calls.
        """
        self._ari = room.ari
        self._asterisk_is_back = asterisk_is_back or asyncio.Event()
        self._room = room
        self._calls = CallsUp(room.ari)
        self._entrances = Entrances(room.ari, plans)
        self._adopting = Adopting(room, plans, self._entrances, self._calls)
        self._takes_calls = True
        self._somebody_waits = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    @property
    def calls_up(self) -> int:
        """How many calls are being run."""
        return len(self._calls)

    @property
    def takes_calls(self) -> bool:
        """False once new calls are left to the next process."""
        return self._takes_calls

    def call_ids(self) -> Set[str]:
        """The calls that are being run."""
        return self._calls.running

    async def serve(self) -> None:
        """Take calls until cancelled.

        Raises:
            Replaced: Another process has taken over our name.
        """
        async with asyncio.TaskGroup() as group:
            while True:
                match await self._ari.lobby.get():
                    case Connected():
                        self._asterisk_is_back.set()
                        self._look_at_asterisk(group)
                    case Overflowed():
                        self._look_at_asterisk(group)
                    case events.StasisStart() as started:
                        self._take(started, group)
                    case events.ApplicationReplaced():
                        raise Replaced
                    case Disconnected():
                        log.warning("asterisk_lost", calls_up=self.calls_up)
                    case _:
                        pass  # an event of a channel whose call is over

    async def drain(self, limit_s: float, *, is_last: bool = False) -> None:
        """Take no new calls and wait for the old ones, up to a limit; the rest is left as it is.

        Whoever calls meanwhile hears ringing until the next process adopts them, and that weighs
        more than a greeting which begins anew: the first of them ends the wait.

        Args:
            limit_s: How long to wait at most.
            is_last: Whether Asterisk ends after us, with all its calls: no process adopts anybody.
        """
        self._takes_calls = False
        log.info("draining", calls_up=self.calls_up, limit_s=limit_s)
        await self._calls.wait(limit_s, unless=asyncio.Event() if is_last else self._somebody_waits)

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
        self._somebody_waits.set()

    async def _run(self, started: events.StasisStart, inbox: Inbox) -> None:
        with inbox:
            match await self._route(started):
                case Entry() as entry:
                    await run_new_call(self._room, entry, inbox, started.channel)
                case Stray(why):
                    log.warning("stray_channel_released", channel_id=started.channel.id, why=why)
                    await self._calls.let_go(started.channel.id)
                case TurnedAway(cause):
                    await hang_up_channel(self._ari, started.channel.id, cause)

    async def _route(self, started: events.StasisStart) -> Entry | Stray | TurnedAway:
        if started.channel.id in self._calls.over:
            return Stray("its call is over")
        return await self._entrances.of_new(started.channel, started.args)
