"""The caller's line: what happens on it, and what we ask Asterisk to do to it.

All events of a call pass through here, in order, so that a caller who hangs up is noticed wherever
the call happens to be.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from ari_client import (
    AriClient,
    AriRefused,
    AriUnavailable,
    Channel,
    Inbox,
    Notice,
    Overflowed,
    ResourceGone,
    WrongState,
    events,
)
from ari_client.ids import ChannelId
from stasis_apps.call import CallEnded
from stasis_apps.decisions.ending import Reason, ended_by_caller, ended_by_plan
from stasis_apps.journal import CallJournal, What

KEYS_KEPT = 64
"""Keys pressed ahead that are kept for the next prompt; older ones are forgotten."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Line:
    """A caller who is on the line, until they are not.

    Attributes:
        call_id: The call; also the id of the caller's channel.
        channel: The caller's channel.
        inbox: Everything that happens in this call.
        journal: Where it is written down.
        is_answered: Whether the caller's phone was told that we picked up.
        keys: Keys pressed and not used yet, oldest first.
    """

    def __init__(
        self,
        ari: AriClient,
        inbox: Inbox,
        channel_id: ChannelId,
        journal: CallJournal,
        *,
        is_answered: bool,
    ) -> None:
        self.call_id = journal.call_id
        self.ari = ari
        self.channel = Channel(ari, channel_id)
        self.inbox = inbox
        self.journal = journal
        self.is_answered = is_answered
        self.keys: deque[str] = deque(maxlen=KEYS_KEPT)
        self.is_gone = False

    async def next_event(self, *, until: float | None) -> Notice | None:
        """The next thing that happens in this call, or None when the moment ``until`` comes first.

        Args:
            until: A moment on the event loop's clock; None waits as long as the caller does.

        Raises:
            CallEnded: The caller has hung up or is lost.
        """
        try:
            async with asyncio.timeout_at(until):
                event = await self.inbox.get()
        except TimeoutError:
            return None
        await self._notice(event)
        return event

    async def command(self, request: Awaitable[T]) -> T:
        """Ask Asterisk to do something to the caller's channel.

        The one place where "there is no such channel" becomes "the caller has gone".

        Raises:
            CallEnded: The caller has gone, or Asterisk does not answer us any more.
        """
        try:
            return await request
        except (ResourceGone, WrongState) as gone:
            self.is_gone = isinstance(gone, ResourceGone)
            raise self._caller_left() from gone
        except AriRefused:
            await self.is_there()  # a command that meets a hang-up is refused in many ways
            raise
        except AriUnavailable as silence:
            log.warning("asterisk_gave_no_answer", fault=str(silence))
            self.journal.write(What.FAULT, reason="Asterisk gave no answer")
            raise CallEnded(ended_by_plan(Reason.FAILED)) from silence

    async def is_there(self) -> None:
        """Make sure that the caller has not gone unheard.

        Raises:
            CallEnded: They have.
            AriUnavailable: Asterisk does not say.
        """
        try:
            await self.channel.get()
        except ResourceGone as gone:
            self.is_gone = True
            raise self._caller_left() from gone

    async def _notice(self, event: Notice) -> None:
        match event:
            case events.ChannelDtmfReceived(channel=channel, digit=digit) if self._is_mine(
                channel.id
            ):
                self.keys.append(digit)
            case events.ChannelDestroyed(channel=channel, timestamp=seen_at):
                if self._is_mine(channel.id):
                    self.is_gone = True
                    raise self._caller_left() if seen_at else CallEnded(ended_by_plan(Reason.LOST))
            case events.StasisEnd(channel=channel) | events.ChannelHangupRequest(channel=channel):
                if self._is_mine(channel.id):
                    raise self._caller_left()
            case Overflowed():
                self.journal.write(
                    What.FAULT, reason="more happened at once than could be followed"
                )
                await self.command(self.ari.channels.get(self.channel.id))
            case _:
                pass

    def _is_mine(self, channel_id: str) -> bool:
        return channel_id == self.channel.id

    def _caller_left(self) -> CallEnded:
        return CallEnded(ended_by_caller(was_answered=self.is_answered))
