"""What the fake does when a channel is created, dialled, answered, played to, hung up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ari_client.generated import events, models
from ari_client.testing.requests import Command, Request, World, recording_of
from ari_client.testing.state import FakeChannel, Refusal
from ari_client.testing.switchboard import LOCAL, STASIS_START_S, channel_name

REASONS: Final[Mapping[str, int]] = {
    "normal": 16,
    "busy": 17,
    "congestion": 34,
    "no_answer": 19,
    "timeout": 102,
    "rejected": 21,
    "answered_elsewhere": 26,
}


def _new_channel(world: World, request: Request, id_: str) -> FakeChannel:
    endpoint = request.text("endpoint")
    is_local = endpoint.startswith(LOCAL)
    if not is_local and not world.switchboard.phone(endpoint).is_registered:
        raise Refusal(500, "Allocation failed")
    channel = FakeChannel(
        id=id_ or world.switchboard.next_id(),
        name=channel_name(endpoint, len(world.switchboard.channels)),
        app=request.text("app"),
        created_at=datetime.now(UTC),
        endpoint=endpoint,
        is_created=True,
        args=request.texts("appArgs"),
        variables=request.pairs("variables"),
    )
    world.switchboard.add(channel)
    if is_local:
        world.switchboard.add_far_half(channel)
    return channel


async def _list_channels(world: World, _request: Request) -> tuple[models.Channel, ...]:
    return tuple(each.model() for each in world.switchboard.channels.values())


async def _get_channel(world: World, request: Request) -> models.Channel:
    return world.switchboard.channel(request.ids[0]).model()


async def _create(world: World, request: Request) -> models.Channel:
    channel = _new_channel(world, request, request.text("channelId"))
    loop = asyncio.get_running_loop()
    loop.call_later(STASIS_START_S, world.switchboard.enter_stasis, channel)
    return channel.model()


async def _originate(world: World, request: Request) -> models.Channel:
    id_ = request.ids[0] if request.ids else request.text("channelId")
    channel = _new_channel(world, request, id_)
    loop = asyncio.get_running_loop()
    timeout_s = float(request.text("timeout", "30"))
    loop.call_soon(world.switchboard.dial, channel, None, max(0.0, timeout_s))
    return channel.model()


async def _dial(world: World, request: Request) -> None:
    channel = world.switchboard.channel(request.ids[0])
    if channel.state != "Down":
        raise Refusal(409, "Channel is not in the 'Down' state")
    if not channel.in_stasis:
        return  # Asterisk says yes, and the telephone never rings
    caller = world.switchboard.channels.get(request.text("caller"))
    loop = asyncio.get_running_loop()
    loop.call_soon(world.switchboard.dial, channel, caller, request.number("timeout"))


async def _hang_up(world: World, request: Request) -> None:
    channel = world.switchboard.channel(request.ids[0])
    code = request.text("reason_code")
    cause = int(code) if code.isdigit() else REASONS.get(request.text("reason"), 16)
    world.switchboard.hang_up(channel, cause)


async def _answer(world: World, request: Request) -> None:
    channel = world.switchboard.stasis_channel(request.ids[0])
    if not await world.media.silence(channel):
        raise Refusal(500, "Failed to answer channel")
    channel.is_ringing_back = False
    world.switchboard.set_state(channel, "Up")


async def _ring(world: World, request: Request) -> None:
    world.switchboard.stasis_channel(request.ids[0]).is_ringing_back = True


async def _stop_ringing(world: World, request: Request) -> None:
    world.switchboard.stasis_channel(request.ids[0]).is_ringing_back = False


async def _start_music(world: World, request: Request) -> None:
    channel = world.switchboard.stasis_channel(request.ids[0])
    channel.music_class = request.text("mohClass", "default")


async def _stop_music(world: World, request: Request) -> None:
    world.switchboard.stasis_channel(request.ids[0]).music_class = None


async def _accept(world: World, request: Request) -> None:
    """Nothing anybody could see from outside changes."""
    world.switchboard.stasis_channel(request.ids[0])


async def _continue_in_dialplan(world: World, request: Request) -> None:
    channel = world.switchboard.stasis_channel(request.ids[0])
    channel.continued_at = (
        request.text("context"),
        request.text("extension"),
        int(request.number("priority")),
    )
    world.switchboard.leave_stasis(channel)


async def _play(world: World, request: Request) -> models.Playback:
    channel = world.switchboard.stasis_channel(request.ids[0])
    id_ = request.ids[1] if len(request.ids) > 1 else request.text("playbackId")
    uri = f"channel:{channel.id}"
    id_ = id_ or world.switchboard.next_id()
    return world.media.play(channel.app, uri, channel, id_, request.texts("media")).model()


async def _record(world: World, request: Request) -> models.LiveRecording:
    channel = world.switchboard.stasis_channel(request.ids[0])
    recording = recording_of(request, channel.app, f"channel:{channel.id}")
    world.media.record(recording, channel)
    return recording.model()


async def _get_variable(world: World, request: Request) -> models.Variable:
    channel = world.switchboard.channel(request.ids[0])
    value = channel.variables.get(request.text("variable"))
    if value is None:
        raise Refusal(404, "Provided variable was not found")
    return models.Variable(value=value)


async def _get_variables(world: World, request: Request) -> models.Variables:
    channel = world.switchboard.channel(request.ids[0])
    names = request.texts("variables")
    return models.Variables(variables={name: channel.variables.get(name, "") for name in names})


async def _set_variable(world: World, request: Request) -> None:
    await _set(world, request, {request.text("variable"): request.text("value")})


async def _set_variables(world: World, request: Request) -> None:
    await _set(world, request, request.pairs("variables"))


async def _set(world: World, request: Request, variables: Mapping[str, str]) -> None:
    channel = world.switchboard.stasis_channel(request.ids[0])
    if not await world.media.silence(channel):
        return  # Asterisk says yes all the same
    channel.variables |= variables
    for name, value in variables.items():
        told = events.ChannelVarset(channel=channel.model(), variable=name, value=value)
        world.switchboard.tell(channel, told)


CHANNEL_COMMANDS: Final[Mapping[str, Command]] = {
    "GET /channels": _list_channels,
    "POST /channels": _originate,
    "POST /channels/create": _create,
    "GET /channels/{}": _get_channel,
    "POST /channels/{}": _originate,
    "DELETE /channels/{}": _hang_up,
    "POST /channels/{}/dial": _dial,
    "POST /channels/{}/answer": _answer,
    "POST /channels/{}/ring": _ring,
    "DELETE /channels/{}/ring": _stop_ringing,
    "POST /channels/{}/progress": _accept,
    "POST /channels/{}/mute": _accept,
    "DELETE /channels/{}/mute": _accept,
    "POST /channels/{}/hold": _accept,
    "DELETE /channels/{}/hold": _accept,
    "POST /channels/{}/silence": _accept,
    "DELETE /channels/{}/silence": _accept,
    "POST /channels/{}/dtmf": _accept,
    "POST /channels/{}/moh": _start_music,
    "DELETE /channels/{}/moh": _stop_music,
    "POST /channels/{}/continue": _continue_in_dialplan,
    "POST /channels/{}/play": _play,
    "POST /channels/{}/play/{}": _play,
    "POST /channels/{}/record": _record,
    "GET /channels/{}/variable": _get_variable,
    "POST /channels/{}/variable": _set_variable,
    "GET /channels/{}/variables": _get_variables,
    "POST /channels/{}/variables": _set_variables,
}
