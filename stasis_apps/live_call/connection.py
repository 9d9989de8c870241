"""The bridge through which caller and callee hear each other, early media included."""

from __future__ import annotations

import asyncio
from typing import NoReturn

from ari_client import AriError, AriRefused, Bridge, Notice, Overflowed, ResourceGone, events
from ari_client.ids import new_bridge_id
from stasis_apps.call import CallEnded
from stasis_apps.decisions.ending import Reason, ended_by_callee, ended_by_plan
from stasis_apps.journal import What
from stasis_apps.live_call.callees import identity_of_the_other
from stasis_apps.live_call.legs import Leg
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.together import both

LONGEST_TALK_S = 24 * 3600.0
"""A talk that lasts a day is a phone that was forgotten off the hook."""


class Connection:
    """One bridge of one call. Each has an id never used before (Asterisk remembers dead ones)."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._bridge: Bridge | None = None

    @property
    def is_open(self) -> bool:
        """Whether caller and leg are connected, talking or in early media."""
        return self._bridge is not None

    def take_over(self, bridge: Bridge) -> None:
        """Go on with a talk that an earlier process of ours had connected."""
        self._bridge = bridge

    async def open_early(self, leg: Leg) -> None:
        """Let the caller hear what the callee's side plays before anybody answers."""
        await self._introduce(leg)
        await self._line.command(self._line.channel.progress())
        await self._join(await self._open_bridge(), leg)

    async def talk(self, leg: Leg) -> NoReturn:
        """Pick up for the caller, connect both, and stay until one of them hangs up."""
        if self._bridge is None:
            await self._introduce(leg)
            _, bridge = await both(self._answer_caller(), self._open_bridge())
            await self._join(bridge, leg)
        else:
            await self._answer_caller()
        self._line.journal.answered(leg.device.endpoint, leg.device.extension, trunk=leg.trunk)
        await self.stay(leg)

    async def stay(self, leg: Leg) -> NoReturn:
        """Follow a talk to its end."""
        until = asyncio.get_running_loop().time() + LONGEST_TALK_S
        while (event := await self._line.next_event(until=until)) is not None:
            if _ends(event, leg):
                raise CallEnded(ended_by_callee(was_seen=_was_seen(event)))
            if isinstance(event, Overflowed):
                await self.is_there(leg)
            self._note_hold(event)
        raise CallEnded(ended_by_plan(Reason.TOO_LONG))

    async def is_there(self, leg: Leg) -> None:
        """Make sure that the callee has not gone unheard.

        Raises:
            CallEnded: They have.
        """
        try:
            await leg.channel.get()
        except ResourceGone as gone:
            raise CallEnded(ended_by_callee()) from gone

    async def close(self) -> None:
        """Take the bridge down, after its channels were hung up; one that has gone is no fault."""
        bridge, self._bridge = self._bridge, None
        if bridge is None:
            return
        try:
            await bridge.destroy()
        except AriError:
            return  # gone with its channels, or with Asterisk

    async def _introduce(self, leg: Leg) -> None:
        """The answer tells the caller's phone who picked up; no re-INVITE is needed for it."""
        if not self._line.is_answered:
            identity = identity_of_the_other(leg.device.extension, leg.device.caller_name)
            try:
                await self._line.command(self._line.channel.set_variables(identity))
            except AriRefused as refused:  # a name on a display is not worth a call
                self._line.journal.write(What.NOTED, reason=f"no name shown: {refused.message}")

    async def _answer_caller(self) -> None:
        if not self._line.is_answered:
            await self._line.command(self._line.channel.answer())
            self._line.is_answered = True

    async def _open_bridge(self) -> Bridge:
        """The bridge is ours from before it is asked for, so that `close` finds it in any case."""
        bridge_id = new_bridge_id(self._line.call_id)
        self._line.inbox.claim_bridge(bridge_id)
        self._bridge = Bridge(self._line.ari, bridge_id)
        return await Bridge.create(self._line.ari, bridge_id, type_="mixing")

    async def _join(self, bridge: Bridge, leg: Leg) -> None:
        try:
            # Both know each other already (`_introduce`); introducing them again takes re-INVITEs,
            # which meet the ones that phones send by themselves at this very moment.
            await bridge.add(self._line.channel.id, leg.channel.id, introduces=False)
        except AriRefused as refused:
            self._line.journal.write(What.NOTED, reason=f"could not connect: {refused.message}")
            await self._line.command(self._line.channel.get())
            await self.is_there(leg)
            raise  # both are there, and yet they cannot be connected

    def _note_hold(self, event: Notice) -> None:
        match event:
            case events.ChannelHold(channel=channel):
                self._line.journal.write(What.HELD, by=self._side(channel.id))
            case events.ChannelUnhold(channel=channel):
                self._line.journal.write(What.RESUMED, by=self._side(channel.id))
            case _:
                pass

    def _side(self, channel_id: str) -> str:
        return "caller" if channel_id == self._line.channel.id else "callee"


def _ends(event: Notice, leg: Leg) -> bool:
    match event:
        case (
            events.ChannelDestroyed(channel=channel)
            | events.ChannelHangupRequest(channel=channel)
            | events.StasisEnd(channel=channel)
        ):
            return channel.id == leg.channel.id
        case _:
            return False


def _was_seen(event: Notice) -> bool:
    """Whether Asterisk told of it when it happened; what was missed bears no time."""
    return not isinstance(event, events.ChannelDestroyed) or bool(event.timestamp)
