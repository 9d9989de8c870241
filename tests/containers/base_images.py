"""The images that ours stand on: from a registry where one answers, else made of Debian."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.containers.engine import CannotTry, Engine, ProgramFailed, need, said_by, tell

DEBIAN_S = 600.0
BUILD_S = 900.0
OLDSTABLE, STABLE, UNSTABLE = "bookworm", "trixie", "unstable"
"""The suites of Debian that stand in for official images, which are made of them, too."""

NO_DATE = 'Acquire::Check-Valid-Until "false"'
"""Mirrors lag, see `asterisk_conf.fetch`; signatures and sums are checked all the same."""


@dataclass(frozen=True, slots=True)
class Base:
    """An image that a registry is asked for.

    Attributes:
        setting: The environment variable that names another one.
        official: What is taken without it.
        suite: The suite of Debian that a stand-in is made of.
        made_in: The folder of the Dockerfile that makes it out of that; empty when Debian itself
            will do.
    """

    setting: str
    official: str
    suite: str = STABLE
    made_in: str = ""

    @property
    def stand_in(self) -> str:
        """The name of the image that stands in for it, which no official image has."""
        return f"pbx-stand-in-{Path(self.made_in).name or self.suite}"


BASE = "BASE"
"""What a Dockerfile calls the image that it builds on."""

MIRROR = "PBX_APT_MIRROR"
FOR_PACKAGES = (MIRROR, "PBX_APT_SECURITY_MIRROR", "PBX_APT_OPTIONS", "PBX_PIP_INDEX_URL")


def of_the_site(bases: Sequence[Base]) -> Mapping[str, str]:
    """What this machine's environment says of base images and of where packages come from."""
    names = (*FOR_PACKAGES, *(base.setting for base in bases))
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def ready(engine: Engine, bases: Sequence[Base], folder: Path) -> Mapping[str, str]:
    """See to it that every base image is there; give the settings of the builds.

    Args:
        engine: Where they are to be.
        bases: The images that are built on.
        folder: What images are built from.

    Raises:
        CannotTry: Neither a registry nor Debian's archive answers.
        ProgramFailed: A stand-in of ours cannot be built.
    """
    given = of_the_site(bases)
    wanted = [base for base in bases if base.setting not in given]
    if all(engine.can_pull(base.official) for base in wanted):
        return given
    for base in wanted:
        _make_debian(engine, base.suite, given.get(MIRROR))
        if base.made_in:
            _build(engine, base, folder, given)
    return {**given, **{base.setting: base.stand_in for base in wanted}}


def _make_debian(engine: Engine, suite: str, mirror: str | None) -> None:
    name = f"pbx-stand-in-{suite}"
    if engine.has_image(name):
        return
    need("mmdebstrap", "mmdebstrap", "debian-archive-keyring")
    tell(f"No registry answers: making an image of Debian {suite}")
    with TemporaryDirectory(prefix="pbx-debian-") as folder:
        archive = f"{folder}/{suite}.tar"
        how = ("--quiet", "--variant=apt", "--include=ca-certificates", f"--aptopt={NO_DATE}")
        source = [mirror] if mirror else []
        try:
            said_by(["mmdebstrap", *how, suite, archive, *source], engine.environment, DEBIAN_S)
        except ProgramFailed as why:
            raise CannotTry(f"there is nothing to build from: {why}") from why
        engine.docker("import", archive, name, within_s=DEBIAN_S)


def _build(engine: Engine, base: Base, folder: Path, given: Mapping[str, str]) -> None:
    """Build what is more than Debian; the engine knows by itself what has not changed."""
    if not engine.has_image(base.stand_in):
        tell(f"No registry answers: making {base.stand_in}")
    file = folder / base.made_in / "Dockerfile"
    build(engine, base.stand_in, file, folder, {**given, BASE: f"pbx-stand-in-{base.suite}"})


def build(engine: Engine, name: str, file: Path, folder: Path, settings: Mapping[str, str]) -> None:
    """Build an image of ours from a folder; the settings are those that `ready` gives."""
    told = {
        one.removeprefix("PBX_"): settings[one] for one in (BASE, *FOR_PACKAGES) if one in settings
    }
    arguments = [part for one, value in told.items() for part in ("--build-arg", f"{one}={value}")]
    how = ("--quiet", "--force-rm", "--tag", name, *arguments)
    engine.docker("build", *how, "--file", file, folder, within_s=BUILD_S)
