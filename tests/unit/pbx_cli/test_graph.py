"""`pbx graph` and the way of a call over it, by the shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.call_log import JournalLine, RecordedCall
from pbx_cli.drawing import Graph, graph_of, mermaid_of, svg_of, with_call
from pbx_cli.drawing.graph import Edge, Line, Shape
from stasis_apps.journal import Fact, What
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.simulation import Became, Doing, Scenario
from tests.support.builders import SOUND_FOLDER, a_trunk, tenant_rows
from tests.support.recorded_calls import recorded
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
    [("a.svg", "<svg "), ("a.dot", "digraph "), ("a.gv", "digraph "), ("a.md", "%% ")],
)
def test_the_ending_of_a_file_says_how_it_is_drawn(
    office: Shell, tmp_path: Path, name: str, begins: str
) -> None:
    path = tmp_path / name

    ran = office("graph", "acme", "-o", str(path))

    assert ran.code == 0
    assert path.read_text(encoding="utf-8").startswith(begins)
    assert ran.out.startswith(f"{path}: ")


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


def a_plan() -> tuple[Graph, NumberPlan]:
    rows = tenant_rows(
        elements={
            "5000": {"kind": "greeting", "sound": "welcome", "keys": {"1": "5100"},
                     "no_input": "5100", "direct_dial": True},
            "5100": {"kind": "group", "members": ["100", "101", MOBILE], "no_answer": "5000"},
        },
        trunks=[a_trunk()],
        numbers={"74951234567": "5000"},
    )  # fmt: skip
    plan = build_plan(rows, sound_folder=SOUND_FOLDER)
    return graph_of(rows, plan), plan


def a_call(**changes: object) -> RecordedCall:
    facts: dict[str, object] = {
        "id": "pbx-1.1",
        "tenant": "acme",
        "channel_id": "pbx-1.1",
        "revision": 7,
        "how": "trunk",
        "caller_number": "79031112233",
        "caller_name": "",
        "caller_device": None,
        "dialled": "84951234567",
        "started_at": BEGAN_AT,
        "answered_at": None,
        "answered_by": None,
        "ended_at": BEGAN_AT + timedelta(seconds=40),
        "ended_by": "caller",
        "reason": "normal",
        "comment": "ended normally",
        "talk_s": 0.0,
    }
    return RecordedCall(**{**facts, **changes})  # type: ignore[arg-type] # the names are checked


def step(
    what: What, element: str = "", reason: str = "", way_out: str = "", **facts: Fact
) -> JournalLine:
    return JournalLine(
        tenant_id=7,
        call_id="pbx-1.1",
        seq=1,
        at=BEGAN_AT,
        what=what,
        element=element or None,
        exit=way_out or None,
        reason=reason,
        facts=facts,
    )


BY_TRUNK = step(What.STARTED, way_in="trunk", trunk="moscow", dialled="84951234567")
GREETED = (
    step(What.ENTERED, "5000", kind="greeting"),
    step(What.LEFT, "5000", way_out="1", target="5100"),
    step(What.ENTERED, "5100", kind="group"),
)


def laid(journal: Sequence[JournalLine], **changes: object) -> Graph:
    graph, plan = a_plan()
    return with_call(graph, plan, a_call(**changes), journal)


def taken(graph: Graph) -> list[tuple[tuple[int, ...], str, str]]:
    return sorted((one.steps, one.start, one.to) for one in graph.edges if one.steps)


def edge(graph: Graph, start: str, to: str) -> list[Edge]:
    return [one for one in graph.edges if (one.start, one.to) == (start, to)]


def test_a_call_from_outside_is_drawn_from_its_caller_to_its_end() -> None:
    graph = laid(
        [
            BY_TRUNK,
            *GREETED,
            step(What.RANG, "5100", device="100@acme.test"),
            step(What.RANG, "5100", device="101@acme.test"),
            step(What.RANG, "5100", device="101-kitchen@acme.test"),
            step(What.RANG, "5100", device=MOBILE, trunk="moscow"),
            step(What.ANSWERED, "5100", device="101-kitchen@acme.test", by="101"),
        ]
    )

    assert taken(graph) == [
        ((1,), "caller", "trunk:moscow"),
        ((2,), "trunk:moscow", "number:74951234567"),
        ((3,), "number:74951234567", "5000"),
        ((4,), "5000", "5100"),
        ((5,), "5100", "100"),
        ((5,), "5100", "101"),
        ((5,), "5100", f"outside:{MOBILE}"),
        ((6,), "101", "end"),
    ]
    answered = [one.id for one in graph.nodes if one.is_answer]
    assert answered == ["101"]
    end = graph.node("end")
    assert end is not None
    assert end.lines == ("ended normally", "by the caller, after 40.0 s")


def test_the_exit_that_was_taken_is_told_from_those_that_were_not() -> None:
    graph = laid([BY_TRUNK, *GREETED])

    ways = {(one.labels, bool(one.steps)) for one in edge(graph, "5000", "5100")}
    assert ways == {(("1",), True), (("no_input",), False)}


def test_a_way_that_is_taken_twice_has_both_numbers() -> None:
    again = (
        step(What.LEFT, "5100", way_out="no_answer", target="5000"),
        *GREETED,
    )
    graph = laid([BY_TRUNK, *GREETED, *again])

    (way,) = (one for one in edge(graph, "5000", "5100") if one.steps)
    assert way.steps == (4, 6)


def test_a_number_that_the_caller_dialled_gets_a_line_of_its_own() -> None:
    graph = laid(
        [
            BY_TRUNK,
            GREETED[0],
            step(What.LEFT, "5000", "dialled directly", target="101"),
            step(What.ENTERED, "101", kind="user"),
        ]
    )

    (way,) = edge(graph, "5000", "101")
    assert (way.labels, way.line) == (("dialled directly",), Line.WENT)


@pytest.mark.parametrize(
    ("changes", "way_in", "first"),
    [
        (
            {"how": "phone", "caller_number": "100", "dialled": "+79990001122"},
            step(What.STARTED, way_in="phone", device="100"),
            ((1,), "100", "outside:+79990001122"),
        ),
        (
            {"how": "direct_sip", "caller_number": "anyone", "dialled": "+79990001122"},
            step(What.STARTED, way_in="direct_sip"),
            ((1,), "caller", "outside:+79990001122"),
        ),
    ],
)
def test_what_is_in_no_plan_is_added(
    changes: dict[str, object], way_in: JournalLine, first: object
) -> None:
    graph = laid([way_in, step(What.ENTERED, "+79990001122", kind="outside")], **changes)

    assert taken(graph)[0] == first
    added = graph.node("outside:+79990001122")
    assert added is not None
    assert added.kind == Shape.OUTSIDE


def test_a_call_that_is_up_has_no_end() -> None:
    graph = laid([BY_TRUNK, *GREETED], ended_at=None, ended_by=None)

    assert graph.node("end") is None


def test_a_call_without_a_journal_is_drawn_as_far_as_its_record_goes() -> None:
    graph = laid([])

    assert taken(graph) == [((1,), "caller", "end")]


ANSWERS = Doing(became=Became.ANSWERS, talks_s=5.0)


@pytest.mark.parametrize(
    ("scenario", "last"),
    [
        (Scenario(caller="79031112233", dialled="74951234567", at=BEGAN_AT), "5100"),
        (
            Scenario(
                caller="79031112233", dialled="74951234567", at=BEGAN_AT, hangs_up_after_s=1.0
            ),
            "5000",
        ),
        (
            Scenario(
                caller="79031112233",
                dialled="74951234567",
                at=BEGAN_AT,
                keys=["1"],
                doing={MOBILE: ANSWERS},
            ),
            f"outside:{MOBILE}",
        ),
        (
            Scenario(
                caller="79031112233",
                dialled="74951234567",
                at=BEGAN_AT,
                keys=["101"],
                doing={"101": ANSWERS},
            ),
            "101",
        ),
        (Scenario(caller="100", dialled="112", at=BEGAN_AT, otherwise=ANSWERS), "outside:112"),
        (
            Scenario(caller="100", dialled=MOBILE, at=BEGAN_AT, otherwise=ANSWERS),
            f"outside:{MOBILE}",
        ),
        (Scenario(caller="100", dialled="7777", at=BEGAN_AT), "outside:7777"),
    ],
)
def test_every_step_of_a_call_is_drawn_in_its_order(scenario: Scenario, last: str) -> None:
    graph, plan = a_plan()
    call, journal = recorded(plan, scenario)

    drawn = with_call(graph, plan, call, journal)

    steps = {step for one in drawn.edges for step in one.steps}
    assert steps == set(range(1, len(steps) + 1))
    (to_the_end,) = (one for one in drawn.edges if one.to == "end")
    assert (to_the_end.start, to_the_end.steps) == (last, (len(steps),))
    ids = [one.id for one in drawn.nodes]
    assert len(ids) == len(set(ids))
    passed = {line.element for line in journal if line.what == What.ENTERED}
    assert passed <= {one.name for one in drawn.nodes if one.steps}


def test_a_call_that_went_round_and_round_shows_some_of_its_steps() -> None:
    again = (step(What.LEFT, "5100", way_out="no_answer", target="5000"), *GREETED)
    graph = laid([BY_TRUNK, *GREETED, *again * 20])

    assert "(4, 6, …, 44) 1" in mermaid_of(graph)
    assert svg_of(graph).count(">…<") == 2


def test_what_the_call_did_not_come_to_steps_back() -> None:
    graph = laid([BY_TRUNK, *GREETED])
    text = svg_of(graph)

    assert text.count("<circle") == len([step for one in graph.edges for step in one.steps])
    assert "linkStyle" in mermaid_of(graph)
    assert "(4) 1" in mermaid_of(graph)
