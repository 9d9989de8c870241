"""A long tenant file with mistakes of every sort: each is told at its line, nothing changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.ran import Ran
from tests.unit.pbx_cli.shell import Shell

PEOPLE = 1_810
ELEMENTS = 60


def a_long_file() -> list[str]:
    """A tenant of two thousand lines in which all is right."""
    lines = [
        "tenant: acme",
        "domain: acme.test",
        "timezone: Europe/Moscow",
        "country: RU",
        "extensions:",
    ]
    lines += [f"  {number}: {{name: Person {number}}}" for number in _people()]
    lines += ["elements:"]
    for number in range(5000, 5000 + ELEMENTS):
        lines += [f"  {number}:", "    kind: group", "    members: [1000, 1001]"]
    lines += [
        "trunks:",
        "  moscow: {host: sip.carrier.test, username: acme, password: Carrier-Pass-1}",
        "numbers:",
        "  +74951234567: {trunk: moscow, to: 5000}",
        "aliases:",
        "  info: 5000",
        "outbound:",
        "  default: moscow",
        "  rules:",
        "    - {name: all, mask: (+)}",
    ]
    return lines


def _people() -> range:
    return range(1_000, 1_000 + PEOPLE)


MISTAKES = {
    "timezone: Europe/Moscow": "timezone: Europe/Moskau",
    "  1100: {name: Person 1100}": "  1100: {name: Person 1100, ring_s: long}",
    "  1200: {name: Person 1200}": "  1200: {nick: Bob, name: Person 1200}",
    "  1300: {name: Person 1300}": "  1300: {email: bob@acme.test}",
    "  1400: {name: Person 1400}": "  1400: {name: Person 1400, email: bob}",
    "  1501: {name: Person 1501}": "  1500: {name: Person 1501}",
    "  1600: {name: Person 1600}": "  1600: {name: Person 1600, rules: [{when: busy, to: 9}]}",
    "  1700: {name: Person 1700}": "  1700: {name: Person 1700, busy: 4321}",
    "  1800: {name: Person 1800}": "  1800: {name: Person 1800, location: moon}",
    "  +74951234567: {trunk: moscow, to: 5000}": "  +74951234567: {trunk: minsk, to: 5000}",
    "  info: 5000": "  info: 5999",
    "    - {name: all, mask: (+)}": "    - {name: all, mask: (+}",
}


def with_mistakes(lines: list[str]) -> tuple[list[str], list[int]]:
    """The same lines with the mistakes in them, and in which lines those are."""
    wrong = [MISTAKES.get(line, line) for line in lines]
    return wrong, [place + 1 for place, line in enumerate(lines) if line in MISTAKES]


def lines_told(ran: Ran, file: Path) -> list[int]:
    """The lines of a file that were told, in their order."""
    return [
        int(line) for line in re.findall(rf"{re.escape(str(file))}:(\d+):\d+", ran.out + ran.err)
    ]


def test_twelve_mistakes_in_two_thousand_lines_are_twelve_faults(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "acme.yaml"
    lines, places = with_mistakes(a_long_file())
    file.write_text("\n".join(lines) + "\n")
    assert len(lines) >= 2_000
    assert len(places) == len(MISTAKES) == 12

    ran = shell("apply", str(file), "--yes")

    assert ran.code == 5, ran.err
    assert lines_told(ran, file) == places
    assert shell.done("tenant", "list") == []


def test_the_same_mistakes_are_found_without_a_database(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    lines, places = with_mistakes(a_long_file())
    file.write_text("\n".join(lines) + "\n")

    ran = shell("check", str(file))

    assert ran.code == 5
    assert lines_told(ran, file) == places


def test_two_default_locations_are_a_fault_for_help_would_be_sent_to_either(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "acme.yaml"
    lines = [*a_long_file()[:4], "locations:", "  hq: {default: true}", "  branch: {default: true}"]
    file.write_text("\n".join(lines) + "\n")

    ran = shell("apply", str(file), "--yes")

    assert ran.code == 5
    assert (ran.out + ran.err).count(str(file)) == 1
    told = f"{file}:6:17: locations.hq.default True: there is one default; branch is it already"
    assert told in ran.out + ran.err
    assert shell.done("tenant", "list") == []


@pytest.mark.parametrize(
    "command", [["apply"], ["apply", "--json"], ["check"], ["check", "--json"]]
)
def test_a_command_repeats_no_secret_of_a_faulty_file(
    shell: Shell, tmp_path: Path, command: list[str]
) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(
        "tenant: acme\ndomain: acme.test\ncountry: RU\n"
        "extensions: {100: {name: A, pni: SEKRET}, 101: {name: B, devices: [SEKRET]}}\n"
        "trunk: {a: {password: SEKRET}}\n"
        "trunks: {b: SEKRET, c: {host: u:SEKRET@h.test, username: u, passwort: SEKRET}}\n"
        "outbound: {rules: [{name: r, mask: +, pin: SEKRET}]}\n"
        "elements: {5000: {kind: voicemail, pin: SEKRET, pins: SEKRET}}\n"
    )

    ran = shell(*command, str(file))

    assert ran.code == 5
    assert "SEKRET" not in ran.out + ran.err
    for named in ("pni", "devices.0", "trunk", "trunks.b", "host", "passwort", "rules.0.pin"):
        assert named in ran.out + ran.err
