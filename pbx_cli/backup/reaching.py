"""Files that an operator names and this process may not reach; read, written and told of."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from pbx_cli.errors import FAILED, USAGE, Refused
from pbx_cli.owner import acting_user

STREAM: Final = "-"
"""Stdin, or stdout."""


def is_there(file: str) -> bool:
    """Whether a file has this name already.

    Raises:
        Refused: It may not be looked at.
    """
    try:
        Path(file).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        raise _unwritable(file, problem) from problem
    return True


@contextmanager
def written_whole(file: str) -> Iterator[IO[bytes]]:
    """Write a file that has its name when it is complete, and that nobody else can read.

    Raises:
        Refused: It cannot be made there.
    """
    if file == STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(file)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        raise _unwritable(file, problem) from problem
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def read_from(file: str) -> Iterator[IO[bytes]]:
    """Read a file from end to end.

    Raises:
        Refused: It is not there, or cannot be read.
    """
    if file == STREAM:
        yield sys.stdin.buffer
        return
    try:
        source = Path(file).open("rb")  # noqa: SIM115 - closed below
    except PermissionError as problem:
        raise Refused(
            f"{acting_user()} cannot reach {file}: `sudo pbx restore - < {file}`", exit_code=USAGE
        ) from problem
    except OSError as problem:
        words = f"{file} cannot be read: {problem.strerror}"
        is_missing = isinstance(problem, FileNotFoundError)
        raise Refused(f"{file} is not there" if is_missing else words, exit_code=USAGE) from problem
    with source:
        yield source


def _unwritable(file: str, problem: OSError) -> Refused:
    match problem:
        case PermissionError():
            way = f"`(umask 077 && sudo pbx backup - > {file})`"
            return Refused(f"{acting_user()} cannot reach {file}: {way}", exit_code=FAILED)
        case FileNotFoundError() | NotADirectoryError():
            return Refused(f"No backup was made: folder {Path(file).parent} is not there")
        case _:
            return Refused(f"No backup was made: {file}: {problem.strerror}")
