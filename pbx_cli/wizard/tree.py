"""A number plan as lines of text: what leads where from one number on, for a terminal; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pbx_cli.drawing import Graph
from pbx_cli.drawing.graph import Edge, Line, Node
from pbx_cli.drawing.looks import words_of_node

_BRANCH: Final = "├─ "
_LAST: Final = "└─ "
_TRUNK: Final = "│  "
_NOTHING: Final = "   "


def tree_of(graph: Graph, start: str) -> list[str]:
    """The lines of a tree that begins at a node; what stands there already is named only.

    Args:
        graph: The plan as a graph.
        start: The id of the node.
    """
    seen: set[str] = set()
    return list(_lines(graph, start, seen, ""))


def _lines(graph: Graph, start: str, seen: set[str], indent: str) -> Iterator[str]:
    node = graph.node(start)
    if node is None:
        return
    if not indent:
        yield _words(node)
    seen.add(start)
    ways = [edge for edge in graph.edges if edge.start == start]
    for place, edge in enumerate(ways):
        is_last = place == len(ways) - 1
        yield from _way(graph, edge, seen, indent, is_last=is_last)


def _way(graph: Graph, edge: Edge, seen: set[str], indent: str, *, is_last: bool) -> Iterator[str]:
    node = graph.node(edge.to)
    words = _words(node) if node else edge.to
    is_known = edge.to in seen
    leads_on = any(one.start == edge.to for one in graph.edges)
    shown = f"{node.name if node else edge.to} (above)" if is_known and leads_on else words
    yield f"{indent}{_LAST if is_last else _BRANCH}{_by(edge)}{shown}"
    if not is_known:
        below = indent + (_NOTHING if is_last else _TRUNK)
        yield from _lines(graph, edge.to, seen, below)


def _by(edge: Edge) -> str:
    labels: Sequence[str] = edge.labels or (("rings",) if edge.line is Line.MEMBER else ())
    return f"{', '.join(labels)}: " if labels else ""


def _words(node: Node) -> str:
    return ", ".join(words_of_node(node))
