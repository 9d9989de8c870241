"""Names for the things Asterisk keeps, chosen by us before the request leaves.

An id of ours opens with the id of its call, so that whoever finds it in Asterisk later, after a
restart perhaps, knows which call it belongs to. A call is named after its caller's channel.
"""

from __future__ import annotations

import secrets
from typing import Final, NewType

ChannelId = NewType("ChannelId", str)
BridgeId = NewType("BridgeId", str)
PlaybackId = NewType("PlaybackId", str)
RecordingId = NewType("RecordingId", str)

MARK: Final = "~"
"""Stands between call, kind and number; Asterisk's own ids never hold it."""


FAR_HALF: Final = ";2"
"""What Asterisk puts behind our id of a Local channel, for its other half."""


def new_leg_id(call_id: str) -> ChannelId:
    """A fresh id for a channel that the call dials."""
    return ChannelId(_fresh(call_id, "leg"))


def new_bridge_id(call_id: str) -> BridgeId:
    """A fresh id for a bridge; never used twice, because Asterisk remembers dead bridges."""
    return BridgeId(_fresh(call_id, "bridge"))


def new_playback_id(call_id: str) -> PlaybackId:
    """A fresh id for a prompt that the call plays."""
    return PlaybackId(_fresh(call_id, "play"))


def new_recording_id(call_id: str) -> RecordingId:
    """A fresh name for a recording that the call makes."""
    return RecordingId(_fresh(call_id, "rec"))


def call_of(id_: str) -> str:
    """The call that an id belongs to; a channel of somebody else's making is its own call."""
    return id_.partition(MARK)[0]


def is_far_half(channel_id: str) -> bool:
    """Whether it is the other half of a Local channel: no application may touch it.

    Asterisk names it after the half that we made; it comes and goes with that.
    """
    return channel_id.endswith(FAR_HALF)


def _fresh(call_id: str, kind: str) -> str:
    return f"{call_id}{MARK}{kind}{MARK}{secrets.token_hex(4)}"
