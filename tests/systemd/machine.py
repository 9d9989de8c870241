"""A machine that systemd runs, with the exchange installed on it; in a container."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from uuid import uuid4

from tests.containers.exchange import CommandFailed, ContainedExchange
from tests.support.ports import media_block, small_block
from tests.support.waiting import until_told

IMAGE = "PBX_TEST_SYSTEMD"
"""The environment variable that hands the image to the tests."""

SETTINGS_FILE = "/etc/pbx/pbx.env"
UNITS = ("pbx-asterisk", "pbx")

CALLS = 12
"""For so many calls at once there are ports; each published port is a process of Docker's."""

PORTS_A_CALL = 4

AS_IT_RUNS = """\
words=$(tr '\\0' ' ' </proc/$(systemctl show -P MainPID pbx-asterisk)/cmdline)
exec ${words% -f } "$@"
"""
"""Its own command line, but for staying in the foreground."""

UP = (b"running", b"degraded")
"""What systemd says when it has started all that it could; tests see whether something failed."""

BOOT_S = 120.0
FIRST_START_S = 900.0
"""Asterisk is fetched."""

BACK_S = 120.0
"""systemd waits thirty seconds for a sign of life before it looks after a service."""

LOG_LINES = "80"

FREEDOMS = (
    *("--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN"),
    *("--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"),
    *("--cgroupns", "host", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup"),
    *("--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp"),  # noqa: S108 - in it
)
"""What systemd needs to run services with walls of their own: mounts, and groups of processes."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Who is at work on the machine; 0 for nobody.

    Attributes:
        supervisor: ``pbx run``, the first process of pbx.service.
        application: The one that decides calls, started by it.
        asterisk: The process of pbx-asterisk.service.
    """

    supervisor: int
    application: int
    asterisk: int


class Machine(ContainedExchange):
    """A machine of its own for the exchange; ``close`` leaves nothing of it.

    Args:
        image: What is on it.
        environment: In which docker is called.
    """

    def __init__(self, image: str, environment: Mapping[str, str] = os.environ) -> None:
        self._stack = ExitStack()
        self._image = image
        self._environment = environment
        self.name = f"pbx-machine-{uuid4().hex[:8]}"
        self.sip_port = self._stack.enter_context(small_block()).one()
        first_rtp, _ = self._stack.enter_context(media_block()).rest()
        self.rtp_ports = f"{first_rtp}-{first_rtp + CALLS * PORTS_A_CALL - 1}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which docker is called; settings are in the machine's own file."""
        return self._environment

    def boot(self) -> None:
        """Switch it on, and wait until it is up.

        Raises:
            CommandFailed: The engine gives no container that systemd could run in.
        """
        published = [
            part
            for ports in (self.sip_port, self.rtp_ports)
            for part in ("--publish", f"{self.host}:{ports}:{ports}/udp")
        ]
        how = ("--detach", "--name", self.name, "--restart", "always", *FREEDOMS, *published)
        self.said(["docker", "run", *how, self._image])
        deadline = time.monotonic() + BOOT_S
        asks = [*self._in(), "systemctl", "is-system-running"]
        while self.ran(asks).stdout.strip() not in UP:
            if time.monotonic() > deadline:
                raise CommandFailed(self.said(["docker", "logs", "--tail", LOG_LINES, self.name]))
            time.sleep(0.5)

    def set_up(self) -> None:
        """Make services of the installed program and start them, as docs/install.md says."""
        own = {
            "PBX_SIP_BIND": f"0.0.0.0:{self.sip_port}",
            "PBX_RTP_PORTS": self.rtp_ports,
            "PBX_EXTERNAL_ADDRESS": self.host,
        }
        lines = "".join(f"{name}={value}\n" for name, value in own.items())
        self.run("pbx", "init", "--system")
        self.said([*self._in("--interactive"), "tee", "-a", SETTINGS_FILE], lines.encode())
        self.run("pbx", "migrate")
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "enable", "--now", *UNITS, within_s=FIRST_START_S)

    def close(self) -> None:
        """Remove the machine with all that is on it."""
        with self._stack, suppress(CommandFailed):
            self.said(["docker", "rm", "--force", "--volumes", self.name])

    def run(self, *command: str, within_s: float = BACK_S) -> str:
        """Type a command as root and give what it prints.

        Raises:
            CommandFailed: it did not end with 0.
        """
        return self.said([*self._in(), *command], within_s=within_s)

    async def run_soon(self, *command: str) -> str:
        """The same while phones go on."""
        return await asyncio.to_thread(self.run, *command)

    async def send(self, signal: str, process: int) -> None:
        """Send a signal to one process."""
        await self.run_soon("sh", "-c", f"kill -{signal} {process}")

    async def processes(self) -> Processes:
        """Who is at work now."""
        shown = await self.run_soon("systemctl", "show", "-P", "MainPID", "pbx", "pbx-asterisk")
        told = await self.run_soon("sh", "-c", "cat /var/lib/pbx/run/application.pid || echo 0")
        supervisor, asterisk = map(int, shown.split())
        return Processes(supervisor, int(told), asterisk)

    async def is_back(self, is_new: Callable[[Processes], bool]) -> Processes:
        """Wait until the processes are as wanted, and calls are taken."""
        seen: list[object] = []

        async def are_there() -> Processes | None:
            now = await self.processes()
            status = await self.run_soon("systemctl", "show", "-P", "StatusText", "pbx")
            seen[:] = now, status
            return now if is_new(now) and status.startswith("Calls at") else None

        return await until_told(
            are_there, within_s=BACK_S, saying=lambda: f"{seen}:\n{self.log()}", pause_s=0.3
        )

    async def doctor_is_content(self) -> None:
        """Wait until ``pbx doctor`` has nothing to complain of."""

        said = b""

        async def is_well() -> bool:
            nonlocal said
            done = await asyncio.to_thread(self.ran, [*self._in(), "pbx", "doctor"])
            said = done.stdout + done.stderr
            return done.returncode == 0

        await until_told(is_well, within_s=BACK_S, saying=lambda: said.decode(), pause_s=0.5)

    async def reboot(self) -> None:
        """Reboot, and wait until services run as they did."""
        before = self._started_at()
        await asyncio.to_thread(self.ran, [*self._in(), "systemctl", "reboot"])

        async def is_up() -> bool:
            if self._started_at() == before:
                return False
            asked = [*self._in(), "systemctl", "is-active", *UNITS]
            said = (await asyncio.to_thread(self.ran, asked)).stdout.split()
            return said == [b"active"] * len(UNITS)

        await until_told(is_up, within_s=BOOT_S, saying=self.log, pause_s=0.5)

    def where_pbx_is(self) -> Sequence[str]:
        """The machine, at a shell that takes what is typed."""
        return self._in("--interactive")

    def asterisk(self) -> Sequence[str]:
        """The program that runs as a service, which was fetched into a folder of its own."""
        return (*self._in(), "sh", "-c", AS_IT_RUNS, "sh")

    def said_by_the_application(self) -> str:
        """What stands in the journal since the machine was started."""
        return self.run("journalctl", "--boot", "--unit", "pbx", "--output", "cat")

    def log(self) -> str:
        """The end of the journal."""
        with suppress(CommandFailed):
            return self.run("journalctl", "--boot", "--no-pager", "--lines", LOG_LINES)
        return "the machine says nothing"

    def _in(self, *options: str) -> list[str]:
        return ["docker", "exec", *options, self.name]

    def _started_at(self) -> str:
        return self.said(["docker", "inspect", "--format", "{{.State.StartedAt}}", self.name])
