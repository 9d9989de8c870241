"""Pictures of plans: whatever is drawn, everything has a place and nothing stands on another."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from models.tenant_file.document import rows_of_document
from models.tenant_file.parts import TenantFile
from pbx_cli.drawing import Graph, dot_of, graph_of, mermaid_of, svg_of
from pbx_cli.drawing.graph import Edge, Line, Node
from pbx_cli.drawing.layers import kept_apart, placed_in_layers
from pbx_cli.drawing.placing import Placed
from pbx_cli.drawing.words import LONGEST, columns, shortened
from stasis_apps.planning import build_plan
from tests.support.tenants_strategy import tenant_files

NAMES = st.sampled_from("abcdefghij")
EDGES = st.builds(
    Edge,
    start=NAMES,
    to=NAMES,
    labels=st.lists(st.sampled_from(["1", "next", "no_answer"]), max_size=3).map(tuple),
    line=st.sampled_from(Line),
    steps=st.sampled_from([(), (1,), (2, 10)]),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any nodes in any order, with any ways between them: circles, loops, islands."""
    names = draw(st.permutations("abcdefghij"))
    lines = st.lists(st.text(max_size=50), max_size=3).map(tuple)
    return Graph(
        title="",
        nodes=tuple(Node(id=name, kind="play", name=name, lines=draw(lines)) for name in names),
        edges=tuple(draw(st.lists(EDGES, max_size=25))),
    )


def unplaced(_graph: Graph) -> Placed | None:
    """A machine without Graphviz."""
    return None


@given(graphs())
def test_no_box_stands_on_another_nor_outside_the_picture(graph: Graph) -> None:
    placed = placed_in_layers(graph)

    for one, other in combinations(placed.boxes.values(), 2):
        is_beside = abs(one.x - other.x) * 2 >= one.width + other.width - 0.01
        assert is_beside or abs(one.y - other.y) * 2 >= one.height + other.height - 0.01
    for box in placed.boxes.values():
        assert -0.01 <= box.x - box.width / 2 <= box.x + box.width / 2 <= placed.width + 0.01
        assert -0.01 <= box.y - box.height / 2 <= box.y + box.height / 2 <= placed.height + 0.01


@given(graphs())
def test_every_line_leads_from_its_beginning_to_its_end(graph: Graph) -> None:
    placed = placed_in_layers(graph)

    for edge, route in zip(graph.edges, placed.routes, strict=True):
        for name, (x, y) in ((edge.start, route.points[0]), (edge.to, route.points[-1])):
            box = placed.boxes[name]
            assert abs(x - box.x) <= box.width / 2 + 0.01
            assert abs(y - box.y) <= box.height / 2 + 0.01
        assert len(route.points) % 3 == 1


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(1, 100)), min_size=1, max_size=20))
def test_what_is_kept_apart_keeps_its_order_and_moves_only_where_it_must(
    wanted: list[tuple[float, float]],
) -> None:
    places, rooms = [place for place, _ in wanted], [room for _, room in wanted]

    found = kept_apart(places, rooms)

    for (one, room), (other, next_room) in pairwise(zip(found, rooms, strict=True)):
        assert other - one >= (room + next_room) / 2 - 0.01
    assert all(abs(a - b) < 0.01 for a, b in zip(kept_apart(found, rooms), found, strict=True))


@given(st.text())
def test_every_text_fits_and_can_be_drawn(text: str) -> None:
    cut = shortened(text)

    assert columns(cut) <= LONGEST + 1
    graph = Graph(title=text, nodes=(Node(id="a", kind=text, name=text, lines=(text,)),), edges=())
    ElementTree.fromstring(svg_of(graph, place=unplaced))  # noqa: S314 - written a moment ago
    assert len(mermaid_of(graph).splitlines()) == 5


@given(tenant_files())
@settings(max_examples=40)
def test_every_tenant_is_drawn_whole_in_every_format(file: TenantFile) -> None:
    rows = rows_of_document(file, None)
    plan = build_plan(rows, sound_folder=Path("/sounds"))

    graph = graph_of(rows, plan)

    ids = [node.id for node in graph.nodes]
    assert len(ids) == len(set(ids))
    assert {end for edge in graph.edges for end in (edge.start, edge.to)} <= set(ids)
    assert {row.number for row in rows.elements} <= set(ids)
    for row in rows.elements:
        planned = plan.elements[row.number]
        drawn = {label for edge in graph.edges if edge.start == row.number for label in edge.labels}
        assert {str(way) for way, target in planned.element.exits().items() if target} <= drawn
    ElementTree.fromstring(svg_of(graph, place=unplaced))  # noqa: S314 - written a moment ago
    assert mermaid_of(graph).count("-->") + mermaid_of(graph).count("-.-") == len(graph.edges)
    assert dot_of(graph).count(" -> ") >= len(graph.edges)
