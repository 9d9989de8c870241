"""Ring several phones of one person at once; the first to answer wins."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ari_client import Notice, events
from stasis_apps.call import Caller
from stasis_apps.decisions.hangup_cause import (
    ANSWERED_ELSEWHERE,
    RING_TIMED_OUT,
    LegOutcome,
    outcome_of_all,
    stops_all_ringing,
)
from stasis_apps.journal import What
from stasis_apps.live_call.connection import Connection
from stasis_apps.live_call.legs import (
    Leg,
    LegState,
    create_leg,
    dial_leg,
    hang_up_leg,
    new_leg,
    note_end,
)
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.together import all_of
from stasis_apps.plan import PlannedDevice

CALLER_LEFT = 16
"""Q.850 cause 16: the phone shows a missed call, which it is."""

DIAL_MARGIN_S = 10.0
"""How much longer than our own timer Asterisk would let a phone ring, should our timer be lost."""


_WHY_STOPPED = {
    ANSWERED_ELSEWHERE: "answered elsewhere",
    CALLER_LEFT: "the caller gave up",
    RING_TIMED_OUT: "the time was over",
}


class Ringing:
    """The phones that ring for one caller, from the first INVITE to the one that answered."""

    def __init__(self, line: Line, connection: Connection) -> None:
        self._line = line
        self._connection = connection
        self._legs: list[Leg] = []
        self._rings_back = False

    async def run(
        self, devices: Sequence[PlannedDevice], caller: Caller, *, ring_s: float
    ) -> Leg | LegOutcome:
        """Ring until somebody answers, all have failed, the time is over or the caller leaves."""
        try:
            await self._create(devices, caller)
            winner = await self._await_answer(ring_s)
            await self._stop_ringback()
        except BaseException:
            await self._hang_up_all(CALLER_LEFT)
            raise
        if winner is None:
            await self._hang_up_all(RING_TIMED_OUT)
            return outcome_of_all(leg.outcome for leg in self._legs if leg.outcome)
        await self._hang_up_all(ANSWERED_ELSEWHERE, but=winner)
        return winner

    async def _create(self, devices: Sequence[PlannedDevice], caller: Caller) -> None:
        self._legs += [new_leg(self._line, device) for device in devices]
        await all_of(*(create_leg(self._line, leg, caller) for leg in self._legs))

    async def _await_answer(self, ring_s: float) -> Leg | None:
        until = asyncio.get_running_loop().time() + ring_s
        while any(leg.is_open for leg in self._legs):
            event = await self._line.next_event(until=until)
            if event is None:
                self._time_is_over()
                return None
            await self._follow(event, ring_s)
            winner = next((leg for leg in self._legs if leg.state is LegState.UP), None)
            if winner is not None or self._was_declined():
                return winner
        return None

    async def _follow(self, event: Notice, ring_s: float) -> None:
        for leg in self._legs:
            before = leg.state
            if _starts(event, leg):
                await dial_leg(leg, limit_s=ring_s + DIAL_MARGIN_S)
            leg.hear_of(event)
            if leg.state is not before:
                await self._note(leg)

    async def _note(self, leg: Leg) -> None:
        match leg.state:
            case LegState.RINGING:
                self._line.journal.write(What.RANG, device=leg.device.endpoint)
                await self._ring_back()
            case LegState.EARLY_MEDIA if len(self._legs) == 1:
                await self._stop_ringback()
                await self._connection.open_early(leg)
            case LegState.GONE:
                note_end(self._line, leg)
            case _:
                pass

    async def _ring_back(self) -> None:
        """The caller hears ringback from the first phone that rings on."""
        if not self._rings_back and not self._connection.is_open:
            self._rings_back = True
            await self._line.command(self._line.channel.ring())

    async def _stop_ringback(self) -> None:
        """A caller who was answered hears ringback as a tone, which would drown out the callee."""
        if self._rings_back and self._line.is_answered:
            self._rings_back = False
            await self._line.command(self._line.channel.stop_ringing())

    def _was_declined(self) -> bool:
        return any(leg.outcome and stops_all_ringing(leg.outcome) for leg in self._legs)

    def _time_is_over(self) -> None:
        for leg in self._legs:
            if leg.is_open:
                has_rung = leg.state in (LegState.RINGING, LegState.EARLY_MEDIA)
                leg.outcome = LegOutcome.NO_ANSWER if has_rung else LegOutcome.UNREACHABLE
                note_end(self._line, leg)

    async def _hang_up_all(self, cause: int, *, but: Leg | None = None) -> None:
        losers = [leg for leg in self._legs if leg is not but]
        await asyncio.gather(*(hang_up_leg(leg, cause) for leg in losers))
        for leg in losers:
            if leg.is_open and leg.outcome is None:
                note_end(self._line, leg, _WHY_STOPPED[cause])
            leg.state = LegState.GONE


def _starts(event: Notice, leg: Leg) -> bool:
    """Whether the event is the leg's own StasisStart."""
    match event:
        case events.StasisStart(channel=channel):
            return channel.id == leg.channel.id and leg.state is LegState.CREATED
        case _:
            return False
