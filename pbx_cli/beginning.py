"""What a new exchange begins with: a home, a key and a settings file; what is there stays."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join
from typing import Final

from models.seal import Seal
from pbx_cli.errors import Refused
from pbx_cli.home import IN_USE, PRIVATE_FILE, PRIVATE_FOLDER, SIGNS_OF_A_HOME, open_home
from stasis_apps.settings import SettingInvalid, Settings, read_settings
from stasis_apps.settings.file import find_settings_file
from stasis_apps.settings.places import SETTINGS_FILE, Places, is_checkout, possible_files
from stasis_apps.settings.trust import ROOT, name_of

NEVER_IN_A_HOME: Final = frozenset("'\"\\#$%\n\r")
"""What means something else in a settings file, or in a unit of systemd."""


@dataclass(slots=True)
class Beginning:
    """What an exchange has now, and what of it was made just now.

    Attributes:
        settings: As the settings file and the environment have them, or will.
        settings_file: Where they stand, or will.
        first_text: What the settings file will say; empty when it is there already.
        made: What was not there before, in the order in which it was made.
    """

    settings: Settings
    settings_file: Path
    first_text: str = ""
    made: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new settings file will say, and where it will be.

    Attributes:
        settings_file: Left as it is when it is there.
        home: The one that was asked for; None for that of the file, or the usual one.
        usual: Where both are when nobody says anything else.
        asterisk_root: Where an Asterisk is fetched to; None for the user's own cache folder.
    """

    settings_file: Path
    home: Path | None
    usual: Places
    asterisk_root: Path | None = None


def begin_settings(wanted: Wanted) -> Beginning:
    """Read the settings file, or settle what a new one will say; nothing is made yet.

    Raises:
        SettingInvalid: What stands there, or was asked for, cannot be used.
        Refused: It names another home, or nobody has said which is meant.
    """
    if not _has_something(wanted.settings_file):
        return _new(wanted)
    if not is_checkout() or possible_files(os.environ) != [wanted.settings_file]:
        os.environ[SETTINGS_FILE] = str(wanted.settings_file)
    settings = read_settings()
    found = find_settings_file(os.environ)
    named = found.values.get("PBX_HOME") if found else None
    if wanted.home and named and Path(named) != wanted.home:
        raise Refused(
            f"{wanted.settings_file} says PBX_HOME={named}, not {wanted.home}: change it there, or "
            "name another settings file",
            exit_code=IN_USE,
        )
    return Beginning(settings, wanted.settings_file)


def _has_something(settings_file: Path) -> bool:
    """An empty one is what a write that was cut off has left, or a ``touch``."""
    try:
        return settings_file.stat().st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        raise Refused(f"{settings_file} cannot be read: {problem.strerror}") from problem


def _new(wanted: Wanted) -> Beginning:
    home = wanted.home or _usual_home(wanted)
    if NEVER_IN_A_HOME & set(str(home)):
        raise SettingInvalid("PBX_HOME", str(home), "must be without quotes, \\, #, $ and %")
    told = {"home": str(home), "asterisk_root": str(wanted.asterisk_root or "")}
    text = Path(__file__).with_name("pbx.env").read_text(encoding="utf-8").format(**told)
    as_told = {"PBX_ASTERISK_ROOT": told["asterisk_root"]} | os.environ | {"PBX_HOME": str(home)}
    return Beginning(read_settings(as_told), wanted.settings_file, first_text=text)


def _usual_home(wanted: Wanted) -> Path:
    """A second settings file is for a second exchange: it does not get the home of the first."""
    home = wanted.usual.home
    is_second = wanted.settings_file != wanted.usual.settings_file
    if is_second and any(_is_there("PBX_HOME", home / sign) for sign in SIGNS_OF_A_HOME):
        raise Refused(
            f"{home} is the home of an exchange already, and {wanted.settings_file} would be the "
            "settings of another: give --home FOLDER",
            exit_code=IN_USE,
        )
    return home


def write_settings(beginning: Beginning) -> None:
    """Write the settings file unless it is there; whole, or not at all.

    Its owner alone can read it: passwords of servers may stand there.

    Raises:
        Refused: It cannot be written.
    """
    path = beginning.settings_file
    if beginning.first_text:
        try:
            path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            _write_whole(path, beginning.first_text)
        except OSError as problem:
            raise Refused(f"{path} cannot be written: {problem.strerror}") from problem
        beginning.made.append(path)
    os.environ[SETTINGS_FILE] = str(path)


def _write_whole(path: Path, text: str) -> None:
    """Written beside and linked when it is whole; who comes second is refused."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists() and path.stat().st_size == 0:
            path.unlink()
        path.hardlink_to(draft)
    finally:
        draft.unlink()


def begin_home(beginning: Beginning) -> None:
    """Make the home, closed to others, and the key; a key that was lost is not replaced.

    Raises:
        SettingInvalid: The home cannot be made, or used.
        Refused: The home is somebody else's.
        SealError: The key cannot be made, or what is there is none.
    """
    home, key_file = beginning.settings.home, beginning.settings.secret_key_file
    is_new = not _is_there("PBX_HOME", home)
    if not is_new:
        _leave_to_owner(beginning)
    open_home(home)
    if is_new:
        beginning.made.append(home)
    has_been_used = any(home.iterdir())
    if _is_there("PBX_SECRET_KEY_FILE", key_file):
        Seal(key_file)  # says so when it is none
    elif not has_been_used:
        Seal(key_file).close("")
        beginning.made.append(key_file)


def _is_there(name: str, path: Path) -> bool:
    try:
        return path.exists()
    except OSError as problem:
        rule = f"cannot be used: {problem.strerror}"
        raise SettingInvalid(name, str(path), rule) from problem


def _leave_to_owner(beginning: Beginning) -> None:
    """Root makes no key in a home of somebody else's, who could not read it."""
    home = beginning.settings.home
    owner = home.stat().st_uid
    if os.geteuid() != ROOT or owner == ROOT:
        return
    name = name_of(owner) or f"#{owner}"  # as sudo takes a number
    named = ["--home", str(home)]
    if not beginning.first_text:
        named = ["--settings-file", str(beginning.settings_file), *named]
    raise Refused(
        f"PBX_HOME={home} belongs to {name}, and root would make a key there that is root's: "
        + join(["sudo", "-u", name, "pbx", "init", *named])
    )
