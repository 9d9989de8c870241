"""The exchange in containers, as an operator starts and uses it: by docker compose alone."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from random import SystemRandom
from uuid import uuid4

import msgspec

from tests.containers.exchange import COMMAND_S, CommandFailed, ContainedExchange
from tests.support.ports import media_block, small_block

FILES = ("compose/compose.yaml", "compose/compose.test.yaml")
ASTERISK_CONF = "/var/lib/pbx/asterisk/etc/asterisk.conf"

OWN_IMAGES = ("pbx-app", "pbx-asterisk", "pbx-callers")

BUILD_S = 1200.0
LOG_LINES = "60"

CALLS = 12
"""For so many calls at once there are ports; each published port is a process of Docker's."""

_EXEC = ("exec", "-T")

PORTS_A_CALL = 4


PREPARED = "PBX_TEST_COMPOSE"
"""The environment variable that hands `Prepared` to the tests, as JSON."""


class Prepared(msgspec.Struct, frozen=True):
    """What was found or made before the tests.

    Attributes:
        program: The words that docker compose is called by.
        folder: What the images are built from.
        builds: Settings that say how: other base images than the official ones, mirrors.
    """

    program: tuple[str, ...]
    folder: str
    builds: dict[str, str]


class Restarts(msgspec.Struct, frozen=True, rename="pascal"):
    """When a container is started again."""

    name: str


class Log(msgspec.Struct, frozen=True):
    """Where the words of a container go."""

    options: dict[str, str] = msgspec.field(name="Config")


class Limits(msgspec.Struct, frozen=True):
    """What a container may do and use."""

    is_read_only: bool = msgspec.field(name="ReadonlyRootfs")
    is_privileged: bool = msgspec.field(name="Privileged")
    dropped: list[str] = msgspec.field(name="CapDrop")
    added: list[str] | None = msgspec.field(name="CapAdd")
    security: list[str] = msgspec.field(name="SecurityOpt")
    memory_bytes: int = msgspec.field(name="Memory")
    processes: int | None = msgspec.field(name="PidsLimit")
    restarts: Restarts = msgspec.field(name="RestartPolicy")
    log: Log = msgspec.field(name="LogConfig")


class _Networks(msgspec.Struct, frozen=True, rename="pascal"):
    ports: dict[str, list[dict[str, str]] | None]


class _State(msgspec.Struct, frozen=True, rename="pascal"):
    started_at: str


class SeenContainer(msgspec.Struct, frozen=True):
    """What ``docker inspect`` says of a container, as far as it is looked at."""

    limits: Limits = msgspec.field(name="HostConfig")
    _networks: _Networks = msgspec.field(name="NetworkSettings")
    _state: _State = msgspec.field(name="State")

    @property
    def started_at(self) -> str:
        """When it was started last."""
        return self._state.started_at

    @property
    def published(self) -> set[str]:
        """Those of its ports that the machine gives to others, such as ``5060/udp``."""
        return {port for port, places in self._networks.ports.items() if places}


