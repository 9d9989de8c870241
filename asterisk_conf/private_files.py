"""Writes files that nobody else on the machine may read, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

PRIVATE_FILE: Final = 0o600


def replace_file(path: Path, text: str) -> None:
    """Write beside, then rename: a reader sees the old file or the new one, never half.

    After a power cut it may be empty: this is for what is written anew at each start.

    Raises:
        OSError: It cannot be written.
    """
    beside = path.with_name(f"{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def keep_file(path: Path, text: str) -> None:
    """Write what is never written again, so that a power cut leaves it whole.

    Raises:
        OSError: It cannot be written.
    """
    replace_file(path, text)
    for written in (path, path.parent):
        handle = os.open(written, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
