"""An exchange behind the walls of containers: it is spoken to through programs inside of them."""

import asyncio
import re
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from tests.support.exchange import CommandError
from tests.support.waiting import COMES_S, until_told

COMMAND_S = 180.0


class CommandFailed(AssertionError):
    """A program ended with another exit code than 0."""


class ContainedExchange(ABC):
    """What tests need of a running exchange, however its containers are made."""

    host = "127.0.0.1"
    sip_port: int

    @property
    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """The environment in which docker is called."""

    @abstractmethod
    def where_pbx_is(self) -> Sequence[str]:
        """The words of a command that ``pbx`` and its arguments follow."""

    @abstractmethod
    def asterisk(self) -> Sequence[str]:
        """The words of a command that starts Asterisk's program; its options follow."""

    @abstractmethod
    def said_by_the_application(self) -> str:
        """All that the application has said."""

    @abstractmethod
    def log(self) -> str:
        """The end of what is said in the containers, for the reader of a failed test."""

    async def asterisk_says(self, command: str) -> str:
        """Give a command to Asterisk's console."""
        return await asyncio.to_thread(self.said, (*self.asterisk(), "-rx", command))

    async def pbx(self, *arguments: str, typed: str | None = None) -> bytes:
        """Run a command of the operator and give what it printed as JSON."""
        return await asyncio.to_thread(self.pbx_now, *arguments, typed=typed)

    def pbx_now(self, *arguments: str, typed: str | None = None) -> bytes:
        """The same for fixtures, which do not run in a loop.

        Raises:
            CommandError: the command did not end with 0.
        """
        command = [*self.where_pbx_is(), "pbx", *arguments, "--json"]
        done = self.ran(command, (typed or "").encode())
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise CommandError(arguments, done.returncode, said)
        return done.stdout

    def wait_for_plan(self, tenant: str, revision: int, *, within_s: float = COMES_S) -> None:
        """Wait until the application says that it has read this revision of a tenant's plan."""
        pattern = rf'"tenant": "{tenant}", "revision": ([0-9]+), "event": "plan_read"'

        def is_read(said: str) -> bool:
            return max(map(int, re.findall(pattern, said)), default=0) >= revision

        self._wait_until_it_says(is_read, within_s)

    def wait_for_trunk(self, endpoint: str, *, within_s: float = COMES_S) -> None:
        """Wait until the application says that it has told Asterisk of a new trunk."""
        told = f'"trunk": "{endpoint}", "event": "trunk_told"'
        self._wait_until_it_says(lambda said: told in said, within_s)

    async def nothing_left(self, within_s: float = 60.0) -> None:
        """Wait until Asterisk has no channel and the application no call."""
        left = ""

        async def is_empty() -> bool:
            nonlocal left
            left = (await self.asterisk_says("core show channels concise")).strip()
            left += (await self.pbx("calls", "live")).decode()
            return left == "[]\n"

        await until_told(is_empty, within_s=within_s, saying=lambda: f"left: {left}", pause_s=0.2)

    def said(self, command: Sequence[str], typed: bytes = b"", within_s: float = COMMAND_S) -> str:
        """Run a program to its end and give what it says.

        Raises:
            CommandFailed: it did not end with 0.
        """
        done = self.ran(command, typed, within_s)
        if done.returncode != 0:
            words = (done.stdout + done.stderr).decode(errors="replace")
            raise CommandFailed(f"{' '.join(command)} -> {done.returncode}\n{words}")
        return done.stdout.decode(errors="replace")

    def ran(
        self, command: Sequence[str], typed: bytes = b"", within_s: float = COMMAND_S
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program to its end, whatever that is."""
        return subprocess.run(
            command,
            input=typed,
            capture_output=True,
            check=False,
            env=self.environment,
            timeout=within_s,
        )

    def _wait_until_it_says(self, is_it: Callable[[str], bool], within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not is_it(self.said_by_the_application()):
            assert time.monotonic() < deadline, f"it does not say so:\n{self.log()}"
            time.sleep(0.1)
