"""The services that start with the machine: systemd itself reads what we write for it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pbx_cli.units import NAMES, render_units

ODD = ("pbx", "a folder", "100% ours")

MOST_EXPOSED = 2.0
"""Of 10; systemd calls a service with less than 2.5 `OK`, and an unguarded one has 9.6."""

analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze"
)


def written(folder: Path, place: str) -> dict[str, Path]:
    """Units for a program and a home below a folder of this name, in files."""
    home = folder / place / "home"
    home.mkdir(parents=True)
    program = folder / place / "pbx"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    units = render_units(program, folder / place / "pbx.env", home, "daemon")
    files = {name: folder / name for name in units}
    for name, text in units.items():
        files[name].write_text(text)
    return files


@analyze
@pytest.mark.parametrize("place", ODD)
def test_systemd_understands_every_word(place: str, tmp_path: Path) -> None:
    files = written(tmp_path, place)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files.values()],
        capture_output=True,
        text=True,
        check=False,
    )

    ours = [line for line in done.stderr.splitlines() if "pbx" in line]
    assert ours == []
    assert done.returncode == 0


@analyze
@pytest.mark.parametrize("name", ["pbx.service", "pbx-asterisk.service", "pbx-backup.service"])
def test_a_service_that_is_broken_into_can_do_little_on_the_machine(
    name: str, tmp_path: Path
) -> None:
    file = written(tmp_path, "pbx")[name]

    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", file],
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
    assert found is not None, told
    assert float(found[1]) < MOST_EXPOSED


def test_every_unit_of_the_package_is_written() -> None:
    units = render_units(Path("/opt/pbx"), Path("/etc/pbx.env"), Path("/var/lib/pbx"), "pbx")

    assert set(units) == set(NAMES)
    shipped = Path(__file__).parents[3] / "pbx_cli" / "units"
    suffixes = (".service", ".timer")
    assert {path.name for path in shipped.iterdir() if path.suffix in suffixes} == set(NAMES)
