"""Ring several parties, each with all their phones; the first to answer wins."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import inf

from ari_client import Notice, events
from stasis_apps.call import Party
from stasis_apps.decisions.hangup_cause import ANSWERED_ELSEWHERE, RING_TIMED_OUT, LegOutcome
from stasis_apps.journal import What
from stasis_apps.live_call.callees import Callee, Callees
from stasis_apps.live_call.confirming import Answer, Confirmation
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
from stasis_apps.live_call.outside_ways import NoWay
from stasis_apps.live_call.ringback import Ringback
from stasis_apps.live_call.rung_party import RungParty, due_of
from stasis_apps.live_call.together import all_of

CALLER_LEFT = 16
"""Q.850 cause 16: the phone shows a missed call, which it is."""


class Ringing:
    """The phones that ring for one caller, from the first INVITE to the one that answered."""

    def __init__(
        self,
        line: Line,
        connection: Connection,
        ringback: Ringback,
        callees: Callees,
    ) -> None:
        self._line = line
        self._connection = connection
        self._ringback = ringback
        self._callees = callees
        self._parties: list[RungParty] = []
        self._legs: list[Leg] = []
        self._winner: Leg | None = None
        self._until = 0.0
        self._is_alone = False

    async def run(self, parties: Sequence[Party], *, ring_s: float) -> Leg | list[LegOutcome]:
        """Ring until somebody answers, all have failed, the time is over or the caller leaves.

        Returns:
            The leg that won, or what became of each party.
        """
        now = _clock()
        self._until = now + ring_s
        self._parties = [
            RungParty(party, min(now + party.after_s, self._until)) for party in parties
        ]
        self._is_alone = _is_one_phone(parties)
        try:
            await self._ring()
            if self._winner is None:
                return [one.outcome or LegOutcome.UNREACHABLE for one in self._parties]
            await self._ringback.stop()
        except BaseException:
            await self._hang_up(self._legs, CALLER_LEFT, "the caller gave up")
            raise
        losers = [leg for leg in self._legs if leg is not self._winner]
        await self._hang_up(losers, ANSWERED_ELSEWHERE, "answered elsewhere")
        return self._winner

    async def _ring(self) -> None:
        while True:
            await self._end_turns()
            await self._begin_turns()
            if all(party.outcome is not None for party in self._parties):
                return
            wakes_at = min(party.wakes_at for party in self._parties)
            event = await self._line.next_event(until=wakes_at)
            if event is not None:
                await self._follow(event)
            if self._winner is not None:
                return

    async def _begin_turns(self) -> None:
        """Ring whoever's turn it is; when nobody rings any more, that of the next has come."""
        while _clock() < self._until and (due := due_of(self._parties, _clock())):
            await all_of(*(self._begin(party) for party in due))

    async def _begin(self, party: RungParty) -> None:
        await self._callees.ways.look_before_help(party.party)
        party.begin(_clock(), self._until)
        found = self._callees.of(party.party)
        if isinstance(found, NoWay):
            self._line.journal.write(What.NOTED, reason=found.reason, number=party.party.number)
            self._settle(party, found.outcome)
            return
        ringing = {leg.device.endpoint for leg in self._legs if leg.is_open}
        callees = [callee for callee in found if callee.device.endpoint not in ringing]
        party.legs = [self._new_leg(callee) for callee in callees]
        if not party.legs:
            self._settle(party, LegOutcome.NO_ANSWER)  # they ring already, for another party
            return
        pairs = zip(party.legs, callees, strict=True)
        await all_of(*(create_leg(self._line, leg, callee) for leg, callee in pairs))
        if any(leg.trunk and (leg.calls_help or self._line.is_answered) for leg in party.legs):
            await self._ring_back()  # carriers take their time, and silence sounds like a fault
        await self._go_on(party)
        self._look_at(party)

    def _new_leg(self, callee: Callee) -> Leg:
        leg = new_leg(self._line, callee)
        self._callees.hold(callee, leg.channel.id)
        self._legs.append(leg)
        return leg

    async def _end_turns(self) -> None:
        """Stop the phones whose time is over, and let go who was asked and pressed nothing."""
        now = _clock()
        for party in self._parties:
            if party.is_waiting and now >= self._until:
                party.outcome = LegOutcome.NO_ANSWER
            if late := party.overdue(now):
                await self._give_up(party, late)
            for leg in party.silent(now):
                await self._pass_over(party, leg)

    async def _give_up(self, party: RungParty, legs: Sequence[Leg]) -> None:
        for leg in legs:
            self._rest_if_silent(leg)
            has_rung = leg.state.value >= LegState.RINGING.value
            leg.ends_by(LegOutcome.NO_ANSWER if has_rung else LegOutcome.UNREACHABLE)
        await self._hang_up(legs, RING_TIMED_OUT)
        self._look_at(party)

    async def _pass_over(self, party: RungParty, leg: Leg) -> None:
        """A carrier gives no sign of life: its trunk rests, and one that has room is tried."""
        self._rest_if_silent(leg)
        leg.silent_until = inf
        found = self._next_for(leg)
        if found is None:
            return  # nobody else has room: it may still answer
        leg.give_up_silent()
        await hang_up_leg(leg, CALLER_LEFT)  # what is in use goes over to the next trunk
        note_end(self._line, leg, silent="yes")
        leg.state = LegState.GONE
        party.begin(_clock(), self._until)  # they have not rung yet
        await self._try(party, found)
        await self._go_on(party)
        self._look_at(party)

    def _rest_if_silent(self, leg: Leg) -> None:
        if leg.is_silent and leg.callee is not None and leg.callee.trunk is not None:
            self._callees.rest(leg.callee.trunk)

    async def _go_on(self, party: RungParty) -> None:
        """Try outside numbers through their next trunks, where the ones before have failed."""
        while lost := [one for one in party.legs if one.was_lost]:
            for leg in lost:
                goes_on, leg.was_lost = leg.goes_on, False
                if goes_on and (found := self._next_for(leg)) is not None:
                    await self._try(party, found)

    def _next_for(self, leg: Leg) -> Callee | None:
        """The same number through its next trunk; None when none of them has room."""
        found = self._callees.next_on(leg.way) if leg.way else None
        if isinstance(found, NoWay):
            self._line.journal.write(What.NOTED, reason=found.reason, number=leg.device.name)
            return None
        return found

    async def _try(self, party: RungParty, callee: Callee) -> None:
        """Dial a number through another trunk; meanwhile the caller hears that it goes on."""
        leg = self._new_leg(callee)
        party.legs.append(leg)
        self._line.journal.write(What.NOTED, reason=f"trunk {leg.trunk} is tried next", **leg.facts)
        await create_leg(self._line, leg, callee)
        await self._connection.close()  # of an announcement through the trunk before
        await self._ring_back()

    async def _follow(self, event: Notice) -> None:
        for party in self._parties:
            if not party.is_ringing:
                continue
            for leg in party.legs:
                await self._hear(party, leg, event)
            if party.was_declined:
                others = [leg for leg in party.legs if leg.is_open]
                await self._hang_up(others, ANSWERED_ELSEWHERE, "declined on another phone")
            await self._go_on(party)
            self._look_at(party)

    async def _hear(self, party: RungParty, leg: Leg, event: Notice) -> None:
        before = leg.state
        if _starts(event, leg) and party.ends_at is not None:
            await dial_leg(leg, ring_s=party.ends_at - _clock())
        leg.hear_of(event)
        if leg.state is not before:
            await self._note(party, leg)
        question = party.asked.get(leg.channel.id)
        if question is not None and (answer := question.hear_of(event)) is not None:
            await self._take_answer(party, leg, answer)

    async def _note(self, party: RungParty, leg: Leg) -> None:
        match leg.state:
            case LegState.RINGING:
                self._line.journal.write(What.RANG, **leg.facts)
                await self._ring_back()
            case LegState.EARLY_MEDIA if self._is_alone:
                await self._ringback.give_way()
                await self._connection.open_early(leg)
            case LegState.EARLY_MEDIA:
                await self._ring_back()
            case LegState.UP:
                self._callees.answered(leg.channel.id)
                await self._picked_up(party, leg)
            case LegState.GONE:
                note_end(self._line, leg)
                if leg.is_refused_by_us and leg.outcome is not None and leg.way is not None:
                    self._callees.ways.refused_by_dialplan(leg.way, leg.outcome)
            case _:
                pass

    async def _picked_up(self, party: RungParty, leg: Leg) -> None:
        if party.party.must_confirm:
            await self._ask(party, leg)
        else:
            self._winner = self._winner or leg

    async def _ask(self, party: RungParty, leg: Leg) -> None:
        leg.state = LegState.ASKED
        question = Confirmation(self._line, leg, self._callees.language)
        party.asked[leg.channel.id] = question
        await question.ask()

    async def _take_answer(self, party: RungParty, leg: Leg, answer: Answer) -> None:
        if answer is Answer.TAKES:
            await party.asked.pop(leg.channel.id).stop()
            leg.state = LegState.UP
            self._winner = self._winner or leg
            return
        leg.outcome = LegOutcome.NO_ANSWER
        if answer is Answer.REJECTS:
            leg.outcome = LegOutcome.DECLINED
        await self._hang_up([leg], CALLER_LEFT)

    async def _ring_back(self) -> None:
        """The caller hears ringback from the first phone that rings on."""
        if not self._connection.is_open:
            await self._ringback.start()

    def _look_at(self, party: RungParty) -> None:
        """A party none of whose phones may be answered any more has its outcome."""
        for leg in party.legs:
            if not leg.is_open:
                party.asked.pop(leg.channel.id, None)
                self._callees.let_go(leg.channel.id)
        if party.is_ringing and (verdict := party.verdict) is not None:
            self._settle(party, verdict)

    def _settle(self, party: RungParty, outcome: LegOutcome) -> None:
        other = party.party.otherwise.get(outcome)
        if other is not None and _clock() < self._until:
            self._line.journal.write(What.NOTED, reason=_instead(party.party, outcome, other))
            party.turn_to(other, min(_clock() + other.after_s, self._until))
        else:
            party.outcome = outcome

    async def _hang_up(self, legs: Sequence[Leg], cause: int, why: str = "") -> None:
        """Stop phones; nobody counts as being rung because Asterisk is slow to stop them."""
        for leg in legs:
            self._callees.let_go(leg.channel.id)
        await asyncio.gather(*(hang_up_leg(leg, cause) for leg in legs))
        for leg in legs:
            if leg.is_open:
                note_end(self._line, leg, why)
            leg.state = LegState.GONE


def _starts(event: Notice, leg: Leg) -> bool:
    """Whether the event is the leg's own StasisStart."""
    match event:
        case events.StasisStart(channel=channel):
            return channel.id == leg.channel.id and leg.state is LegState.CREATED
        case _:
            return False


def _instead(party: Party, outcome: LegOutcome, other: Party) -> str:
    """Why somebody else is rung in the place of one who was."""
    return f"{party.number}: {outcome.value.replace('_', ' ')}, {other.number} is rung instead"


def _is_one_phone(parties: Sequence[Party]) -> bool:
    """Whether exactly one phone may ever ring, and who picks it up is connected at once."""
    phones = sum(len(party.phones) or 1 for party in parties)
    return phones == 1 and not any(party.must_confirm or party.otherwise for party in parties)


def _clock() -> float:
    return asyncio.get_running_loop().time()
