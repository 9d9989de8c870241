"""`pbx diff --replay`: what a change would have made of the calls of the last days."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models import call_log
from models.call_log import CallWrite
from models.database import open_database
from models.provisioning import get_tenant, read_plan_rows
from stasis_apps.planning import build_plan
from stasis_apps.simulation import Became, Doing, Scenario
from tests.support.recorded_calls import record_of
from tests.unit.pbx_cli.shell import Shell

OFFICE = """\
tenant: acme
domain: acme.test
timezone: Europe/Moscow
country: RU
extensions:
  100: {name: Alice}
  101: {name: Boris}
  102: {name: Clara}
elements:
  5000: {kind: play, sound: "asterisk:hello-world", next: 5100}
  5100: {kind: group, members: [100, 101], ring_s: 25, no_answer: 5120}
  5120: {kind: voicemail}
trunks:
  moscow: {host: sip.carrier.test, username: acme, register: true, password: abcdefgh12345678}
numbers:
  74951234567: {trunk: moscow, to: 5000}
"""

YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
BORIS = {"101": Doing(became=Became.ANSWERS, after_s=4, talks_s=30)}


def a_call(doing: Mapping[str, Doing] | None = None, *, hours_ago: int = 24) -> Scenario:
    """Somebody calls the office's number."""
    at = YESTERDAY + timedelta(hours=24 - hours_ago)
    return Scenario(
        caller="+79160000000", dialled="74951234567", at=at, doing=BORIS if doing is None else doing
    )


def record(shell: Shell, scenarios: Sequence[Scenario]) -> None:
    """Let these calls have been made."""

    async def make() -> None:
        async with open_database(f"sqlite://{shell.home / 'pbx.sqlite3'}"):
            acme = await get_tenant(name="acme")
            rows = await read_plan_rows(acme.id)
            plan = build_plan(rows, sound_folder=shell.home / "sounds")
            for place, scenario in enumerate(scenarios):
                made: list[CallWrite] = await asyncio.to_thread(
                    record_of, plan, scenario, call_id=f"pbx-1.{place}"
                )
                await call_log.write(made)

    asyncio.run(make())


@pytest.fixture
def office(shell: Shell, tmp_path: Path) -> Path:
    """A tenant file, applied."""
    file = tmp_path / "acme.yaml"
    file.write_text(OFFICE)
    shell.done("apply", str(file))
    return file


def test_calls_that_would_end_elsewhere_are_told_with_both_ways_from_the_fork(
    shell: Shell, office: Path
) -> None:
    record(shell, [a_call(), a_call(hours_ago=20), a_call({})])
    office.write_text(OFFICE.replace("members: [100, 101]", "members: [102]"))
    ran = shell("diff", str(office), "--replay", "7d")
    assert ran.code == 0, ran.err
    told = ran.out.splitlines()
    began = next(place for place, line in enumerate(told) if line.startswith("3 calls since"))
    latest = YESTERDAY + timedelta(hours=4)
    assert told[began + 1 :] == [
        "      1 would go just the same way",
        "      2 would end elsewhere",
        "      0 would go another way to the same end",
        "",
        f"2 calls, the latest: +79160000000 to 74951234567, {latest:%Y-%m-%d %H:%M:%SZ} (pbx-1.1)",
        "  now   5100: answered by 101",
        "  then  5100 (no_answer) > 5120: a message in 5120",
        "        (nothing tells what 102 would have done)",
    ]


def test_scripts_get_every_call(shell: Shell, office: Path) -> None:
    record(shell, [a_call(), a_call({})])
    office.write_text(OFFICE.replace("members: [100, 101]", "members: [102]"))
    replayed = shell.done("diff", str(office), "--replay", "7d")["replayed"]
    assert (replayed["calls"], replayed["same"], replayed["unknown"]) == (2, 1, [])
    [one] = replayed["different"]
    assert (one["call"], one["ends_elsewhere"], one["fork"]) == ("pbx-1.0", True, "5100")
    assert [hop["number"] for hop in one["now"]["path"]] == ["5000", "5100"]
    assert (one["now"]["answered_by"], one["then"]["voicemail"]) == ("101", "5120")
    assert one["strangers"] == ["102"]


def test_a_way_around_to_the_same_end_is_no_other_end(shell: Shell, office: Path) -> None:
    record(shell, [a_call()])
    office.write_text(OFFICE.replace("to: 5000", "to: 5100"))
    ran = shell("diff", str(office), "--replay", "7d")
    assert "      0 would end elsewhere" in ran.out
    assert "      1 would go another way to the same end" in ran.out
    assert "  now   5000 (next) > 5100: answered by 101" in ran.out
    assert "  then  5100: answered by 101" in ran.out


def test_calls_of_which_nobody_can_tell_are_counted_with_the_reason(
    shell: Shell, office: Path
) -> None:
    record(shell, [a_call(), a_call({}), replace(a_call(), caller="101", dialled="100")])
    shell.done("element", "set", "5000", "--tenant", "acme", "--set", "next=5120")
    ran = shell("diff", str(office), "--replay", "7d")
    assert ran.code == 0, ran.err
    assert "      1 would go just the same way" in ran.out
    assert "      2 could not be judged:" in ran.out
    assert "          2 the plan as it is does not lead it where it went" in ran.out


def test_only_the_calls_of_the_span_are_looked_at(shell: Shell, office: Path) -> None:
    record(shell, [a_call(), a_call(hours_ago=2)])
    replayed = shell.done("diff", str(office), "--replay", "12h")["replayed"]
    assert (replayed["calls"], replayed["same"]) == (1, 1)
    nothing = shell("diff", str(office), "--replay", "1h").out.splitlines()[-1]
    assert nothing.startswith("No calls since")
    assert nothing.endswith("there is nothing to replay.")


def test_a_number_that_is_taken_away_is_told(shell: Shell, office: Path) -> None:
    record(shell, [a_call()])
    text = OFFICE.replace("numbers:\n  74951234567: {trunk: moscow, to: 5000}\n", "")
    office.write_text(text)
    ran = shell("diff", str(office), "--replay", "7d")
    assert "  then  no such number" in ran.out


def test_a_trunk_that_is_taken_away_is_told(shell: Shell, office: Path) -> None:
    record(shell, [a_call()])
    office.write_text(OFFICE.partition("trunks:")[0])
    ran = shell("diff", str(office), "--replay", "7d")
    assert "  then  cannot be made: trunk 'moscow': is no trunk that is switched on" in ran.out
