"""Greeting: play a prompt and let the caller choose by pressing keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, SoundName, Target
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.menu import (
    AskAgain,
    Attempts,
    Choose,
    GiveUp,
    MenuRules,
    Problem,
    may_dial,
)
from stasis_apps.element import END, SOUND, TARGET, element

_NUMBERS = {
    "type": "array",
    "items": {"type": "string", "pattern": r"^[0-9]{1,6}\+?" + END},
    "uniqueItems": True,
}


INVALID_OPTION = SoundName("asterisk:pbx-invalid")


@element(
    "greeting",
    settings={
        "sound": {**SOUND, "description": "The prompt that says what the keys do"},
        "repeat_sound": {**SOUND, "description": "A shorter prompt for later attempts"},
        "invalid_sound": {
            **SOUND,
            "default": INVALID_OPTION,
            "description": "Played after a wrong key, before asking again",
        },
        "no_input_sound": {**SOUND, "description": "Played after silence, before asking again"},
        "success_sound": {**SOUND, "description": "Played after a valid choice"},
        "keys": {
            "type": "object",
            "propertyNames": {"pattern": r"^[0-9*#]{1,8}" + END},
            "additionalProperties": TARGET,
            "description": "What to press, and where that leads",
        },
        "direct_dial": {
            "type": "boolean",
            "default": False,
            "description": "Whether callers may dial an extension number right away",
        },
        "direct_dial_allow": {
            **_NUMBERS,
            "description": "Only these extensions; 1+ means all that begin with 1; empty means all",
        },
        "direct_dial_deny": {**_NUMBERS, "description": "Never these extensions"},
        "first_digit_s": {
            "type": "number",
            "minimum": 0.5,
            "maximum": 60,
            "default": 5,
            "description": "Seconds of silence after the prompt that count as no input",
        },
        "next_digit_s": {
            "type": "number",
            "minimum": 0.5,
            "maximum": 30,
            "default": 2,
            "description": "Seconds to wait for a further key where one could follow",
        },
        "max_no_input": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10,
            "default": 3,
            "description": "Silent attempts before the call leaves by no_input",
        },
        "max_invalid": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10,
            "default": 3,
            "description": "Wrong attempts before the call leaves by invalid",
        },
        "barge_in": {
            "type": "boolean",
            "default": True,
            "description": "Whether a key stops the prompt",
        },
        "no_input": {**TARGET, "description": "Where silent callers go"},
        "invalid": {**TARGET, "description": "Where callers go who press wrong keys"},
        "failed": {**TARGET, "description": "Where the call goes when a prompt cannot be played"},
    },
    required=("sound",),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """Ask until the caller names an option or runs out of attempts.

    Silence and wrong keys are counted apart. A key acts at once when no longer option begins with
    it; ``#`` ends an entry early.

    Exits: each key; ``no_input`` and ``invalid`` after the last attempt of their kind; ``failed``.
    """

    sound: SoundName
    repeat_sound: SoundName | None = None
    invalid_sound: SoundName = INVALID_OPTION
    no_input_sound: SoundName | None = None
    success_sound: SoundName | None = None
    keys: Mapping[str, Target] = field(default_factory=lambda: MappingProxyType({}))
    direct_dial: bool = False
    direct_dial_allow: tuple[str, ...] = ()
    direct_dial_deny: tuple[str, ...] = ()
    first_digit_s: float = 5.0
    next_digit_s: float = 2.0
    max_no_input: int = 3
    max_invalid: int = 3
    barge_in: bool = True
    no_input: Target = NOWHERE
    invalid: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """One way out for each key, and three for callers who name none."""
        named = {
            Exit(Problem.NO_INPUT): self.no_input,
            Exit(Problem.INVALID): self.invalid,
            FAILED: self.failed,
        }
        return {**{Exit(key): target for key, target in self.keys.items()}, **named}

    async def run(self, call: Call) -> Exit | GoTo:
        """Answer, then ask until there is an answer or the patience ends."""
        dialable = frozenset(self._directly_dialable(call))
        rules = MenuRules(
            options=frozenset(self.keys) | dialable,
            max_no_input=self.max_no_input,
            max_invalid=self.max_invalid,
        )
        await call.answer()
        so_far, prompt = Attempts(), self.sound
        while True:
            pressed = await self._ask(call, prompt, rules)
            match rules.decide(pressed, so_far):
                case Choose(option):
                    return await self._leave_by(call, option)
                case AskAgain(problem):
                    call.note(f"{self._nth(problem, so_far)}, asked again")
                    await self._apologise(call, problem)
                    so_far, prompt = so_far.after(problem), self.repeat_sound or self.sound
                case GiveUp(problem):
                    call.note(f"{self._nth(problem, so_far)}, gave up")
                    return Exit(problem)

    async def _ask(self, call: Call, prompt: SoundName, rules: MenuRules) -> str:
        clocks = DigitClocks(first_s=self.first_digit_s, next_s=self.next_digit_s)
        return await call.ask(
            prompt, wants_more=rules.wants_more, clocks=clocks, barge_in=self.barge_in
        )

    async def _leave_by(self, call: Call, option: str) -> Exit | GoTo:
        if self.success_sound:
            await call.play(self.success_sound)
        if option in self.keys:
            return Exit(option)
        return GoTo(Target(option), reason="dialled directly")

    def _nth(self, problem: Problem, so_far: Attempts) -> str:
        """What went wrong, for the how manieth time, and how often it may."""
        counts = so_far.after(problem)
        if problem is Problem.INVALID:
            return f"the keys are no option ({counts.invalid} of {self.max_invalid})"
        return f"nothing was pressed ({counts.silent} of {self.max_no_input})"

    async def _apologise(self, call: Call, problem: Problem) -> None:
        sound = self.invalid_sound if problem is Problem.INVALID else self.no_input_sound
        if sound:
            await call.play(sound)

    def _directly_dialable(self, call: Call) -> list[str]:
        if not self.direct_dial:
            return []
        allow, deny = self.direct_dial_allow, self.direct_dial_deny
        return [number for number in call.extensions() if may_dial(number, allow=allow, deny=deny)]
