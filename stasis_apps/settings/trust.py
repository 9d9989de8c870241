"""Whose settings are gone by: they name programs to run, so that not everybody may write them."""

from __future__ import annotations

import functools
import os
import pwd
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = 0
WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def why_not_to_trust(found: os.stat_result, environment: Mapping[str, str]) -> str:
    """Why a file that merely lies in the working folder is not gone by; empty when it is.

    It has to belong to root, to us or to who became root by ``sudo``, and nobody else may write it.
    """
    trusted = {str(ROOT), str(os.geteuid())}
    if os.geteuid() == ROOT:
        trusted.add(environment.get("SUDO_UID", ""))
    if not stat.S_ISREG(found.st_mode):
        return "it is no regular file"
    if str(found.st_uid) not in trusted:
        return f"it belongs to {shown_user(found.st_uid)}"
    if found.st_mode & WRITABLE_BY_OTHERS:
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        return f"others may write it (mode {mode}); chmod go-w makes it count"
    return ""


@functools.cache
def tell_passed_over(path: Path, why: str) -> None:
    """Say once on standard error that a file is not gone by."""
    sys.stderr.write(f"{path} is passed over: {why}\n")


def shown_user(user: int) -> str:
    """Name a user in a sentence."""
    return name_of(user) or f"user {user}"


def name_of(user: int) -> str | None:
    """The name of a user; None for one of another machine, or of a container."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return None
