"""Trunks that have just been silent: for a while they are tried last."""

from __future__ import annotations

import asyncio

from stasis_apps.decisions.trunk_choice import SILENT_TRUNK_RESTS_S


class TrunkRest:
    """Remembers them for all calls of the process, by the trunk's endpoint."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def rest(self, endpoint: str) -> None:
        """The trunk gave no sign of life; the next calls try others first."""
        self._until[endpoint] = _clock() + SILENT_TRUNK_RESTS_S

    def is_resting(self, endpoint: str) -> bool:
        """Whether it was silent a moment ago."""
        if self._until.get(endpoint, 0.0) > _clock():
            return True
        self._until.pop(endpoint, None)
        return False


def _clock() -> float:
    return asyncio.get_running_loop().time()
