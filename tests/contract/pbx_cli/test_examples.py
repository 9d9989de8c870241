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


def run_twice(
    script: list[Path | str], environment: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            script, env=environment, check=False, capture_output=True, text=True, timeout=100
        )

    first, second = run(), run()
    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    return first, second


def test_the_first_office_opens_and_a_second_try_changes_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    greeting = a_tone(tmp_path / "greeting.wav", seconds=1)
    script: list[Path | str] = [PROJECT / "examples" / "first-office.sh", greeting]

    first, second = run_twice(script, environment)

    table = [line for line in second.stdout.splitlines() if line.startswith(("NUMBER", "500"))]
    assert len(table) == 4
    assert first.stdout.splitlines()[-4:] == table
    assert first.stdout.count("with the password") == 3
    assert "with the password" not in second.stdout


@pytest.mark.timeout(120)
def test_the_office_is_called_from_outside_and_a_second_try_changes_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    greeting = a_tone(tmp_path / "greeting.wav", seconds=1)
    password = tmp_path / "carrier.password"
    password.write_text("the-carriers-own-password-1\n")
    office = [PROJECT / "examples" / "first-office.sh", greeting]
    subprocess.run(office, env=environment, check=True, capture_output=True, timeout=100)
    script: list[Path | str] = [
        PROJECT / "examples" / "calls-from-outside.sh",
        *("carrier.invalid", "acme", password, "+442071234567", "office@office.example"),
    ]

    first, second = run_twice(script, environment)

    assert "+442071234567  carrier  5300" in first.stdout
    assert first.stdout.splitlines()[-2:] == second.stdout.splitlines()[-2:]
    assert "when nobody answers after 20 s: 101" in second.stdout
