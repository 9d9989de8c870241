"""The machine's own exchange: a system user, whose services systemd starts."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from pbx_cli.beginning import Beginning, write_settings
from pbx_cli.errors import USAGE, Refused
from pbx_cli.home import IN_USE, PRIVATE_FOLDER
from pbx_cli.owner import become
from pbx_cli.units import render_units
from stasis_apps.settings import SettingInvalid, read_settings
from stasis_apps.settings.places import OF_THE_MACHINE, is_checkout
from stasis_apps.settings.trust import ROOT

USER: Final = "pbx"
ANYBODY: Final = 65534
"""The user nobody: what it can run, everybody can."""

FOLDER_FOR_EVERYBODY: Final = 0o755
FILE_FOR_EVERYBODY: Final = 0o644
FILE_FOR_GROUP: Final = 0o640
CACHE: Final = Path("/var/cache/pbx")
"""What can be fetched again: Asterisk, when the machine has none that will do."""

UNITS: Final = Path("/etc/systemd/system")
START_S: Final = 30.0


def check_machine() -> None:
    """Find out whether services can be made at all, before anything is.

    Raises:
        Refused: We are not root, or run from where the services could not.
    """
    program = this_program()
    if os.geteuid() != ROOT:
        raise Refused(f"users and services are made by root: sudo {program} init --system")
    if is_checkout():
        rule = "--system is for an installed pbx, and this one runs from a checkout"
        raise Refused(f"{rule} (docs/install.md)", exit_code=USAGE)
    if not UNITS.is_dir():
        raise Refused(f"there is no {UNITS} on this machine; without systemd: pbx init")
    if not _everybody_can_run(program):
        raise Refused(
            f"not everybody can run {program}, so that the user {USER} could not: install pbx in "
            "a folder that all can read, such as /opt/pbx (docs/install.md)"
        )


def this_program() -> Path:
    """How `pbx` was called, links kept: an upgrade may lead them elsewhere."""
    called = Path(sys.argv[0]).absolute()
    return called if called.name == "pbx" else Path(sys.executable).with_name("pbx")


def _everybody_can_run(program: Path) -> bool:
    """Try it: a folder that is closed on the way to it, or to its packages, shows only so."""
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            [program, "--version"],
            user=ANYBODY,
            group=ANYBODY,
            extra_groups=[],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=START_S,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def begin_services(beginning: Beginning) -> list[Path]:
    """Make the user, its home and its services, and go on as that user.

    Returns:
        Where the units of systemd are.

    Raises:
        SettingInvalid: The home cannot be made.
        Refused: Something cannot be made, or the home is somebody else's.
    """
    home = beginning.settings.home
    user = _user(home)
    if _give_home(home, user):
        beginning.made.append(home)
    write_settings(beginning)
    _open_settings(beginning.settings_file, user.pw_gid)
    CACHE.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    os.chown(CACHE, user.pw_uid, user.pw_gid)
    units = _write_units(beginning)
    become(user.pw_uid, user.pw_gid, home)
    read_settings()  # a folder that is closed to the services shows now
    return units


def _user(home: Path) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        _make_user(home)
    return pwd.getpwnam(USER)


def _make_user(home: Path) -> None:
    program = shutil.which("useradd")
    if program is None:
        raise Refused(f"the user {USER} cannot be made without useradd (Debian package passwd)")
    options = ("--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin")
    done = subprocess.run(  # noqa: S603 - the machine's useradd with our own arguments
        [program, *options, "--home-dir", str(home), USER],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"the user {USER} cannot be made: {done.stderr.strip()}")


def _open_settings(settings_file: Path, group: int) -> None:
    """Let the user read the settings, which root alone writes."""
    if settings_file == OF_THE_MACHINE.settings_file:
        settings_file.parent.chmod(FOLDER_FOR_EVERYBODY)
    os.chown(settings_file, ROOT, group)
    settings_file.chmod(FILE_FOR_GROUP)


def _give_home(home: Path, user: pwd.struct_passwd) -> bool:
    """Make the home, unless it is there and the user's already."""
    try:
        home.mkdir(mode=PRIVATE_FOLDER)
    except FileExistsError:
        if home.stat().st_uid == user.pw_uid:
            return False
        raise Refused(
            f"PBX_HOME={home} does not belong to the user {USER}: stop what works there, then "
            f"chown -R {USER}:{USER} {home}",
            exit_code=IN_USE,
        ) from None
    except OSError as problem:
        rule = f"cannot be made: {problem.strerror}"
        raise SettingInvalid("PBX_HOME", str(home), rule) from problem
    os.chown(home, user.pw_uid, user.pw_gid)
    return True


def _write_units(beginning: Beginning) -> list[Path]:
    """Write them anew; what an operator changes belongs in `systemctl edit`."""
    home, settings_file = beginning.settings.home, beginning.settings_file
    paths = []
    for name, text in render_units(this_program(), settings_file, home, USER).items():
        path = UNITS / name
        is_new = not path.exists()
        try:
            path.write_text(text, encoding="utf-8")
            path.chmod(FILE_FOR_EVERYBODY)
        except OSError as problem:
            raise Refused(f"{path} cannot be written: {problem.strerror}") from problem
        paths.append(path)
        beginning.made += [path] if is_new else []
    return paths
