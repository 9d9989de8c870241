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
from tests.unit.models.office import Office

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


@pytest.fixture
def other_seal(tmp_path: Path) -> Seal:
    return Seal(tmp_path / "secrets" / "other-key")


@pytest.fixture
def office(database: str, seal: Seal, tmp_path: Path) -> Office:
    assert database
    return Office(seal, tmp_path / "sounds")
