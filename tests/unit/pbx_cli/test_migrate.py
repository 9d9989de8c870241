"""Bringing the tables up to date before anything else starts: in order, and not twice."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.support.database import empty_database_url, engine, postgres_server
from tests.unit.pbx_cli.conftest import environment_of

__all__ = ["empty_database_url", "engine", "postgres_server"]

NOBODY_THERE = "postgres://pbx:very-secret@127.0.0.1:9/pbx"
LIMIT_S = 60


def begin(home: Path, url: str, *options: str) -> "subprocess.Popen[str]":
    """Start the command in a process of its own."""
    usual = {name: value for name, value in environment_of(home).items() if value}
    return subprocess.Popen(
        [sys.executable, "-m", "pbx_cli", "migrate", *options],
        env={"PATH": os.environ["PATH"], **usual, "PBX_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_that_start_together_make_the_tables_once(
    empty_database_url: str, tmp_path: Path
) -> None:
    both = [begin(tmp_path / "home", empty_database_url, "--json") for _ in range(2)]
    said = [one.communicate(timeout=LIMIT_S) for one in both]

    assert [one.returncode for one in both] == [0, 0], said
    applied = [json.loads(out)["applied"] for out, _ in said]
    assert sorted(map(bool, applied)) == [False, True]
    assert max(applied)[0] == "0001_initial"


def test_it_waits_for_a_database_that_somebody_else_holds(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with closing(sqlite3.connect(home / "pbx.sqlite3", isolation_level=None)) as somebody_else:
        somebody_else.execute("PRAGMA journal_mode = WAL")
        somebody_else.execute("BEGIN IMMEDIATE")
        url = f"sqlite://{home}/pbx.sqlite3?busy_timeout=50"
        with begin(home, url, "--wait", str(LIMIT_S)) as waiting:
            assert waiting.stderr is not None
            assert "locked by another process" in waiting.stderr.readline()
            somebody_else.execute("ROLLBACK")
            out, _ = waiting.communicate(timeout=LIMIT_S)
    assert waiting.returncode == 0
    assert "up to date now" in out


def test_a_database_that_does_not_come_is_told_with_its_exit_code(tmp_path: Path) -> None:
    running = begin(tmp_path / "home", NOBODY_THERE)
    out, err = running.communicate(timeout=LIMIT_S)
    assert (running.returncode, out) == (6, "")
    assert "does not answer" in err
    assert "very-secret" not in err
