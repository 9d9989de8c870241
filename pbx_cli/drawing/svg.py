"""A graph as one SVG picture that stands for itself: no font, style or script from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from xml.etree.ElementTree import (
    Element,
    SubElement,
    indent,
    tostring,
)

from pbx_cli.drawing.graph import Edge, Graph, Line, Node, Shape, Tone
from pbx_cli.drawing.graphviz import placed_by_dot
from pbx_cli.drawing.labels import labels_apart
from pbx_cli.drawing.layers import placed_in_layers
from pbx_cli.drawing.legend import draw_legend
from pbx_cli.drawing.looks import (
    FAULT,
    INK,
    PATH,
    UNREACHED,
    WARNING,
    look_of,
    steps_shown,
    words_of_node,
)
from pbx_cli.drawing.placing import (
    BADGE,
    LABEL_HEIGHT,
    LINE_HEIGHT,
    NODE_MARGIN,
    Box,
    Placed,
    Route,
    label_of,
    size_of_label,
)
from pbx_cli.drawing.words import drawable

MARGIN: Final = 24.0
HEAD: Final = 34.0
_REMARK: Final = 16.0
_FONTS: Final = "Helvetica, Arial, 'Liberation Sans', 'Noto Sans', 'DejaVu Sans', sans-serif"
_DASHES: Final = {Line.MEMBER: "6 4", Line.ACTS_ON: "2 3"}
_ARROWS: Final = {INK: "ink", PATH: "path", FAULT: "fault", UNREACHED: "faint"}

Place = Callable[[Graph], Placed | None]


def svg_of(graph: Graph, *, place: Place = placed_by_dot) -> str:
    """Draw a graph; Graphviz says where things stand, and where it is missing we do.

    Args:
        graph: The graph.
        place: Asked first; what it cannot place is placed in layers.
    """
    placed = labels_apart(graph, place(graph) or placed_in_layers(graph))
    picture = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
    SubElement(picture, "title").text = drawable(graph.title)
    _define_arrows(picture)
    sheet = SubElement(picture, "rect", {"fill": "#ffffff", "width": "100%", "height": "100%"})
    sheet.set("x", "0")
    _write(picture, graph.title, MARGIN, MARGIN + 8, size=16, bold=True)
    body = SubElement(picture, "g", {"transform": f"translate({MARGIN} {MARGIN + HEAD})"})
    routes = sorted(zip(graph.edges, placed.routes, strict=True), key=lambda one: one[0].steps)
    for edge, route in routes:
        _draw_edge(body, graph, edge, route)
    for node in graph.nodes:
        _draw_node(body, graph, node, placed.boxes[node.id])
    for edge, route in routes:
        _draw_label(body, graph, edge, route)
    legend = SubElement(picture, "g")
    wide = max(placed.width, 420.0)
    below = MARGIN + HEAD + placed.height + 30.0
    legend.set("transform", f"translate({MARGIN} {below:.1f})")
    height = below + draw_legend(legend, graph, wide) + MARGIN
    for sentence in graph.remarks:
        _write(picture, f"! {sentence}", MARGIN, height, colour=FAULT)
        height += _REMARK
    return _text_of(picture, wide + 2 * MARGIN, height)


def _text_of(picture: Element, width: float, height: float) -> str:
    picture.set("width", f"{width:.0f}")
    picture.set("height", f"{height:.0f}")
    picture.set("viewBox", f"0 0 {width:.0f} {height:.0f}")
    picture.set("font-family", _FONTS)
    indent(picture, " ")
    return tostring(picture, encoding="unicode") + "\n"


def _define_arrows(picture: Element) -> None:
    """An arrowhead of each colour: SVG 1.1 has none that takes the colour of its line."""
    definitions = SubElement(picture, "defs")
    for colour, name in _ARROWS.items():
        arrow = SubElement(definitions, "marker", {"id": f"arrow-{name}", "viewBox": "0 0 8 8"})
        for key, value in (("refX", "7"), ("refY", "4"), ("orient", "auto")):
            arrow.set(key, value)
        arrow.set("markerUnits", "userSpaceOnUse")
        arrow.set("markerWidth", "9")
        arrow.set("markerHeight", "9")
        SubElement(arrow, "path", {"d": "M0 0.5L8 4L0 7.5z", "fill": colour})


def _colour_of(graph: Graph, edge: Edge) -> str:
    if edge.steps:
        return PATH
    if graph.has_call:
        return UNREACHED
    end = graph.node(edge.to)
    return FAULT if end is not None and end.kind == Shape.MISSING else INK


def _draw_edge(body: Element, graph: Graph, edge: Edge, route: Route) -> None:
    colour = _colour_of(graph, edge)
    start, *rest = (f"{x:.1f} {y:.1f}" for x, y in route.points)
    line = SubElement(body, "path", {"d": f"M{start}C{' '.join(rest)}", "fill": "none"})
    line.set("stroke", colour)
    line.set("stroke-width", "3.2" if edge.steps else "1.2")
    line.set("marker-end", f"url(#arrow-{_ARROWS[colour]})")
    if edge.line in _DASHES:
        line.set("stroke-dasharray", _DASHES[edge.line])


def _draw_label(body: Element, graph: Graph, edge: Edge, route: Route) -> None:
    """The exits of an edge on white, the steps of a call in circles before them."""
    words, (width, height) = label_of(edge), size_of_label(edge)
    if not width:
        return
    x, y = route.label_at
    left, top = x - width / 2, y - height / 2
    paper = {"x": f"{left:.1f}", "y": f"{top:.1f}", "width": f"{width:.1f}", "rx": "3"}
    SubElement(body, "rect", {**paper, "height": f"{height:.1f}", "fill": "#ffffff"})
    steps = steps_shown(edge)
    for nth, step in enumerate(steps):
        _draw_badge(body, step, left + BADGE * (nth + 0.5), y)
    colour = _colour_of(graph, edge)
    start = left + 3 + BADGE * len(steps)
    first = y - (len(words) - 1) * LABEL_HEIGHT / 2 + 3.5
    for nth, label in enumerate(words):
        _write(body, label, start, first + nth * LABEL_HEIGHT, colour=colour, size=10)


def _draw_badge(body: Element, step: str, x: float, y: float) -> None:
    SubElement(body, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "8", "fill": PATH})
    number = _write(body, step, x, y + 3.5, colour="#ffffff", size=10, bold=True)
    number.set("text-anchor", "middle")


def _draw_node(body: Element, graph: Graph, node: Node, box: Box) -> None:
    look = look_of(node, graph)
    group = SubElement(body, "g")
    told = [" ".join((node.name, node.kind)), *node.lines, *node.remarks]
    SubElement(group, "title").text = "\n".join(map(drawable, told))
    left, top = box.x - box.width / 2, box.y - box.height / 2
    outline = SubElement(group, "rect", {"x": f"{left:.1f}", "y": f"{top:.1f}", "rx": "7"})
    outline.set("width", f"{box.width:.1f}")
    outline.set("height", f"{box.height:.1f}")
    outline.set("fill", look.fill)
    outline.set("stroke", look.stroke)
    is_loud = bool(node.steps) or node.tone in (Tone.FAULT, Tone.WARNING)
    outline.set("stroke-width", "3" if is_loud else "1.4")
    for nth, line in enumerate(words_of_node(node)):
        y = top + NODE_MARGIN / 2 + (nth + 0.75) * LINE_HEIGHT
        colour = _colour_of_line(line, node, look.text)
        _write(group, line, left + NODE_MARGIN, y, colour=colour, bold=nth == 0)


def _colour_of_line(line: str, node: Node, usual: str) -> str:
    if not line.startswith("! "):
        return usual
    return {Tone.FAULT: FAULT, Tone.WARNING: WARNING}.get(node.tone, usual)


def _write(  # noqa: PLR0913 - what, where, and how it looks
    parent: Element,
    text: str,
    x: float,
    y: float,
    *,
    colour: str = INK,
    size: int = 11,
    bold: bool = False,
) -> Element:
    where = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": str(size), "fill": colour}
    written = SubElement(parent, "text", where)
    written.text = drawable(text)
    if bold:
        written.set("font-weight", "bold")
    return written
