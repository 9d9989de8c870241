"""Another operator, in a process of their own, who applies a document and may be cut off midway.

Says ``looked`` when the file has been looked at, and waits for the writing then. Run as ``python -m
tests.support.second_operator URL KEY SOUNDS DOCUMENT [PASSWORDS]``; with a number of passwords, the
process is killed when it seals the one after them, as a power cut would.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from models.config import patient
from models.database import open_database
from models.errors import ChangedMeanwhile
from models.provisioning.whole import look_at, make_come_true, put_tenant
from models.seal import Seal
from models.sound_files import SoundFolder
from models.tenant_file.parts import Document
from stasis_apps.element import Catalogue
from tests.support.tenants_strategy import file_with_secrets


class DeadlySeal(Seal):
    """Seals so many passwords and no more."""

    def __init__(self, key_file: Path, left: int) -> None:
        super().__init__(key_file)
        self._left = left

    def close(self, secret: str) -> str:
        """Seal a password, or end it all."""
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().close(secret)


async def main(url: str, seal: Seal, sounds: Path, document: Document) -> None:
    """Apply the document."""
    folder, catalogue = SoundFolder(sounds), Catalogue()
    file = file_with_secrets(document)
    async with open_database(patient(url)):  # somebody else may still be about to begin
        outlook = await look_at(file=file, seal=seal, catalogue=catalogue, sounds=folder)
        sys.stdout.write("looked\n")
        sys.stdout.flush()
        try:
            await make_come_true(outlook, seal=seal, sounds=folder)
        except ChangedMeanwhile:
            await put_tenant(file=file, seal=seal, catalogue=catalogue, sounds=folder)


if __name__ == "__main__":
    where, key, folder_of_sounds, written = sys.argv[1:5]
    is_doomed = len(sys.argv) > 5
    seal_of_mine = DeadlySeal(Path(key), int(sys.argv[5])) if is_doomed else Seal(Path(key))
    wanted = json.loads(Path(written).read_text())
    asyncio.run(main(where, seal_of_mine, Path(folder_of_sounds), wanted))
