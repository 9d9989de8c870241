"""What a new exchange begins with: a settings file, a home and a key; what is there stays."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.seal import Seal
from pbx_cli.errors import Refused
from pbx_cli.home import IN_USE, PRIVATE_FILE, PRIVATE_FOLDER, open_home
from pbx_cli.output import note
from stasis_apps.settings import SettingInvalid, Settings, read_settings
from stasis_apps.settings.file import find_settings_file
from stasis_apps.settings.places import SETTINGS_FILE

NEVER_IN_A_HOME: Final = frozenset("'\"\\#$%\n\r")
"""What means something else in a settings file, or in a unit of systemd."""


@dataclass(slots=True)
class Beginning:
    """What an exchange has now, and what of it was made just now.

    Attributes:
        settings: As the settings file and the environment have them.
        settings_file: Where they stand.
        made: What was not there before, in the order in which it was made.
    """

    settings: Settings
    settings_file: Path
    made: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new settings file will say, and where it will be.

    Attributes:
        settings_file: Left as it is when it is there.
        home: The one that was asked for; None for that of the file, or the usual one.
        usual_home: For a new file that nobody has named a home for.
        asterisk_root: Where an Asterisk is fetched to; None for the user's own cache folder.
    """

    settings_file: Path
    home: Path | None
    usual_home: Path
    asterisk_root: Path | None = None


def begin_settings(wanted: Wanted) -> Beginning:
    """Write the settings file unless it is there, and read it.

    Raises:
        SettingInvalid: What stands there cannot be used.
        Refused: It cannot be written, or names another home.
    """
    settings_file, home = wanted.settings_file, wanted.home
    made = _make_settings_file(wanted)
    os.environ[SETTINGS_FILE] = str(settings_file)
    settings = read_settings()
    found = find_settings_file(os.environ)
    named = found.values.get("PBX_HOME") if found else None
    if home and named and Path(named) != home:
        raise Refused(
            f"{settings_file} says PBX_HOME={named}, not {home}: change it there, or name another "
            "settings file",
            exit_code=IN_USE,
        )
    return Beginning(settings, settings_file, made)


def _make_settings_file(wanted: Wanted) -> list[Path]:
    """Write it, readable by its owner alone: passwords of servers may stand there."""
    path, home = wanted.settings_file, wanted.home or wanted.usual_home
    if NEVER_IN_A_HOME & set(str(home)):
        raise SettingInvalid("PBX_HOME", str(home), "must be without quotes, \\, #, $ and %")
    text = Path(__file__).with_name("pbx.env").read_text(encoding="utf-8")
    try:
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError:
        return []
    except OSError as problem:
        raise Refused(f"{path} cannot be written: {problem.strerror}") from problem
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text.format(home=home, asterisk_root=wanted.asterisk_root or ""))
    return [path]


def begin_home(beginning: Beginning) -> None:
    """Make the home, closed to others, and the key; a key that was lost is not replaced.

    Raises:
        SettingInvalid: The home cannot be made, or used.
        SealError: The key cannot be made, or what is there is none.
    """
    home, key_file = beginning.settings.home, beginning.settings.secret_key_file
    is_new = not home.exists()
    open_home(home)
    if is_new:
        beginning.made.append(home)
    has_been_used = any(home.iterdir())
    if key_file.exists():
        Seal(key_file)  # says so when it is none
    elif has_been_used:
        note(
            f"There is no key at {key_file}, and the home has been used: put the key back. "
            "A home in which nothing was sealed yet gets one when it is needed."
        )
    else:
        Seal(key_file).close("")
        beginning.made.append(key_file)
