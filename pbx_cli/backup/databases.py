"""The database of a home, of whichever kind: as it was in one moment, and put back."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol

from models.config import parse_url
from models.database import applied_migrations, database_as_it_is, migrate
from models.errors import DatabaseError
from models.provisioning.baselines import after_upgrade
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


async def tenants_in(url: str) -> int | None:
    """How many tenants there are; None when the database cannot be read."""
    try:
        if not await applied_migrations(url):
            return 0
        async with database_as_it_is(url) as database:
            ((count, *_), *_) = (
                row.values()
                for row in await database.execute_query_dict("SELECT COUNT(*) FROM tenant")
            )
    except (DatabaseError, OSError):
        return None
    return int(count)


async def made_ready(url: str, file: Path) -> None:
    """Do with an unpacked database what can be done before the one that is there is touched.

    Raises:
        DatabaseUnavailable: It cannot be brought up to date.
    """
    if parse_url(url).sqlite_path is not None:
        await migrate(f"sqlite://{file}", afterwards=after_upgrade)


async def load(url: str, file: Path) -> None:
    """Put what `frozen` has written into the place of all that is there.

    Raises:
        DatabaseUnavailable: It does not answer, or cannot be written; it is as it was.
    """
    path = parse_url(url).sqlite_path
    await (load_postgres(url, file) if path is None else load_sqlite(Path(path), file))


async def brought_up_to_date(url: str) -> None:
    """Do what could not be done before: older tables that were loaded become new ones.

    Raises:
        DatabaseUnavailable: It went away; the next command does it.
    """
    await migrate(url, afterwards=after_upgrade)
