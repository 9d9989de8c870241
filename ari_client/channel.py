"""A channel that exists: what can be done with one telephone's end of a call."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from ari_client.creating import create_once
from ari_client.errors import AriRefused, ResourceGone
from ari_client.generated import models
from ari_client.ids import ChannelId, PlaybackId, RecordingId
from ari_client.playback import Playback
from ari_client.recording import Recording

if TYPE_CHECKING:
    from ari_client.client import AriClient


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel.

    Its end is told by ChannelDestroyed when we created it; of a caller who came through the
    dialplan, StasisEnd may be the last that is told.

    Every verb raises `ResourceGone` when the channel has hung up, `WrongState` when it has left
    our application, and `AriUnavailable` when Asterisk does not answer.
    """

    ari: AriClient
    id: ChannelId

    @classmethod
    async def create(
        cls,
        ari: AriClient,
        id_: ChannelId,
        *,
        endpoint: str,
        args: Sequence[str] = (),
        originator: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Self:
        """Make a leg that does not ring yet; claim its id first, dial after its StasisStart.

        Args:
            ari: The Asterisk.
            id_: The leg's id, ours and fresh.
            endpoint: Whom to dial later, `PJSIP/100@acme.test`.
            args: Arguments of the leg's StasisStart; no commas inside.
            originator: Channel whose codecs, language and linked id the leg takes over.
            variables: Channel variables.

        Raises:
            AriRefused: status 5xx: the endpoint is not registered, or not at all there.
        """

        async def create() -> object:
            return await ari.channels.create(
                endpoint=endpoint,
                app=ari.settings.app,
                app_args=",".join(args) or None,
                channel_id=id_,
                originator=originator,
                variables=variables,
            )

        await create_once(create, lambda: ari.channels.get(id_))
        return cls(ari, id_)

    async def get(self) -> models.Channel:
        """The channel as it is now."""
        return await self.ari.channels.get(self.id)

    async def dial(self, *, caller: str | None = None, timeout_s: float | None = None) -> None:
        """Let the telephone ring.

        Dial tells of ringing, early media and the answer; a refusal is told by ChannelDestroyed
        alone (cause, and `tech_cause` with the SIP status). Dial and ChannelStateChange come in
        no fixed order.

        Args:
            caller: The channel that hears of the leg's progress and whose number is shown.
            timeout_s: Asterisk hangs up when unanswered so long, rounded up to whole seconds;
                None for never. The cause it then gives varies by version: use a clock of your own.
        """
        timeout = math.ceil(timeout_s) if timeout_s is not None else None
        await self.ari.channels.dial(self.id, caller=caller, timeout=timeout)

    async def ring(self) -> None:
        """Let the caller hear ringing (180)."""
        await self.ari.channels.ring(self.id)

    async def stop_ringing(self) -> None:
        """Let the caller hear no more ringing."""
        await self.ari.channels.ring_stop(self.id)

    async def progress(self) -> None:
        """Open the way for sound before the answer (183)."""
        await self.ari.channels.progress(self.id)

    async def answer(self) -> None:
        """Answer; waits for a running playback to end, so stop that first.

        A caller who hangs up during that wait makes Asterisk answer 500: to us, `ResourceGone`.
        """
        try:
            await self.ari.channels.answer(self.id)
        except AriRefused as refused:
            if refused.status != 500:
                raise
            raise ResourceGone(404, refused.message, "answer") from refused

    async def hang_up(self, cause: int) -> None:
        """End it.

        Args:
            cause: Q.850: 16 normal, 17 busy, 21 declined, 26 answered elsewhere.
        """
        await self.ari.channels.hangup(self.id, reason_code=str(cause))

    async def play(
        self,
        media: str | Sequence[str],
        playback_id: PlaybackId,
        *,
        language: str | None = None,
        offset_s: float = 0.0,
    ) -> Playback:
        """Start to play; PlaybackFinished tells the end, and its state whether it was heard.

        Args:
            media: `sound:<absolute path without extension>` or several, played one after another.
            playback_id: Ours, fresh, and claimed if nobody claims the channel.
            language: Of the sounds; the channel's own when None.
            offset_s: Where in the first sound to begin.
        """
        await self.ari.channels.play_with_id(
            self.id,
            playback_id,
            media=(media,) if isinstance(media, str) else media,
            lang=language,
            offsetms=round(offset_s * 1000) or None,
        )
        return Playback(self.ari, playback_id)

    async def record(
        self,
        recording_id: RecordingId,
        *,
        format_: str = "wav",
        longest_s: float = 0.0,
        longest_silence_s: float = 0.0,
        beep: bool = False,
        terminate_on: Literal["none", "any", "*", "#"] = "none",
    ) -> Recording:
        """Start to record what this telephone says.

        Args:
            recording_id: Ours and fresh; also the name of the file.
            format_: Extension of the file.
            longest_s: Ends it, rounded up to whole seconds; 0 for no limit.
            longest_silence_s: Ends it, rounded up to whole seconds; 0 for no limit.
            beep: Whether a beep is heard first.
            terminate_on: The key that ends it.
        """
        await self.ari.channels.record(
            self.id,
            name=recording_id,
            format=format_,
            max_duration_seconds=math.ceil(longest_s),
            max_silence_seconds=math.ceil(longest_silence_s),
            beep=beep,
            terminate_on=terminate_on,
        )
        return Recording(self.ari, recording_id)

    async def start_music(self, music_class: str | None = None) -> None:
        """Let it hear music on hold."""
        await self.ari.channels.start_moh(self.id, moh_class=music_class)

    async def stop_music(self) -> None:
        """No more music on hold."""
        await self.ari.channels.stop_moh(self.id)

    async def mute(self, direction: Literal["both", "in", "out"] = "both") -> None:
        """Let nothing through: `in` is what the telephone says, `out` what it hears."""
        await self.ari.channels.mute(self.id, direction=direction)

    async def unmute(self, direction: Literal["both", "in", "out"] = "both") -> None:
        """Let it through again."""
        await self.ari.channels.unmute(self.id, direction=direction)

    async def send_digits(
        self, digits: str, *, between_s: float = 0.1, duration_s: float = 0.1
    ) -> None:
        """Press keys towards the telephone.

        Args:
            digits: 0-9, *, #, A-D.
            between_s: Pause between two keys.
            duration_s: Length of a tone.
        """
        await self.ari.channels.send_dtmf(
            self.id,
            dtmf=digits,
            between=round(between_s * 1000),
            duration=round(duration_s * 1000),
        )

    async def variable(self, name: str) -> str:
        """Value of a channel variable or function.

        Raises:
            ResourceGone: the channel has gone, or has no such variable.
        """
        return (await self.ari.channels.get_channel_var(self.id, variable=name)).value

    async def set_variables(self, variables: Mapping[str, str]) -> None:
        """Set channel variables or functions in one request."""
        await self.ari.channels.set_channel_vars(self.id, variables=variables)

    async def continue_in_dialplan(
        self,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
    ) -> None:
        """Give it back to the dialplan, behind Stasis() or where told."""
        await self.ari.channels.continue_in_dialplan(
            self.id, context=context, extension=extension, priority=priority
        )
