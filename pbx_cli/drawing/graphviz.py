"""Places by Graphviz, where the machine has it: `dot` says where, we draw."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from pbx_cli.drawing.graph import Edge, Graph
from pbx_cli.drawing.placing import Box, Placed, Point, Route, size_of_label, sizes_of

PROGRAM: Final = "dot"
PATIENCE_S: Final = 2.0
"""After so long we place a large plan ourselves."""

_POINTS_PER_INCH: Final = 72.0

Found = Mapping[str, Any]  # JSON border: what dot prints with -Tjson0


def placed_by_dot(graph: Graph) -> Placed | None:
    """Let Graphviz place a graph; None when it is not installed, fails, or takes too long."""
    program = shutil.which(PROGRAM)
    if program is None or not graph.nodes:
        return None
    try:
        ran = subprocess.run(  # noqa: S603 - a program of the system, its input is ours
            [program, "-Tjson0"],
            input=_question(graph).encode(),
            capture_output=True,
            check=True,
            timeout=PATIENCE_S,
        )
        return _answer(graph, json.loads(ran.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None


def _question(graph: Graph) -> str:
    """Boxes and labels as bare sizes: no word of anybody's reaches the program."""
    ids = {node.id: f"n{place}" for place, node in enumerate(graph.nodes)}
    lines = ["digraph {", "rankdir=LR; nodesep=0.22; ranksep=0.5; nslimit=4; mclimit=0.6;"]
    lines += ['node [shape=box, fixedsize=true, label=""]; edge [arrowsize=0.7];']
    for node_id, (width, height) in sizes_of(graph).items():
        size = f"width={width / _POINTS_PER_INCH:.3f}, height={height / _POINTS_PER_INCH:.3f}"
        lines.append(f"{ids[node_id]} [{size}];")
    for place, edge in enumerate(graph.edges):
        lines.append(f"{ids[edge.start]} -> {ids[edge.to]} [id=e{place}{_room_for(edge)}];")
    return "\n".join([*lines, "}"])


def _room_for(edge: Edge) -> str:
    width, height = size_of_label(edge)
    if not width:
        return ""
    size = f'FIXEDSIZE="TRUE" WIDTH="{width:.0f}" HEIGHT="{height:.0f}"'
    return f', label=<<TABLE BORDER="0" {size}><TR><TD></TD></TR></TABLE>>'


def _answer(graph: Graph, found: Found) -> Placed:
    _left, _bottom, width, height = map(float, str(found["bb"]).split(","))
    places = {one["name"]: _point(one["pos"], height) for one in found["objects"] if "pos" in one}
    sizes = sizes_of(graph)
    boxes = {
        node.id: Box(*places[f"n{place}"], *sizes[node.id])
        for place, node in enumerate(graph.nodes)
    }
    told = {one["id"]: one for one in found.get("edges", ())}
    routes = tuple(_route(told[f"e{place}"], height) for place in range(len(graph.edges)))
    return Placed(width=width, height=height, boxes=boxes, routes=routes)


def _route(told: Found, height: float) -> Route:
    """Graphviz tells where the arrow ends (``e,x,y``) before the points of the curve."""
    words = str(told["pos"]).partition(";")[0].split()
    tip = next((word.removeprefix("e,") for word in words if word.startswith("e,")), "")
    points = [_point(word, height) for word in words if word[0] not in "es"]
    if tip:
        end = _point(tip, height)
        points += [points[-1], end, end]
    middle = points[len(points) // 2]
    return Route(tuple(points), _point(told["lp"], height) if "lp" in told else middle)


def _point(text: str, height: float) -> Point:
    x, y = map(float, text.split(",")[:2])
    return x, height - y
