"""Finds an Asterisk that will do on this machine, or fetches one; configures and starts nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.errors import AsteriskMissing, ModuleMissing
from asterisk_conf.fetch import PROMPTS, SOUNDS, add_prompts, fetch, missing_prompts
from asterisk_conf.modules import EVERY

Progress = Callable[[str], None]

OLDEST_VERSION = (22, 10, 1)
"""22.9 locks up under ARI load; 22.10.1 closes holes in ARI."""

VERSION_LIMIT_S = 10.0
SYSTEM_PROGRAM = "/usr/sbin/asterisk"
SYSTEM_MODULES = ("/usr/lib/*/asterisk/modules", "/usr/lib/asterisk/modules")
SYSTEM_DATA = ("/usr/share/asterisk", "/var/lib/asterisk")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskInstall:
    """An Asterisk on disk, whole and ready to be configured."""

    command: tuple[str, ...]
    """What starts it, before any option of ours."""
    version: str
    moddir: Path
    datadir: Path

    @property
    def rest_api(self) -> Path:
        """The folder with the machine-readable description of ARI."""
        return self.datadir / "rest-api"

    def missing_prompts(self) -> tuple[str, ...]:
        """Name the languages that this Asterisk cannot speak; English stands in for them."""
        return missing_prompts(self.datadir / "sounds")

    def missing_modules(self, names: Iterable[str] = EVERY) -> tuple[str, ...]:
        """Name the modules that calls here need and this Asterisk does not bring."""
        return tuple(name for name in names if not (self.moddir / f"{name}.so").is_file())

    def require_modules(self, names: Iterable[str] = EVERY) -> None:
        """Stop before the start when telephony would lack a part.

        Raises:
            ModuleMissing: names every module that is not there.
        """
        if missing := self.missing_modules(names):
            raise ModuleMissing(missing, self.moddir)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskElsewhere:
    """An Asterisk that we configure and do not start: in another container, or on another machine.

    Attributes:
        datadir: Where its prompts and music lie, over there.
        moddir: Where its modules lie; None for where it looks by itself.
    """

    datadir: Path = Path("/usr/share/asterisk")
    moddir: Path | None = None


def find_or_fetch(root: Path, progress: Progress) -> AsteriskInstall:
    """Return the machine's own Asterisk, else the one in ``root``, fetched there if need be.

    Args:
        root: Folder of the fetched Asterisk; shared by every instance of this user.
        progress: Told, line by line, what is going on.

    Raises:
        AsteriskMissing: None is here and none could be fetched; says what to do.
    """
    found = system_install(progress) or fetched_install(root)
    if found is None:
        fetch(root, progress)
        found = fetched_install(root)
    if found is None:
        raise AsteriskMissing(f"{root} was fetched, but holds no Asterisk that starts; remove it")
    found.require_modules()
    if found.missing_prompts():
        _complete_prompts(found, root, progress)
    return found


def advice_on_prompts(install: AsteriskInstall, root: Path) -> str | None:
    """Say which languages are not spoken and what brings them; None when all are there."""
    missing = install.missing_prompts()
    if not missing:
        return None
    lack = f"no prompts in {', '.join(missing)}: callers hear English instead; "
    if _is_fetched(install, root):
        return lack + "`pbx run` fetches them when there is a network"
    packages = [
        name for one in missing for name in (PROMPTS[one].removesuffix("-wav"), PROMPTS[one])
    ]
    return lack + f"sudo apt-get install {' '.join(packages)}"


def _complete_prompts(install: AsteriskInstall, root: Path, progress: Progress) -> None:
    """Fetch what a root of former times lacks; calls can be taken without it, too."""
    if _is_fetched(install, root):
        try:
            add_prompts(root, progress)
        except AsteriskMissing as problem:
            progress(str(problem))
    if advice := advice_on_prompts(install, root):
        progress(f"Asterisk has {advice}.")


def _is_fetched(install: AsteriskInstall, root: Path) -> bool:
    return install.datadir / "sounds" == root / SOUNDS


def system_install(progress: Progress, program: str | None = None) -> AsteriskInstall | None:
    """Return the Asterisk that the machine's owner installed, if it is new and whole enough."""
    found = program or shutil.which("asterisk") or shutil.which(SYSTEM_PROGRAM)
    if found is None:
        return None
    version = _version_of((found,))
    if version is None or not is_new_enough(version):
        progress(f"The machine's Asterisk ({version or 'silent'}) is too old, or does not start.")
        return None
    moddir, datadir = _first_folder(SYSTEM_MODULES), _first_folder(SYSTEM_DATA)
    if moddir is None or datadir is None:
        progress(f"The machine's Asterisk {version} keeps its modules in an unknown place.")
        return None
    install = AsteriskInstall(command=(found,), version=version, moddir=moddir, datadir=datadir)
    if missing := install.missing_modules():
        progress(f"The machine's Asterisk {version} lacks {', '.join(missing)}.")
        return None
    return install


def fetched_install(root: Path) -> AsteriskInstall | None:
    """Return the Asterisk in the folder, started through the loader beside it.

    Its libraries are newer than the machine's, so nothing of the machine's is mixed in.
    """
    program = root / "usr/sbin/asterisk"
    moddir = next(root.glob("usr/lib/*/asterisk/modules"), None)
    if moddir is None or not program.is_file():
        return None
    libraries = moddir.parent.parent
    loader = next(libraries.glob("ld-linux*.so.*"), None)
    if loader is None:
        return None
    command = (str(loader), "--library-path", str(libraries), str(program))
    version = _version_of(command)
    if version is None or not is_new_enough(version):
        return None
    datadir = root / "usr/share/asterisk"
    return AsteriskInstall(command=command, version=version, moddir=moddir, datadir=datadir)


def is_new_enough(version: str) -> bool:
    """Whether calls can rely on this version, told by text like ``22.10.1~dfsg+~cs6.15``."""
    numbers = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    if numbers is None:
        return False
    return tuple(int(number or 0) for number in numbers.groups()) >= OLDEST_VERSION


def _version_of(command: tuple[str, ...]) -> str | None:
    try:
        answer = subprocess.run(  # noqa: S603 - a program found by name on this machine, no shell
            [*command, "-V"], capture_output=True, text=True, timeout=VERSION_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    words = answer.stdout.split()
    return words[1] if len(words) > 1 and words[0] == "Asterisk" else None


def _first_folder(patterns: Iterable[str]) -> Path | None:
    for pattern in patterns:
        found = next(Path("/").glob(pattern.lstrip("/")), None)
        if found is not None:
            return found
    return None
