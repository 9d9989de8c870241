"""What needs containers tells a machine without them from a fault of ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

ENGINE_THAT_BUILDS_NOTHING = """#!/bin/sh
case "$*" in
  "version --format"*) echo '{"Version": "20.10"}' ;;
  "compose version --short") echo 2.40.3 ;;
  "image inspect pbx-stand-in-"*) ;; # Debian is there
  *) echo "the fault: $1" >&2; exit 1 ;;
esac
"""


COMPOSE, SYSTEMD = "tests.compose", "tests.systemd"


def said_where(programs: Path, tests: str = COMPOSE, **settings: str) -> tuple[int, str]:
    """How it ends, and its last line, on a machine that has these programs alone."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PBX_")}
    done = subprocess.run(
        [sys.executable, "-m", tests],
        cwd=ROOT,
        env={**inherited, "PATH": str(programs), "XDG_CACHE_HOME": str(programs), **settings},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    return done.returncode, done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(("required", "code"), [("", 0), ("1", 1)])
@pytest.mark.parametrize(
    ("tests", "setting"), [(COMPOSE, "PBX_REQUIRE_COMPOSE"), (SYSTEMD, "PBX_REQUIRE_SYSTEMD")]
)
def test_where_no_engine_can_be_had_it_is_skipped_with_a_word(
    tmp_path: Path, tests: str, setting: str, required: str, code: int
) -> None:
    ended, words = said_where(tmp_path, tests, **{setting: required})

    assert words.startswith("SKIPPED: ")
    assert ended == code


def test_an_image_of_ours_that_cannot_be_built_is_a_failure(tmp_path: Path) -> None:
    engine = tmp_path / "docker"
    engine.write_text(ENGINE_THAT_BUILDS_NOTHING)
    engine.chmod(0o755)

    ended, words = said_where(tmp_path)

    assert words.startswith("FAILED: ")
    assert "the fault: build" in words
    assert ended == 1
