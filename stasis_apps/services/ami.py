"""A thin client of AMI, Asterisk's older interface, for the little that ARI cannot do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final, TypeAlias

from stasis_apps.settings import Address, Settings

USERNAME: Final = "pbx"

ANSWER_S: Final = 5.0
"""How long Asterisk may take to log us in or to answer an action."""

Fields: TypeAlias = Sequence[tuple[str, str]]
Message: TypeAlias = Mapping[str, str]

_HUNG_UP: Final[Message] = {}
"""What those are told who wait for an answer that cannot come any more."""


class AmiError(Exception):
    """Asterisk did not answer, or refused."""


class AmiRefused(AmiError):
    """Asterisk has answered: not this, and not later either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiSettings:
    """How to reach AMI."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)


def ami_settings(settings: Settings) -> AmiSettings:
    """How to reach the Asterisk of this home, wherever it runs.

    Raises:
        AmiError: No Asterisk has been set up there yet.
    """
    folder = settings.home / "asterisk"
    try:
        secret = (folder / "ami.secret").read_text(encoding="ascii").strip()
        bind = settings.ami_bind or _drawn(folder / "ami.address")
    except (OSError, ValueError) as problem:
        raise AmiError(f"no AMI has been set up in {settings.home}: {problem}") from problem
    server = settings.reached_at(bind)
    return AmiSettings(host=server.host, port=server.port, username=USERNAME, secret=secret)


def _drawn(path: Path) -> Address:
    """The address that was drawn when Asterisk was set up."""
    host, _, port = path.read_text(encoding="ascii").strip().partition(":")
    return Address(host, int(port))


class Ami:
    """One connection, logged in; see `connected`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = count(1)
        self._answers: dict[str, asyncio.Future[Message]] = {}

    async def ask(self, action: str, fields: Fields = ()) -> Message:
        """Send an action and wait for its answer; `events` must be running.

        Raises:
            AmiRefused: Asterisk does not do it.
            AmiError: No answer came, and none will: Asterisk is slow, or has hung up.
            ValueError: A field would smuggle in a line.
        """
        number = str(next(self._numbers))
        lines = [("Action", action), ("ActionID", number), *fields]
        if any(sign in part for line in lines for part in line for sign in "\r\n"):
            raise ValueError(f"a line break in {action}")
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        text = "".join(f"{name}: {value}\r\n" for name, value in lines) + "\r\n"
        try:
            async with asyncio.timeout(ANSWER_S):
                self._writer.write(text.encode())
                await self._writer.drain()
                told: Message = await answer
        except (OSError, RuntimeError) as fault:  # a timeout; uvloop when the line is just closed
            raise AmiError(f"{action}: {_words(fault)}") from fault
        finally:
            del self._answers[number]
        if told is _HUNG_UP:
            raise AmiError(f"{action}: Asterisk has hung up")
        if told.get("Response") != "Success":
            raise AmiRefused(f"{action}: {told.get('Message', 'refused')}")
        return told

    async def events(self) -> AsyncGenerator[Message]:
        """Read what Asterisk says until it hangs up; answers go to those who asked."""
        try:
            while told := await self._next():
                answer = self._answers.get(told.get("ActionID", "")) if "Response" in told else None
                if answer is not None and not answer.done():
                    answer.set_result(told)
                elif "Event" in told:
                    yield told
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as fault:
            raise AmiError(f"AMI: {fault}") from fault
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_result(_HUNG_UP)  # a cancelled answer would cancel who waits for it

    async def _next(self) -> Message:
        block = await self._reader.readuntil(b"\r\n\r\n")
        lines = block.decode(errors="replace").splitlines()
        pairs = (line.partition(": ") for line in lines)
        return {name: value for name, colon, value in pairs if colon}


@asynccontextmanager
async def connected(settings: AmiSettings) -> AsyncIterator[Ami]:
    """Connect and log in.

    Raises:
        AmiError: Asterisk does not answer, or does not know us.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(settings.host, settings.port)
    except OSError as fault:
        raise AmiError(f"AMI at {settings.host}:{settings.port}: {_words(fault)}") from fault
    try:
        login = (
            f"Action: Login\r\nUsername: {settings.username}\r\nSecret: {settings.secret}\r\n\r\n"
        )
        try:
            writer.write(login.encode())
            async with asyncio.timeout(ANSWER_S):
                await reader.readline()  # the greeting
                told = (await reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
        except (
            OSError,
            RuntimeError,
            ValueError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ) as fault:
            raise AmiError(f"AMI login: {_words(fault)}") from fault
        if "Response: Success" not in told:
            raise AmiError("AMI login refused")
        yield Ami(reader, writer)
    finally:
        writer.close()


def _words(fault: Exception) -> str:
    """A fault in words; some have none of their own."""
    return str(fault) or type(fault).__name__
