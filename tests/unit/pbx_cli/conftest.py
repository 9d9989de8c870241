"""A shell with a fresh, migrated database."""

import shutil
from pathlib import Path

import pytest

from tests.support.database import migrated_sqlite
from tests.unit.pbx_cli.shell import Shell

__all__ = ["migrated_sqlite"]


@pytest.fixture
def shell(tmp_path: Path, migrated_sqlite: Path) -> Shell:
    """A shell in a home folder with nothing in it."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(migrated_sqlite, home / "pbx.sqlite3")
    return Shell(home, environment_of(home))


@pytest.fixture
def acme(shell: Shell) -> Shell:
    """A shell with one tenant that has two people."""
    shell.done("tenant", "create", "acme", "--domain", "acme.test", "--country", "RU")
    for number, name in (("100", "Alice"), ("101", "Boris")):
        shell.done("extension", "create", number, "--tenant", "acme", "--name", name)
    return shell


def environment_of(home: Path) -> dict[str, str | None]:
    """The settings of a home in which no Asterisk will ever run."""
    return {
        "PBX_HOME": str(home),
        "PBX_ASTERISK_ROOT": str(home / "no-asterisk"),
        "PBX_TENANT": None,
        "PBX_DATABASE_URL": None,
        "PBX_SECRET_KEY_FILE": None,
        "PBX_SIP_BIND": "127.0.0.1:5060",
        "PBX_ARI_BIND": "127.0.0.1:8088",
    }
