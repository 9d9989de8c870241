"""The fake's channels and bridges: how they come, change and go, and what is told of it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from ari_client.generated import events
from ari_client.ids import FAR_HALF
from ari_client.testing.applications import Applications
from ari_client.testing.phones import Phone, Step, StepKind, Unregistered
from ari_client.testing.state import FakeBridge, FakeChannel, Refusal

SOFT_HANGUP: Final = 32
"""What Asterisk calls the cause in a ChannelHangupRequest that it makes itself."""

LOCAL: Final = "Local/"
"""What the endpoint of a channel through the dialplan begins with."""

TO_TRUNKS: Final = ("@outside", "@emergency")
"""The contexts whose dialplan puts the SIP status of a refusal behind the cause."""

NOBODY_THERE: Final = 20
"""How our dialplan ends a channel whose other side cannot be reached at all."""

STASIS_START_S: Final = 0.001
"""From create to StasisStart; whoever dials sooner dials into the void."""

CAUSES: Final[Mapping[int, str]] = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    20: "Subscriber absent",
    21: "Call Rejected",
    26: "Answered elsewhere",
    34: "Circuit/channel congestion",
}


class Switchboard:
    """All channels and bridges, and the telephones that can be dialled."""

    def __init__(self, applications: Applications) -> None:
        self.applications = applications
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: dict[str, FakeBridge] = {}
        self.phones: dict[str, Phone] = {}
        self.when_hung_up: Callable[[FakeChannel], None] = lambda _: None
        self._numbers = itertools.count(1)
        self._started_at = datetime.now(UTC)

    def next_id(self) -> str:
        """An id of Asterisk's own making."""
        return f"fake-{int(self._started_at.timestamp())}.{next(self._numbers)}"

    def phone(self, endpoint: str) -> Phone:
        """The telephone behind an endpoint such as `PJSIP/100@acme.test`."""
        known = self.phones.get(endpoint) or self.phones.get(endpoint.removeprefix("PJSIP/"))
        return known or Unregistered()

    def channel(self, id_: str) -> FakeChannel:
        """One channel.

        Raises:
            Refusal: 404.
        """
        found = self.channels.get(id_)
        if found is None:
            raise Refusal(404, "Channel not found")
        return found

    def stasis_channel(self, id_: str) -> FakeChannel:
        """One channel that takes commands.

        Raises:
            Refusal: 404, or 409 when it is not in an application.
        """
        channel = self.channel(id_)
        if not channel.in_stasis:
            raise Refusal(409, "Channel not in Stasis application")
        return channel

    def add(self, channel: FakeChannel) -> None:
        """A channel comes into being.

        Raises:
            Refusal: 409, its id is taken, or another channel's id begins with it: Asterisk
                compares no further than the new id goes.
        """
        if any(id_.startswith(channel.id) for id_ in self.channels):
            raise Refusal(409, "Channel with given unique ID already exists")
        self.channels[channel.id] = channel

    def add_far_half(self, channel: FakeChannel) -> None:
        """What the dialplan has of a Local channel; it comes and goes with our half, untold."""
        half = FakeChannel(
            id=channel.id + FAR_HALF,
            name=channel.name.removesuffix(";1") + FAR_HALF,
            app="",
            created_at=channel.created_at,
        )
        self.channels[half.id] = half

    def enter_stasis(self, channel: FakeChannel) -> None:
        """The channel is given to its application, unless it has gone or nobody listens."""
        if channel.id not in self.channels or not self.applications.is_listening(channel.app):
            return
        channel.in_stasis = True
        self.tell(channel, events.StasisStart(channel=channel.model(), args=channel.args))

    def leave_stasis(self, channel: FakeChannel) -> None:
        """The channel is the application's no more."""
        if not channel.in_stasis:
            return
        self.leave_bridge(channel)
        channel.in_stasis = False
        self.tell(channel, events.StasisEnd(channel=channel.model()))

    def set_state(self, channel: FakeChannel, state: str) -> None:
        """The channel changes, and its application hears of it."""
        if channel.state == state:
            return
        channel.state = state
        self.tell(channel, events.ChannelStateChange(channel=channel.model()))

    def dial(self, channel: FakeChannel, caller: FakeChannel | None, timeout_s: float) -> None:
        """Let the telephone behind the channel do what it does; 0 s means no limit."""
        self._tell_dial(channel, caller, "")
        phone = self.phone(channel.endpoint)
        if not phone.is_registered:  # through the dialplan, which finds that out by dialling
            self._later(channel, 0.0, lambda: self.hung_up(channel, NOBODY_THERE))
        for step in phone.steps():
            self._later(channel, step.after_s, partial(self._do, channel, caller, step))
        if timeout_s:
            self._later(channel, timeout_s, lambda: self._give_up(channel))

    def answered(self, channel: FakeChannel, caller: FakeChannel | None = None) -> None:
        """The telephone behind the channel is picked up."""
        if channel.state == "Up":
            return
        self.set_state(channel, "Up")
        if channel.endpoint:
            self._tell_dial(channel, caller, "ANSWER")
        if not channel.in_stasis:  # an originated one
            self.enter_stasis(channel)

    def hung_up(self, channel: FakeChannel, cause: int, sip_status: int | None = None) -> None:
        """The far end hangs up, or refuses.

        Of a channel through the dialplan no SIP status is told; where it leads to trunks, our
        dialplan puts it behind the cause.
        """
        if channel.endpoint.startswith(LOCAL) and sip_status is not None:
            leads_to_trunk = any(context in channel.endpoint for context in TO_TRUNKS)
            cause = int(f"{cause}{sip_status}") if leads_to_trunk else cause
            sip_status = None
        self._end(channel, cause, requested=cause, is_ours=False, sip_status=sip_status)

    def hang_up(self, channel: FakeChannel, cause: int) -> None:
        """We hang up; whoever ends the far half of a channel ends the whole."""
        channel = self.channels.get(channel.id.removesuffix(FAR_HALF), channel)
        self._end(channel, cause, requested=SOFT_HANGUP, is_ours=True)

    def enter_bridge(self, channel: FakeChannel, bridge: FakeBridge) -> None:
        """The channel is let into a bridge, out of the one where it was."""
        self.leave_bridge(channel)
        channel.bridge_id = bridge.id
        bridge.channel_ids.append(channel.id)
        entered = events.ChannelEnteredBridge(bridge=bridge.model(), channel=channel.model())
        self.tell(channel, entered)

    def leave_bridge(self, channel: FakeChannel) -> None:
        """The channel is let out of its bridge."""
        bridge = self.bridges.get(channel.bridge_id or "")
        if bridge is None:
            return
        bridge.channel_ids.remove(channel.id)
        channel.bridge_id = None
        left = events.ChannelLeftBridge(bridge=bridge.model(), channel=channel.model())
        self.tell(channel, left)

    def destroy_bridge(self, bridge: FakeBridge) -> None:
        """Everybody is let out, and the bridge is gone.

        BridgeDestroyed is told of an empty bridge only: whether Asterisk tells it of one that it
        had to empty first is chance.
        """
        was_empty = not bridge.channel_ids
        for id_ in list(bridge.channel_ids):
            self.leave_bridge(self.channels[id_])
        del self.bridges[bridge.id]
        if was_empty:
            self.applications.send(bridge.app, events.BridgeDestroyed(bridge=bridge.model()))

    def clear(self) -> None:
        """Asterisk died: everything is gone and nothing is told."""
        for channel in self.channels.values():
            _cancel(channel)
        self.channels.clear()
        self.bridges.clear()

    def tell(self, channel: FakeChannel, event: events.Event) -> None:
        """Tell the channel's application."""
        self.applications.send(channel.app, event)

    def _do(self, channel: FakeChannel, caller: FakeChannel | None, step: Step) -> None:
        match step.kind:
            case StepKind.RING:
                self.set_state(channel, "Ringing")
                self._tell_dial(channel, caller, "RINGING")
            case StepKind.PROGRESS:
                self._tell_dial(channel, caller, "PROGRESS")
            case StepKind.ANSWER:
                self.answered(channel, caller)
            case StepKind.HANG_UP:
                self.hung_up(channel, step.cause, step.sip_status)

    def _give_up(self, channel: FakeChannel) -> None:
        if channel.state != "Up":
            self._end(channel, 19, requested=SOFT_HANGUP, is_ours=True, sip_status=480)

    def _tell_dial(self, channel: FakeChannel, caller: FakeChannel | None, status: str) -> None:
        dialled = channel.endpoint.partition("/")[2] if not status else ""
        told = events.Dial(
            peer=channel.model(),
            caller=caller.model() if caller else None,
            forward="",
            dialstring=dialled,
            dialstatus=status,
        )
        self.tell(channel, told)

    def _later(self, channel: FakeChannel, after_s: float, what: Callable[[], None]) -> None:
        def do() -> None:
            if self.channels.get(channel.id) is channel:
                what()

        channel.timers.append(asyncio.get_running_loop().call_later(after_s, do))

    def _end(
        self,
        channel: FakeChannel,
        cause: int,
        *,
        requested: int,
        is_ours: bool,
        sip_status: int | None = None,
    ) -> None:
        request = events.ChannelHangupRequest(
            channel=channel.model(),
            cause=requested,
            soft=True if is_ours else None,
            tech_cause=None if is_ours else sip_status,
        )
        if channel.in_stasis or channel.is_created:
            self.tell(channel, request)
        _cancel(channel)
        channel.hangup_cause = cause
        self.when_hung_up(channel)
        self.leave_stasis(channel)
        del self.channels[channel.id]
        self.channels.pop(channel.id + FAR_HALF, None)
        if channel.is_created:
            self._tell_destroyed(channel, cause, sip_status)

    def _tell_destroyed(self, channel: FakeChannel, cause: int, sip_status: int | None) -> None:
        told = events.ChannelDestroyed(
            channel=channel.model(),
            cause=cause,
            cause_txt=CAUSES.get(cause, "Unknown"),
            tech_cause=sip_status,
        )
        self.tell(channel, told)


def channel_name(endpoint: str, number: int) -> str:
    """How Asterisk names a channel; of a Local one, the half that is ours."""
    if not endpoint.startswith(LOCAL):
        return f"{endpoint}-{number:08x}"
    return f"{endpoint.rpartition('/n')[0] or endpoint}-{number:08x};1"


def _cancel(channel: FakeChannel) -> None:
    for timer in channel.timers:
        timer.cancel()
    channel.timers.clear()
