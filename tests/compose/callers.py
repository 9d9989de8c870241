"""Telephones (SIPp) in a container of their own, in a network that they share with Asterisk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.compose.stack import Stack
from tests.containers.exchange import CommandFailed
from tests.support.account import Account
from tests.support.sipp import Callee, Caller, Register, Role, write_scenario

SCENARIOS = Path("/scenarios")
SCENARIOS_MODE = 0o755
"""Whoever SIPp runs as in its container has to read them."""

CALLEES_PORT, CALLERS_PORT = 5070, 5090
LONGEST_S = "60"


class Callers:
    """A room full of telephones."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        folder.chmod(SCENARIOS_MODE)
        self._name = f"{stack.name}-callers"

    async def answers(self, account: Account, role: Callee) -> None:
        """Let a phone register, and take every call from now on."""
        await self._sipp(account, Register(), CALLEES_PORT, "-m", "1")
        await self._sipp(account, role, CALLEES_PORT, "-bg")

    async def call(self, account: Account, role: Caller, number: str, *, calls: int) -> None:
        """Make so many calls, five a second; fails unless each goes as it should."""
        how = ("-s", number, "-m", str(calls), "-r", "5", "-timeout", LONGEST_S, "-timeout_error")
        await self._sipp(account, role, CALLERS_PORT, *how)

    async def open(self) -> None:
        """Start the container; it waits for what its phones are told."""
        folder = f"{self._folder}:{SCENARIOS}:ro"
        waits = ("--entrypoint", "sleep", "--volume", folder, "callers", "infinity")
        await asyncio.to_thread(
            self._stack.compose, "run", "--detach", "--name", self._name, *waits
        )

    async def close(self) -> None:
        """Switch all of its phones off."""
        with suppress(CommandFailed):
            await asyncio.to_thread(self._stack.docker, "rm", "--force", self._name)

    async def _sipp(self, account: Account, role: Role, port: int, *options: str) -> None:
        write_scenario(self._folder, role)
        told = [] if isinstance(role, Callee) else [f"{account.host}:{account.port}"]
        detached = ["--detach"] if isinstance(role, Callee) else []
        await asyncio.to_thread(
            self._stack.docker,
            *("exec", *detached, self._name, "sipp", *told),
            *("-sf", str(SCENARIOS / role.scenario), "-nostdin", "-aa", "-p", str(port)),
            *("-au", account.user, "-ap", account.password),
            *("-key", "user", account.user, "-key", "domain", account.domain),
            *options,
        )


@asynccontextmanager
async def callers_inside(stack: Stack) -> AsyncIterator[Callers]:
    """Give telephones beside Asterisk for as long as the block is open."""
    with TemporaryDirectory(prefix="pbx-scenarios-") as name:
        callers = Callers(stack, Path(name))
        try:
            await callers.open()
            yield callers
        finally:
            await callers.close()
