"""How fast recorded calls are replayed: `pbx diff --replay`, as an operator runs it.

The calls are imagined and written as live ones are; run by ``make bench``. Figures are what this
machine gives while nothing else runs on it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from models import call_log
from models.database import open_database
from models.provisioning import get_tenant, read_plan_rows
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.simulation import Became, Doing, Scenario
from tests.support.recorded_calls import record_of

PROJECT = Path(__file__).parents[1]
LIMIT_S = 3_600
WEEK_S = 7 * 86_400

OFFICE = """\
tenant: acme
domain: acme.test
timezone: Europe/Moscow
country: RU
extensions:
  100: {name: Alice}
  101: {name: Boris}
elements:
  5000:
    kind: greeting
    sound: asterisk:demo-congrats
    keys: {1: 100, 2: 5100}
    no_input: 5100
    invalid: 5120
  5100: {kind: group, members: [100, 101], ring_s: 20, no_answer: 5120}
  5120: {kind: voicemail, emails: [office@acme.test]}
  5300:
    kind: time_rule
    windows: [{days: mon-fri, from: 09:00, to: 18:00}]
    match: 5000
    no_match: 5120
trunks:
  moscow: {host: sip.carrier.test, username: acme, register: true, password: abcdefgh12345678}
numbers:
  74951234567: {trunk: moscow, to: 5300}
"""

CHANGES = {
    "hours, which every call from outside passes": ("from: 09:00", "from: 10:00"),
    "an exit of the greeting": ("no_input: 5100", "no_input: 5120"),
    "a name that phones show, so that nothing is the same": ("name: Alice", "name: Alicia"),
}


def main() -> None:
    """Record some calls, then replay them through several changes; print calls a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    count = parser.parse_args().calls
    with tempfile.TemporaryDirectory(prefix="pbx-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        file = Path(folder) / "acme.yaml"
        file.write_text(OFFICE, encoding="utf-8")
        _pbx(home, "apply", str(file), "--yes")
        asyncio.run(_record(home, count))
        for title, (before, after) in CHANGES.items():
            file.write_text(OFFICE.replace(before, after), encoding="utf-8")
            began_s = time.perf_counter()
            _pbx(home, "diff", str(file), "--replay", "4w")
            took_s = time.perf_counter() - began_s
            sys.stdout.write(f"{count} calls, {title}: {took_s:.1f} s, {count / took_s:.0f}/s\n")


async def _record(home: Path, count: int) -> None:
    """Let calls of the last week have been made."""
    async with open_database(f"sqlite://{home / 'pbx.sqlite3'}"):
        acme = await get_tenant(name="acme")
        plan = build_plan(await read_plan_rows(acme.id), sound_folder=home / "sounds")
        calls = enumerate(_scenarios(count))
        while some := tuple(islice(calls, 200)):
            await call_log.write(await asyncio.to_thread(_made, plan, some))


def _made(plan: NumberPlan, some: tuple[tuple[int, Scenario], ...]) -> list[call_log.CallWrite]:
    return [
        step
        for place, scenario in some
        for step in record_of(plan, scenario, call_id=f"pbx-{place}")
    ]


def _scenarios(count: int) -> Iterator[Scenario]:
    """People of all sorts, the same ones each time."""
    chance = random.Random(7)  # noqa: S311 - no secrets
    began_at = datetime.now(UTC) - timedelta(seconds=WEEK_S)
    for _ in range(count):
        at = began_at + timedelta(seconds=chance.randrange(WEEK_S))
        is_inside, gives_up = chance.random() < 0.3, chance.random() < 0.15
        talks_s = chance.uniform(10, 300)
        answers = Doing(became=Became.ANSWERS, after_s=chance.uniform(1, 15), talks_s=talks_s)
        others = Doing(became=chance.choice([Became.BUSY, Became.UNREGISTERED, Became.NO_ANSWER]))
        yield Scenario(
            caller="101" if is_inside else "+79161112233",
            dialled="100" if is_inside else "74951234567",
            at=at,
            keys=[chance.choice(["1", "2", "", "9"])],
            doing={chance.choice(["100", "101"]): answers} if chance.random() < 0.6 else {},
            otherwise=others,
            hangs_up_after_s=chance.uniform(3, 25) if gives_up else None,
            says_s=chance.uniform(2, 20),
        )


def _pbx(home: Path, *arguments: str) -> None:
    environment = {**os.environ, "PBX_HOME": str(home)}
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "pbx_cli", *arguments],
        cwd=PROJECT,
        env=environment,
        check=True,
        timeout=LIMIT_S,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
