"""A database address in, Tortoise's configuration out; opens nothing."""

from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import urlsplit

from tortoise.backends.base.config_generator import expand_db_url
from tortoise.exceptions import ConfigurationError

from models.errors import DatabaseUnavailable

APP = "models"
MIGRATIONS = "models.migrations"
BUSY_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 10
COMMAND_TIMEOUT_S = 30
MIGRATION_TIMEOUT_S = 3_600
"""Large tables take their time, and so does another process that is just changing them."""

MIGRATION_BUSY_TIMEOUT_MS = 60_000
POOL_SIZE = 10

_SQLITE = "sqlite"
_POSTGRES = ("postgres", "postgresql", "asyncpg")

# In this order: the change to WAL has to wait for others, too.
_SQLITE_PRAGMAS: dict[str, object] = {
    "busy_timeout": BUSY_TIMEOUT_MS,
    "foreign_keys": "ON",
    "journal_mode": "WAL",
    "synchronous": "NORMAL",
}


class Connection(TypedDict):
    """How one database is reached, in Tortoise's words."""

    engine: str
    credentials: dict[str, object]


class App(TypedDict):
    """Where tables and migrations are found, in Tortoise's words."""

    models: list[str]
    migrations: str
    default_connection: str


class TortoiseSettings(TypedDict):
    """What `Tortoise.init` and the `tortoise` command want to know."""

    connections: dict[str, Connection]
    apps: dict[str, App]


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A database address taken apart.

    Attributes:
        shown: How messages name it: never with a password.
        sqlite_path: The file, when it is one.
        connection: The rest, for Tortoise.
    """

    shown: str
    sqlite_path: str | None
    connection: Connection


def parse_url(url: str) -> DatabaseAddress:
    """Take ``sqlite:///path/pbx.db`` or ``postgres://user:password@host:port/name`` apart.

    Raises:
        DatabaseUnavailable: It is neither.
    """
    try:
        scheme = urlsplit(url).scheme
        if scheme not in (_SQLITE, *_POSTGRES):
            raise DatabaseUnavailable(
                f"A database address starts with sqlite:// or postgres://, not {scheme!r}"
            )
        connection = expand_db_url(url)
    except (ConfigurationError, ValueError) as fault:
        raise DatabaseUnavailable(f"The database address cannot be read: {fault}") from fault
    credentials: dict[str, object] = connection["credentials"]
    if scheme == _SQLITE:
        path = str(credentials["file_path"])
        return DatabaseAddress(
            shown=path,
            sqlite_path=path,
            connection={
                "engine": "models.sqlite_engine",
                "credentials": {**_SQLITE_PRAGMAS, **credentials},
            },
        )
    return DatabaseAddress(
        shown="PostgreSQL database {database} at {host}:{port}".format(**credentials),
        sqlite_path=None,
        connection={
            "engine": "tortoise.backends.asyncpg",
            "credentials": {
                "timeout": CONNECT_TIMEOUT_S,
                "command_timeout": COMMAND_TIMEOUT_S,
                "maxsize": POOL_SIZE,
                **credentials,
            },
        },
    )


def patient(url: str) -> str:
    """The same database, with time for changes to its tables, and for others that make them."""
    word, limit = ("command_timeout", MIGRATION_TIMEOUT_S)
    if parse_url(url).sqlite_path is not None:
        word, limit = ("busy_timeout", MIGRATION_BUSY_TIMEOUT_MS)
    if f"{word}=" in urlsplit(url).query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{word}={limit}"


def tortoise_settings(url: str) -> TortoiseSettings:
    """Describe the database at `url` to Tortoise (also as ``TORTOISE_ORM`` for its command).

    The connection is called like its engine: Tortoise keeps the SQL it has made per connection
    name, and a process that opens both engines in turn (as tests do) would get the wrong one.
    """
    connection = parse_url(url).connection
    return {
        "connections": {connection["engine"]: connection},
        "apps": {
            APP: {
                "models": ["models.tables"],
                "migrations": MIGRATIONS,
                "default_connection": connection["engine"],
            }
        },
    }


TORTOISE_ORM = tortoise_settings("sqlite://:memory:")
"""For ``tortoise -c models.config.TORTOISE_ORM makemigrations``, which needs no database."""
