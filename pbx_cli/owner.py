"""Root becomes the owner of the home first, so that `sudo pbx` leaves nothing of root's there."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from click import ClickException

from pbx_cli.errors import FAILED, USAGE, Refused
from pbx_cli.output import note
from pbx_cli.signature import AUTHOR_VARIABLE, person
from stasis_apps.settings import SettingInvalid, read_settings
from stasis_apps.settings.file import find_settings_file
from stasis_apps.settings.places import SETTINGS_FILE
from stasis_apps.settings.trust import ROOT, name_of

OF_ROOTS_OWN: Final = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")


def become_owner_of_home() -> None:
    """Go on as the user whom the home belongs to, if we are root and it is somebody else's.

    Settings that cannot be used are left to the command, which says so.

    Raises:
        Refused: That user cannot be become, or cannot run this program.
    """
    if os.geteuid() != ROOT:
        return
    try:
        home = read_settings().home
        found = find_settings_file(os.environ)
    except SettingInvalid:
        return
    owner = home.stat() if home.is_dir() else None
    if owner is None or owner.st_uid == ROOT:
        return
    if found is not None:
        os.environ[SETTINGS_FILE] = str(found.path)  # the owner's own would be another
    become(owner.st_uid, owner.st_gid, home)


@contextmanager
def telling_who_acted() -> Iterator[None]:
    """Say who has acted when a command of root's failed as somebody who cannot see its files."""
    was_root = os.geteuid() == ROOT
    try:
        yield
    except SystemExit as end:
        was_refused = isinstance(end.__context__, ClickException) and end.code in (FAILED, USAGE)
        if was_refused and was_root and os.geteuid() != ROOT and "--json" not in sys.argv:
            note(
                f"Tried as {acting_user()}, to whom the home belongs: files have to be theirs to "
                "see."
            )
        raise


def become(user: int, group: int, home: Path) -> None:
    """Go on as somebody else, for good; revisions stay signed with the person at the keyboard.

    Raises:
        Refused: It cannot be done, or that user cannot run this program.
    """
    os.environ.setdefault(AUTHOR_VARIABLE, person())
    name = name_of(user)
    try:
        if name is None:
            os.setgroups([])
        else:
            os.initgroups(name, group)
        os.setgid(group)
        os.setuid(user)
    except OSError as problem:
        raise Refused(
            f"PBX_HOME={home} belongs to {name or user}, and root may not become that user here "
            f"({problem.strerror}): run this as {name or user}"
        ) from problem
    for variable in OF_ROOTS_OWN:
        os.environ.pop(variable, None)
    os.environ.update(_login_of(user, home))
    if not os.access(sys.executable, os.X_OK):
        raise Refused(
            f"PBX_HOME={home} belongs to {name or user}, who cannot run {sys.executable}: install "
            "pbx in a folder that everybody can read, such as /opt/pbx"
        )


def acting_user() -> str:
    """Name whom this process acts as, for a sentence."""
    return f"user {name_of(os.geteuid()) or os.geteuid()}"


def _login_of(user: int, home: Path) -> Mapping[str, str]:
    name = name_of(user)
    if name is None:
        return {"HOME": str(home)}
    return {"HOME": pwd.getpwnam(name).pw_dir, "USER": name, "LOGNAME": name}
