"""Databases for the tests of the exchange (SQLite; PostgreSQL is tried elsewhere), and its log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from structlog.typing import EventDict

from tests.support.database import database, database_url, migrated_sqlite
from tests.unit.stasis_apps.occupied import Occupier, occupier_of

__all__ = ["database", "database_url", "migrated_sqlite"]


@pytest.fixture
def engine() -> str:
    """One engine will do here; both are tried where the tables are tested."""
    return "sqlite"


@pytest.fixture
async def occupier(database: str) -> AsyncIterator[Occupier]:
    """Somebody who can take the database for themselves."""
    async with occupier_of(database) as other:
        yield other


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    """What was logged; nothing of it is printed."""
    with structlog.testing.capture_logs() as entries:
        yield entries
