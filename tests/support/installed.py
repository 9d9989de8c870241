"""The program as operators install it: a wheel in an environment of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.exchange import CommandError, Exchange
from tests.support.ran import Ran

PROJECT = Path(__file__).parents[2]
DEBIANS_PYTHON = Path("/usr/bin/python3")
INSTALL_S = 300.0
COMMAND_S = 60.0
LEADS_TO_A_CHECKOUT = ("PBX_", "PYTHON", "VIRTUAL_ENV", "COV_")


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed `pbx`.

    Attributes:
        wheel: What was installed.
        program: What is started.
        folder: Where commands are typed: it holds what has the names of our packages, and is not.
    """

    wheel: Path
    program: Path
    folder: Path

    def __call__(
        self,
        *arguments: str | Path,
        environment: Mapping[str, str],
        typed: str = "",
        user: int | None = None,
    ) -> Ran:
        """Run a command to its end; as another user, if we are root."""
        done = subprocess.run(
            [self.program, *arguments],
            env=environment,
            cwd=self.folder,
            input=typed,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            user=user,
            group=user,
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@contextmanager
def installed_pbx() -> Iterator[Installed]:
    """Build a release and install it with what it stands on; everybody can run it."""
    with TemporaryDirectory(prefix="pbx-installed-") as name:
        root = Path(name)
        root.chmod(0o755)
        release, venv, folder = root / "release", root / "venv", root / "somewhere"
        _run(PROJECT / "scripts" / "package", release)
        _run(_a_python(), "-m", "venv", "--without-pip", venv)
        (wheel,) = release.glob("*.whl")
        _pip(venv, "--require-hashes", "-r", release / "requirements.run.lock")
        _pip(venv, "--no-deps", wheel)
        folder.mkdir()
        (folder / "models.py").write_text("raise SystemExit('this is of another program')\n")
        (folder / ".env").write_text("DATABASE=of-another-program\n")
        yield Installed(wheel, venv / "bin" / "pbx", folder)


def far_from_a_checkout() -> dict[str, str]:
    """The environment of a person who has no checkout and has set nothing."""
    return {
        name: value
        for name, value in os.environ.items()
        if name == "PBX_ASTERISK_ROOT" or not name.startswith(LEADS_TO_A_CHECKOUT)
    }


def _a_python() -> Path:
    """Debian's, which everybody can run, if it will do; our own may lie in a closed folder."""
    asked = "import sys; sys.exit(sys.version_info < (3, 11))"
    will_do = DEBIANS_PYTHON.exists() and not subprocess.call([DEBIANS_PYTHON, "-c", asked])
    return DEBIANS_PYTHON if will_do else Path(sys.executable)


def _pip(venv: Path, *what: str | Path) -> None:
    install = ("install", "--quiet", "--disable-pip-version-check", "--no-compile")
    _run(sys.executable, "-m", "pip", "--python", venv / "bin" / "python", *install, *what)


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=INSTALL_S, umask=0o022, cwd="/"
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"


class InstalledExchange(Exchange):
    """A running exchange of the installed program, in a home that `pbx init` has made."""

    def __init__(self, installed: Installed) -> None:
        settings_file = "PBX_SETTINGS_FILE"
        super().__init__()
        self._installed = installed
        self.program, self.folder = [installed.program], installed.folder
        of_the_home = ("PBX_HOME", "PBX_DATABASE_URL", "PBX_SECRET_KEY_FILE")
        told = {name: value for name, value in self.environment.items() if name.startswith("PBX_")}
        self.environment = far_from_a_checkout() | told | {settings_file: str(self.settings_file)}
        for name in of_the_home:
            del self.environment[name]

    @property
    def settings_file(self) -> Path:
        """Where the settings stand."""
        return self.home / "settings" / "pbx.env"

    def init(self) -> Ran:
        """Make the home."""
        home = self.home / "var"
        return self._installed("init", "--home", home, "--json", environment=self.environment)

    def pbx_now(self, *arguments: str, typed: str | None = None) -> bytes:
        """Run a command of the installed program and give what it printed as JSON."""
        ran = self._installed(*arguments, "--json", environment=self.environment, typed=typed or "")
        if ran.code != 0:
            raise CommandError(arguments, ran.code, ran.out + ran.err)
        return ran.out.encode()
