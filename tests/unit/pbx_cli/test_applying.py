"""Operators apply tenant files, see what would change, and are kept from cutting people off."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models import call_log, provisioning
from models.call_log import OpenedCall
from models.database import open_database
from pbx_cli.applying import looks_kept
from tests.support.sound import WELCOME, make_wav
from tests.unit.models.builders import a_call, its_end
from tests.unit.pbx_cli.shell import Shell

OFFICE = """\
tenant: acme
domain: acme.test
timezone: Europe/Moscow
country: RU
extensions:
  100: {name: Alice, rules: [{when: no_answer, to: 101}]}
  101: {name: Boris, devices: [{name: 101}, {name: 101-desk}]}
elements:
  5000: {kind: group, members: [100, 101], no_answer: 100}
aliases: {info: 5000}
trunks:
  moscow: {host: sip.carrier.test, username: acme}
numbers:
  +74951234567: {trunk: moscow, to: 5000}
tests:
  - name: the number rings the group
    from: "+79161112233"
    to: "+74951234567"
    answers: {100: 2s}
    expect: {path: [5000, "..."], answered_by: 100}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "files" / "acme.yaml"
    path.parent.mkdir()
    path.write_text(OFFICE)
    return path


def other(name: str) -> str:
    """A small tenant."""
    head = f"tenant: {name}\ndomain: {name}.test\ntimezone: UTC\ncountry: RU\n"
    people = "extensions:\n  100: {name: Somebody}\n"
    return head + people


def call_now(shell: Shell, call: OpenedCall, *, days_ago: int = 0, is_over: bool = True) -> None:
    """Let somebody at acme have called."""

    async def write() -> None:
        async with open_database(f"sqlite://{shell.home / 'pbx.sqlite3'}"):
            tenant = await provisioning.get_tenant(name="acme")
            at = datetime.now(UTC) - timedelta(days=days_ago)
            opened = replace(call, tenant_id=tenant.id, started_at=at)
            await call_log.write([opened, *([its_end(tenant.id, call.id)] if is_over else [])])

    asyncio.run(write())


def test_a_file_makes_a_tenant_and_shows_the_passwords_once(shell: Shell, file: Path) -> None:
    made = shell.done("apply", str(file))[0]
    assert (made["tenant"], made["result"]) == ("acme", "created")
    assert set(made["passwords"]) == {"100", "101", "101-desk"}
    again = shell.done("apply", str(file))[0]
    assert (again["result"], again["changes"], again["passwords"]) == ("unchanged", [], {})


def test_people_read_what_has_changed_on_narrow_screens(shell: Shell, file: Path) -> None:
    shell("apply", str(file))
    file.write_text(OFFICE.replace("Boris", "Boris II").replace(", {name: 101-desk}", ""))
    told = shell("apply", str(file)).out.splitlines()
    assert told == [
        "  ~ extensions.101.name: Boris -> Boris II",
        "  - extensions.101.devices.101-desk: name=101-desk",
        f"{file}: tenant acme is as the file says now, 1 changed, 1 removed.",
    ]
    assert all(len(line) <= 100 for line in told[:2])


def test_a_diff_tells_what_would_change_and_changes_nothing(shell: Shell, file: Path) -> None:
    shell.done("apply", str(file))
    before = shell.everything()
    assert shell("diff", "--exit-code", str(file)).code == 0
    file.write_text(OFFICE.replace("aliases: {info: 5000}\n", ""))
    told = shell.done("diff", str(file))
    assert told["changes"] == [{"path": "aliases.info", "before": "5000", "after": None}]
    assert shell("diff", "--exit-code", str(file)).code == 1
    assert shell("apply", "--dry-run", str(file)).out.startswith("  - aliases.info: 5000\n")
    assert shell.everything() == before


def test_a_fault_in_one_file_keeps_all_from_being_applied(shell: Shell, file: Path) -> None:
    beside = file.with_name("beta.yaml")
    beside.write_text(other("beta").replace("name: Somebody", "name: Somebody, ring_s: 0"))
    file.write_text(OFFICE.replace("to: 101", "to: 4000"))
    ran = shell.refused("apply", str(file.parent), code=5)
    faults = [(one["file"], one["line"], one["path"]) for one in ran.refusal["faults"]]
    assert faults == [
        (str(file), 6, "extensions.100.rules.0.to"),
        (str(beside), 6, "extensions.100.ring_s"),
    ]


