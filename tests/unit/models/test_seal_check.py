"""Whether the key at hand is the one that the passwords in the database were sealed with."""

from pathlib import Path

from models import provisioning
from models.seal import Seal
from models.seal_check import KeyState, key_state
from tests.support.older_database import (
    fill_older_database,
    older_database_url,
    older_postgres,
    older_sqlite,
)
from tests.unit.models.builders import a_tenant

__all__ = ["older_database_url", "older_postgres", "older_sqlite"]


async def test_a_key_is_told_from_another_by_what_it_opens(
    database: str, seal: Seal, other_seal: Seal, tmp_path: Path
) -> None:
    key, other = tmp_path / "secrets" / "key", tmp_path / "secrets" / "other-key"
    assert await key_state(database, key) is KeyState.NOTHING_SEALED
    await a_tenant("acme")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    assert await key_state(database, other) is KeyState.MISSING
    other_seal.close("something else")

    assert await key_state(database, other) is KeyState.OTHER
    assert await key_state(database, key) is KeyState.OPENS
    key.write_bytes(b"no key")
    assert await key_state(database, key) is KeyState.OTHER


async def test_the_tables_may_be_older(older_database_url: str, seal: Seal, tmp_path: Path) -> None:
    await fill_older_database(older_database_url, seal)
    assert await key_state(older_database_url, tmp_path / "secrets" / "key") is KeyState.OPENS


async def test_where_there_are_no_tables_nothing_is_sealed(
    empty_database_url: str, tmp_path: Path
) -> None:
    assert await key_state(empty_database_url, tmp_path / "key") is KeyState.NOTHING_SEALED
