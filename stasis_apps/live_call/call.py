"""LiveCall: the verbs of a call, carried out on real channels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NoReturn

from ari_client import AriError
from stasis_apps.call import (
    Answered,
    CallEnded,
    CallFacts,
    DialResult,
    Endpoint,
    NotAnswered,
    SoundName,
    SoundUnplayable,
)
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import CallEnd, Reason, ended_by_plan
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.journal import What
from stasis_apps.live_call import prompts
from stasis_apps.live_call.connection import Connection
from stasis_apps.live_call.legs import Leg, hang_up_channel, hang_up_leg
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.ringing import Ringing
from stasis_apps.plan import NumberPlan, PlannedSound

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
}


class LiveCall:
    """One caller, their plan, and what Asterisk holds for them. See `stasis_apps.call.Call`."""

    def __init__(self, line: Line, facts: CallFacts, plan: NumberPlan) -> None:
        self._line = line
        self._facts = facts
        self._plan = plan
        self._connection = Connection(line)
        self._answered: list[Leg] = []

    @property
    def facts(self) -> CallFacts:
        """Who calls and what they dialled."""
        return self._facts

    def now(self) -> datetime:
        """The present moment in the tenant's time zone."""
        return datetime.now(UTC).astimezone(self._plan.tenant.timezone)

    def extensions(self) -> Sequence[str]:
        """The numbers of all users of this tenant."""
        return self._plan.extensions

    def note(self, reason: str) -> None:
        """Write into the journal why the element decides as it does."""
        self._line.journal.write(What.NOTED, reason=reason)

    async def answer(self) -> None:
        """Pick up, once."""
        if not self._line.is_answered:
            await self._line.command(self._line.channel.answer())
            self._line.is_answered = True
            self._line.journal.write(What.PICKED_UP)

    async def play(self, sound: SoundName) -> None:
        """Let the caller hear a prompt to its end."""
        await prompts.play_to_end(self._line, self._sound(sound))
        self._line.journal.write(What.PLAYED, sound=sound)

    async def ask(
        self,
        sound: SoundName,
        *,
        wants_more: Callable[[str], bool],
        clocks: DigitClocks,
        barge_in: bool,
    ) -> str:
        """Play a prompt and collect keys; the journal tells how many, never which."""
        pressed = await prompts.ask(
            self._line, self._sound(sound), wants_more=wants_more, clocks=clocks, barge_in=barge_in
        )
        self._line.journal.write(What.ASKED, sound=sound, keys_pressed=len(pressed))
        return pressed

    async def dial(self, endpoints: Sequence[Endpoint], *, ring_s: float) -> DialResult:
        """Ring these devices at once; the first to answer wins."""
        ringing = Ringing(self._line, self._connection)
        devices = [self._plan.device(endpoint) for endpoint in endpoints]
        winner = await ringing.run(devices, self._facts.caller, ring_s=ring_s)
        if isinstance(winner, Leg):
            self._answered.append(winner)
            return Answered(winner.channel.id, winner.device.endpoint)
        await self._connection.close()
        return NotAnswered(winner)

    async def talk(self, answered: Answered) -> NoReturn:
        """Connect the caller with the leg that answered, until one of them hangs up."""
        leg = next(leg for leg in self._answered if leg.channel.id == answered.leg_id)
        try:
            await self._connection.talk(leg)
        except AriError:
            await hang_up_leg(leg, FAULT_CAUSE)
            leg.end(LegOutcome.UNREACHABLE)
            await self._connection.close()
            raise

    def take_over(self, leg: Leg, connection: Connection) -> None:
        """Own a talk that stood before this process began, and clean it up at its end."""
        self._answered.append(leg)
        self._connection = connection

    async def hang_up(self, reason: Reason, *, cause: int | None = None) -> NoReturn:
        """End the call; a caller who was answered hears a tone first when it is a refusal."""
        end = ended_by_plan(reason)
        if cause is not None:
            end = CallEnd(by=end.by, reason=reason, cause=cause)
        if self._line.is_answered and reason in _TONES:
            await self._play_tone(_TONES[reason])
        raise CallEnded(end)

    async def close(self, end: CallEnd) -> None:
        """Leave nothing behind: hang up whoever is left, then take the bridge down.

        Runs to its end even when the task is being cancelled, within `CLEAN_UP_LIMIT_S`.
        """
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

    def _sound(self, name: SoundName) -> PlannedSound:
        sound = self._plan.sound(name)
        if sound is None:
            message = f"there is no sound {name}"
            raise SoundUnplayable(message)
        return sound
