"""The tests of a machine that systemd runs: ``python -m tests.systemd [options of pytest]``.

Where this machine cannot run them it says so in one line and ends well; with
``PBX_REQUIRE_SYSTEMD=1`` that is a failure.
"""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.containers.base_images import BASE, OLDSTABLE, Base, build, ready
from tests.containers.build_folder import ROOT, trust_as_this_machine_does
from tests.containers.engine import LAST_WORDS, CannotTry, Engine, ProgramFailed, said_by, tell
from tests.containers.exchange import CommandFailed
from tests.containers.trying import Trial, run
from tests.systemd.machine import IMAGE, Machine

DEBIAN = Base("PBX_SYSTEMD_BASE", "debian:bookworm-slim", OLDSTABLE)
"""The oldest Debian that docs/install.md promises."""

FOR_THE_BUILD = ("compose/install-packages", "examples")
DOCKERFILE = ROOT / "tests" / "systemd" / "image" / "Dockerfile"
NAME = "pbx-systemd"
PACKAGE_S = 300.0


@contextmanager
def prepared(engine: Engine) -> Iterator[Mapping[str, str]]:
    """Make a machine with a release on it; it stays, so that the next one is made quickly."""
    with TemporaryDirectory(prefix="pbx-machine-") as name:
        folder = Path(name)
        settings = ready(engine, [DEBIAN], folder)
        tell("Making a machine with systemd and a release on it")
        _lay_out(folder, engine)
        before = _image(engine)
        base = settings.get(DEBIAN.setting, DEBIAN.official)
        build(engine, NAME, DOCKERFILE, folder, {**settings, BASE: base})
        made = _image(engine)
        if before not in ("", made):
            with suppress(ProgramFailed):  # another run is using it
                engine.docker("rmi", before)
        _see_whether_it_boots(made, engine)
        yield {IMAGE: made}


def _see_whether_it_boots(image: str, engine: Engine) -> None:
    """Tell an engine that lets no systemd run from a fault of ours, which has not begun yet.

    Raises:
        CannotTry: No machine comes up.
    """
    machine = Machine(image, engine.environment)
    try:
        machine.boot()
    except CommandFailed as why:
        words = " ".join(str(why).split())[-LAST_WORDS:]
        raise CannotTry(f"systemd does not run in containers of this engine: {words}") from why
    finally:
        machine.close()


def _lay_out(folder: Path, engine: Engine) -> None:
    """Put into a folder what the machine is made of; no settings, no secrets."""
    (folder / "compose" / "certificates").mkdir(parents=True)
    for one in FOR_THE_BUILD:
        source = ROOT / one
        if source.is_dir():
            shutil.copytree(source, folder / one)
        else:
            shutil.copy2(source, folder / one)
    trust_as_this_machine_does(folder)
    package = [str(ROOT / "scripts" / "package"), str(folder / "release")]
    said_by(package, engine.environment, PACKAGE_S)


def _image(engine: Engine) -> str:
    """The id of the machine's image; empty when there is none."""
    try:
        return engine.docker("image", "inspect", "--format", "{{.Id}}", NAME).strip()
    except ProgramFailed:
        return ""


TRIAL = Trial("the exchange as a service", "tests/systemd", "PBX_REQUIRE_SYSTEMD", prepared)

if __name__ == "__main__":
    sys.exit(run(TRIAL))
