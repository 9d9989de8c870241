"""The generated pages of the manual are those of this program."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]


def test_the_manual_is_current() -> None:
    ran = subprocess.run(
        [sys.executable, PROJECT / "scripts" / "docs", "--check"],
        check=False,
        capture_output=True,
        text=True,
        timeout=110,
    )

    assert ran.returncode == 0, ran.stderr
