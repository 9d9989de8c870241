"""Who picks up a forwarded call is asked to press a key, which no machine does."""

from __future__ import annotations

import asyncio
from enum import Enum, auto

from ari_client import AriError, Notice, Playback, events
from ari_client.ids import new_playback_id
from stasis_apps.journal import What
from stasis_apps.live_call.legs import Leg
from stasis_apps.live_call.line import Line

CONFIRM_S = 12.0
"""How long somebody who has picked up may take to press the key."""

PROMPT = ("sound:followme/no-recording", "sound:followme/options")
""""You have an incoming call. Press 1 to accept this call, or 2 to reject it"; of Asterisk's."""

TAKE, REJECT = "1", "2"


class Answer(Enum):
    """What somebody said by a key."""

    TAKES = auto()
    REJECTS = auto()
    IS_WRONG = auto()


class Confirmation:
    """One question to one leg.

    Attributes:
        until: When the time for the key is over, on the event loop's clock.
    """

    def __init__(self, line: Line, leg: Leg, language: str) -> None:
        self._line = line
        self._leg = leg
        self._language = language
        self._playback = Playback(line.ari, new_playback_id(line.call_id))
        self.until = asyncio.get_running_loop().time() + CONFIRM_S

    async def ask(self) -> None:
        """Let them hear what to press; a prompt that cannot be played still leaves the key."""
        self._line.journal.write(What.NOTED, reason="asked to press 1", **self._leg.facts)
        try:
            await self._leg.channel.play(PROMPT, self._playback.id, language=self._language)
        except AriError:
            self._line.journal.write(What.FAULT, reason="the question could not be played")

    def hear_of(self, event: Notice) -> Answer | None:
        """The answer, once the leg's own keypad was touched."""
        match event:
            case events.ChannelDtmfReceived(channel=channel, digit=digit) if (
                channel.id == self._leg.channel.id
            ):
                return {TAKE: Answer.TAKES, REJECT: Answer.REJECTS}.get(digit, Answer.IS_WRONG)
            case _:
                return None

    async def stop(self) -> None:
        """Cut the prompt short: the leg takes no other command while it plays."""
        try:
            await self._playback.stop()
        except AriError:
            return  # it has ended by itself
