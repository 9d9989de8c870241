"""LiveCall: the verbs of a call, carried out on real channels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from ari_client import AriError
from stasis_apps.call import (
    Answered,
    CallEnded,
    CallFacts,
    DialResult,
    Holiday,
    HowCame,
    Leave,
    NotAnswered,
    Party,
    Person,
    Position,
    SoundName,
    SoundUnplayable,
)
from stasis_apps.call_mailboxes import Mailboxes
from stasis_apps.call_webhooks import Webhooks
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import CallEnd, Reason, ended_by_plan
from stasis_apps.decisions.hangup_cause import LegOutcome, outcome_of_all
from stasis_apps.decisions.numbers import ways_to_write
from stasis_apps.journal import SHOWN_AS, What
from stasis_apps.live_call import prompts
from stasis_apps.live_call.callees import Callees
from stasis_apps.live_call.connection import Connection
from stasis_apps.live_call.legs import Leg, hang_up_channel, hang_up_leg
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.mailboxes import LiveMailboxes
from stasis_apps.live_call.ringback import Ringback
from stasis_apps.live_call.ringing import Ringing
from stasis_apps.live_call.room import CallRoom
from stasis_apps.live_call.rule_pins import is_known_pin
from stasis_apps.live_call.sounds import planned_sounds
from stasis_apps.live_call.webhooks import LiveWebhooks
from stasis_apps.occupancy import lines_of, talks_of
from stasis_apps.plan import NumberPlan, PlannedSound
from stasis_apps.services.pin_guesses import Guess

REFUSAL_TONE_S = 3.0
"""How long a caller who was answered already hears the busy or congestion tone before the end."""

CLEAN_UP_LIMIT_S = 10.0
"""How long a call's channels and bridges may take to go away at its end."""

FAULT_CAUSE = 38
"""Q.850 cause 38 (network out of order): told to a phone that we failed to connect."""

_TONES = {
    Reason.BUSY: "tone:busy",
    Reason.NO_ANSWER: "tone:busy",
    Reason.DECLINED: "tone:busy",
    Reason.UNREGISTERED: "tone:congestion",
    Reason.UNREACHABLE: "tone:congestion",
    Reason.NO_ROUTE: "tone:congestion",
    Reason.NO_SUCH_NUMBER: "tone:congestion",
    Reason.LOOP: "tone:congestion",
    Reason.REFUSED: "tone:congestion",
    Reason.BLOCKED: "tone:congestion",
    Reason.FAILED: "tone:congestion",
    Reason.ALL_BUSY: "tone:busy",
    Reason.NONE_REACHABLE: "tone:congestion",
    Reason.CARRIER_FAILED: "tone:congestion",
    Reason.NO_TRUNK: "tone:congestion",
    Reason.NO_CHANNEL: "tone:congestion",
    Reason.INVALID_NUMBER: "tone:congestion",
    Reason.FORBIDDEN: "tone:congestion",
    Reason.DESTINATION_CLOSED: "tone:congestion",
    Reason.FORWARDING_CLOSED: "tone:congestion",
    Reason.NIGHT_CLOSED: "tone:congestion",
    Reason.TOO_MANY_OUTSIDE: "tone:congestion",
    Reason.TOO_FAST: "tone:congestion",
    Reason.MINUTES_USED_UP: "tone:congestion",
    Reason.WRONG_PIN: "tone:congestion",
}


