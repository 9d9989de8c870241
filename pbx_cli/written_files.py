"""Files that a command writes because somebody has named them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from pbx_cli.errors import Refused


def check_writable(path: Path) -> None:
    """Find out whether a file can be written, before any work is done for it.

    Raises:
        Refused: It cannot.
    """
    place = path if os.access(path, os.F_OK) else path.parent
    if not os.access(place, os.F_OK):
        raise _refused(path, os.strerror(errno.ENOENT))
    if not os.access(place, os.W_OK):
        raise _refused(path, os.strerror(errno.EACCES))


def write_text(path: Path, text: str) -> None:
    """Write a file.

    Raises:
        Refused: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise _refused(path, problem.strerror or str(problem)) from problem


def _refused(path: Path, why: str) -> Refused:
    return Refused(f"{path} cannot be written: {why}")
