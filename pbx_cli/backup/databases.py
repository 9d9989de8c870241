"""The database of a home, of whichever kind: as it was in one moment, and put back."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol

from models.config import parse_url
from models.database import migrate
from models.provisioning.baselines import write_baselines
from pbx_cli.backup.postgres_copy import frozen_postgres, is_postgres_used, load_postgres
from pbx_cli.backup.sqlite_copy import frozen_sqlite, is_sqlite_used, load_sqlite

SQLITE: Final = "sqlite"
POSTGRES: Final = "postgres"


class Frozen(Protocol):
    """A database as it was in one moment."""

    async def write(self, file: Path) -> None:
        """Write it into a file.

        Raises:
            DatabaseUnavailable: It went away, or the file cannot be written.
        """


def kind_of(url: str) -> str:
    """Which kind of database an address leads to."""
    return POSTGRES if parse_url(url).sqlite_path is None else SQLITE


def frozen(url: str) -> AbstractAsyncContextManager[Frozen]:
    """Hold a moment: what is written inside the block is not seen; calls go on meanwhile.

    Raises:
        DatabaseUnavailable: It does not answer, or is not there.
    """
    path = parse_url(url).sqlite_path
    return frozen_postgres(url) if path is None else frozen_sqlite(Path(path))


async def is_used(url: str) -> bool:
    """Whether there is something to lose: a tenant, a call, or what is not ours.

    Raises:
        DatabaseUnavailable: It does not answer.
    """
    path = parse_url(url).sqlite_path
    return await (is_postgres_used(url) if path is None else is_sqlite_used(Path(path)))


async def load(url: str, file: Path) -> None:
    """Put what `frozen` has written into the place of all that is there, and bring it up to date.

    Raises:
        DatabaseUnavailable: It does not answer, or cannot be written; it is as it was.
    """
    path = parse_url(url).sqlite_path
    if path is None:
        await load_postgres(url, file)
        await migrate(url, afterwards=write_baselines)
    else:
        await migrate(f"sqlite://{file}", afterwards=write_baselines)
        await load_sqlite(Path(path), file)
