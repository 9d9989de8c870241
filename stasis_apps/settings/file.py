"""The settings file: found and read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from stasis_apps.settings.lines import faults_in
from stasis_apps.settings.names import OURS
from stasis_apps.settings.places import (
    IN_WORKING_FOLDER,
    SETTINGS_FILE,
    TILDE,
    possible_files,
)
from stasis_apps.settings.trust import tell_passed_over, why_not_to_trust
from stasis_apps.settings.values import SettingInvalid, SettingsFileFaulty

PATHS: Final = (
    "PBX_HOME",
    "PBX_ASTERISK_ROOT",
    "PBX_SECRET_KEY_FILE",
    "PBX_TLS_CERT_FILE",
    "PBX_TLS_KEY_FILE",
    "PBX_TLS_CA_FILE",
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

    A checkout passes over an ``.env`` of another program, and one that others could have written.

    Raises:
        SettingInvalid: One cannot be read, or the one that was named is of no use.
    """
    told = environment.get(SETTINGS_FILE)
    for path in possible_files(environment):
        happens_to_be_here = not told and path == IN_WORKING_FOLDER.absolute()
        values = _read(path, environment if happens_to_be_here else None)
        if any(name.startswith(OURS) for name in values):
            return SettingsFile(path, values)
    if told:
        rule = "must be a file that this user can read, and that sets a PBX_ variable"
        raise SettingInvalid(SETTINGS_FILE, told, rule)
    return None


def _read(path: Path, wary_in: Mapping[str, str] | None) -> Mapping[str, str]:
    try:
        text = _text_of(path, wary_in)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except PermissionError as problem:
        if not os.access(path.parent, os.X_OK):
            return {}  # a folder that is closed to us, and no sign of a file in it
        rule = "cannot be read by this user; become its owner with sudo, or name another file"
        raise SettingInvalid(SETTINGS_FILE, str(path), rule) from problem
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingInvalid(SETTINGS_FILE, str(path), f"cannot be read: {problem}") from problem
    return _values(path, text) if OURS in text.upper() else {}


def _text_of(path: Path, wary_in: Mapping[str, str] | None) -> str:
    """What stands in a file; nothing in what is none, and nobody waits for a pipe's other end.

    What was opened is looked at, so that it cannot be exchanged between a look and the reading.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags if wary_in is None else flags | os.O_NOFOLLOW)
    except OSError as problem:
        if wary_in is None or problem.errno != errno.ELOOP:
            raise
        tell_passed_over(path, "it is a link")
        return ""
    found = os.fstat(descriptor)
    why_not = "" if wary_in is None else why_not_to_trust(found, wary_in)
    if why_not:
        tell_passed_over(path, why_not)
    if why_not or not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        return ""
    with os.fdopen(descriptor, encoding="utf-8") as file:
        return file.read()


def _values(path: Path, text: str) -> Mapping[str, str]:
    faults = list(faults_in(text))
    if faults:
        raise SettingsFileFaulty(path, faults)
    values = dotenv_values(stream=StringIO(text))
    return {name: _from_its_folder(path, name, value or "") for name, value in values.items()}


def _from_its_folder(path: Path, name: str, value: str) -> str:
    """A path as others see it; what begins with ``~`` is left as it is, and refused later."""
    is_path = name in PATHS and value and not value.startswith(TILDE)
    return str(path.parent / value) if is_path else value
