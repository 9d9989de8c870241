"""A copy of what the images are made of, so that a build changes nothing in the checkout."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
AUTHORITIES = Path("/usr/local/share/ca-certificates")
"""Where Debian keeps certificates that only this site knows."""

FOR_DOCKER_ITSELF = (
    ".dockerignore",
    "compose/compose.yaml",
    "compose/compose.test.yaml",
    "compose/app",
    "compose/asterisk",
    "compose/postgres",
)


@contextmanager
def build_folder() -> Iterator[Path]:
    """Give a copy that lives as long as the block.

    Builds in it trust whom this machine trusts, where its way to the packages needs that. Builds
    in the checkout do not, not even after a run that was killed.
    """
    with TemporaryDirectory(prefix="pbx-build-") as name:
        folder = Path(name)
        for one in (*_allowed(), *FOR_DOCKER_ITSELF):
            _copy(ROOT / one, folder / one)
        trust_as_this_machine_does(folder)
        yield folder


def trust_as_this_machine_does(folder: Path) -> None:
    """Put the certificates of this site where builds from a folder find them."""
    for certificate in AUTHORITIES.glob("*.crt"):
        _copy(certificate, folder / "compose" / "certificates" / certificate.name)


def _allowed() -> list[str]:
    """What may become part of an image."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
