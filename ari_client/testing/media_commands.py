"""What the fake does with playbacks and recordings that exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ari_client.generated import models
from ari_client.testing.requests import Command, Request, World
from ari_client.testing.state import FakeStored, Refusal


async def _get_playback(world: World, request: Request) -> models.Playback:
    return world.media.playback(request.ids[0]).model()


async def _stop_playback(world: World, request: Request) -> None:
    world.media.stop(world.media.playback(request.ids[0]))


async def _control_playback(world: World, request: Request) -> None:
    playback = world.media.playback(request.ids[0])
    match request.text("operation"):
        case "pause":
            world.media.pause(playback)
        case "unpause":
            world.media.resume(playback)
        case _:
            pass  # restart, forward and reverse: what they change cannot be seen here


async def _get_recording(world: World, request: Request) -> models.LiveRecording:
    return world.media.recording(request.ids[0]).model()


async def _stop_recording(world: World, request: Request) -> None:
    world.media.finish(world.media.recording(request.ids[0]))


async def _cancel_recording(world: World, request: Request) -> None:
    world.media.finish(world.media.recording(request.ids[0]), is_kept=False)


async def _pause_recording(world: World, request: Request) -> None:
    world.media.recording(request.ids[0]).state = "paused"


async def _resume_recording(world: World, request: Request) -> None:
    world.media.recording(request.ids[0]).state = "recording"


def _stored(world: World, request: Request) -> FakeStored:
    stored = world.media.stored.get(request.ids[0])
    if stored is None:
        raise Refusal(404, "Recording not found")
    return stored


async def _list_stored(world: World, _request: Request) -> tuple[models.StoredRecording, ...]:
    stored = world.media.stored
    return tuple(models.StoredRecording(name=name, format=stored[name].format) for name in stored)


async def _get_stored(world: World, request: Request) -> models.StoredRecording:
    return models.StoredRecording(name=request.ids[0], format=_stored(world, request).format)


async def _get_stored_file(world: World, request: Request) -> bytes:
    return _stored(world, request).file()


async def _delete_stored(world: World, request: Request) -> None:
    _stored(world, request)
    del world.media.stored[request.ids[0]]


MEDIA_COMMANDS: Final[Mapping[str, Command]] = {
    "GET /playbacks/{}": _get_playback,
    "DELETE /playbacks/{}": _stop_playback,
    "POST /playbacks/{}/control": _control_playback,
    "GET /recordings/live/{}": _get_recording,
    "DELETE /recordings/live/{}": _cancel_recording,
    "POST /recordings/live/{}/stop": _stop_recording,
    "POST /recordings/live/{}/pause": _pause_recording,
    "DELETE /recordings/live/{}/pause": _resume_recording,
    "GET /recordings/stored": _list_stored,
    "GET /recordings/stored/{}": _get_stored,
    "GET /recordings/stored/{}/file": _get_stored_file,
    "DELETE /recordings/stored/{}": _delete_stored,
}