def test_two_files_are_not_one_tenant(shell: Shell, file: Path) -> None:
    copy = file.with_name("copy.yaml")
    copy.write_text(OFFICE.replace("Alice", "Alina"))
    ran = shell.refused("apply", str(file.parent), code=5)
    assert {one["path"] for one in ran.refusal["faults"]} == {"tenant", "domain"}
    assert "stands in" in ran.refusal["error"]
    told = shell("check", str(file), str(copy))
    assert told.code == 5
    assert f"stands in {file}, too" in told.out


def test_no_two_files_want_calls_from_one_place(shell: Shell, file: Path) -> None:
    wanted = [
        ("addresses: [192.0.2.0/28, '2001:db8::7'], host: sip.carrier.test", ""),
        ("addresses: [192.0.2.7]", "addresses"),
        ("addresses: [192.0.0.0/16]", "addresses"),
        ("addresses: ['2001:db8::/64']", "addresses"),
        ("addresses: [198.51.100.1], host: sip.carrier.test", "host"),
        ("addresses: [198.51.100.2], proxy: '192.0.2.7:5080'", "proxy"),
        ("addresses: [198.51.100.3]", ""),
    ]
    file.unlink()
    files = [file.with_name(f"t{place}.yaml") for place in range(len(wanted))]
    for one, (trunk, _) in zip(files, wanted, strict=True):
        line = f"trunks: {{line: {{registration: none, {trunk}}}}}\n"
        one.write_text(other(one.stem) + line)
    ran = shell.refused("apply", str(file.parent), code=5)
    faults = ran.refusal["faults"]
    assert [(one["file"], one["path"]) for one in faults] == [
        (str(one), f"trunks.line.{path}")
        for one, (_, path) in zip(files, wanted, strict=True)
        if path
    ]
    assert all(one["rule"].startswith(f"the trunk line in {file.parent}") for one in faults)
    assert shell("check", str(file.parent)).code == 5


def test_what_moves_from_one_file_to_another_is_given_up_first(shell: Shell, file: Path) -> None:
    file.unlink()
    giver, taker = file.with_name("alpha.yaml"), file.with_name("beta.yaml")

    def called_from(one: Path, address: str) -> None:
        trunk = f"trunks: {{line: {{preset: by-address, addresses: [{address}]}}}}\n"
        one.write_text(other(one.stem) + trunk)

    called_from(giver, "192.0.2.1")
    called_from(taker, "192.0.2.2")
    shell.done("apply", str(file.parent))
    called_from(giver, "192.0.2.3")
    called_from(taker, "192.0.2.1")

    ran = shell.refused("apply", str(file.parent), code=5)
    assert "has to give it up first, by a command of its own" in ran.refusal["error"]
    shell.done("apply", str(giver))
    shell.done("apply", str(taker))


def test_many_files_register_at_one_carrier(shell: Shell, file: Path) -> None:
    file.unlink()
    trunk = "trunks: {city: {host: sip.carrier.test, username: a}}\n"
    for name in ("alpha", "beta"):
        file.with_name(f"{name}.yaml").write_text(other(name) + trunk)
    shell.done("apply", str(file.parent))


def test_applying_a_folder_again_goes_on_where_it_stopped(shell: Shell, file: Path) -> None:
    folder = file.parent
    (folder / "beta.yaml").write_text(other("beta"))
    make_wav(folder / "welcome.wav", WELCOME, 1)
    (folder / "gamma.yaml").write_text(other("gamma") + "sounds: {welcome: welcome.wav}\n")
    in_the_way = shell.home / "sounds" / "gamma"
    in_the_way.parent.mkdir()
    in_the_way.write_text("no folder")
    (folder / "notes.txt").write_text("no tenant")
    stopped = shell("apply", "--json", str(folder))
    assert stopped.code != 0
    assert [(one["tenant"], list(one["passwords"])) for one in stopped.json] == [
        ("acme", ["100", "101", "101-desk"]),
        ("beta", ["100"]),
    ]
    assert "2 of 3 files were applied; run it again to go on." in stopped.err
    in_the_way.unlink()
    results = {one["tenant"]: one["result"] for one in shell.done("apply", str(folder))}
    assert results == {"acme": "unchanged", "beta": "unchanged", "gamma": "created"}


