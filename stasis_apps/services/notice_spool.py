"""Notices on disk, for as long as the database does not have them: a file for each bundle."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from models.message_files import write_durably
from models.notices import NewEvent

log = structlog.get_logger(__name__)


class NoticeSpool:
    """A folder; whatever is in it is waiting."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, events: Sequence[NewEvent]) -> None:
        """Put notices on disk, for good.

        Raises:
            MessageFilesError: The disk is full, or the folder cannot be written.
        """
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.json"
        write_durably(self._folder / name, msgspec.json.encode(events))

    def bundles(self) -> list[Path]:
        """What waits, the oldest first.

        Raises:
            OSError: The folder cannot be read.
        """
        return sorted(self._folder.glob("[0-9]*.json"))

    def read(self, bundle: Path) -> list[NewEvent]:
        """The notices in a bundle; one that cannot be read is put aside, for somebody to look at.

        Raises:
            OSError: The file cannot be read at all.
        """
        try:
            return msgspec.json.decode(bundle.read_bytes(), type=list[NewEvent])
        except msgspec.MsgspecError as fault:
            log.error("notices_unreadable", path=str(bundle), fault=str(fault))  # noqa: TRY400 - the operator needs the fault, not our stack
            bundle.rename(bundle.with_suffix(".refused"))
            return []

    def forget(self, bundle: Path) -> None:
        """The database has it now."""
        bundle.unlink(missing_ok=True)
