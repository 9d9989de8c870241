"""SimulatedCall: the live call, with a caller who does what the scenario says."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from stasis_apps.call import Answered, CallFacts, SoundName
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.live_call import LiveCall
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.room import CallRoom
from stasis_apps.plan import NumberPlan, PlannedSound
from stasis_apps.simulation.asterisk import CALLER_ID, SimulatedAsterisk

PRESSES_AFTER_S: Final = 0.5
"""How long after the question somebody presses the keys they have made up their mind about."""

TALKS_S: Final = 60.0
"""When the caller hangs up in a talk that nobody else ends."""


class SimulatedCall(LiveCall):
    """A live call in all its verbs; only the caller's hands are moved from here."""

    def __init__(
        self,
        line: Line,
        facts: CallFacts,
        plan: NumberPlan,
        room: CallRoom,
        *,
        asterisk: SimulatedAsterisk,
    ) -> None:
        super().__init__(line, facts, plan, room)
        self._keys_left = line.keys
        self._asterisk = asterisk
        self._presses = deque(asterisk.scenario.keys)

    async def ask(
        self,
        *sounds: SoundName,
        wants_more: Callable[[str], bool],
        clocks: DigitClocks,
        barge_in: bool,
    ) -> str:
        """Let the caller press the next keys of the scenario, unless some are left of the last."""
        if self._presses and self._wants_more_than_is_left(wants_more):
            time_s = self._lasts_s(sounds) + clocks.first_s
            keys = self._presses.popleft()
            self._asterisk.later(min(PRESSES_AFTER_S, time_s / 2), CALLER_ID, keys)
        return await super().ask(*sounds, wants_more=wants_more, clocks=clocks, barge_in=barge_in)

    async def talk(self, answered: Answered) -> NoReturn:
        """Talk until the callee hangs up, or else the caller does."""
        scenario, doing = self._asterisk.scenario, self._asterisk.doing_of(answered.leg_id)
        loop, hang_up = asyncio.get_running_loop(), self._asterisk.fake.hang_up
        if doing.talks_s is not None:
            loop.call_later(doing.talks_s, hang_up, answered.leg_id)
        elif scenario.hangs_up_after_s is None:
            loop.call_later(TALKS_S, hang_up, CALLER_ID)
        await super().talk(answered)

    def _sounds(self, names: Sequence[SoundName]) -> Sequence[PlannedSound]:
        """What is played; the caller knows it by the names that elements have for it."""
        sounds: list[PlannedSound] = []
        self._asterisk.about_to_play.clear()
        for name in names:
            parts = super()._sounds([name])
            called = [name, *("" for _ in parts[1:])]
            media = [part.media for part in parts]
            self._asterisk.about_to_play.extend(zip(media, called, strict=True))
            sounds += parts
        return sounds

    def _lasts_s(self, names: Sequence[SoundName]) -> float:
        """How long prompts take.

        Raises:
            SoundUnplayable: There is no such prompt.
        """
        return sum(self._asterisk.length_s(sound.media) for sound in super()._sounds(names))

    def _wants_more_than_is_left(self, wants_more: Callable[[str], bool]) -> bool:
        pressed = ""
        for key in self._keys_left:
            if not wants_more(pressed):
                return False
            pressed += key
        return wants_more(pressed)
