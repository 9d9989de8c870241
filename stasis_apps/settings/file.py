"""The settings file: found and read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from stasis_apps.settings.places import SETTINGS_FILE, possible_files
from stasis_apps.settings.values import SettingInvalid

OURS: Final = "PBX_"

PATHS: Final = (
    "PBX_HOME",
    "PBX_ASTERISK_ROOT",
    "PBX_SECRET_KEY_FILE",
    "PBX_TLS_CERT_FILE",
    "PBX_TLS_KEY_FILE",
)
"""What names a file or folder: seen from the settings file, wherever a command is typed."""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file that has something for us.

    Attributes:
        path: Where it lies.
        values: What it sets, other people's variables included.
    """

    path: Path
    values: Mapping[str, str]


def find_settings_file(environment: Mapping[str, str]) -> SettingsFile | None:
    """Read the nearest file that sets anything of ours; files are not put together.

    A ``.env`` of another program in the working folder is passed over.

    Raises:
        SettingInvalid: One cannot be read, or the one that was named is of no use.
    """
    for path in possible_files(environment):
        values = _read(path)
        if any(name.startswith(OURS) for name in values):
            return SettingsFile(path, values)
    told = environment.get(SETTINGS_FILE)
    if told:
        rule = "must be a file that this user can read, and that sets a PBX_ variable"
        raise SettingInvalid(SETTINGS_FILE, told, rule)
    return None


def _read(path: Path) -> Mapping[str, str]:
    try:
        with path.open(encoding="utf-8") as file:
            values = {name: value or "" for name, value in dotenv_values(stream=file).items()}
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return {}
    except PermissionError as problem:
        if not os.access(path.parent, os.X_OK):
            return {}  # a working folder that is closed to us, and no sign of a file in it
        rule = "cannot be read by this user; become its owner with sudo, or name another file"
        raise SettingInvalid(SETTINGS_FILE, str(path), rule) from problem
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingInvalid(SETTINGS_FILE, str(path), f"cannot be read: {problem}") from problem
    return {name: _from_its_folder(path, name, value) for name, value in values.items()}


def _from_its_folder(path: Path, name: str, value: str) -> str:
    return str(path.parent / value) if value and name in PATHS else value
