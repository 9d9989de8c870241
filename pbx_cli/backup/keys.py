"""The key that seals passwords: it is told from others, and never told itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from models.seal import Seal

_PURPOSE: Final = "to know this key again"


def fingerprint(key_file: Path) -> str:
    """What the key in a file is known by; empty when there is none.

    Raises:
        SealError: The file holds no key, or cannot be read.
    """
    return Seal(key_file).derived_key(_PURPOSE).hex() if key_file.exists() else ""
