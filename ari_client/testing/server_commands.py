"""What the fake answers about applications, endpoints and itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from ari_client.generated import models
from ari_client.testing.applications import ENTITY_ID, Application
from ari_client.testing.requests import Command, Request, World
from ari_client.testing.state import Refusal


def _shown(world: World, application: Application) -> models.Application:
    channels = world.switchboard.channels.values()
    bridges = world.switchboard.bridges.values()
    return application.model(
        tuple(each.id for each in channels if each.app == application.name and each.in_stasis),
        tuple(each.id for each in bridges if each.app == application.name and each.channel_ids),
    )


async def _list_applications(world: World, _request: Request) -> tuple[models.Application, ...]:
    return tuple(_shown(world, each) for each in world.switchboard.applications.all())


async def _get_application(world: World, request: Request) -> models.Application:
    return _shown(world, world.switchboard.applications.get(request.ids[0]))


async def _set_filter(world: World, request: Request) -> models.Application:
    application = world.switchboard.applications.get(request.ids[0])
    application.allowed = frozenset(_types(request.json.get("allowed")))
    application.disallowed = frozenset(_types(request.json.get("disallowed")))
    return _shown(world, application)


def _types(listed: object) -> Iterable[str]:
    if not isinstance(listed, list):
        return ()
    return (str(each["type"]) for each in listed if isinstance(each, dict) and "type" in each)


def _endpoint(world: World, full_name: str) -> models.Endpoint:
    technology, _, resource = full_name.partition("/")
    is_online = world.switchboard.phone(full_name).is_registered
    return models.Endpoint(
        technology=technology,
        resource=resource,
        state="online" if is_online else "offline",
        channel_ids=tuple(
            each.id for each in world.switchboard.channels.values() if each.endpoint == full_name
        ),
    )


async def _list_endpoints(world: World, _request: Request) -> tuple[models.Endpoint, ...]:
    names = world.switchboard.phones
    return tuple(_endpoint(world, name if "/" in name else f"PJSIP/{name}") for name in names)


async def _get_endpoint(world: World, request: Request) -> models.Endpoint:
    full_name = "/".join(request.ids)
    known = world.switchboard.phones
    if full_name not in known and request.ids[1] not in known:
        raise Refusal(404, "Endpoint not found")
    return _endpoint(world, full_name)


async def _ping(_world: World, _request: Request) -> models.AsteriskPing:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return models.AsteriskPing(asterisk_id=ENTITY_ID, ping="pong", timestamp=now)


async def _info(_world: World, _request: Request) -> models.AsteriskInfo:
    return models.AsteriskInfo(
        system=models.SystemInfo(version="22.10.1", entity_id=ENTITY_ID),
    )


SERVER_COMMANDS: Final[Mapping[str, Command]] = {
    "GET /applications": _list_applications,
    "GET /applications/{}": _get_application,
    "PUT /applications/{}/eventFilter": _set_filter,
    "GET /endpoints": _list_endpoints,
    "GET /endpoints/{}/{}": _get_endpoint,
    "GET /asterisk/ping": _ping,
    "GET /asterisk/info": _info,
}
