"""Homes that are backed up and restored, with all that may be in them, on both engines."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from models import call_log, provisioning
from models.database import open_database
from models.message_files import MessageFolder
from tests.support.database import PostgresServer
from tests.support.operator import Outcome, run_pbx
from tests.unit.models.builders import a_call, its_end, left
from tests.unit.pbx_cli.conftest import environment_of
from tests.unit.pbx_cli.test_sounds import a_tone

OF_THIS_MACHINE = {
    "asterisk/node.name": "pbx-0a1b2c",
    "asterisk/ari.secret": "hidden",
    "asterisk/etc/asterisk.conf": "[options]",
    "asterisk/log/security.log": "somebody guessed",
    "voicemail/sender.lock": "",
    "run/application.pid": "17",
}
THAT_WAITS = {
    "voicemail/pending/aaaaaaaa.json": "{}",
    "voicemail/sent/1.json": "taken",
    "notices/0001-ab.json": "[]",
    "asterisk/spool/recording/pbx-1.1~rec.wav": "Hello, it is Anna",
    "journal.spool": "{}\n",
}
ACME = ("--tenant", "acme")
SOUND = b"a sound"

_MADE_FOR_ALL_MODULES: dict[str, tuple["Office", Path]] = {}
"""Homes that go away by themselves when the tests end, and are only ever copied."""


@dataclass(frozen=True, slots=True)
class Office:
    """A home, its database, and an operator who is not always sure of what they do."""

    home: Path
    url: str

    def pbx(self, *arguments: str, **settings: str) -> Outcome:
        """Run a command to its end."""
        usual = {name: value for name, value in environment_of(self.home).items() if value}
        paths = {"PATH": os.environ["PATH"], "PBX_DATABASE_URL": self.url}
        return run_pbx(arguments, {**usual, **paths, **settings}, "")

    def done(self, *arguments: str) -> bytes:
        """Run a command that must work."""
        outcome = self.pbx(*arguments)
        assert outcome.code == 0, outcome.err.decode()
        return outcome.out

    def refused(self, *arguments: str, code: int, **settings: str) -> str:
        """Run a command that must be refused, and change nothing; give its words."""
        before = self.everything()
        outcome = self.pbx(*arguments, **settings)
        assert (outcome.code, outcome.out) == (code, b""), outcome.err.decode()
        assert self.everything() == before
        return outcome.err.decode()

    def everything(self) -> tuple[object, object]:
        """All rows of all tables, and all files that are not of one machine alone."""
        rows = asyncio.run(_postgres_rows(self.url)) if "postgres" in self.url else _rows(self.url)
        return rows, files_of(self.home)


def _rows(url: str) -> object:
    path = url.removeprefix("sqlite://")
    if not Path(path).exists():
        return {}
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT name, type, sql FROM sqlite_master ORDER BY 1").fetchall()
        tables = [name for name, kind, _ in found if kind == "table"]
        return found, {one: database.execute(f'SELECT * FROM "{one}"').fetchall() for one in tables}  # noqa: S608 - our tables


async def _postgres_rows(url: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        views = await connection.fetch(
            "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1"
        )
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        names = [row["tablename"] for row in tables]
        sequences = await connection.fetch(
            "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
        )
        rows = {
            one: await connection.fetch(f'SELECT * FROM "{one}" ORDER BY 1')  # noqa: S608 - our tables
            for one in names
        }
        return views, sequences, rows
    finally:
        await connection.close()


def files_of(home: Path) -> dict[str, bytes]:
    """What lies in a home, but for what is of one machine alone."""
    found = (path for path in home.rglob("*") if path.is_file())
    files = {path.relative_to(home).as_posix(): path.read_bytes() for path in found}
    of_this_machine = ("pbx.sqlite3", "secret.key", "run/", *OF_THIS_MACHINE)
    return {name: what for name, what in files.items() if not name.startswith(of_this_machine)}


def write_files(home: Path, files: dict[str, str]) -> None:
    """Lay files into a home."""
    for name, text in files.items():
        (home / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / name).write_text(text)


def take_messages(office: Office, count: int) -> None:
    """Let the exchange do its work in this home."""

    async def work() -> None:
        async with open_database(office.url):
            acme = await provisioning.get_tenant(name="acme")
            files = MessageFolder(office.home / "voicemail")
            for _ in range(count):
                await left(acme, files, "anna@acme.test")
            await call_log.write([a_call(1), its_end(1), a_call(1, "pbx-1.2")])

    asyncio.run(work())


@dataclass(frozen=True, slots=True)
class Copies:
    """Homes with databases of their own, each a copy of another one or empty."""

    folder: Path
    server: PostgresServer | None
    names: list[str] = field(default_factory=list)

    def office(self, name: str, *, like: Office | None = None, template: str = "") -> Office:
        """Make a home; ``template`` is a database with tables, and nothing in them."""
        home = self.folder / name
        home.mkdir(mode=0o700)
        if like is not None:
            shutil.copytree(like.home, home, dirs_exist_ok=True)
            template = like.url.rpartition("/")[2]
        if self.server is None:
            if template and like is None:
                shutil.copy(template, home / "pbx.sqlite3")
            return Office(home, f"sqlite://{home / 'pbx.sqlite3'}")
        self.names.append(self.server.create(template=template or "template0"))
        return Office(home, self.server.url(self.names[-1]))

    def drop(self) -> None:
        """Throw the databases away."""
        for name in self.names:
            assert self.server is not None
            self.server.drop(name)


@pytest.fixture(scope="module")
def busy_offices(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], tuple[Office, Path]]]:
    """Give a home with all kinds of things in it, and its backup, for each engine."""
    made = dict(_MADE_FOR_ALL_MODULES)
    with ExitStack() as stack:

        def give(engine: str) -> tuple[Office, Path]:
            if engine not in made:
                copies = _copies(tmp_path_factory.mktemp(engine), engine, request)
                stack.callback(copies.drop)
                template = str(request.getfixturevalue(f"migrated_{engine}"))
                made[engine] = _make_busy(copies.office("busy", template=template), copies.folder)
                if copies.server is None:
                    _MADE_FOR_ALL_MODULES[engine] = made[engine]
            return made[engine]

        yield give


def _copies(folder: Path, engine: str, request: pytest.FixtureRequest) -> Copies:
    server = request.getfixturevalue("postgres_server") if engine == "postgres" else None
    return Copies(folder, server)


def _make_busy(office: Office, folder: Path) -> tuple[Office, Path]:
    office.done("tenant", "create", "acme", "--domain", "acme.test", "--country", "RU")
    office.done("extension", "create", "100", *ACME, "--name", "Anna")
    tone = a_tone(folder / "tone.wav", seconds=1)
    office.done("sound", "create", "welcome", str(tone), *ACME)
    take_messages(office, 1)
    write_files(office.home, THAT_WAITS | OF_THIS_MACHINE)
    office.done("backup", str(folder / "backup.tar.gz"))
    return office, folder / "backup.tar.gz"


@pytest.fixture
def copies(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Copies]:
    """Make homes for one test."""
    made = _copies(tmp_path, engine, request)
    yield made
    made.drop()


@pytest.fixture
def first(
    busy_offices: Callable[[str], tuple[Office, Path]], engine: str, copies: Copies
) -> Office:
    """A home with all kinds of things in it."""
    return copies.office("first", like=busy_offices(engine)[0])


@pytest.fixture
def second(copies: Copies) -> Office:
    """A home on another machine, in which there is nothing."""
    return copies.office("second")


@pytest.fixture
def archive(
    busy_offices: Callable[[str], tuple[Office, Path]], engine: str, tmp_path: Path
) -> Path:
    """A backup of the first home."""
    return Path(shutil.copy(busy_offices(engine)[1], tmp_path))


def bring_the_key(first: Office, second: Office) -> None:
    """Copy the key by hand."""
    (second.home / "secret.key").write_bytes((first.home / "secret.key").read_bytes())
