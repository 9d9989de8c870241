"""Every example does what it says, twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.pbx_cli.test_sounds import a_tone

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A fresh home, and `pbx` on the path."""
    program = tmp_path / "bin" / "pbx"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pbx_cli "$@"\n')
    program.chmod(0o755)
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
        "PBX_HOME": str(tmp_path / "home"),
    }


def test_the_first_office_opens_and_a_second_try_changes_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    greeting = a_tone(tmp_path / "greeting.wav", seconds=1)
    script = [PROJECT / "examples" / "first-office.sh", greeting]

    first, second = (
        subprocess.run(
            script, env=environment, check=False, capture_output=True, text=True, timeout=100
        )
        for _ in range(2)
    )

    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    table = [line for line in second.stdout.splitlines() if line.startswith(("NUMBER", "500"))]
    assert len(table) == 4
    assert first.stdout.splitlines()[-4:] == table
    assert first.stdout.count("with the password") == 3
    assert "with the password" not in second.stdout
