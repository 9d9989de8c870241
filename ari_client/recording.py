"""A recording: while it is being made, and when it lies on Asterisk's disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ari_client.generated import models
from ari_client.ids import RecordingId

if TYPE_CHECKING:
    from ari_client.client import AriClient


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording; every verb raises `ResourceGone` when there is none of its name."""

    ari: AriClient
    id: RecordingId

    async def get(self) -> models.LiveRecording:
        """The recording that is being made."""
        return await self.ari.recordings.get_live(self.id)

    async def stop(self) -> None:
        """End it and keep it; RecordingFinished follows."""
        await self.ari.recordings.stop(self.id)

    async def discard(self) -> None:
        """End it and keep nothing."""
        await self.ari.recordings.cancel(self.id)

    async def pause(self) -> None:
        """Record nothing until `resume`."""
        await self.ari.recordings.pause(self.id)

    async def resume(self) -> None:
        """Go on after `pause`."""
        await self.ari.recordings.unpause(self.id)

    async def download(self) -> bytes:
        """The finished recording, as a file of its format."""
        return await self.ari.recordings.get_stored_file(self.id)

    async def delete(self) -> None:
        """Remove the finished recording from Asterisk's disk."""
        await self.ari.recordings.delete_stored(self.id)
