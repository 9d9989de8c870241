"""A restore that does not come to its end: it is held off, and known of afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final

from pbx_cli.errors import Refused
from pbx_cli.home import IN_USE

MARKER: Final = ".restore-begun"
"""In the home from right before its database is exchanged until its files are, too."""

_HELD_OFF: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STDERR: Final = 2
_WAIT: Final = (
    b"The backup is being put in place now, which ends by itself; it cannot be stopped.\n"
)
_TEXT: Final = (
    "A restore was begun here. Until it is done, database and files do not belong together.\n"
)


def refuse_half_restored(home: Path) -> None:
    """Keep off a home whose database and files may be of two different moments.

    Raises:
        Refused: A restore was interrupted there.
    """
    if is_half_restored(home):
        raise Refused(
            f"PBX_HOME={home}: a restore was interrupted; restore again with --replace",
            exit_code=IN_USE,
        )


def is_half_restored(home: Path) -> bool:
    """Whether a restore has begun to change this home and not ended."""
    return os.path.exists(home / MARKER)  # noqa: PTH110 - False where nobody may look


def mark(home: Path) -> None:
    """Write down that this home begins to change; it outlives a loss of power.

    Raises:
        OSError: It cannot be written.
    """
    descriptor = os.open(home / MARKER, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(_TEXT)
        file.flush()
        os.fsync(file.fileno())
    _keep_names(home)


def unmark(home: Path) -> None:
    """Database and files belong together again.

    Raises:
        OSError: The home cannot be written.
    """
    (home / MARKER).unlink(missing_ok=True)
    _keep_names(home)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Be ended by nothing inside the block but `kill -9`; who tries is told to wait."""
    before = {one: signal.getsignal(one) for one in _HELD_OFF}
    for one, how in before.items():
        if how is not signal.SIG_IGN:  # as under nohup
            signal.signal(one, _say_wait)
    try:
        yield
    finally:
        for one, how in before.items():
            signal.signal(one, how)


def _say_wait(_number: int, _frame: FrameType | None) -> None:
    with suppress(OSError):  # the terminal is gone
        os.write(_STDERR, _WAIT)


def _keep_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
