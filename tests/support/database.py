"""Fresh, migrated databases for tests: SQLite files and Debian's PostgreSQL on a port of its own.

A conftest takes the fixtures in with ``from tests.support.database import database, ...``. The
suite runs on both engines, because `database_url` has both as parameters.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from models.database import open_database
from tests.support.ports import small_block

_PROJECT = Path(__file__).parents[2]
_POSTGRES_PROGRAMS = Path("/usr/lib/postgresql")
_SERVER_USERS = ("postgres", "nobody")
_START_LIMIT_S = 60
_MEMORY = Path("/dev/shm")  # noqa: S108 -- a folder of our own is made in it
_ROOM_BYTES = 2_000_000_000
_FAST_BECAUSE_NOTHING_IS_KEPT = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB"
)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running PostgreSQL whose data nobody will miss; everybody on this machine may log in."""

    host: str
    port: int
    user: str
    password: str
    programs: Path
    _names: Iterator[int] = field(default_factory=count)

    def url(self, name: str) -> str:
        """Say how one of its databases is reached."""
        return f"postgres://{self.user}:{self.password}@{self.host}:{self.port}/{name}"

    def create(self, *, template: str = "template0") -> str:
        """Make a database of its own for a test, as a copy of another, and give its name."""
        name = f"test_{next(self._names)}"
        self._run("createdb", "--template", template, name)
        return name

    def drop(self, name: str) -> None:
        """Throw a database away, whoever still uses it."""
        self._run("dropdb", "--force", name)

    def shut(self, name: str) -> None:
        """Throw everybody out of a database and let nobody in."""
        self._say(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        everybody = f"FROM pg_stat_activity WHERE datname = '{name}'"
        self._say(f"SELECT pg_terminate_backend(pid) {everybody}")

    def open(self, name: str) -> None:
        """Let everybody in again."""
        self._say(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def _say(self, statement: str) -> None:
        self._run(
            "psql", "--quiet", "--output", "/dev/null", "--dbname", "postgres", "-c", statement
        )

    def _run(self, program: str, *arguments: str) -> None:
        where = ["--host", self.host, "--port", str(self.port), "--username", self.user]
        subprocess.run(
            [self.programs / program, *where, *arguments], check=True, timeout=2 * _START_LIMIT_S
        )


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL inside the block, as somebody other than root."""
    programs = _postgres_programs()
    home = Path(tempfile.mkdtemp(prefix="pbx-postgres-", dir=_roomy_memory()))
    user = _server_user()
    try:
        if user is not None:
            os.chown(home, user.pw_uid, user.pw_gid)
        _as_user(user, programs / "initdb", "-D", home / "db", "-U", "pbx", "--auth=trust", "-N")
        with small_block() as ports:
            port = ports.one()
            options = f"-h 127.0.0.1 -p {port} -k {home} {_FAST_BECAUSE_NOTHING_IS_KEPT}"
            control = (programs / "pg_ctl", "-D", home / "db", "-w", "-t", str(_START_LIMIT_S))
            _as_user(user, *control, "-l", home / "log", "-o", options, "start")
            try:
                yield PostgresServer("127.0.0.1", port, "pbx", "any-will-do", programs)
            finally:
                _as_user(user, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start PostgreSQL once for the whole test run."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> str:
    """Migrate one database that the others are copies of."""
    name = postgres_server.create()
    _migrate_now(postgres_server.url(name))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one file that the others are copies of."""
    file = tmp_path_factory.mktemp("migrated") / "pbx.db"
    _migrate_now(f"sqlite://{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> str:
    """Run the test on both engines."""
    return str(request.param)


@pytest.fixture
def empty_database_url(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Give a database without tables."""
    if engine == "sqlite":
        yield f"sqlite://{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a migrated database with nothing in it."""
    if engine == "sqlite":
        file = tmp_path / "pbx.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        yield f"sqlite://{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create(template=request.getfixturevalue("migrated_postgres"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """Open a migrated database with nothing in it, and give its address."""
    async with open_database(database_url):
        yield database_url


def _roomy_memory() -> Path | None:
    """A new database is a copy of 300 files, which most disks make ten times as slowly."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return _MEMORY if roomy and os.access(_MEMORY, os.W_OK) else None


def _postgres_programs() -> Path:
    found = sorted(_POSTGRES_PROGRAMS.glob("*/bin/postgres"))
    if not found:
        pytest.fail("PostgreSQL is missing: apt-get install postgresql")
    return found[-1].parent


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; anybody else runs it as themselves."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in _SERVER_USERS if name in known)


def _as_user(user: pwd.struct_passwd | None, *command: str | Path) -> None:
    done = subprocess.run(
        command,
        check=False,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=2 * _START_LIMIT_S,
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
    )
    assert done.returncode == 0, done.stdout.decode()


def _migrate_now(url: str) -> None:
    """Migrate in a process of its own, away from the event loop of whichever test asks first."""
    program = "import asyncio, sys, models.database as d; asyncio.run(d.migrate(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", program, url], check=True, cwd=_PROJECT, timeout=2 * _START_LIMIT_S
    )
