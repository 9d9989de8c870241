"""The part of Asterisk that holds trunks: its endpoints, and its configuration told by ARI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_network

from ari_client import AriClient, AriSettings, AriUnavailable, Response
from ari_client.testing import FakeAsterisk
from tests.unit.stasis_apps.wire import Wire

CONFIG = "/asterisk/config/dynamic/res_pjsip/"
ENDPOINTS = "/endpoints"


class Memory(Wire):
    """The way to an Asterisk that keeps what it is told of trunks.

    Attributes:
        objects: The fields of each object, by its type and id.
        puts: How often it was told of each.
        is_away: While true, it does not answer.
        asked: How often it was asked anything.
        refuses: Types of objects that it does not take.
        when_told: Set when it is told of an object.
        done: What was changed, in order: the method, the object's type and its id.
    """

    def __init__(self, fake: FakeAsterisk) -> None:
        super().__init__(fake)
        self.objects: dict[tuple[str, str], dict[str, str]] = {}
        self.puts: list[tuple[str, str]] = []
        self.is_away = False
        self.asked = 0
        self.refuses: set[str] = set()
        self.when_told = asyncio.Event()
        self.done: list[tuple[str, str, str]] = []

    async def request(
        self, method: str, path: str, query: Mapping[str, str], json: bytes | None
    ) -> Response:
        """Answer what is about configuration; the rest is for the switchboard."""
        await asyncio.sleep(0)  # others have their turn meanwhile
        self.asked += 1
        if self.is_away:
            raise AriUnavailable("Asterisk is away")
        if path == ENDPOINTS:
            return _told([{"technology": "PJSIP", "resource": id_} for id_ in self.endpoints()])
        if not path.startswith(CONFIG):
            return await super().request(method, path, query, json)
        kind, _, id_ = path.removeprefix(CONFIG).partition("/")
        return self._configure(method, (kind, id_), json or b"{}")

    def endpoints(self) -> list[str]:
        """The endpoints that it knows."""
        return [id_ for kind, id_ in self.objects if kind == "endpoint"]

    def restart(self) -> None:
        """What was told by ARI is forgotten."""
        self.objects.clear()
        self.puts.clear()

    def _configure(self, method: str, key: tuple[str, str], body: bytes) -> Response:
        if method == "PUT" and key[0] in self.refuses:
            return Response(403, b'{"message": "Could not be created"}')
        if method != "GET":
            self.done.append((method, *key))
        if method == "PUT":
            self.puts.append(key)
            self.objects[key] = {
                one["attribute"]: one["value"] for one in json.loads(body)["fields"]
            }
            self.when_told.set()
            return _told([])
        if key not in self.objects:
            return Response(404, b'{"message": "Object not found"}')
        if method == "DELETE":
            del self.objects[key]
            return Response(204, b"")
        return _told(
            [
                {"attribute": name, "value": part}
                for name, value in self.objects[key].items()
                for part in (_as_held(value) if name == "match" else (value,))
            ]
        )


@asynccontextmanager
async def asterisk_with_memory() -> AsyncIterator[tuple[AriClient, Memory]]:
    """An Asterisk, and the client that is about to talk to it."""
    async with FakeAsterisk() as fake:
        memory = Memory(fake)
        async with AriClient(AriSettings(username="pbx", password="pbx"), memory) as ari:
            yield ari, memory


def _as_held(match: str) -> list[str]:
    """Asterisk tells each address by itself, with its mask."""
    return [ip_network(one).with_netmask for one in match.split(",")]


def _told(document: object) -> Response:
    return Response(200, json.dumps(document).encode())
