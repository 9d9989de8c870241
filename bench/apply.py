"""How fast tenant files are applied: devices a second, on SQLite and on PostgreSQL.

Runs `pbx apply` as an operator does, start of the program included; run by ``make bench``. Figures
are what this machine gives while nothing else runs on it.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.database import running_postgres

PROJECT = Path(__file__).parents[1]
LIMIT_S = 3_600


def main() -> None:
    """Apply one large tenant, then a folder of small ones; print devices a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=2_000, help="of the large tenant")
    parser.add_argument("--tenants", type=int, default=200, help="small ones, of 10 devices each")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pbx-bench-") as folder:
        _measure("SQLite", Path(folder) / "sqlite", wanted.devices, wanted.tenants, None)
        with running_postgres() as server:
            url = server.url(server.create())
            _measure("PostgreSQL", Path(folder) / "postgres", wanted.devices, wanted.tenants, url)


def _measure(engine: str, home: Path, devices: int, tenants: int, url: str | None) -> None:
    home.mkdir(mode=0o700)
    files = home / "files"
    files.mkdir()
    large = home / "large.yaml"
    large.write_text(_tenant("large", devices), encoding="utf-8")
    for place in range(tenants):
        name = f"small-{place:05d}"
        (files / f"{name}.yaml").write_text(_tenant(name, 10), encoding="utf-8")
    settings = {"PBX_HOME": str(home), **({"PBX_DATABASE_URL": url} if url else {})}
    _apply(settings, files / "small-00000.yaml")  # makes the tables
    _say(engine, f"one tenant of {devices} devices, new", devices, _apply(settings, large))
    changed = large.read_text(encoding="utf-8").replace("ring_s: 20", "ring_s: 30")
    large.write_text(changed, encoding="utf-8")
    _say(engine, "the same, every extension changed", devices, _apply(settings, large))
    _say(engine, "the same, nothing changed", devices, _apply(settings, large))
    _say(engine, f"{tenants} tenants of 10 devices, new", tenants * 10, _apply(settings, files))
    _say(engine, "the same, nothing changed", tenants * 10, _apply(settings, files))


def _tenant(name: str, devices: int) -> str:
    numbers = range(1000, 1000 + devices)
    people = "\n".join(
        f'  "{one}": {{name: User {one}, ring_s: 20, rules: [{{when: no_answer, to: "5000"}}]}}'
        for one in numbers
    )
    return f"""\
tenant: {name}
domain: {name}.test
timezone: Europe/Moscow
country: RU
extensions:
{people}
elements:
  "5000": {{kind: group, members: ["1000", "1001"], no_answer: "5120"}}
  "5120": {{kind: voicemail, emails: [office@{name}.test]}}
trunks:
  carrier: {{host: sip.carrier.test, username: {name}, register: true}}
numbers:
  "74951234567": {{trunk: carrier, to: "5000"}}
"""


class Took(NamedTuple):
    """How long a command took, and how long it had a processor, which a busy machine leaves."""

    wall_s: float
    cpu_s: float


def _apply(settings: dict[str, str], path: Path) -> Took:
    with _timed() as took:
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "pbx_cli", "apply", "--yes", path],
            check=True,
            cwd=PROJECT,
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LIMIT_S,
        )
    return took[0]


@contextmanager
def _timed() -> Iterator[list[Took]]:
    took: list[Took] = []
    began, used = time.monotonic(), _cpu_s()
    yield took
    took.append(Took(time.monotonic() - began, _cpu_s() - used))


def _cpu_s() -> float:
    """Of all processes of ours that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _say(engine: str, what: str, devices: int, took: Took) -> None:
    sys.stdout.write(
        f"{engine}: {what}: {took.wall_s:.1f} s, {devices / took.wall_s:.0f} devices/s"
        f" ({took.cpu_s:.1f} s of processor, {devices / took.cpu_s:.0f} devices/s)\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
