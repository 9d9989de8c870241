"""What the fake does when bridges are made, filled, played to and destroyed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ari_client.generated import models
from ari_client.testing.requests import Command, Request, World, recording_of
from ari_client.testing.state import FakeBridge, FakeChannel, Refusal

BRIDGE_TYPES: Final = frozenset({"mixing", "holding"})


def _bridge(world: World, request: Request) -> FakeBridge:
    found = world.switchboard.bridges.get(request.ids[0])
    if found is None:
        raise Refusal(404, "Bridge not found")
    return found


async def _list_bridges(world: World, _request: Request) -> tuple[models.Bridge, ...]:
    return tuple(each.model() for each in world.switchboard.bridges.values())


async def _get_bridge(world: World, request: Request) -> models.Bridge:
    return _bridge(world, request).model()


async def _create_bridge(world: World, request: Request) -> models.Bridge:
    given = request.ids[0] if request.ids else request.text("bridgeId")
    id_ = given or world.switchboard.next_id()
    if id_ in world.switchboard.bridges:
        raise Refusal(409, f"Bridge with id '{id_}' already exists")
    type_ = request.text("type", "mixing").split(",")[0]
    if type_ not in BRIDGE_TYPES:
        raise Refusal(500, "Unable to create bridge")
    applications = world.switchboard.applications.all()
    app = applications[0].name if applications else ""
    bridge = FakeBridge(id_, app, type_, request.text("name"), datetime.now(UTC))
    world.switchboard.bridges[id_] = bridge
    return bridge.model()


async def _destroy_bridge(world: World, request: Request) -> None:
    world.switchboard.destroy_bridge(_bridge(world, request))


def _named_channels(world: World, request: Request) -> list[FakeChannel]:
    channels = world.switchboard.channels
    names = request.texts("channel")
    if not names or any(name not in channels for name in names):
        raise Refusal(400, "Channel not found")
    return [channels[name] for name in names]


async def _add_channel(world: World, request: Request) -> None:
    bridge = _bridge(world, request)
    added = _named_channels(world, request)
    if not all(each.in_stasis for each in added):
        raise Refusal(422, "Channel not in Stasis application")
    for channel in added:
        if await world.media.silence(channel):
            world.switchboard.enter_bridge(channel, _bridge(world, request))
    bridge.app = added[0].app


async def _remove_channel(world: World, request: Request) -> None:
    bridge = _bridge(world, request)
    removed = _named_channels(world, request)
    if not all(each.bridge_id == bridge.id for each in removed):
        raise Refusal(422, "Channel not in this bridge")
    for channel in removed:
        if await world.media.silence(channel):
            world.switchboard.leave_bridge(channel)


async def _start_music(world: World, request: Request) -> None:
    _bridge(world, request).music_class = request.text("mohClass", "default")


async def _stop_music(world: World, request: Request) -> None:
    _bridge(world, request).music_class = None


async def _play_to_bridge(world: World, request: Request) -> models.Playback:
    bridge = _bridge(world, request)
    id_ = request.ids[1] if len(request.ids) > 1 else request.text("playbackId")
    id_ = id_ or world.switchboard.next_id()
    uri = f"bridge:{bridge.id}"
    return world.media.play(bridge.app, uri, None, id_, request.texts("media")).model()


async def _record_bridge(world: World, request: Request) -> models.LiveRecording:
    bridge = _bridge(world, request)
    recording = recording_of(request, bridge.app, f"bridge:{bridge.id}")
    world.media.record(recording, None)
    return recording.model()


BRIDGE_COMMANDS: Final[Mapping[str, Command]] = {
    "GET /bridges": _list_bridges,
    "POST /bridges": _create_bridge,
    "GET /bridges/{}": _get_bridge,
    "POST /bridges/{}": _create_bridge,
    "DELETE /bridges/{}": _destroy_bridge,
    "POST /bridges/{}/addChannel": _add_channel,
    "POST /bridges/{}/removeChannel": _remove_channel,
    "POST /bridges/{}/moh": _start_music,
    "DELETE /bridges/{}/moh": _stop_music,
    "POST /bridges/{}/play": _play_to_bridge,
    "POST /bridges/{}/play/{}": _play_to_bridge,
    "POST /bridges/{}/record": _record_bridge,
}
