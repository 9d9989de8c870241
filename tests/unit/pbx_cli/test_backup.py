"""Backups by the shell, and the way back: into a second home that is then as the first one was."""

import asyncio
import json
import threading
from pathlib import Path

import asyncpg
import pytest

from models.seal import Seal
from pbx_cli.home import only_supervisor
from tests.support.database import engine, migrated_postgres, migrated_sqlite, postgres_server
from tests.support.older_database import (
    PEOPLE,
    fill_older_database,
    older_database_url,
    older_postgres,
    older_sqlite,
)
from tests.unit.pbx_cli.saved_homes import (
    ACME,
    OF_THIS_MACHINE,
    SOUND,
    THAT_WAITS,
    Office,
    archive,
    bring_the_key,
    busy_offices,
    copies,
    files_of,
    first,
    second,
    take_messages,
    write_files,
)

__all__ = [
    "archive",
    "busy_offices",
    "copies",
    "engine",
    "first",
    "migrated_postgres",
    "migrated_sqlite",
    "older_database_url",
    "older_postgres",
    "older_sqlite",
    "postgres_server",
    "second",
]


def test_a_second_home_is_as_the_first_one_was(
    first: Office, second: Office, archive: Path
) -> None:
    bring_the_key(first, second)
    before = first.everything()

    told = json.loads(second.done("restore", str(archive), "--json"))

    assert second.everything() == before
    assert set(THAT_WAITS) <= set(files_of(second.home))
    assert [name for name in OF_THIS_MACHINE if (second.home / name).exists()] == []
    assert told["home"] == str(second.home)
    phone = ("device", "show", "100", *ACME, "--setup", "--json")
    assert second.done(*phone) == first.done(*phone)
    (message,) = json.loads(second.done("voicemail", "list", "--json"))
    assert second.done("voicemail", "play", message["id"]) == SOUND


def test_nobody_else_can_read_a_backup_and_none_is_written_over_another(
    first: Office, archive: Path
) -> None:
    assert archive.stat().st_mode & 0o077 == 0
    whole = archive.read_bytes()

    words = first.refused("backup", str(archive), code=2)

    assert "--yes" in words
    assert archive.read_bytes() == whole
    first.done("backup", str(archive), "--yes")
    assert [path.name for path in archive.parent.glob(".backup*")] == []


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_backup_goes_into_a_pipe(first: Office, second: Office, tmp_path: Path) -> None:
    bring_the_key(first, second)
    piped = tmp_path / "piped"
    piped.write_bytes(first.done("backup", "-"))

    second.done("restore", str(piped))

    assert second.everything() == first.everything()


def test_a_home_in_which_there_is_something_is_replaced_only_when_that_is_said(
    first: Office, archive: Path
) -> None:
    before = first.everything()
    first.done("tenant", "create", "late", "--domain", "late.test", "--country", "RU")
    write_files(first.home, {"voicemail/1/cccccccc.wav": "later", "journal.taken": "later"})

    words = first.refused("restore", str(archive), code=4)

    assert "--replace" in words
    first.done("restore", str(archive), "--replace")
    assert first.everything() == before
    assert (first.home / "asterisk/node.name").read_text() == OF_THIS_MACHINE["asterisk/node.name"]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_database_that_the_disk_has_spoilt_is_replaced(first: Office, archive: Path) -> None:
    before = first.everything()
    (first.home / "pbx.sqlite3").write_bytes(b"\xff" * 100_000)
    assert first.pbx("tenant", "list").code == 6

    first.done("restore", str(archive), "--replace")

    assert first.everything() == before


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_running_exchange_is_not_pulled_away_from_its_callers(
    first: Office, archive: Path
) -> None:
    with only_supervisor(first.home / "run"):
        words = first.refused("restore", str(archive), "--replace", code=4)
    assert "another `pbx run`" in words


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgres"])
def test_tables_without_anything_in_them_are_no_hindrance(
    first: Office, second: Office, archive: Path
) -> None:
    bring_the_key(first, second)
    second.done("migrate")
    second.done("restore", str(archive))
    assert second.everything() == first.everything()


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgres"])
def test_a_database_of_somebody_else_is_left_alone(
    first: Office, second: Office, archive: Path
) -> None:
    async def somebody_else() -> None:
        connection = await asyncpg.connect(second.url)
        await connection.execute("CREATE TABLE wages (who text)")
        await connection.close()

    asyncio.run(somebody_else())
    bring_the_key(first, second)
    second.refused("restore", str(archive), code=4)


def test_an_older_backup_is_brought_up_to_date(
    older_database_url: str, second: Office, tmp_path: Path
) -> None:
    home = tmp_path / "older"
    home.mkdir(mode=0o700)
    asyncio.run(fill_older_database(older_database_url, Seal(home / "secret.key")))
    older = Office(home, older_database_url)
    before = older.everything()
    file = tmp_path / "older.tar.gz"
    older.done("backup", str(file))
    assert older.everything() == before  # a backup upgrades nothing
    bring_the_key(older, second)

    second.done("restore", str(file))

    people = json.loads(second.done("extension", "list", *ACME, "--json"))
    assert {one["number"]: one["name"] for one in people} == PEOPLE
    (baseline,) = json.loads(second.done("tenant", "history", "acme", "--json"))
    assert baseline["who"] == "the upgrade"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_backup_goes_into_the_same_kind_of_database_only(first: Office, archive: Path) -> None:
    elsewhere = "postgres://pbx:very-secret@127.0.0.1:9/pbx"
    words = first.refused("restore", str(archive), code=2, PBX_DATABASE_URL=elsewhere)
    assert "PBX_DATABASE_URL" in words
    assert "very-secret" not in words


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgres"])
def test_programs_of_postgres_that_are_missing_are_named_with_their_package(
    first: Office, archive: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.tar.gz"
    words = first.refused("backup", str(other), code=1, PATH=str(tmp_path))
    assert "apt-get install postgresql-client-" in words
    assert not other.exists()
    first.refused("restore", str(archive), "--replace", code=1, PATH=str(tmp_path))


@pytest.mark.parametrize("engine", ["sqlite"])
def test_where_nothing_was_ever_made_there_is_nothing_to_back_up(
    second: Office, tmp_path: Path
) -> None:
    words = second.refused("backup", str(tmp_path / "empty.tar.gz"), code=3)
    assert "nothing to back up" in words
    assert not (tmp_path / "empty.tar.gz").exists()


def test_no_message_that_comes_in_meanwhile_is_there_without_its_sound(
    first: Office, second: Office, tmp_path: Path
) -> None:
    bring_the_key(first, second)
    coming = threading.Thread(target=take_messages, args=(first, 150))
    coming.start()
    archives = [tmp_path / f"{number}.tar.gz" for number in range(2)]
    for one in archives:
        first.done("backup", str(one))
    coming.join()

    for one in archives:
        second.done("restore", str(one), "--replace")
        listed = json.loads(second.done("voicemail", "list", "--json"))
        sounds = [second.home / "voicemail/1" / f"{message['id']}.wav" for message in listed]
        assert [sound.read_bytes() for sound in sounds] == [SOUND] * len(listed)
        assert listed