class LiveCall:
    """One caller, their plan, and what Asterisk holds for them. See `stasis_apps.call.Call`."""

    def __init__(self, line: Line, facts: CallFacts, plan: NumberPlan, room: CallRoom) -> None:
        self._line = line
        self._facts = facts
        self._plan = plan
        self._room = room
        self._how = HowCame.DIRECT
        self._element = ""
        self._caller_name = facts.caller.name
        self._connection = Connection(line)
        self._ringback = Ringback(line)
        self._began_at, self._began_s = room.now(), asyncio.get_running_loop().time()
        self._answered: list[Leg] = []
        self._mailboxes = LiveMailboxes(line, facts, plan, room.messages, room.mailboxes)

    @property
    def mailboxes(self) -> Mailboxes:
        """The voicemail of this tenant."""
        return self._mailboxes

    @property
    def webhooks(self) -> Webhooks:
        """The servers of this tenant, as they are asked where the call is now."""
        return LiveWebhooks(self._line, self._ringback, self._plan, self._room.servers, self.number)

    @property
    def facts(self) -> CallFacts:
        """Who calls and what they dialled."""
        return self._facts

    @property
    def how(self) -> HowCame:
        """How the call came to the element that runs."""
        return self._how

    @property
    def caller_name(self) -> str:
        """The name that phones which are rung now would show."""
        return self._caller_name

    @property
    def number(self) -> str:
        """The number of the element that runs."""
        return self._element

    def arrive(self, number: str, how: HowCame) -> None:
        """The call reaches the element behind a number."""
        self._element, self._how = number, how

    def caller_numbers(self) -> tuple[str, ...]:
        """The caller's number in all the ways to write it; none when it is hidden."""
        return ways_to_write(self._facts.caller.number, self._plan.tenant.country)

    def person(self, number: str) -> Person | None:
        """The user with this extension number, or None."""
        return self._plan.people.get(number)

    def lines_in_use(self, number: str) -> int:
        """On how many other calls the user is."""
        lines = lines_of(self._plan.tenant.id, number)
        return self._room.occupancy.calls(lines, but=self._line.call_id)

    def is_on_a_call(self, number: str) -> bool:
        """Whether the user has answered or places another call."""
        talks = talks_of(self._plan.tenant.id, number)
        return self._room.occupancy.calls(talks, but=self._line.call_id) > 0

    def turn(self) -> int:
        """How often calls came to the element that runs before this one."""
        return self._room.turns.take(self._plan.tenant.id, self._element)

    def calendar(self, name: str) -> Sequence[Holiday]:
        """The days of a calendar; none when there is no such."""
        return self._plan.calendars.get(name, ())

    def position(self, number: str) -> Position | None:
        """Which way the switch at an element is forced; "" is the element that runs."""
        return self._plan.position(number or self._element, self.now())

    def position_in_effect(self, number: str) -> Position:
        """Which way calls go at an element now; "" is the element that runs."""
        return self._plan.position_in_effect(number or self._element, self.now())

    async def set_position(
        self, number: str, position: Position | None, *, until_at: datetime | None = None
    ) -> None:
        """Throw the switch at an element for all calls that come."""
        caller = self._facts.caller.number
        await self._room.switches.throw(self._plan.tenant.name, number, position, caller, until_at)

    def show_caller_as(self, name: str) -> None:
        """From now on phones show this name."""
        self._caller_name = name
        self.note("the caller is shown with another name", **{SHOWN_AS: name})

    def go_on_shown_as(self, name: str) -> None:
        """Phones show the name that an earlier process had set."""
        self._caller_name = name

    def now(self) -> datetime:
        """The present moment in the tenant's time zone; no correction of clocks is seen in it."""
        passed = timedelta(seconds=asyncio.get_running_loop().time() - self._began_s)
        return (self._began_at + passed).astimezone(self._plan.tenant.timezone)

    def extensions(self) -> Sequence[str]:
        """The numbers of all users of this tenant."""
        return self._plan.extensions

    def note(self, reason: str, **facts: str | float | bool | None) -> None:
        """Write into the journal why the element decides as it does."""
        self._line.journal.write(What.NOTED, reason=reason, **facts)  # type: ignore[arg-type] # a fact called reason or way_out is refused by Python

    async def answer(self) -> None:
        """Pick up, once."""
        if not self._line.is_answered:
            await self._line.command(self._line.channel.answer())
            self._line.is_answered = True
            self._line.journal.write(What.PICKED_UP)

    async def play(self, *sounds: SoundName) -> None:
        """Let the caller hear prompts to their end."""
        await self._ringback.stop()
        await prompts.play_to_end(self._line, self._sounds(sounds))
        self._line.journal.write(What.PLAYED, sound=" ".join(sounds))

    async def ask(
        self,
        *sounds: SoundName,
        wants_more: Callable[[str], bool],
        clocks: DigitClocks,
        barge_in: bool,
    ) -> str:
        """Play prompts and collect keys; the journal tells how many, never which."""
        await self._ringback.stop()
        pressed = await prompts.ask(
            self._line,
            self._sounds(sounds),
            wants_more=wants_more,
            clocks=clocks,
            barge_in=barge_in,
        )
        self._line.journal.write(What.ASKED, sound=" ".join(sounds), keys_pressed=len(pressed))
        return pressed

    async def last_dialled(self) -> str:
        """What this phone dialled before this call: a number, never a code."""
        return await self._room.last_dialled.number(self._plan, self._facts.caller.device)

    async def dial(self, parties: Sequence[Party], *, ring_s: float) -> DialResult:
        """Ring these parties; the first to answer wins."""
        ringing = Ringing(self._line, self._connection, self._ringback, self._callees())
        ended = await ringing.run(parties, ring_s=ring_s)
        if isinstance(ended, Leg):
            self._own(ended)
            return Answered(ended.channel.id, ended.device.endpoint, ended.device.extension)
        await self._connection.close()
        return NotAnswered(outcome_of_all(ended), tuple(ended))

    def leave(self, party: Party) -> Leave:
        """How this outside party would leave, by the rules."""
        return self._callees().ways.leave(party)

    async def is_pin_of_rule(self, rule: str, pin: str) -> bool:
        """Whether this is the PIN of an outbound rule; after many wrong ones, none is."""
        guess = Guess(tenant_id=self._plan.tenant.id, device=self._facts.caller.device, rule=rule)
        return await is_known_pin(self._line, self._plan, self._room, guess, pin, at=self.now())

    async def wait(self, wait_s: float) -> None:
        """Let the caller hear ringback for so long, while nobody rings."""
        await self._ringback.start()
        until = asyncio.get_running_loop().time() + wait_s
        while await self._line.next_event(until=until) is not None:
            pass

    async def talk(self, answered: Answered) -> NoReturn:
        """Connect the caller with the leg that answered, until one of them hangs up."""
        leg = next(leg for leg in self._answered if leg.channel.id == answered.leg_id)
        try:
            await self._connection.talk(leg)
        except AriError:
            self._room.let_go(leg.channel.id)
            await hang_up_leg(leg, FAULT_CAUSE)
            leg.end(LegOutcome.UNREACHABLE)
            await self._connection.close()
            raise

    def take_over(self, leg: Leg, connection: Connection) -> None:
        """Own a talk that stood before this process began, and clean it up at its end."""
        self._own(leg)
        self._connection = connection

    def _own(self, leg: Leg) -> None:
        """Whoever has answered is on a call until they are hung up.

        A leg outside has taken up its trunk's channel when it was made.
        """
        self._answered.append(leg)
        if leg.trunk:
            return
        for what in (lines_of, talks_of):
            number = leg.device.extension
            self._room.occupancy.hold(what(self._plan.tenant.id, number), leg.channel.id)

    def _callees(self) -> Callees:
        return Callees(
            self._plan,
            self._facts,
            self._room,
            self._line.journal,
            caller_name=self._caller_name,
            now=self.now,
        )

    async def hang_up(self, reason: Reason, *, cause: int | None = None) -> NoReturn:
        """End the call; a caller who was answered hears a tone first when it is a refusal."""
        end = ended_by_plan(reason)
        if cause is not None:
            end = CallEnd(by=end.by, reason=reason, cause=cause)
        await self._ringback.stop()
        if self._line.is_answered and reason in _TONES:
            await self._play_tone(_TONES[reason])
        raise CallEnded(end)

    async def close(self, end: CallEnd) -> None:
        """Leave nothing behind: hang up whoever is left, then take the bridge down.

        Runs to its end even when the task is being cancelled, within `CLEAN_UP_LIMIT_S`. Nobody
        counts as being on a call because Asterisk is slow to end it.
        """
        for leg in self._answered:
            self._room.let_go(leg.channel.id)
        await asyncio.shield(asyncio.wait_for(self._close(end), CLEAN_UP_LIMIT_S))

    async def _close(self, end: CallEnd) -> None:
        for leg in self._answered:
            await hang_up_leg(leg, end.cause)
        if not self._line.is_gone:
            await hang_up_channel(self._line.ari, self._line.channel.id, end.cause)
        await self._connection.close()

    async def _play_tone(self, media: str) -> None:
        tone = PlannedSound(media=media, duration_s=REFUSAL_TONE_S)
        try:
            await prompts.play_for(self._line, tone, REFUSAL_TONE_S)
        except SoundUnplayable:
            self.note("the refusal tone could not be played")

    def _sounds(self, names: Sequence[SoundName]) -> Sequence[PlannedSound]:
        return planned_sounds(names, self._plan, self._mailboxes.sound)
