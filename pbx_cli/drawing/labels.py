"""Where the words beside edges stand: on their own line, and not on each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from itertools import chain, product
from math import dist
from typing import Final

from pbx_cli.drawing.graph import Graph
from pbx_cli.drawing.placing import Box, Placed, Point, Route, size_of_label

_CELL: Final = 120.0
_PLACES: Final = tuple(nth / 10 for nth in range(1, 10))
"""Where on a curve a label may stand."""

_CURVES_LOOKED_AT: Final = 3


def labels_apart(graph: Graph, placed: Placed) -> Placed:
    """Move each label along its edge to the nearest place where it covers nothing.

    The steps of a call come first.
    """
    taken = _Taken()
    for box in placed.boxes.values():
        taken.add(box)
    routes = list(placed.routes)
    for nth in sorted(range(len(routes)), key=lambda nth: not graph.edges[nth].steps):
        width, height = size_of_label(graph.edges[nth])
        if width:
            at = _free_place(routes[nth], (width, height), taken)
            taken.add(Box(*at, width, height))
            routes[nth] = Route(routes[nth].points, at)
    return replace(placed, routes=tuple(routes))


def on_curve(curve: Sequence[Point], t: float) -> Point:
    """A point of one cubic curve; ``t`` goes from 0 to 1."""
    rest = 1 - t
    a, b, c, d = rest**3, 3 * t * rest**2, 3 * t**2 * rest, t**3
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = curve
    return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


def _free_place(route: Route, size: tuple[float, float], taken: _Taken) -> Point:
    """The nearest place on the line that is free, else beside it, else the one that was wanted."""
    curves = nsmallest(
        _CURVES_LOOKED_AT,
        (route.points[nth : nth + 4] for nth in range(0, len(route.points) - 3, 3)),
        key=lambda curve: dist(curve[0], route.label_at) + dist(curve[3], route.label_at),
    )
    on_line = sorted(
        (on_curve(curve, t) for curve, t in product(curves, _PLACES)),
        key=lambda point: dist(point, route.label_at),
    )
    beside = ((x, y + shift * size[1]) for x, y in on_line for shift in (-0.8, 0.8))
    free = (point for point in chain(on_line, beside) if taken.is_free(Box(*point, *size)))
    return next(free, on_line[0])


@dataclass(slots=True)
class _Taken:
    """What is drawn already, found by where it is."""

    cells: Mapping[tuple[int, int], list[Box]] = field(default_factory=lambda: defaultdict(list))

    def add(self, box: Box) -> None:
        """Remember a box."""
        for cell in _cells(box):
            self.cells[cell].append(box)

    def is_free(self, box: Box) -> bool:
        """Whether a box would cover nothing."""
        near = (other for cell in _cells(box) for other in self.cells[cell])
        return not any(_overlap(box, other) for other in near)


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    left, right = box.x - box.width / 2, box.x + box.width / 2
    top, bottom = box.y - box.height / 2, box.y + box.height / 2
    for x in range(int(left // _CELL), int(right // _CELL) + 1):
        for y in range(int(top // _CELL), int(bottom // _CELL) + 1):
            yield x, y


def _overlap(one: Box, other: Box) -> bool:
    is_beside = abs(one.x - other.x) * 2 >= one.width + other.width
    return not is_beside and abs(one.y - other.y) * 2 < one.height + other.height
