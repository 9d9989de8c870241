"""Sounds kept under the hash of their upload, so that a tenant can be led back to them; no tables.

They lie in a folder of the tenant, whatever becomes of the name that they once had.
"""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from models.imported_sound import EXTENSIONS, ImportedSound

_HASH: Final = re.compile("[0-9a-f]{64}")


def keep_sound(folder: Path, sound: ImportedSound, files: Mapping[str, Path]) -> None:
    """Give the files of a sound second names; they take no room while the first ones stand.

    Args:
        folder: Where sounds are kept.
        sound: What lies in the files.
        files: By their file name extension.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    folder.mkdir(exist_ok=True)
    for extension, file in files.items():
        _give_name(file, folder / f"{sound.sha256}.{extension}")
    facts = {
        "duration_s": sound.duration_s,
        "source_rate_hz": sound.source_rate_hz,
        "warnings": list(sound.warnings),
    }
    (folder / f"{sound.sha256}.json").write_text(json.dumps(facts), encoding="utf-8")


def read_kept(folder: Path, sha256: str) -> ImportedSound | None:
    """The sound that was made of an upload; None when it was not kept, or is no more.

    Args:
        folder: Where sounds are kept.
        sha256: Of the upload.
    """
    if _HASH.fullmatch(sha256) is None:
        return None
    try:
        facts = json.loads((folder / f"{sha256}.json").read_text(encoding="utf-8"))
        return ImportedSound(
            duration_s=float(facts["duration_s"]),
            source_rate_hz=int(facts["source_rate_hz"]),
            sha256=sha256,
            warnings=tuple(map(str, facts["warnings"])),
            files={one: (folder / f"{sha256}.{one}").read_bytes() for one in EXTENSIONS},
        )
    except (OSError, ValueError, KeyError, TypeError):  # somebody has tidied up, or it is torn
        return None


def restore_kept(folder: Path, sha256: str, file: Path) -> None:
    """Give a kept file its first name back; nothing happens where it is kept no more.

    Args:
        folder: Where sounds are kept.
        sha256: Of the upload.
        file: Where it shall be; its extension says which one.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    kept = folder / f"{sha256}{file.suffix}"
    if _HASH.fullmatch(sha256) and kept.exists():
        _give_name(kept, file)


def _give_name(file: Path, other: Path) -> None:
    other.unlink(missing_ok=True)
    try:
        other.hardlink_to(file)
    except OSError:  # not on every file system
        shutil.copyfile(file, other)
