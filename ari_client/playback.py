"""A playback that is running: a prompt somebody hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ari_client.generated import models
from ari_client.ids import PlaybackId

if TYPE_CHECKING:
    from ari_client.client import AriClient


@dataclass(frozen=True, slots=True)
class Playback:
    """One playback; every verb raises `ResourceGone` when it has ended."""

    ari: AriClient
    id: PlaybackId

    async def get(self) -> models.Playback:
        """The playback as it is now."""
        return await self.ari.playbacks.get(self.id)

    async def stop(self) -> None:
        """Break off; PlaybackFinished follows."""
        await self.ari.playbacks.stop(self.id)

    async def pause(self) -> None:
        """Fall silent until `resume`."""
        await self.ari.playbacks.control(self.id, operation="pause")

    async def resume(self) -> None:
        """Go on after `pause`."""
        await self.ari.playbacks.control(self.id, operation="unpause")
