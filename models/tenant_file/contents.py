"""What is in files, read with care: nothing that hangs, runs over, or lies where it should not."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_CAREFULLY: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_MEGABYTE: Final = 1 << 20
_OUTSIDE: Final = "lies outside the folder of the tenant file, and is not read"


class NoContent(Exception):
    """A file cannot be read, or must not be.

    Attributes:
        rule: Why, readable after its name.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class NoSuchFile(NoContent):
    """There is nothing of this name."""

    def __init__(self) -> None:
        super().__init__("there is no such file")


def content_of(path: Path, most_bytes: int) -> bytes:
    """What is in a file.

    Raises:
        NoContent: It is none (a folder, a device, a pipe), is too large, or cannot be read.
    """
    return _content(path, most_bytes, _CAREFULLY)


def content_beside(folder: Path, name: str, most_bytes: int) -> bytes:
    """What is in a file that a tenant file names.

    Whoever writes a tenant file must not learn or play by it what else the operator can read:
    links are followed, and what lies outside the folder then is not even looked for.

    Args:
        folder: In which the tenant file lies.
        name: As the tenant file names it.
        most_bytes: It may have so many.

    Raises:
        NoContent: It lies outside the folder or has no name that can be,
            is no file, is too large, or cannot be read.
    """
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise NoContent(_OUTSIDE)
    except (OSError, RuntimeError, ValueError) as failure:  # a circle of links, a name with a NUL
        raise NoContent("is the name of no file") from failure
    return _content(path, most_bytes, _CAREFULLY | os.O_NOFOLLOW)


def _content(path: Path, most_bytes: int, flags: int) -> bytes:
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError) as failure:
        raise NoSuchFile from failure
    except (OSError, ValueError) as failure:
        raise NoContent("cannot be read") from failure
    try:
        return _of_a_file(descriptor, most_bytes)
    except OSError as failure:
        raise NoContent("cannot be read") from failure
    finally:
        os.close(descriptor)


def _of_a_file(descriptor: int, most_bytes: int) -> bytes:
    there = os.fstat(descriptor)
    if not stat.S_ISREG(there.st_mode):
        raise NoContent("is no file that can be read")
    if there.st_size > most_bytes:
        raise NoContent(f"is larger than {round(most_bytes / _MEGABYTE)} MB")
    with os.fdopen(descriptor, "rb", closefd=False) as opened:
        return opened.read(there.st_size)
