"""A newcomer begins an element kind with scripts/new_element."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PARTS = ("stasis_apps", "ari_client", "models", "tests/contract/elements", "examples/elements")
FILES = (
    "pyproject.toml",
    "tests/conftest.py",
    "tests/support/__init__.py",
)
RUFF = Path(sys.executable).parent / "ruff"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a new kind needs of the checkout, to be thrown away."""
    without_caches = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part, ignore=without_caches)
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def new_element(name: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "scripts" / "new_element"
    command: list[str | Path] = [sys.executable, script, name, "--into", checkout]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def in_checkout(checkout: Path, *command: str | Path) -> None:
    done = subprocess.run(command, check=False, cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_kind_passes_every_check_and_is_found_by_the_contract(checkout: Path) -> None:
    done = new_element("park_and_wait", checkout)

    assert done.returncode == 0, done.stderr
    written = done.stdout.splitlines()[:3]
    in_checkout(checkout, RUFF, "format", "--check", *written[:2])
    in_checkout(checkout, RUFF, "check", *written[:2])
    in_checkout(
        checkout,
        sys.executable,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"),
        *(written[1], "tests/contract/elements", "-k", "park_and_wait"),
    )


def test_a_kind_that_is_there_is_not_overwritten(checkout: Path) -> None:
    before = (checkout / "stasis_apps/elements/greeting.py").read_text()

    done = new_element("greeting", checkout)

    assert done.returncode == 1
    assert "greeting.py" in done.stderr
    assert (checkout / "stasis_apps/elements/greeting.py").read_text() == before


@pytest.mark.parametrize("name", ["Park", "park-it", "../park", "1st", "_park", "park_", ""])
def test_a_name_that_could_not_be_a_module_is_refused(name: str, checkout: Path) -> None:
    assert new_element(name, checkout).returncode == 2
    assert not list(checkout.rglob("*park*"))
