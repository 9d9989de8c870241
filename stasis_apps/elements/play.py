"""Play: let the caller hear a prompt and go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, SoundName, Target
from stasis_apps.element import SOUND, TARGET, element

NEXT = Exit("next")


@element(
    "play",
    settings={
        "sound": {**SOUND, "description": "The prompt to play"},
        "next": {**TARGET, "description": "Where the call goes after the prompt"},
        "failed": {**TARGET, "description": "Where the call goes when the prompt cannot be played"},
    },
    required=("sound",),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Answer, play a prompt to its end, and go on.

    Exits: ``next`` after the prompt; ``failed``.
    """

    sound: SoundName
    next: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """On after the prompt."""
        return {NEXT: self.next, FAILED: self.failed}

    async def run(self, call: Call) -> Exit | GoTo:
        """Play the prompt; a caller who hangs up meanwhile is gone."""
        await call.answer()
        await call.play(self.sound)
        return NEXT
