"""Where the settings file and the home lie: in a checkout, of a person, of the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stasis_apps.settings.trust import ROOT
from stasis_apps.settings.values import SettingInvalid

SETTINGS_FILE: Final = "PBX_SETTINGS_FILE"
TILDE: Final = "~"
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

    A checkout looks at its own alone: it is no business of the exchange that the machine runs. An
    installed program looks into no working folder: anybody might have laid settings there.

    Raises:
        SettingInvalid: The one that was named cannot be found from everywhere.
    """
    told = environment.get(SETTINGS_FILE)
    if told:
        return [whole_path(SETTINGS_FILE, told)]
    if is_checkout():
        return [IN_WORKING_FOLDER.absolute()]
    own = [of_a_person(environment).settings_file] if os.geteuid() != ROOT else []
    return [*own, OF_THE_MACHINE.settings_file]


def whole_path(name: str, told: Path | str) -> Path:
    """Where a file or folder is, seen from the working folder.

    Raises:
        SettingInvalid: It begins with ``~``, which only a shell understands: the home of whom,
            when root acts as the exchange's owner?
    """
    if str(told).startswith(TILDE):
        raise SettingInvalid(name, str(told), "must be the whole path: ~ is not understood here")
    return Path(told).absolute()
