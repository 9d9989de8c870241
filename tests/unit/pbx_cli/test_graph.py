"""`pbx graph` and the way of a call over it, by the shell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.pbx_cli.shell import Shell
from tests.unit.pbx_cli.test_calls import closed, opened, steps, write

BEGAN_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MOBILE = "+79161112233"

FILE = """
tenant: office
domain: office.example
country: GB
timezone: Europe/London
extensions:
  "100": {name: Alice Example}
  "101": {name: "Clara & <Co>"}
elements:
  "5000": {kind: greeting, sound: asterisk:demo-congrats, keys: {1: "100"}, invalid: "5999"}
"""


@pytest.fixture
def office(acme: Shell) -> Shell:
    """A shell with a greeting that leads to Boris, who has called Alice."""
    settings = ("sound=asterisk:demo-congrats", "keys.1=101", "keys.2=100")
    given = [word for one in settings for word in ("--set", one)]
    acme.done("element", "create", "greeting", "5000", "--tenant", "acme", *given)
    write(acme, [opened(), *steps(), closed()])
    return acme


def test_a_tenant_is_drawn_as_mermaid_unless_told_otherwise(office: Shell) -> None:
    ran = office("graph", "acme")

    assert ran.code == 0
    assert ran.out.startswith("%% acme, revision ")
    assert '["5000 greeting<br/>asterisk:demo-congrats' in ran.out
    assert office("graph", "acme", "--format", "dot").out.startswith('digraph "acme, revision ')
    assert office("graph", "acme", "--format", "svg").out.startswith("<svg ")


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.svg", "<svg "),
        ("a.dot", "digraph "),
        ("a.gv", "digraph "),
        ("a.md", "%% "),
        ("a.MMD", "%% "),
    ],
)
def test_the_ending_of_a_file_says_how_it_is_drawn(
    office: Shell, tmp_path: Path, name: str, begins: str
) -> None:
    path = tmp_path / name

    ran = office("graph", "acme", "-o", str(path))

    assert ran.code == 0
    assert path.read_text(encoding="utf-8").startswith(begins)
    assert ran.out.startswith(f"{path}: ")


@pytest.mark.parametrize("name", ["a.png", "a"])
def test_an_ending_that_nobody_knows_is_refused_unless_a_format_is_named(
    office: Shell, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name

    ran = office("graph", "acme", "-o", str(path))

    assert (ran.code, path.exists()) == (2, False)
    assert f"{name}' does not end in .svg, .dot, .gv, .mmd, .md" in " ".join(ran.err.split())
    assert office("graph", "acme", "-o", str(path), "--format", "svg").code == 0
    assert path.read_text(encoding="utf-8").startswith("<svg ")


def test_a_tenant_beside_a_file_is_refused_unless_the_environment_names_it(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(FILE)

    assert shell("graph", "acme", "--file", str(file)).code == 2
    monkeypatch.setenv("PBX_TENANT", "acme")
    assert shell("graph", "--file", str(file)).code == 0


def test_of_a_file_that_cannot_be_read_it_is_said_where_all_its_faults_are(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "office.yaml"
    file.write_text("tenant: acme\ncountry: Atlantis\nnonsense: 1\n")

    ran = shell("graph", "--file", str(file))

    assert ran.code == 5
    assert "nothing was changed" not in ran.err
    assert f"`pbx check {file}` lists all." in " ".join(ran.err.split())


def test_scripts_get_nodes_and_edges(office: Shell) -> None:
    graph = office.done("graph", "acme")

    assert {"id": "5000", "kind": "greeting"}.items() <= graph["nodes"][-1].items()
    assert ["5000", "101", ["1"]] in [[e["start"], e["to"], e["labels"]] for e in graph["edges"]]


def test_a_call_is_laid_over_the_plan(office: Shell) -> None:
    graph = office.done("graph", "acme", "--call", "pbx-1.1")

    taken = [
        (one["steps"], one["start"], one["to"], one["labels"])
        for one in graph["edges"]
        if one["steps"]
    ]
    assert taken == [
        ([1], "100", "5000", ["dialled 5000"]),
        ([2], "5000", "101", ["1"]),
        ([3], "101", "end", []),
    ]
    assert graph["title"].endswith(", call pbx-1.1")
    assert office.done("graph", "--call", "last") == graph


def test_a_call_is_laid_over_the_plan_that_it_ran_on(office: Shell) -> None:
    then = office.done("tenant", "show", "acme")["revision"]
    write(office, [replace(opened("pbx-5.1"), revision=then), *steps("pbx-5.1")])
    office.done("element", "set", "5000", "--tenant", "acme", "--set", "keys.1=100")

    ran = office("graph", "--call", "pbx-5.1", "--json")

    assert ran.err == ""
    assert ["5000", "101", ["1"]] in [
        [one["start"], one["to"], one["labels"]] for one in ran.json["edges"]
    ]
    assert ran.json["title"] == f"acme, revision {then}, call pbx-5.1"


def test_a_plan_that_nobody_knows_any_more_is_said_to_be_another(office: Shell) -> None:
    write(office, [replace(opened("pbx-6.1"), revision=0), *steps("pbx-6.1")])

    ran = office("graph", "--call", "pbx-6.1")

    assert ran.code == 0
    assert "Nobody knows the plan of revision 0" in ran.err


def test_a_part_is_drawn_from_a_number_on(office: Shell) -> None:
    graph = office.done("graph", "acme", "--from", "101")

    assert [one["id"] for one in graph["nodes"]] == ["101"]


def test_a_file_is_drawn_before_it_is_applied_with_its_faults(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(FILE)

    graph = shell.done("graph", "--file", str(file))

    tones = {one["id"]: one["tone"] for one in graph["nodes"]}
    assert tones["5999"] == "fault"
    assert tones["5000"] == "fault"
    assert graph["title"] == "office"


def test_what_cannot_be_drawn_is_said(office: Shell, tmp_path: Path) -> None:
    assert office("graph").code == 2
    assert office("graph", "nobody").code == 3
    assert "7777" in office("graph", "acme", "--from", "7777").err
    assert office("graph", "acme", "--call", "pbx-9.9").code == 3
    assert office("graph", "acme", "--format", "jpeg").code == 2
    ran = office("graph", "acme", "-o", str(tmp_path / "no" / "folder.svg"), "--json")
    assert ran.code == 1
    assert "cannot be written" in ran.refusal["error"]
    broken = tmp_path / "broken.yaml"
    broken.write_text("tenant: [")
    assert office("graph", "--file", str(broken)).code == 5
