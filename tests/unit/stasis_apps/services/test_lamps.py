"""Lamps when Asterisk is not as it should be; how a real phone is told is a contract test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import pytest
import uvloop

from stasis_apps.services.ami import Ami, AmiError, AmiSettings, ami_settings, connected
from stasis_apps.services.lamps import Lamps
from stasis_apps.settings import Settings, read_settings
from tests.support.ports import small_block
from tests.support.waiting import COMES_S

WELCOME = "Response: Success\r\nMessage: Authentication accepted\r\n\r\n"


@asynccontextmanager
async def a_server(answers: str) -> AsyncIterator[AmiSettings]:
    """Something that says its lines to whoever comes, and then no more."""

    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"Asterisk Call Manager/11.0.0\r\n{answers}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    async with server:
        yield AmiSettings(host=host, port=port, username="pbx", secret="s")


async def test_a_wrong_secret_is_told() -> None:
    refusal = "Response: Error\r\nMessage: Authentication failed\r\n\r\n"
    async with a_server(refusal) as settings:
        with pytest.raises(AmiError, match="login refused"):
            async with connected(settings):
                pass


async def test_a_server_that_hangs_up_at_once_is_told() -> None:
    async with a_server("") as settings:
        with pytest.raises(AmiError, match="login"):
            async with connected(settings):
                pass


async def test_nobody_at_the_address_is_told() -> None:
    with small_block() as ports:
        settings = AmiSettings(host="127.0.0.1", port=ports.one(), username="pbx", secret="s")

        with pytest.raises(AmiError, match="AMI at 127"):
            async with connected(settings):
                pass


async def test_events_are_read_until_asterisk_hangs_up() -> None:
    event = "Event: ContactStatus\r\nEndpointName: 100@acme.test\r\n\r\n"
    heard: list[str] = []
    async with a_server(WELCOME + event) as settings, connected(settings) as ami:
        with suppress(AmiError):
            async for told in ami.events():
                heard.append(told["EndpointName"])

    assert heard == ["100@acme.test"]


async def test_a_line_break_does_not_smuggle_in_an_action() -> None:
    async with a_server(WELCOME) as settings, connected(settings) as ami:
        with pytest.raises(ValueError, match="line break"):
            await Ami.ask(ami, "PJSIPNotify", [("Endpoint", "x\r\nAction: Reload")])


def test_a_line_that_was_closed_this_moment_is_told_as_any_other() -> None:
    async def ask() -> None:
        async with a_server(WELCOME) as settings:
            reader, writer = await asyncio.open_connection(settings.host, settings.port)
            writer.transport.abort()
            for _ in range(5):  # it closes in steps, each of which says something else
                with pytest.raises(AmiError, match="Ping"):
                    await Ami(reader, writer).ask("Ping")

    uvloop.run(ask())  # as in the application: asyncio's own loop says nothing here


async def test_phones_that_register_together_are_told_together_and_trunks_are_not(
    tmp_path: Path,
) -> None:
    phones = [f"{number}@acme.test" for number in range(100, 140)]
    event = "Event: ContactStatus\r\nEndpointName: {}\r\nContactStatus: NonQualified\r\n\r\n"
    told: list[str] = []
    events = "".join(map(event.format, ["trunk-00000001", *phones]))
    async with a_server(WELCOME + events) as settings, asyncio.timeout(COMES_S):
        (tmp_path / "asterisk").mkdir()
        (tmp_path / "asterisk" / "ami.address").write_text(f"{settings.host}:{settings.port}\n")
        (tmp_path / "asterisk" / "ami.secret").write_text("s\n")
        lamps = Lamps(at(tmp_path))
        running = asyncio.create_task(lamps.run())
        async with aclosing(lamps.registrations()) as registrations:
            async for endpoint in registrations:
                told.append(endpoint)
                if len(told) == len(phones):
                    break
        running.cancel()

    assert told == phones


async def test_a_lamp_is_not_shown_while_asterisk_is_away(tmp_path: Path) -> None:
    lamps = Lamps(at(tmp_path))

    await lamps.show("100@acme.test", new=1, old=0)

    assert not lamps.is_connected


@pytest.mark.parametrize("address", [None, "", "127.0.0.1", "127.0.0.1:x"])
def test_a_home_without_asterisk_is_told(tmp_path: Path, address: str | None) -> None:
    (tmp_path / "asterisk").mkdir()
    (tmp_path / "asterisk" / "ami.secret").write_text("s\n")
    if address is not None:
        (tmp_path / "asterisk" / "ami.address").write_text(address)

    with pytest.raises(AmiError, match="no AMI has been set up"):
        ami_settings(at(tmp_path))


@pytest.mark.parametrize(
    ("named", "reached"),
    [
        ({}, ("127.9.8.7", 20_500)),
        ({"PBX_AMI_BIND": "127.0.0.1:5038"}, ("127.0.0.1", 5038)),
        ({"PBX_AMI_BIND": "[::1]:5038"}, ("::1", 5038)),
        (
            {"PBX_AMI_BIND": "0.0.0.0:5038", "PBX_ASTERISK_HOST": "asterisk"},
            ("asterisk", 5038),
        ),
    ],
)
def test_asterisk_is_asked_where_it_listens(
    tmp_path: Path, named: dict[str, str], reached: tuple[str, int]
) -> None:
    (tmp_path / "asterisk").mkdir()
    (tmp_path / "asterisk" / "ami.secret").write_text("s\n")
    (tmp_path / "asterisk" / "ami.address").write_text("127.9.8.7:20500\n")

    access = ami_settings(read_settings({"PBX_HOME": str(tmp_path), **named}))

    assert (access.host, access.port, access.secret) == (*reached, "s")


def at(home: Path) -> Settings:
    """The settings of a home."""
    return read_settings({"PBX_HOME": str(home)})
