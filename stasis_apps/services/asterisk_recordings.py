"""Asterisk's stored recordings: fetched and thrown away through ARI."""

from __future__ import annotations

from typing import Final

from ari_client import AriClient, AriError, ResourceGone
from stasis_apps.services.messages import RecordingGone, RecordingsAway

_RUNS: Final = frozenset({"queued", "recording", "paused"})


class AsteriskRecordings:
    """The recordings of one Asterisk."""

    def __init__(self, ari: AriClient) -> None:
        self._ari = ari

    async def fetch(self, name: str) -> bytes:
        """The sound of a recording that has ended.

        Raises:
            RecordingGone: There is none.
            RecordingsAway: Asterisk does not answer, or still records.
        """
        try:
            await self._refuse_running(name)
            return await self._ari.recordings.get_stored_file(name)
        except ResourceGone as fault:
            raise RecordingGone(name) from fault
        except AriError as fault:
            raise RecordingsAway(str(fault)) from fault

    async def delete(self, name: str) -> None:
        """Throw a recording away; a missing one is no fault.

        Raises:
            RecordingsAway: Asterisk does not answer, or will not.
        """
        try:
            await self._ari.recordings.delete_stored(name)
        except ResourceGone:
            return
        except AriError as fault:
            raise RecordingsAway(str(fault)) from fault

    async def _refuse_running(self, name: str) -> None:
        """Asterisk hands out a file while it still writes to it; half a message is none."""
        try:
            live = await self._ari.recordings.get_live(name)
        except ResourceGone:
            return
        if live.state in _RUNS:
            raise RecordingsAway(f"recording {name} still runs")
