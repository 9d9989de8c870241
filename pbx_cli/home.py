"""The home folder: made readable by its owner alone, and held by one `pbx run` at a time."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pbx_cli.errors import Refused
from pbx_cli.output import note
from stasis_apps.settings import SettingInvalid

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
OPEN_TO_OTHERS = 0o077
IN_USE = 4

SIGNS_OF_A_HOME = frozenset({"pbx.sqlite3", "secret.key"})
"""What tells a home from a folder of somebody's that was named by mistake."""


def open_home(home: Path) -> None:
    """Make the home folder, or check that it can be used; nobody but its owner may look inside.

    Raises:
        SettingInvalid: It is no folder, cannot be written, or cannot be closed to others.
    """
    try:
        home.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as problem:
        raise SettingInvalid(
            "PBX_HOME", str(home), f"cannot be made: {problem.strerror}"
        ) from problem
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingInvalid("PBX_HOME", str(home), "cannot be written by this user")
    if is_open_to_others(home):
        _close_to_others(home)


def is_open_to_others(path: Path) -> bool:
    """Whether another user may do anything with a file or folder; False when it is not there."""
    try:
        return bool(path.stat().st_mode & OPEN_TO_OTHERS)
    except OSError:
        return False


def _close_to_others(home: Path) -> None:
    """Close a home that was made before us; a folder with other things in it is not ours."""
    found = home.stat()
    mode = f"{stat.S_IMODE(found.st_mode):04o}"
    there = {path.name for path in home.iterdir()}
    if found.st_uid != os.geteuid() or (there and not there & SIGNS_OF_A_HOME):
        rule = (
            f"is open to other users (mode {mode}) and not ours to close; "
            "give it mode 0700, or name a folder of the exchange's own"
        )
        raise SettingInvalid("PBX_HOME", str(home), rule)
    home.chmod(PRIVATE_FOLDER)
    note(f"{home} was open to other users (mode {mode}); it has mode 0700 now.")


@contextmanager
def only_supervisor(run_folder: Path) -> Iterator[None]:
    """Hold the home while the block runs; the hold dies with the process.

    Raises:
        Refused: Another `pbx run` holds it; names its process number.
        SettingInvalid: The folder cannot be written.
    """
    path = run_folder / "supervisor.lock"
    try:
        run_folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    except OSError as problem:
        rule = f"cannot be written: {problem.strerror}"
        raise SettingInvalid("PBX_HOME", str(run_folder.parent), rule) from problem
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "unknown"
            raise Refused(
                f"PBX_HOME={run_folder.parent}: another `pbx run` (process {holder}) works there; "
                "stop it, or set PBX_HOME to another folder",
                exit_code=IN_USE,
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