class Stack(ContainedExchange):
    """A running exchange with a name and ports of its own; ``close`` leaves nothing of it."""

    def __init__(self, prepared: Prepared) -> None:
        self._stack = ExitStack()
        self.name = f"pbx-test-{uuid4().hex[:8]}"
        ports = self._stack.enter_context(small_block())
        self.sip_port, self.http_port, self.mail_port = ports.one(), ports.one(), ports.one()
        inside, callers = SystemRandom().sample(range(256), 2)
        first, _ = self._stack.enter_context(media_block()).rest()
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PBX_")},
            **prepared.builds,
            "PBX_APP_VERSION": self.name,
            "PBX_ASTERISK_VERSION": self.name,
            "PBX_DATABASE_PASSWORD": uuid4().hex,
            "PBX_EXTERNAL_ADDRESS": self.host,
            "PBX_LISTEN_ADDRESS": self.host,
            "PBX_SIP_PORT": str(self.sip_port),
            "PBX_RTP_PORTS": f"{first}-{first + CALLS * PORTS_A_CALL - 1}",
            "PBX_HTTP_PORT": str(self.http_port),
            "PBX_MAIL_PORT": str(self.mail_port),
            "PBX_SMTP_URL": "smtp://mail:1025",
            "PBX_INSIDE_NETWORK": f"10.213.{inside}",
            "PBX_CALLERS_NET": f"10.213.{callers}.0/24",
        }
        files = [part for file in FILES for part in ("--file", f"{prepared.folder}/{file}")]
        self._compose = [
            *(*prepared.program, "--project-name", self.name, "--env-file", os.devnull),
            *(*files, "--profile", "try", "--progress", "plain"),
        ]

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which docker is called, which holds the settings."""
        return self._environment

    def build(self) -> None:
        """Make the images, that of the callers, too."""
        self.compose("--profile", "callers", "build", within_s=BUILD_S)

    def up(self, *services: str) -> None:
        """Start what does not run yet, and wait until all of it says that it is well."""
        try:
            self.compose("up", "--detach", "--wait", *services)
        except CommandFailed as failed:
            raise CommandFailed(f"{failed}\n{self.log()}") from None

    def close(self) -> None:
        """Remove the containers, networks, volumes and images of this test."""
        with self._stack:
            with suppress(CommandFailed):
                self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")
            with suppress(CommandFailed):
                self.docker("rmi", *(f"{image}:{self.name}" for image in OWN_IMAGES))

    def compose(self, *arguments: str, within_s: float = COMMAND_S) -> str:
        """Run a command of docker compose and give what it says."""
        return self.said([*self._compose, *arguments], within_s=within_s)

    def docker(self, *arguments: str) -> str:
        """Run a command of docker itself and give what it says."""
        return self.said(["docker", *arguments])

    def inside(self, service: str, *command: str) -> str:
        """Run a program in a container of a service and give what it says."""
        return self.compose(*_EXEC, service, *command)

    def hand_in(self, file: Path) -> Path:
        """Put a file where commands in the application's container find it; say where."""
        place = Path("/tmp", file.name)  # noqa: S108 - in a container of our own
        self.said([*self._compose, *_EXEC, "app", "sh", "-c", f"cat >{place}"], file.read_bytes())
        return place

    def container(self, service: str) -> str:
        """The id of the container of a service."""
        return self.compose("ps", "--all", "--quiet", service).strip()

    def seen(self, service: str) -> SeenContainer:
        """What the engine says of the container of a service."""
        said = self.docker("inspect", self.container(service))
        (found,) = msgspec.json.decode(said, type=list[SeenContainer])
        return found

    async def compose_soon(self, *arguments: str) -> str:
        """Run a command of docker compose while phones go on."""
        return await asyncio.to_thread(self.compose, *arguments)

    async def docker_soon(self, *arguments: str) -> str:
        """Run a command of docker itself while phones go on."""
        return await asyncio.to_thread(self.docker, *arguments)

    async def up_soon(self, *what: str) -> None:
        """Start what does not run while phones go on."""
        await asyncio.to_thread(self.up, *what)

    def where_pbx_is(self) -> Sequence[str]:
        """The container of the application."""
        return (*self._compose, *_EXEC, "app")

    def asterisk(self) -> Sequence[str]:
        """The program in its container."""
        return (*self._compose, *_EXEC, "asterisk", "asterisk", "-C", ASTERISK_CONF)

    def said_by_the_application(self) -> str:
        """All that its container has said."""
        return self.compose("logs", "--no-color", "--no-log-prefix", "app")

    def log(self) -> str:
        """The end of what the containers say, for the reader of a failed test."""
        with suppress(CommandFailed):
            return self.compose("logs", "--no-color", "--tail", LOG_LINES)
        return "the containers say nothing"
