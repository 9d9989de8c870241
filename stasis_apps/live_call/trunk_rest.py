"""Trunks that are tried last: those that have just been silent, and those known to be down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from ari_client import AriClient, AriError, ResourceGone
from stasis_apps.decisions.trunk_choice import SILENT_TRUNK_RESTS_S

ASKING_S: Final = 0.3
"""How long a call for help may wait to hear which trunks are down."""

_DOWN: Final = "offline"
"""What Asterisk says of an endpoint none of whose addresses answers, or where nobody registered."""


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


async def trunks_down(ari: AriClient, endpoints: Iterable[str]) -> frozenset[str]:
    """Which of these trunks Asterisk knows to be down; whatever it does not say in time is not.

    All are asked at once; this takes `ASKING_S` at most.
    """
    asked = tuple(endpoints)
    are_down = await asyncio.gather(*(_is_down(ari, endpoint) for endpoint in asked))
    return frozenset(one for one, is_down in zip(asked, are_down, strict=True) if is_down)


async def _is_down(ari: AriClient, endpoint: str) -> bool:
    try:
        async with asyncio.timeout(ASKING_S):
            found = await ari.endpoints.get("PJSIP", endpoint)
    except ResourceGone:
        return True  # Asterisk has no such trunk yet, or any more
    except (AriError, TimeoutError):
        return False
    return found.state == _DOWN


def _clock() -> float:
    return asyncio.get_running_loop().time()
