"""The tone by which a caller hears that somebody's phone rings, from the first ring to the last."""

from __future__ import annotations

from stasis_apps.live_call.line import Line


class Ringback:
    """One caller's ringback; goes on without a gap while others are rung after the first."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sounds = False
        self._has_heard_media = False

    async def start(self) -> None:
        """The caller hears ringback from now on; does nothing when they hear it already."""
        if not self._sounds:
            self._sounds = True
            await self._line.command(self._line.channel.ring())

    async def stop(self) -> None:
        """Silence, before the caller is to hear anything else.

        An unanswered caller's own phone makes the tone and stops by itself; one for whom sound
        flows already hears it from Asterisk, and it would drown out what follows.
        """
        sounded, self._sounds = self._sounds, False
        if sounded and (self._line.is_answered or self._has_heard_media):
            await self._line.command(self._line.channel.stop_ringing())

    async def give_way(self) -> None:
        """Stop for the callee's early media; later ringback is a tone of Asterisk's."""
        await self.stop()
        self._has_heard_media = True
