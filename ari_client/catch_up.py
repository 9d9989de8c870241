"""After a reconnect: tell each inbox what happened while no events came.

Asterisk keeps no events for a client that is away. What it still has is compared with what the
claims remember, and the difference is delivered as the events that would have told of it, without
timestamp. What has been heard of since the connect needs nothing: its further events come anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ari_client.errors import ResourceGone
from ari_client.generated import events, models, operations
from ari_client.routing import Claim, EventRouter, Kind, Resource


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Asterisk's channels and bridges at one moment, by id."""

    channels: Mapping[str, models.Channel]
    bridges: Mapping[str, models.Bridge]


async def catch_up(
    router: EventRouter,
    snapshot: Snapshot,
    playbacks: operations.Playbacks,
    recordings: operations.Recordings,
) -> None:
    """Deliver to each inbox what it missed.

    A gone channel is told by ChannelDestroyed with cause 0 (nobody knows why), a changed one by
    ChannelStateChange, what else is gone by BridgeDestroyed, PlaybackFinished, RecordingFinished.

    Raises:
        AriUnavailable: the connection went again; the next one asks anew.
    """
    for resource, claim in list(router.claims.items()):
        if claim.is_over or claim.connection == router.connection:
            continue
        missed = await _missed(resource, claim, snapshot, playbacks, recordings)
        # What was heard while asking is newer than the answer.
        if missed is not None and claim.connection != router.connection:
            _deliver(claim, missed)


def _deliver(claim: Claim, event: events.Event) -> None:
    match event:
        case events.ChannelStateChange(channel=channel):
            claim.channel = channel
        case _:
            claim.is_over = True
    for inbox in list(claim.inboxes):
        inbox.put(event)


async def _missed(
    resource: Resource,
    claim: Claim,
    snapshot: Snapshot,
    playbacks: operations.Playbacks,
    recordings: operations.Recordings,
) -> events.Event | None:
    match resource.kind:
        case Kind.CHANNEL:
            return _missed_of_channel(resource.id, claim.channel, snapshot)
        case Kind.BRIDGE:
            return _missed_of_bridge(resource.id, snapshot)
        case Kind.PLAYBACK:
            return await _missed_of_playback(resource.id, playbacks)
        case Kind.RECORDING:
            return await _missed_of_recording(resource.id, recordings)


def _missed_of_channel(
    id_: str, last_seen: models.Channel | None, snapshot: Snapshot
) -> events.Event | None:
    channel = snapshot.channels.get(id_)
    if channel is None:
        gone = last_seen or models.Channel(id=id_, state="Down")
        return events.ChannelDestroyed(channel=gone, cause=0, cause_txt="Unknown")
    if last_seen is not None and last_seen.state == channel.state:
        return None
    return events.ChannelStateChange(channel=channel)


def _missed_of_bridge(id_: str, snapshot: Snapshot) -> events.Event | None:
    if id_ in snapshot.bridges:
        return None
    return events.BridgeDestroyed(bridge=models.Bridge(id=id_))


async def _missed_of_playback(id_: str, playbacks: operations.Playbacks) -> events.Event | None:
    try:
        await playbacks.get(id_)
    except ResourceGone:
        return events.PlaybackFinished(playback=models.Playback(id=id_, state="done"))
    return None


async def _missed_of_recording(id_: str, recordings: operations.Recordings) -> events.Event | None:
    try:
        await recordings.get_live(id_)
    except ResourceGone:
        return events.RecordingFinished(recording=models.LiveRecording(name=id_, state="done"))
    return None
