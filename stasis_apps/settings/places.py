"""Where the settings file and the home lie: in a checkout, of a person, of the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SETTINGS_FILE: Final = "PBX_SETTINGS_FILE"
ROOT: Final = 0
IN_WORKING_FOLDER: Final = Path(".env")


@dataclass(frozen=True, slots=True)
class Places:
    """What belongs together: where settings stand, and the home that they name.

    Attributes:
        settings_file: Settings as in ``.env``.
        home: Everything that changes.
    """

    settings_file: Path
    home: Path


OF_THE_MACHINE: Final = Places(Path("/etc/pbx/pbx.env"), Path("/var/lib/pbx"))


def is_checkout() -> bool:
    """Whether this program runs from a checkout and not from a place it was installed in."""
    return (Path(__file__).parents[2] / "pyproject.toml").is_file()


def usual_places(environment: Mapping[str, str]) -> Places:
    """Where the settings file and the home are made when nobody says anything else."""
    if is_checkout():
        return Places(IN_WORKING_FOLDER.absolute(), Path("var").absolute())
    return OF_THE_MACHINE if os.geteuid() == ROOT else of_a_person(environment)


def of_a_person(environment: Mapping[str, str]) -> Places:
    """Where an ordinary user's own lie (XDG Base Directory Specification 0.8)."""
    user = Path(environment.get("HOME") or Path.home())
    configuration = Path(environment.get("XDG_CONFIG_HOME") or user / ".config")
    kept = Path(environment.get("XDG_DATA_HOME") or user / ".local" / "share")
    return Places(configuration / "pbx" / "pbx.env", kept / "pbx")


def possible_files(environment: Mapping[str, str]) -> list[Path]:
    """The settings files that may be meant, the nearest first.

    A checkout looks at its own alone: it is no business of the exchange that the machine runs.
    """
    told = environment.get(SETTINGS_FILE)
    if told:
        return [Path(told).absolute()]
    if is_checkout():
        return [IN_WORKING_FOLDER.absolute()]
    if os.geteuid() != ROOT:
        own = of_a_person(environment).settings_file
        return [IN_WORKING_FOLDER.absolute(), own, OF_THE_MACHINE.settings_file]
    near = [IN_WORKING_FOLDER.absolute()] if _root_may_trust(IN_WORKING_FOLDER, environment) else []
    return [*near, OF_THE_MACHINE.settings_file]


def _root_may_trust(path: Path, environment: Mapping[str, str]) -> bool:
    """Settings name programs to run: whose they are matters when root types in a shared folder."""
    try:
        owner = path.stat().st_uid
    except OSError:
        return False
    return owner == ROOT or str(owner) == environment.get("SUDO_UID")
