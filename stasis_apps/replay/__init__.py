"""Recorded calls made again, through the plan as it is and through the plan as it would be."""

from stasis_apps.replay.comparing import Difference, Reenacted, Replay, Untold
from stasis_apps.replay.recalling import NotRecalled, RecalledCall, recalled
from stasis_apps.replay.replaying import Replayed, replay

__all__ = [
    "Difference",
    "NotRecalled",
    "RecalledCall",
    "Reenacted",
    "Replay",
    "Replayed",
    "Untold",
    "recalled",
    "replay",
]
