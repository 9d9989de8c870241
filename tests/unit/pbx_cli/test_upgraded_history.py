"""The first command after an upgrade, on a database of the version before revisions."""

import asyncio
from pathlib import Path

import pytest

from models.seal import Seal
from tests.support.database import engine, postgres_server
from tests.support.older_database import (
    PHONE_PASSWORD,
    REVISION,
    fill_older_database,
    older_database_url,
    older_postgres,
    older_sqlite,
)
from tests.unit.pbx_cli.conftest import environment_of
from tests.unit.pbx_cli.shell import Shell

__all__ = ["engine", "older_database_url", "older_postgres", "older_sqlite", "postgres_server"]

ACME = ("--tenant", "acme")


@pytest.fixture
def upgraded(tmp_path: Path, older_database_url: str) -> Shell:
    """A shell whose next command finds tables of the version before."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    asyncio.run(fill_older_database(older_database_url, Seal(home / "secret.key")))
    return Shell(home, {**environment_of(home), "PBX_DATABASE_URL": older_database_url})


def test_what_the_first_command_removes_is_told_and_comes_back_with_its_password(
    upgraded: Shell,
) -> None:
    assert upgraded("extension", "remove", "102", *ACME, "--yes").code == 0

    removed, baseline = upgraded.done("tenant", "history", "acme")
    assert removed["what"] == "extension remove 102"
    assert [one["path"] for one in removed["changes"]] == ["extensions.102"]
    assert removed["changes"][0]["before"]["name"] == "Clara"
    assert (baseline["revision"], baseline["who"]) == (REVISION, "the upgrade")
    assert baseline["notes"] == ["as it was before revisions were kept"]

    told = upgraded.done("tenant", "rollback", "acme", str(REVISION), "--yes")
    assert told["passwords"] == {}
    phone = upgraded.done("device", "show", "102", *ACME, "--setup")
    assert phone["password"] == PHONE_PASSWORD.format(number="102")


def test_people_see_in_the_history_where_it_begins(upgraded: Shell) -> None:
    upgraded("extension", "set", "100", *ACME, "--name", "Olga")
    *_, last = upgraded("tenant", "history", "acme").out.splitlines()
    assert last.split() == [
        *(str(REVISION), *last.split()[1:3]),
        *["the", "upgrade", "-", "as", "it", "was", "before", "revisions", "were", "kept"],
    ]
