"""A Docker engine and docker compose 2 for the tests: found on this machine, or brought to it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, sleep

from asterisk_conf.errors import FetchFailed, ToolMissing
from asterisk_conf.fetch import fetch

START_S = 60.0
STOP_S = 30.0
QUESTION_S = 20.0
INSTALL_S = 600.0
PULL_S = 300.0
LAST_WORDS = 500

SUITE_OF_COMPOSE = "docker-compose"
"""Debian's package, which is version 2 in the suite that we fetch Asterisk from."""

COMPOSE_IN_PACKAGE = Path("usr/libexec/docker/cli-plugins/docker-compose")


class CannotTry(Exception):
    """This machine gives no containers; the message says what is missing."""


class ProgramFailed(Exception):
    """A program is missing, takes too long or ends with a fault; with its last words."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A Docker engine that answers.

    Attributes:
        host: Where it is, as ``DOCKER_HOST`` has it; empty for the client's own default.
    """

    host: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which docker and docker compose speak to this engine."""
        return {**os.environ, **({"DOCKER_HOST": self.host} if self.host else {})}

    def docker(self, *arguments: str | Path, within_s: float = QUESTION_S) -> str:
        """Run a command of the client and give what it says."""
        return said_by(["docker", *map(str, arguments)], self.environment, within_s)

    def answers(self) -> bool:
        """Whether it is there."""
        return self._does("version")

    def has_image(self, name: str) -> bool:
        """Whether there is an image of this name, so that nobody has to be asked for it."""
        return self._does("image", "inspect", name)

    def can_pull(self, name: str) -> bool:
        """Whether there is such an image, or a registry that gives it."""
        return self.has_image(name) or self._does("pull", "--quiet", name, within_s=PULL_S)

    def _does(self, *arguments: str, within_s: float = QUESTION_S) -> bool:
        try:
            self.docker(*arguments, within_s=within_s)
        except ProgramFailed:
            return False
        return True


def tell(words: str) -> None:
    """Say what is done while people wait."""
    sys.stderr.write(f"{words}\n")


def said_by(command: Sequence[str], environment: dict[str, str], within_s: float) -> str:
    """Run a program to its end and give what it says.

    Raises:
        ProgramFailed: It is missing, takes too long or fails.
    """
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment, timeout=within_s
        )
    except FileNotFoundError:
        raise ProgramFailed(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise ProgramFailed(f"{' '.join(command)}: no end in {within_s:g} s") from None
    except subprocess.CalledProcessError as failed:
        words = " ".join((failed.stderr or failed.stdout).split())[-LAST_WORDS:]
        raise ProgramFailed(f"{' '.join(command)}: {words}") from failed
    return done.stdout


def need(program: str, *packages: str) -> None:
    """See to it that a program is there: root installs it from Debian, others are told to.

    Raises:
        CannotTry: It is missing, and cannot be installed.
    """
    if shutil.which(program) is not None:
        return
    if os.geteuid() != 0:
        raise CannotTry(f"{program} is missing: apt-get install {' '.join(packages)}")
    tell(f"Installing Debian packages: {' '.join(packages)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ["-q", "-y", "install", "--no-install-recommends", *packages]
    try:
        said_by(["apt-get", "-q", "update"], quiet, INSTALL_S)
        said_by(["apt-get", *wanted], quiet, INSTALL_S)
    except ProgramFailed as why:
        raise CannotTry(f"{program} cannot be installed: {why}") from why


@contextmanager
def running_engine(cache: Path) -> Iterator[Engine]:
    """Give the engine that runs already, else one that lives as long as the block.

    Args:
        cache: Where an engine of ours keeps its images, so that the next run finds them.

    Raises:
        CannotTry: There is none, and none can be started.
    """
    found, why = _found()
    if found:
        yield found
        return
    if os.geteuid() != 0:
        raise CannotTry(f"no Docker engine answers, and only root could start one ({why})")
    need("dockerd", "docker.io", "iptables")
    need("docker", "docker-cli")
    found, _ = _found()
    if found:  # where systemd is, installing starts it
        yield found
        return
    with _own_engine(cache) as started:
        yield started


def compose_command(engine: Engine, cache: Path) -> list[str]:
    """Give the words that docker compose 2 is called by; fetch it when this machine has none.

    Raises:
        CannotTry: It is neither here nor to be had.
    """
    for words in (["docker", "compose"], ["docker-compose"]):
        if _is_version_2(engine, words):
            return words
    root = cache / "docker-compose"
    words = [str(root / COMPOSE_IN_PACKAGE)]
    if not root.exists():
        try:
            fetch(root, tell, packages=(SUITE_OF_COMPOSE,))
        except (FetchFailed, ToolMissing) as missing:
            raise CannotTry(f"there is no docker compose 2: {missing}") from missing
    if not _is_version_2(engine, words):
        raise CannotTry(f"{words[0]} does not run here")
    return words


def _found() -> tuple[Engine | None, str]:
    engine = Engine()
    try:
        said = json.loads(engine.docker("version", "--format", "{{json .Server}}"))
    except ProgramFailed as why:
        return None, str(why)
    return (engine, "") if said else (None, "docker version names no server")


@contextmanager
def _own_engine(cache: Path) -> Iterator[Engine]:
    """Run an engine whose images stay in the cache; it ends with the block, by its id."""
    cache.mkdir(parents=True, exist_ok=True)
    short = Path(mkdtemp(prefix="pbx-docker-"))  # a socket's path may have 107 letters
    socket, log = short / "docker.sock", cache / "dockerd.log"
    tell(f"Starting a Docker engine; its images stay in {cache / 'docker'}")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *("dockerd", "--host", f"unix://{socket}", "--pidfile", str(short / "pid")),
                *("--data-root", str(cache / "docker"), "--exec-root", str(short / "run")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        engine = Engine(f"unix://{socket}")
        _wait_for(engine, process, log)
        yield engine
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        if process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(short, ignore_errors=True)


def _wait_for(engine: Engine, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + START_S
    while not engine.answers():
        if process.poll() is not None or monotonic() > deadline:
            last = log.read_text(errors="replace").strip().rpartition("\n")[2]
            raise CannotTry(f"the Docker engine does not start, see {log}: {last}")
        sleep(0.2)


def _is_version_2(engine: Engine, words: list[str]) -> bool:
    try:
        said = said_by([*words, "version", "--short"], engine.environment, QUESTION_S)
    except ProgramFailed:
        return False
    return said.strip().removeprefix("v").startswith(("2.", "3.", "4.", "5."))
