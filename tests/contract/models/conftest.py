"""Databases and keys for the tests of tables and provisioning."""

from pathlib import Path

import pytest

from models.seal import Seal
from tests.support.database import (
    database,
    database_url,
    empty_database_url,
    engine,
    migrated_postgres,
    migrated_sqlite,
    postgres_server,
)

__all__ = [
    "database",
    "database_url",
    "empty_database_url",
    "engine",
    "migrated_postgres",
    "migrated_sqlite",
    "postgres_server",
]


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return Seal(tmp_path / "secrets" / "key")
