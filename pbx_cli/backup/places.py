"""What of a home goes into a backup; the rest is drawn or written anew on each machine.

Not in it: everything of Asterisk's but recordings that are not messages yet (its configuration, its
passwords and the name of the node belong to one machine), logs, locks, and who is running.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

RECORDINGS: Final = "asterisk/spool/recording"
PENDING: Final = "voicemail/pending"
FOLDERS: Final = ("sounds", "voicemail", "notices", RECORDINGS)
"""Each is moved as a whole; some may be on file systems of their own."""

FILES: Final = ("journal.spool", "journal.taken", "journal.refused")
HOME_ID: Final = "voicemail/home.id"
"""Binds the rows of messages to the folder with their sounds, so it goes with both of them."""

_COMES_AND_GOES: Final = (PENDING, "voicemail/sent", "notices", RECORDINGS, "journal.")
_HALF_WRITTEN: Final = (".lock", ".unfinished")
_HIDDEN_FOLDERS: Final = frozenset({".kept", ".staged"})
"""Of prompts; others are there for a moment only, or are what a restore has left behind."""


def in_backups(home: Path) -> list[str]:
    """The files of a home that are there now; what is there for a moment only comes last.

    So it is looked at right before the database: what is in neither of the two was not there yet.
    """
    there = [one for folder in FOLDERS for one in _files_in(home, folder)]
    there += [one for one in FILES if (home / one).is_file()]
    return sorted(there, key=lambda one: (one.startswith(_COMES_AND_GOES), one))


def is_in_backups(path: str) -> bool:
    """Whether a path of an archive is one of those, and leads nowhere else."""
    parts = PurePosixPath(path).parts
    if str(PurePosixPath(path)) != path or not set(filter(_is_hidden, parts)) <= _HIDDEN_FOLDERS:
        return False
    return path in FILES or any(path.startswith(f"{folder}/") for folder in FOLDERS)


def folder_of(path: str) -> str:
    """The folder that a file is moved with; nothing for the home itself."""
    return next((one for one in FOLDERS if path.startswith(f"{one}/")), "")


def _files_in(home: Path, folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(home / folder, onerror=_refuse, followlinks=True):
        folders[:] = [one for one in folders if not _is_hidden(one) or one in _HIDDEN_FOLDERS]
        within = Path(place).relative_to(home)
        for name in names:
            if not _is_hidden(name) and not name.endswith(_HALF_WRITTEN):
                yield (within / name).as_posix()


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _refuse(fault: OSError) -> None:
    """A folder that cannot be read must not be missing in silence; one that is not there may."""
    if not isinstance(fault, FileNotFoundError):
        raise fault
