"""Where the parts of a picture stand, with Graphviz and without it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pbx_cli.drawing import Graph, mermaid_of, svg_of
from pbx_cli.drawing.graph import Edge, Line, Node
from pbx_cli.drawing.graphviz import placed_by_dot
from pbx_cli.drawing.layers import placed_in_layers
from pbx_cli.drawing.placing import Placed
from tests.unit.pbx_cli.offices import a_large_plan, drawn, ourselves, the_office

Place = Callable[[Graph], Placed | None]


@pytest.fixture
def office() -> Graph:
    """A small office with one of everything that lines tell apart."""
    return drawn(the_office())


def overlapping(placed: Placed) -> Iterator[tuple[str, str]]:
    boxes = list(placed.boxes.items())
    for nth, (name, one) in enumerate(boxes):
        for other_name, other in boxes[nth + 1 :]:
            is_beside = abs(one.x - other.x) * 2 >= one.width + other.width - 1
            is_below = abs(one.y - other.y) * 2 >= one.height + other.height - 1
            if not (is_beside or is_below):
                yield name, other_name


def test_without_graphviz_nothing_stands_on_anything_else(office: Graph) -> None:
    placed = placed_in_layers(office)

    assert not list(overlapping(placed))
    for edge, route in zip(office.edges, placed.routes, strict=True):
        start, end = placed.boxes[edge.start], placed.boxes[edge.to]
        assert abs(route.points[0][1] - start.y) <= start.height / 2
        assert abs(route.points[-1][1] - end.y) <= end.height / 2


def test_calls_go_from_left_to_right(office: Graph) -> None:
    boxes = placed_in_layers(office).boxes

    way = ["trunk:moscow", "number:74951234567", "5300", "5000", "5100", "5120"]
    assert [boxes[one].x for one in way] == sorted(boxes[one].x for one in way)


def test_what_leads_back_to_itself_is_drawn_above_its_box() -> None:
    graph = drawn(the_office(elements={"5000": {"kind": "play", "sound": "x", "next": "5000"}}))
    placed = placed_in_layers(graph)
    (loop,) = (
        route
        for edge, route in zip(graph.edges, placed.routes, strict=True)
        if edge.start == edge.to
    )

    assert loop.points[0][1] == loop.points[-1][1]
    assert min(y for _x, y in loop.points) < loop.points[0][1]


def test_an_empty_tenant_is_an_empty_picture() -> None:
    nothing = drawn(
        the_office(elements={}, extensions={}, users={}, trunks=[], numbers={}, aliases=[])
    )

    for text in (svg_of(nothing), svg_of(nothing, place=ourselves)):
        ElementTree.fromstring(text)  # noqa: S314 - written by ourselves a moment ago
    assert mermaid_of(nothing).splitlines()[1] == "flowchart LR"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not on this machine")
def test_graphviz_finds_a_place_for_everything(office: Graph) -> None:
    placed = placed_by_dot(office)

    assert placed is not None
    assert placed.boxes.keys() == {one.id for one in office.nodes}
    assert not list(overlapping(placed))
    assert all((len(route.points) - 1) % 3 == 0 for route in placed.routes)


@pytest.mark.parametrize(
    "program",
    [
        None,
        "#!/bin/sh\nexit 1\n",
        "#!/bin/sh\necho nonsense\n",
        '#!/bin/sh\necho \'{"bb": "0,0,1,1", "objects": []}\'\n',
    ],
)
def test_a_graphviz_that_is_missing_or_broken_costs_nobody_the_picture(
    office: Graph, program: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if program is not None:
        fake = tmp_path / "dot"
        fake.write_text(program)
        fake.chmod(0o755)

    assert placed_by_dot(office) is None
    assert svg_of(office) == svg_of(office, place=ourselves)


@pytest.mark.parametrize("place", [placed_by_dot, ourselves])
def test_a_plan_of_five_hundred_elements_is_drawn_whole(place: Place) -> None:
    rows = a_large_plan(25)
    assert len(rows.elements) == 500

    text = svg_of(drawn(rows), place=place)

    assert text.count("<rect") > 500


def test_two_ways_between_the_same_nodes_do_not_hide_each_other() -> None:
    graph = Graph(
        title="",
        nodes=(Node(id="a", kind="play", name="a"), Node(id="b", kind="play", name="b")),
        edges=(
            Edge(start="a", to="b", labels=("next",)),
            Edge(start="b", to="a", labels=("next",)),
            Edge(start="a", to="b", line=Line.ACTS_ON),
        ),
    )

    routes = placed_in_layers(graph).routes

    assert len({frozenset((route.points[0], route.points[-1])) for route in routes}) == 3
