"""The phones that one call rings: each leg from its creation to its answer or end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from ari_client import (
    AriClient,
    AriError,
    AriRefused,
    AriUnavailable,
    Channel,
    Notice,
    ResourceGone,
    WrongState,
    events,
)
from ari_client.ids import ChannelId, new_leg_id
from models.trunk_refusals import REFUSED
from stasis_apps.decisions.ending import NORMAL_CLEARING
from stasis_apps.decisions.hangup_cause import (
    LegOutcome,
    is_refusal_of_trunk,
    outcome_outside,
)
from stasis_apps.journal import What
from stasis_apps.live_call.callees import Callee
from stasis_apps.live_call.leg_ends import end_of_leg
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.outside_ways import OutsideWay
from stasis_apps.plan import PlannedDevice

SERVER_ERROR = 500
"""HTTP statuses from here on are the server's own."""

DIAL_MARGIN_S = 10.0
"""How much longer than our own timer Asterisk would let a phone ring, should our timer be lost."""

LEG_ARGUMENT = "leg"
"""First Stasis argument of every channel that we dial; the second is the call's id."""


class LegState(Enum):
    """How far a leg has come."""

    CREATED = auto()
    DIALLED = auto()
    RINGING = auto()
    EARLY_MEDIA = auto()
    UP = auto()
    ASKED = auto()
    GONE = auto()


@dataclass(slots=True)
class Leg:
    """One phone that is being rung for a caller.

    Attributes:
        device: The phone and whose it is; for an outside number, that number.
        channel: Its channel; the id was chosen before the channel was asked for.
        state: How far it has come.
        outcome: What became of it, once it is gone without having been talked to.
        trunk: The name of the trunk it goes through, or empty.
        callee: Who was dialled, and how; None for a leg of an earlier process.
        sip_status: The SIP status that refused it, or None.
        has_rung: Whether the phone has rung, or somebody there was heard.
        silent_until: When another trunk is tried if nothing is heard of it, on the event loop's
            clock.
        is_refused_by_us: Whether the dialplan did not dial it, though we had let it pass.
        was_lost: Whether the other side ended it before anybody picked up; false again once another
            trunk has been thought of.
    """

    device: PlannedDevice
    channel: Channel
    state: LegState = LegState.CREATED
    outcome: LegOutcome | None = None
    trunk: str = ""
    callee: Callee | None = None
    sip_status: int | None = None
    has_rung: bool = False
    silent_until: float = inf
    is_refused_by_us: bool = False
    was_lost: bool = False

    @property
    def is_open(self) -> bool:
        """Whether Asterisk may still hold a channel for it."""
        return self.state is not LegState.GONE

    @property
    def is_unanswered(self) -> bool:
        """Whether nobody has picked up yet, and somebody still may."""
        return self.state.value < LegState.UP.value

    @property
    def is_silent(self) -> bool:
        """Whether it was dialled and nothing has been heard of it."""
        return self.state is LegState.DIALLED

    @property
    def goes_on(self) -> bool:
        """Whether the outside number is to be tried through another trunk instead."""
        if not self.was_lost or self.callee is None:
            return False
        way, trunk = self.callee.way, self.callee.trunk
        if way is None or trunk is None:
            return False
        if self.is_refused_by_us and self.outcome is not LegOutcome.NO_CHANNEL:
            return False
        return way.goes_on(trunk, self.sip_status, has_rung=self.has_rung)

    @property
    def way(self) -> OutsideWay | None:
        """The other trunks that its outside number may go through; None for a phone."""
        return self.callee.way if self.callee else None

    def patience_s(self, left_s: float) -> float:
        """For how long nothing need be heard of it before another trunk is tried.

        Args:
            left_s: For how long it is to ring at most.
        """
        trunk = self.callee.trunk if self.callee else None
        return self.way.patience_s(trunk, left_s) if self.way and trunk else inf

    def give_up_silent(self) -> None:
        """Nothing has been heard of it for long enough: another trunk takes its place."""
        if self.way and self.callee and self.callee.trunk:
            self.way.was_silent(self.callee.trunk)
        self.ends_by(LegOutcome.UNREACHABLE)

    @property
    def calls_help(self) -> bool:
        """Whether it is dialled to an emergency number."""
        return self.way is not None and self.way.leg is None

    @property
    def facts(self) -> dict[str, str]:
        """Who it is, for the journal."""
        device: dict[str, str] = {"device": self.device.endpoint}
        return device | {"trunk": self.trunk} if self.trunk else device

    def end(self, outcome: LegOutcome) -> None:
        """The leg is gone, or never came to be."""
        self.ends_by(outcome)
        self.state = LegState.GONE

    def ends_by(self, outcome: LegOutcome) -> None:
        """This is what becomes of it; through a trunk, the carrier may be to blame."""
        self.outcome = outcome_outside(outcome, self.sip_status) if self.trunk else outcome

    def hear_of(self, event: Notice) -> None:
        """Follow what happens to the leg's channel; events of other channels are passed over."""
        match event:
            case events.ChannelDestroyed(channel=channel, cause=cause, tech_cause=status):
                if channel.id == self.channel.id and self.is_open:
                    self._hear_of_end(cause, status)
            case events.Dial(peer=peer, dialstatus="PROGRESS") if peer.id == self.channel.id:
                self._reach(LegState.EARLY_MEDIA)
            case events.Dial(peer=peer, dialstatus="RINGING") if peer.id == self.channel.id:
                self._reach(LegState.RINGING)
            case events.ChannelStateChange(channel=channel) if channel.id == self.channel.id:
                self._reach(_STATES.get(channel.state, LegState.CREATED))
            case _:
                pass

    def _hear_of_end(self, cause: int, sip_status: int | None) -> None:
        """Asterisk has ended it; nobody knows why when it did while we were away (cause 0)."""
        end = end_of_leg(cause, sip_status)
        self.sip_status, self.is_refused_by_us = end.sip_status, end.is_refusal_of_ours
        self.was_lost = self.is_unanswered and (cause != 0 or self.calls_help)
        self.end(end.outcome)

    def _reach(self, state: LegState) -> None:
        if self.is_open and state.value > self.state.value:
            self.state = state
            self.has_rung = self.has_rung or state.value >= LegState.RINGING.value


