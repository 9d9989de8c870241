"""The home folder: made readable by its owner alone, and held by one `pbx run` at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk_conf import UnusableSetting
from pbx_cli.errors import Refused

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
IN_USE = 4


def open_home(home: Path) -> None:
    """Make the home folder, or check that it can be used.

    Raises:
        UnusableSetting: It is no folder, or cannot be written.
    """
    try:
        is_new = not home.exists()
        home.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if is_new:
            home.chmod(PRIVATE_FOLDER)
    except OSError as problem:
        raise UnusableSetting("PBX_HOME", home, f"cannot be made: {problem.strerror}") from problem
    if not os.access(home, os.W_OK | os.X_OK):
        raise UnusableSetting("PBX_HOME", home, "cannot be written by this user")


@contextmanager
def only_supervisor(run_folder: Path) -> Iterator[None]:
    """Hold the home while the block runs; the hold dies with the process.

    Raises:
        Refused: Another `pbx run` holds it; names its process number.
        UnusableSetting: The folder cannot be written.
    """
    path = run_folder / "supervisor.lock"
    try:
        run_folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    except OSError as problem:
        rule = f"cannot be written: {problem.strerror}"
        raise UnusableSetting("PBX_HOME", run_folder.parent, rule) from problem
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


def supervisor_is_running(run_folder: Path) -> bool:
    """Whether a `pbx run` holds this home now."""
    try:
        with (run_folder / "supervisor.lock").open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
