"""A look inside the Asterisk under test, through its own interface and not through our client."""

import base64
from pathlib import Path
from typing import TypeVar

import aiohttp
import msgspec

Output = TypeVar("Output")

APPLICATION = "pbx"


class AsteriskInside:
    """What Asterisk has at this moment: channels, bridges, its application."""

    def __init__(self, home: Path, port: int) -> None:
        self._secret = home / "asterisk" / "ari.secret"
        self._base = f"http://127.0.0.1:{port}/ari"

    async def channels(self) -> list[str]:
        """Names and states of all channels."""
        return [f"{channel.name} ({channel.state})" for channel in await self._channels()]

    async def bridges(self) -> list[str]:
        """The ids of all bridges."""
        return [bridge.id for bridge in await self._ask("bridges", list[_Bridge])]

    async def has_no_application(self) -> bool:
        """Whether Asterisk has noticed that the application has gone."""
        found = await self._ask("applications", list[_Application])
        return not any(application.name == APPLICATION for application in found)

    async def is_down(self, trunk: str) -> bool:
        """Whether Asterisk has found out that nobody answers there."""
        return (await self._ask(f"endpoints/PJSIP/{trunk}", _Endpoint)).state == "offline"

    async def last_reload(self) -> str:
        """When Asterisk has read its configuration, at its start or later."""
        return (await self._ask("asterisk/info", _Info)).status.last_reload_time

    async def hang_up_everything(self) -> None:
        """Clear what a failed test has left, so that the next one starts with nothing."""
        for channel in await self._channels():
            await self._tell("DELETE", f"channels/{channel.id}")
        for bridge in await self.bridges():
            await self._tell("DELETE", f"bridges/{bridge}")

    async def _channels(self) -> list["_Channel"]:
        return await self._ask("channels", list[_Channel])

    async def _ask(self, what: str, kind: type[Output]) -> Output:
        return msgspec.json.decode(await self._tell("GET", what), type=kind)

    async def _tell(self, method: str, what: str) -> bytes:
        login = base64.b64encode(f"pbx:{self._secret.read_text().strip()}".encode()).decode()
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Basic {login}"}) as session,
            session.request(method, f"{self._base}/{what}") as response,
        ):
            return await response.read()


class _Channel(msgspec.Struct):
    id: str
    name: str
    state: str


class _Bridge(msgspec.Struct):
    id: str


class _Endpoint(msgspec.Struct):
    state: str


class _Application(msgspec.Struct):
    name: str


class _Status(msgspec.Struct):
    last_reload_time: str


class _Info(msgspec.Struct):
    status: _Status
