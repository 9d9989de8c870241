"""A call laid over its plan: each step in its order, what was added, what was not reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

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

BEGAN_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MOBILE = "+79161112233"


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
