"""The images that ours stand on: from a registry where one answers, else made of Debian."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.compose.engine import Engine, need, said_by, tell

DEBIAN_S = 600.0
BUILD_S = 900.0
IMAGES = Path(__file__).parent / "images"

STABLE, UNSTABLE = "trixie", "unstable"
"""The suites of Debian that stand in for official images, which are made of them, too."""

NO_DATE = 'Acquire::Check-Valid-Until "false"'
"""Mirrors lag, see `asterisk_conf.fetch`; signatures and sums are checked all the same."""


@dataclass(frozen=True, slots=True)
class Base:
    """An image that compose.yaml or a Dockerfile asks a registry for.

    Attributes:
        setting: The environment variable that names another one.
        official: What is taken without it.
        suite: The suite of Debian that a stand-in is made of.
        folder: The Dockerfile that makes it out of that; empty when Debian itself will do.
    """

    setting: str
    official: str
    suite: str = STABLE
    folder: str = ""

    @property
    def stand_in(self) -> str:
        """The name of the image that stands in for it, which no official image has."""
        return f"pbx-stand-in-{self.folder or self.suite}"


BASES = (
    Base("PBX_ASTERISK_BASE", "debian:unstable-slim", UNSTABLE),
    Base("PBX_APP_BASE", "python:3.13-slim-trixie"),
    Base("PBX_POSTGRES_IMAGE", "postgres:17", folder="postgres"),
    Base("PBX_MAIL_IMAGE", "axllent/mailpit", folder="mail"),
    Base("PBX_CALLERS_BASE", "debian:trixie-slim"),
)


def ready(engine: Engine) -> Mapping[str, str]:
    """See to it that every base image is there; give the settings that name the stand-ins.

    Raises:
        CannotTry: Neither a registry nor Debian's archive answers.
    """
    if all(engine.can_pull(base.official) for base in BASES):
        return {}
    for base in BASES:
        _make_debian(engine, base.suite)
        if base.folder:
            _build(engine, base)
    return {base.setting: base.stand_in for base in BASES}


def _make_debian(engine: Engine, suite: str) -> None:
    name = f"pbx-stand-in-{suite}"
    if engine.has_image(name):
        return
    need("mmdebstrap", "mmdebstrap", "debian-archive-keyring")
    tell(f"No registry answers: making an image of Debian {suite}")
    with TemporaryDirectory(prefix="pbx-debian-") as folder:
        archive = f"{folder}/{suite}.tar"
        said_by(
            [
                *("mmdebstrap", "--quiet", "--variant=apt", "--include=ca-certificates"),
                *(f"--aptopt={NO_DATE}", suite, archive),
            ],
            engine.environment,
            DEBIAN_S,
        )
        engine.docker("import", archive, name, within_s=DEBIAN_S)


def _build(engine: Engine, base: Base) -> None:
    """Build what is more than Debian; the engine knows by itself what has not changed."""
    if not engine.has_image(base.stand_in):
        tell(f"No registry answers: making an image for {base.folder}")
    named = f"BASE=pbx-stand-in-{base.suite}"
    place = IMAGES / base.folder
    how = ("--quiet", "--force-rm", "--tag", base.stand_in, "--build-arg", named)
    engine.docker("build", *how, place, within_s=BUILD_S)
