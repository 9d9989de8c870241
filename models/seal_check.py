"""Whether the key at hand opens what is sealed in a database; looks at one row, changes nothing."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Final

from models.database import applied_migrations, database_as_it_is
from models.errors import SealError
from models.seal import Seal

_DEVICE: Final = "SELECT sealed_password FROM device ORDER BY id LIMIT 1"
_TRUNK: Final = "SELECT sealed_password FROM trunk WHERE sealed_password <> '' ORDER BY id LIMIT 1"
_TRUNKS_SINCE: Final = "0004_trunks_and_numbers"


class KeyState(StrEnum):
    """What a key file is to a database."""

    NOTHING_SEALED = "nothing sealed"
    OPENS = "opens"
    MISSING = "missing"
    OTHER = "other"
    """It holds another key or none, or cannot be read."""


async def key_state(url: str, key_file: Path) -> KeyState:
    """Say whether a key opens a sealed row of this database, whatever version its tables are of.

    Raises:
        DatabaseUnavailable: It does not answer.
        DatabaseLocked: Another process holds it.
    """
    return await asyncio.to_thread(key_state_for, await one_sealed(url), key_file)


async def one_sealed(url: str) -> str:
    """One password of the database as it is sealed, always the same; empty when there is none.

    All are sealed with one key, so it stands for the others.

    Raises:
        DatabaseUnavailable: It does not answer.
        DatabaseLocked: Another process holds it.
    """
    applied = await applied_migrations(url)
    if not applied:
        return ""
    async with database_as_it_is(url) as database:
        for query in (_DEVICE, _TRUNK) if _TRUNKS_SINCE in applied else (_DEVICE,):
            for row in await database.execute_query_dict(query):
                return str(row["sealed_password"])
    return ""


def key_state_for(sealed: str, key_file: Path) -> KeyState:
    """Say what a key file is to one sealed password; reads the file."""
    if not sealed:
        return KeyState.NOTHING_SEALED
    try:
        if not key_file.exists():
            return KeyState.MISSING
        Seal(key_file).open(sealed)
    except (OSError, SealError):
        return KeyState.OTHER
    return KeyState.OPENS
