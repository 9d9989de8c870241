"""Asterisk is asked for lists; it may refuse, fall silent in the middle, or not be there."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from asterisk_conf import AsteriskError
from pbx_cli.asterisk_lists import asterisk_lists
from stasis_apps.services.ami import AmiRefused
from stasis_apps.settings import Settings, read_settings
from tests.unit.pbx_cli.shell import Shell

BEGINS = "Response: Success\r\nActionID: {id}\r\nEventList: start\r\n\r\n"
ONE = "Event: Contact\r\nActionID: {id}\r\nURI: sip:100@192.0.2.1\r\nUserAgent: a: b\r\n\r\n"
ENDS = "Event: Done\r\nActionID: {id}\r\nEventList: Complete\r\nListItems: 1\r\n\r\n"
UNASKED = "Event: ContactStatus\r\nURI: sip:102@192.0.2.2\r\n\r\n"
REFUSES = "Response: Error\r\nActionID: {id}\r\nMessage: Unable to retrieve endpoint\r\n\r\n"
HANGS_UP = ""

ANSWERS = {
    "All": BEGINS + ONE + UNASKED + ENDS,
    "None": BEGINS + ENDS,
    "Unknown": REFUSES,
    "Cut": BEGINS + ONE,
    "Gone": HANGS_UP,
}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be Asterisk's manager interface; hang up behind an answer without an end."""
    writer.write(b"Asterisk Call Manager\r\n")
    while request := await reader.readuntil(b"\r\n\r\n"):
        fields = dict(line.split(": ", 1) for line in request.decode().splitlines() if line)
        told = "Response: Success\r\n\r\n"
        if fields["Action"] != "Login":
            told = ANSWERS[fields["Action"]].format(id=fields["ActionID"])
        writer.write(told.encode())
        await writer.drain()
        if told in (HANGS_UP, ANSWERS["Cut"].format(id=fields.get("ActionID", ""))):
            break
    writer.close()


@asynccontextmanager
async def asterisk(shell: Shell) -> AsyncIterator[Settings]:
    """The settings of a home whose Asterisk answers."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (shell.home / "asterisk").mkdir()
    (shell.home / "asterisk" / "ami.secret").write_text("sesame\n")
    async with server:
        yield settings_of(shell, PBX_AMI_BIND=f"127.0.0.1:{port}")


def settings_of(shell: Shell, **more: str) -> Settings:
    given: Mapping[str, str] = {
        name: value for name, value in shell.environment.items() if value is not None
    }
    return read_settings({**given, **more})


async def test_lists_are_read_to_their_ends_one_after_the_other(shell: Shell) -> None:
    async with asterisk(shell) as settings, asterisk_lists(settings) as lists:
        (one,) = await lists.ask("All")
        assert await lists.ask("None") == []
        assert await lists.ask("All") == [dict(one) | {"ActionID": "3"}]

    assert (one["URI"], one["UserAgent"]) == ("sip:100@192.0.2.1", "a: b")


async def test_what_asterisk_refuses_keeps_no_other_list_back(shell: Shell) -> None:
    async with asterisk(shell) as settings, asterisk_lists(settings) as lists:
        with pytest.raises(AmiRefused, match="Unable to retrieve endpoint"):
            await lists.ask("Unknown")
        assert len(await lists.ask("All")) == 1


@pytest.mark.parametrize("action", ["Cut", "Gone"])
async def test_an_asterisk_that_hangs_up_in_the_middle_is_told(shell: Shell, action: str) -> None:
    async with asterisk(shell) as settings:
        with pytest.raises(AsteriskError, match=f"{action}: Asterisk has hung up"):
            async with asterisk_lists(settings) as lists:
                await lists.ask(action)


async def test_an_asterisk_that_was_never_set_up_is_told(shell: Shell) -> None:
    with pytest.raises(AsteriskError, match="no AMI has been set up"):
        async with asterisk_lists(settings_of(shell)):
            pass