_STATES = {"Ringing": LegState.RINGING, "Up": LegState.UP}


def new_leg(line: Line, callee: Callee) -> Leg:
    """A leg that Asterisk does not know of yet; its events will come into the call's inbox."""
    channel = Channel(line.ari, new_leg_id(line.call_id))
    trunk = callee.trunk.name if callee.trunk else ""
    leg = Leg(device=callee.device, channel=channel, trunk=trunk, callee=callee)
    line.inbox.claim_channel(leg.channel.id)
    return leg


async def create_leg(line: Line, leg: Leg, callee: Callee) -> None:
    """Ask Asterisk for the leg's channel; the phone does not ring yet.

    A device that cannot be had ends its own leg and no other.

    Args:
        line: The caller for whom it is.
        leg: The leg.
        callee: Who is dialled, and what their phone displays.

    Raises:
        CallEnded: The caller has gone.
    """
    try:
        await Channel.create(
            line.ari,
            leg.channel.id,
            endpoint=callee.dials,
            args=(LEG_ARGUMENT, line.call_id),
            originator=line.channel.id,
            variables=callee.variables,
        )
    except AriUnavailable:
        leg.end(LegOutcome.UNREACHABLE)
        leg.was_lost = leg.calls_help
        note_end(line, leg, asterisk="no answer")
        await hang_up_channel(line.ari, leg.channel.id, NORMAL_CLEARING)  # it may have come to be
    except AriRefused as refused:
        # Asterisk answers 500 "Allocation failed" for a device without a contact.
        is_unregistered = refused.status >= SERVER_ERROR
        leg.end(LegOutcome.UNREGISTERED if is_unregistered else LegOutcome.UNREACHABLE)
        leg.was_lost = leg.calls_help
        if not is_unregistered:
            await line.command(line.channel.get())
        note_end(line, leg, asterisk=str(refused.status))


async def dial_leg(leg: Leg, *, ring_s: float) -> None:
    """Let the phone ring. Only after the leg's own StasisStart: earlier it would ring for ever.

    Asterisk is not told for whom: it would show the phone that channel's caller id, which has no
    name, instead of the identity that the leg was made with.

    Args:
        leg: The leg.
        ring_s: How long it is to ring by our own timer.
    """
    leg.state = LegState.DIALLED
    leg.silent_until = asyncio.get_running_loop().time() + leg.patience_s(ring_s)
    try:
        await leg.channel.dial(timeout_s=ring_s + DIAL_MARGIN_S)
    except (ResourceGone, WrongState):
        return  # it went away meanwhile, and its end is in the inbox


async def hang_up_leg(leg: Leg, cause: int) -> None:
    """Stop a phone from ringing, or end its talk; one that has gone already is no fault."""
    if leg.is_open:
        await hang_up_channel(leg.channel.ari, leg.channel.id, cause)


async def hang_up_channel(ari: AriClient, channel_id: str, cause: int) -> None:
    """End a channel, whoever's it is; one that has gone already is no fault."""
    try:
        await Channel(ari, ChannelId(channel_id)).hang_up(cause)
    except AriError:
        return  # gone already; or Asterisk is, and with it the channel


def note_end(line: Line, leg: Leg, why: str = "", **facts: str) -> None:
    """Write into the journal how ringing a phone ended: its own outcome, or why we ended it.

    The SIP status is told where there was one; `models.trunk_refusals` finds those of trunks.
    """
    reason = leg.outcome.value if leg.outcome else why
    if leg.sip_status:
        facts["sip"] = str(leg.sip_status)
        if leg.trunk and is_refusal_of_trunk(leg.sip_status, has_rung=leg.has_rung):
            facts[REFUSED] = "yes"
    line.journal.write(What.LEG_ENDED, reason=reason, **leg.facts, **facts)
