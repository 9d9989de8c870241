"""The key that seals passwords: apart from backups or in them, lost, or the wrong one."""

import json
from pathlib import Path

import pytest

from models.seal import Seal
from tests.support.database import migrated_sqlite
from tests.unit.pbx_cli.saved_homes import (
    ACME,
    Copies,
    Office,
    archive,
    bring_the_key,
    busy_offices,
    copies,
    first,
    second,
)
from tests.unit.pbx_cli.spoilt_archives import ABOUT, members_of

__all__ = ["archive", "busy_offices", "copies", "first", "migrated_sqlite", "second"]


@pytest.fixture
def engine() -> str:
    return "sqlite"


def test_the_key_goes_along_only_when_it_is_asked_for(
    first: Office, second: Office, archive: Path, tmp_path: Path
) -> None:
    key = (first.home / "secret.key").read_bytes()
    assert key not in b"".join(members_of(archive.read_bytes()).values())
    alone = tmp_path / "alone.tar.gz"
    first.done("backup", str(alone), "--with-key")

    second.done("restore", str(alone))

    assert (second.home / "secret.key").read_bytes() == key
    assert (second.home / "secret.key").stat().st_mode & 0o077 == 0


def test_a_backup_wants_the_key_that_its_passwords_were_sealed_with(
    second: Office, archive: Path
) -> None:
    missing = second.refused("restore", str(archive), code=1)
    assert "put the key file of the old home there first" in missing
    Seal(second.home / "secret.key").close("another one")

    wrong = second.refused("restore", str(archive), code=1)

    assert "is not the one that sealed the passwords" in wrong
    second.done("restore", str(archive), "--without-key")
    assert second.pbx("device", "show", "100", *ACME, "--setup").code == 1


def test_a_key_that_is_lost_or_wrong_is_told_while_it_can_still_be_found(
    first: Office, tmp_path: Path
) -> None:
    file = tmp_path / "other.tar.gz"
    key = first.home / "secret.key"
    key.rename(tmp_path / "found.key")

    assert "there is no key file" in first.refused("backup", str(file), "--with-key", code=1)
    assert not file.exists()
    assert "WARNING: there is no key file" in first.pbx("backup", str(file)).err.decode()

    Seal(key).close("another one")
    assert "does not open" in first.refused("backup", str(file), "--yes", "--with-key", code=1)
    assert "WARNING: the key in" in first.pbx("backup", str(file), "--yes").err.decode()


def test_a_backup_made_beside_a_wrong_key_is_restored_with_the_right_one(
    first: Office, second: Office, tmp_path: Path
) -> None:
    bring_the_key(first, second)
    key = first.home / "secret.key"
    key.unlink()
    Seal(key).close("another one")
    file = tmp_path / "other.tar.gz"
    told = json.loads(first.done("backup", str(file), "--json"))

    second.done("restore", str(file))

    second.done("device", "show", "100", *ACME, "--setup")
    assert members_of(file.read_bytes())[ABOUT].endswith(b"}\n")
    assert (told["key"], "sealed" in told["about"]) == ("other", False)


def test_where_nothing_is_sealed_no_key_is_asked_for(
    copies: Copies, second: Office, migrated_sqlite: Path, tmp_path: Path
) -> None:
    empty = copies.office("empty", template=str(migrated_sqlite))
    file = str(tmp_path / "empty.tar.gz")

    assert "there is no key file" in empty.refused("backup", file, "--with-key", code=1)
    assert b"WARNING" not in empty.pbx("backup", file).err
    second.done("restore", file)
