"""A plan as a picture: what is drawn, and how it is written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from pbx_cli.drawing import Graph, dot_of, mermaid_of, only_from, svg_of
from pbx_cli.drawing.graph import Line, Node, Shape, Tone
from pbx_cli.drawing.graphviz import placed_by_dot
from pbx_cli.drawing.looks import FAULT, KIND_COLOURS, UNREACHED, look_of, words_of_node
from pbx_cli.drawing.placing import Placed
from pbx_cli.drawing.words import LONGEST, columns, shortened
from stasis_apps.element import known_elements
from stasis_apps.lint import Finding, Severity
from stasis_apps.planning import build_plan
from tests.support.builders import SOUND_FOLDER, a_trunk
from tests.unit.pbx_cli.offices import MOBILE, OFFICE, drawn, ourselves, the_office

Place = Callable[[Graph], Placed | None]


def node(graph: Graph, node_id: str) -> Node:
    found = graph.node(node_id)
    assert found is not None, [one.id for one in graph.nodes]
    return found


def ways(graph: Graph, start: str) -> dict[str, tuple[tuple[str, ...], Line]]:
    return {edge.to: (edge.labels, edge.line) for edge in graph.edges if edge.start == start}


@pytest.fixture
def office() -> Graph:
    """A small office with one of everything that lines tell apart."""
    return drawn(the_office())


def test_calls_are_followed_from_the_trunk_to_the_first_element(office: Graph) -> None:
    assert ways(office, "trunk:moscow") == {"number:74951234567": ((), Line.EXIT)}
    assert ways(office, "number:74951234567") == {"5300": ((), Line.EXIT)}
    assert ways(office, "alias:info") == {"5000": ((), Line.EXIT)}
    assert node(office, "alias:info").lines == ("open to strangers",)


def test_every_exit_is_drawn_with_its_name_and_those_that_lead_the_same_way_are_one(
    office: Graph,
) -> None:
    assert ways(office, "5000") == {
        "5100": (("1", "no_input"), Line.EXIT),
        "100": (("2",), Line.EXIT),
        "5999": (("9",), Line.EXIT),
    }
    assert ways(office, "5300")["5120"] == (("no_match",), Line.EXIT)


def test_who_is_rung_and_what_is_thrown_or_opened_look_different(office: Graph) -> None:
    assert ways(office, "5100") == {
        "100": ((), Line.MEMBER),
        f"outside:{MOBILE}": (("after 10 s",), Line.MEMBER),
        "5120": (("all_busy", "no_answer"), Line.EXIT),
    }
    assert ways(office, "101") == {"100": (("rule busy",), Line.MEMBER)}
    assert ways(office, "5301") == {"5300": (("throws",), Line.ACTS_ON)}
    assert ways(office, "5199") == {"5120": (("opens",), Line.ACTS_ON)}


def test_members_that_ring_in_turns_are_numbered() -> None:
    turns = {"5100": {"kind": "group", "strategy": "sequence", "members": ["101", "100"]}}
    graph = drawn(the_office(elements=turns, numbers={}, aliases=[]))

    assert ways(graph, "5100") == {
        "101": (("member 1",), Line.MEMBER),
        "100": (("member 2",), Line.MEMBER),
    }


@pytest.mark.parametrize(
    ("settings", "labels"),
    [
        (
            {"kind": "number_rule", "lines": [{"masks": ["7+"], "target": "101"}], "match": "101"},
            ("line_1", "match"),
        ),
        ({"kind": "number_rule", "prefixes": {"7495": "101"}}, ("7495",)),
        (
            {
                "kind": "time_rule",
                "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
                "exceptions": [{"days": "2026-12-31"}, {"days": "2026-12-30", "target": "101"}],
            },
            ("exception_2",),
        ),
    ],
)
def test_exits_are_called_as_the_call_takes_them(
    settings: Mapping[str, object], labels: tuple[str, ...]
) -> None:
    rows = the_office(elements={"5000": settings})
    element = build_plan(rows, sound_folder=SOUND_FOLDER).elements["5000"].element

    assert ways(drawn(rows), "5000") == {"101": (labels, Line.EXIT)}
    assert set(labels) <= {str(way_out) for way_out in element.exits()}


def test_people_whom_nothing_leads_to_share_a_node() -> None:
    many = {str(number): [str(number)] for number in range(200, 260)}
    graph = drawn(the_office(extensions={"100": ["100"], "101": ["101"], **many}))

    assert node(graph, Shape.PEOPLE).name == "60 people"
    assert node(graph, Shape.PEOPLE).lines[0] == "200, 201, 202, 203 and 56 more"
    assert graph.node("200") is None
    assert graph.node("100") is not None


def test_what_is_not_there_is_a_fault(office: Graph) -> None:
    missing = node(office, "5999")

    assert (missing.kind, missing.tone) == (Shape.MISSING, Tone.FAULT)
    assert f'stroke="{FAULT}"' in svg_of(office)


def test_what_cannot_be_run_is_drawn_as_a_fault_with_all_its_ways() -> None:
    broken = {**OFFICE, "5100": {**OFFICE["5100"], "strategy": "loudest"}}
    graph = drawn(the_office(elements=broken))

    assert node(graph, "5100").tone is Tone.FAULT
    assert "strategy" in node(graph, "5100").remarks[0]
    assert f"outside:{MOBILE}" in ways(graph, "5100")
    future = drawn(the_office(elements={"5000": {"kind": "hologram", "beam": 3}}))
    assert node(future, "5000").tone is Tone.FAULT


def a_finding(code: str, severity: Severity, *route: str, silenced: str = "") -> Finding:
    return Finding(
        code=code,
        severity=severity,
        route=route,
        sentence=f"{code} there",
        mend="mend it",
        silenced=silenced,
    )


def test_findings_stand_where_they_belong() -> None:
    graph = drawn(
        the_office(),
        a_finding("empty-exit", Severity.WARNING, "elements", "5100", "no_answer"),
        a_finding("forward-loop", Severity.ERROR, "extensions", "101", "rules", "0"),
        a_finding("unreachable-element", Severity.WARNING, "elements", "5002"),
        a_finding("empty-exit", Severity.WARNING, "elements", "5002"),
        a_finding("number-leads-nowhere", Severity.WARNING, "numbers", "74951234567"),
        a_finding("mask-shadowed", Severity.WARNING, "outbound", "rules", "home"),
        a_finding("empty-exit", Severity.ERROR, "elements", "5120", silenced="as wanted"),
    )

    tones = {one.id: one.tone for one in graph.nodes if one.tone is not Tone.PLAIN}
    assert tones == {
        "5100": Tone.WARNING,
        "101": Tone.FAULT,
        "5002": Tone.UNREACHED,
        "number:74951234567": Tone.WARNING,
        "5999": Tone.FAULT,
    }
    assert graph.remarks == ("mask-shadowed: mask-shadowed there",)
    assert look_of(node(graph, "5002"), graph).stroke == UNREACHED
    assert words_of_node(node(graph, "101"))[-1] == "! forward-loop"
    assert "mask-shadowed there" in svg_of(graph)


def test_a_part_is_drawn_from_a_number_on() -> None:
    graph = drawn(the_office())

    part = only_from(graph, "5100")
    assert part is not None
    assert {one.id for one in part.nodes} == {"5100", "100", f"outside:{MOBILE}", "5120", "5199"}
    named = only_from(graph, "info")
    assert named is not None
    assert named.nodes[0].id == "alias:info"
    assert only_from(graph, "7777") is None


def test_of_a_request_the_server_is_drawn_and_not_what_its_address_may_hide() -> None:
    url = "https://crm.test:8443/call?key=secret"
    graph = drawn(the_office(elements={"5500": {"kind": "http_request", "url": url}}))

    assert node(graph, "5500").lines == ("crm.test:8443", "leads where it says")


def test_every_kind_of_element_has_a_colour_of_its_own_words() -> None:
    kinds = {kind for kind in known_elements() if kind != "user"}

    assert kinds <= KIND_COLOURS.keys()


EVIL = 'Bob </text><script>alert(1)</script> & "Co" \\n \u202e\x1b \ufffe `x` #quot; | ] --> {}'


@pytest.fixture
def evil() -> Graph:
    """An office with a name from a nightmare, a long one, and one from right to left."""
    rows = the_office(trunks=[a_trunk(name=EVIL)])
    names = {"100": EVIL, "101": "Ж" * 35, "102": "مرحبا بالعالم"}
    people = tuple(replace(one, name=names[one.number]) for one in rows.extensions)
    return drawn(replace(rows, extensions=people))


@pytest.mark.parametrize("place", [placed_by_dot, ourselves])
def test_names_never_become_part_of_the_picture(evil: Graph, place: Place) -> None:
    text = svg_of(evil, place=place)
    picture = ElementTree.fromstring(text)  # noqa: S314 - written by ourselves a moment ago

    tags = {one.tag.rpartition("}")[2] for one in picture.iter()}
    assert tags == {"svg", "title", "defs", "marker", "path", "rect", "g", "text"}
    assert "\u202e" not in text
    assert "\x1b" not in text
    titles = [one.text or "" for one in picture.iter() if one.tag.endswith("title")]
    assert any("<script>alert(1)</script>" in title for title in titles)
    assert any("مرحبا بالعالم" in title for title in titles)


@pytest.mark.parametrize("place", [placed_by_dot, ourselves])
def test_a_picture_asks_nobody_for_anything(evil: Graph, place: Place) -> None:
    text = svg_of(evil, place=place)

    assert text.count("://") == 1, "the namespace alone"
    assert "<!DOCTYPE" not in text
    assert "href" not in text


def test_mermaid_gets_labels_without_a_sign_of_its_own(evil: Graph) -> None:
    for line in mermaid_of(evil).splitlines()[1:]:
        for label in line.split('"')[1::2]:
            assert not set(label.replace("<br/>", "")) & set('"<>`|{}[]\\&')


def test_dot_is_read_by_graphviz_as_it_was_meant() -> None:
    program = shutil.which("dot")
    if program is None:
        pytest.skip("Graphviz is not on this machine")
    name = 'A "q" &lt; \\n \\ <b>'
    graph = drawn(the_office(trunks=[a_trunk(name=name)]))

    ran = subprocess.run([program, "-Tsvg"], input=dot_of(graph).encode(), capture_output=True)

    assert ran.returncode == 0, ran.stderr
    words = [one.text for one in ElementTree.fromstring(ran.stdout).iter()]  # noqa: S314 - of dot
    assert f"{name} trunk" in words


def test_long_names_are_cut_and_wide_letters_count_twice() -> None:
    assert shortened("short") == "short"
    for text in ("x" * 70, "Ж" * 35, "名" * 35, "W" * 70, "é" * 70):
        cut = shortened(text)
        assert cut.endswith("…")
        assert columns(cut) <= LONGEST + 1
    assert len(shortened("名" * 35)) < len(shortened("x" * 70))


def test_accents_stay_with_their_letters() -> None:
    cut = shortened("e\u0301" * 60)

    assert cut.removesuffix("…").endswith("e\u0301")
