"""Where each part of a picture stands: sizes by the words, places by Graphviz or by ourselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pbx_cli.drawing.graph import Edge, Graph, Node
from pbx_cli.drawing.looks import steps_shown, words_of_edge, words_of_node
from pbx_cli.drawing.words import columns

Point = tuple[float, float]

LINE_HEIGHT: Final = 15.0
LABEL_HEIGHT: Final = 13.0
NODE_MARGIN: Final = 10.0
BADGE: Final = 18.0
"""The room that the number of a step takes."""

_NODE_LETTER: Final = 6.5
_LABEL_LETTER: Final = 5.7
_LEAST_WIDTH: Final = 60.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its middle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge.

    Attributes:
        points: Of cubic curves: the first, then three for each curve.
        label_at: The middle of its label.
    """

    points: tuple[Point, ...]
    label_at: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A graph with a place for everything; y grows downwards.

    Attributes:
        width: Of the whole.
        height: Of the whole.
        boxes: By the node's id.
        routes: One for each edge of the graph, in its order.
    """

    width: float
    height: float
    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]


def size_of_node(node: Node) -> tuple[float, float]:
    """Width and height of a node's box."""
    words = words_of_node(node)
    width = max(map(columns, words)) * _NODE_LETTER + 2 * NODE_MARGIN
    return max(width, _LEAST_WIDTH), len(words) * LINE_HEIGHT + NODE_MARGIN


def size_of_label(edge: Edge) -> tuple[float, float]:
    """Width and height of what stands beside an edge; nothing for one without words."""
    words = label_of(edge)
    width = max(map(columns, words), default=0) * _LABEL_LETTER + len(steps_shown(edge)) * BADGE
    height = max(len(words) * LABEL_HEIGHT, BADGE if edge.steps else 0.0)
    return (width + 6, height + 2) if width else (0.0, 0.0)


def label_of(edge: Edge) -> list[str]:
    """The words beside an edge; its steps stand there as circles."""
    return words_of_edge(Edge(start=edge.start, to=edge.to, labels=edge.labels))


def sizes_of(graph: Graph) -> Mapping[str, tuple[float, float]]:
    """Width and height of every node."""
    return {node.id: size_of_node(node) for node in graph.nodes}
