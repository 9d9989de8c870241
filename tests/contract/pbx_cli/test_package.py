"""`scripts/package` in a checkout in which nobody has typed anything yet."""

import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[3]


def test_a_fresh_checkout_is_set_up_before_a_release_is_built(tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    shutil.copy(PROJECT / "scripts" / "package", scripts)
    setup = scripts / "setup"
    setup.write_text('#!/bin/sh\necho "sets up: $*"\nexit 7\n')
    setup.chmod(0o700)

    ran = subprocess.run([scripts / "package"], capture_output=True, text=True, check=False)

    assert ran.returncode == 7, "nothing is built without it"
    assert ran.stderr == "sets up: python\n"
    assert ran.stdout == "", "there stand the files of the release alone"