@pytest.mark.parametrize("most_bytes", [0, 2_500, 1_000_000])
def test_files_are_applied_whether_there_was_room_to_keep_them_or_not(
    shell: Shell, file: Path, most_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks_kept, "MOST_BYTES", most_bytes)
    for name in ("beta", "gamma", "delta"):
        file.with_name(f"{name}.yaml").write_text(other(name))
    results = {one["tenant"]: one["result"] for one in shell.done("apply", str(file.parent))}
    assert results == dict.fromkeys(("acme", "beta", "delta", "gamma"), "created")
    assert shell.done("diff", str(file))["result"] == "unchanged"


def test_what_somebody_changed_by_hand_is_put_right_again(shell: Shell, file: Path) -> None:
    shell.done("apply", str(file))
    shell.done("extension", "set", "100", "--tenant", "acme", "--name", "Alina")
    assert shell.done("apply", str(file))[0]["changes"] == [
        {"path": "extensions.100.name", "before": "Alina", "after": "Alice"}
    ]


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("aliases: {info: 5000}\n", "alias info had calls in the last 30 days"),
        (", {name: 101-desk}", "device 101-desk had calls in the last 30 days"),
        ("numbers:\n  +74951234567: {trunk: moscow, to: 5000}\n", "number +74951234567 had calls"),
    ],
)
def test_what_is_in_use_goes_after_a_yes_only(
    shell: Shell, file: Path, gone: str, told: str
) -> None:
    shell.done("apply", str(file))
    call = a_call(0, "pbx-1.1")
    for place, dialled in enumerate(("info", "84951234567", "100")):
        number = replace(call, id=f"pbx-{place}", dialled=dialled, caller_device="101-desk")
        call_now(shell, number, days_ago=3)
    without_tests = OFFICE[: OFFICE.index("tests:")]
    file.write_text(without_tests.replace(gone, ""))
    ran = shell.refused("apply", str(file), code=4)
    assert told in ran.refusal["error"]
    assert shell.done("apply", "--yes", str(file))[0]["result"] == "changed"


def test_what_nobody_has_used_for_a_month_goes_without_asking(shell: Shell, file: Path) -> None:
    shell.done("apply", str(file))
    call_now(shell, replace(a_call(0), dialled="info"), days_ago=40)
    file.write_text(OFFICE.replace("aliases: {info: 5000}\n", ""))
    assert shell.done("apply", str(file))[0]["result"] == "changed"


def test_a_call_that_is_up_is_not_cut(shell: Shell, file: Path) -> None:
    shell.done("apply", str(file))
    call_now(shell, replace(a_call(0), dialled="info"), days_ago=40, is_over=False)
    file.write_text(OFFICE.replace("aliases: {info: 5000}\n", ""))
    ran = shell.refused("apply", str(file), code=4)
    assert "alias info is on a call now" in ran.refusal["error"]


def test_warnings_refuse_when_asked_to(shell: Shell, file: Path) -> None:
    file.write_text(OFFICE.replace(", to: 5000}", "}").replace("aliases: {info: 5000}\n", ""))
    ran = shell.refused("apply", "--strict", str(file), code=5)
    assert "number-leads-nowhere" in ran.refusal["error"]
    applied = shell("apply", str(file))
    assert applied.code == 0
    assert "number-leads-nowhere" in applied.err


def test_a_route_test_that_would_fail_refuses_when_asked_to(shell: Shell, file: Path) -> None:
    assert shell("apply", "--test", str(file)).code == 0
    file.write_text(OFFICE.replace(", to: 5000}", ", to: 101}"))
    ran = shell.refused("apply", "--test", str(file), code=1)
    assert "the number rings the group" in ran.refusal["error"]


def test_a_folder_without_files_is_a_mistake(shell: Shell, tmp_path: Path) -> None:
    assert shell("apply", str(tmp_path / "home")).code == 2
