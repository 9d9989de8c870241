"""A bridge that exists: where channels hear one another, or music."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from ari_client.creating import create_once
from ari_client.generated import models
from ari_client.ids import BridgeId, PlaybackId, RecordingId
from ari_client.playback import Playback
from ari_client.recording import Recording

if TYPE_CHECKING:
    from ari_client.client import AriClient


@dataclass(frozen=True, slots=True)
class Bridge:
    """One bridge; every verb raises `ResourceGone` when it has been destroyed."""

    ari: AriClient
    id: BridgeId

    @classmethod
    async def create(cls, ari: AriClient, id_: BridgeId, *, type_: str = "mixing") -> Self:
        """Make a bridge.

        Args:
            ari: The Asterisk.
            id_: Ours, and never used before: ids of dead bridges live on in Asterisk.
            type_: `mixing`, `holding`, or more, comma-separated (`mixing,proxy_media`).
        """
        await create_once(
            lambda: ari.bridges.create_with_id(id_, type=type_),
            lambda: ari.bridges.get(id_),
        )
        return cls(ari, id_)

    async def get(self) -> models.Bridge:
        """The bridge as it is now."""
        return await self.ari.bridges.get(self.id)

    async def add(
        self,
        *channel_ids: str,
        role: Literal["announcer", "participant"] | None = None,
        mute: bool | None = None,
        introduces: bool = True,
    ) -> None:
        """Let these channels in; waits for their playbacks to end, so stop those first.

        Args:
            channel_ids: One or more channels in our application.
            role: In a holding bridge.
            mute: Whether they are heard by nobody.
            introduces: Whether each phone is told who the other is; with a phone that was answered
                already this takes a re-INVITE.

        Raises:
            AriRefused: status 400: one of them does not exist.
            WrongState: one of them is not in our application.
        """
        await self.ari.bridges.add_channel(
            self.id,
            channel=channel_ids,
            role=role,
            mute=mute,
            inhibit_connected_line_updates=None if introduces else True,
        )

    async def remove(self, *channel_ids: str) -> None:
        """Let these channels out; they stay in our application."""
        await self.ari.bridges.remove_channel(self.id, channel=channel_ids)

    async def start_music(self, music_class: str | None = None) -> None:
        """Let all in it hear music on hold."""
        await self.ari.bridges.start_moh(self.id, moh_class=music_class)

    async def stop_music(self) -> None:
        """No more music on hold."""
        await self.ari.bridges.stop_moh(self.id)

    async def play(self, media: str | Sequence[str], playback_id: PlaybackId) -> Playback:
        """Play to all in it; costs two channels more, so play to the channels where possible."""
        await self.ari.bridges.play_with_id(
            self.id, playback_id, media=(media,) if isinstance(media, str) else media
        )
        return Playback(self.ari, playback_id)

    async def record(
        self, recording_id: RecordingId, *, format_: str = "wav", longest_s: float = 0.0
    ) -> Recording:
        """Start to record all that is said in it.

        Args:
            recording_id: Ours and fresh; also the name of the file.
            format_: Extension of the file.
            longest_s: Ends it, rounded up to whole seconds; 0 for no limit.
        """
        await self.ari.bridges.record(
            self.id, name=recording_id, format=format_, max_duration_seconds=math.ceil(longest_s)
        )
        return Recording(self.ari, recording_id)

    async def destroy(self) -> None:
        """End it; hang its channels up first, and destroy one bridge at a time."""
        await self.ari.bridges.destroy(self.id)
