"""Places without Graphviz: in layers from left to right, lines untangled; on networkx alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import networkx as nx

from pbx_cli.drawing.graph import Graph
from pbx_cli.drawing.labels import on_curve
from pbx_cli.drawing.placing import Box, Placed, Point, Route, size_of_label, sizes_of

_GAP: Final = 18.0
"""Between boxes of a layer."""

_AISLE: Final = 46.0
"""Between layers, besides the labels there."""

_ROOM_PER_EDGE: Final = 3.0
_WIDEST: Final = 260.0
"""An aisle grows with the edges in it, up to so much."""

_BEND_HEIGHT: Final = 10.0
_STRAIGHT: Final = 60.0
"""How far a long edge runs level where it passes a layer."""

_SWEEPS: Final = 8

Stop = Hashable
"""A node by its id, or the place where a long edge passes a layer: ``(edge, layer)``."""


def placed_in_layers(graph: Graph) -> Placed:
    """Place a graph so that calls go from left to right; edges that go round lead back."""
    way = _untangled(graph)
    middles = _heights(way)
    lowest = min((middles[stop] - way.height(stop) / 2 for stop in middles), default=0.0)
    bends = {stop: middle - lowest for stop, middle in middles.items()}
    lefts, rights = _columns(graph, way)
    boxes = {
        node.id: Box(
            lefts[way.layer[node.id]] + way.sizes[node.id][0] / 2,
            bends[node.id],
            *way.sizes[node.id],
        )
        for node in graph.nodes
    }
    routes = tuple(
        _route(way, edge, _Places(boxes, bends, lefts, rights), ports)
        for edge, ports in enumerate(_ports(graph, way, boxes))
    )
    ends = [box.y + box.height / 2 for box in boxes.values()]
    ends += [y for route in routes for _x, y in route.points]
    return Placed(
        width=max(rights, default=0.0), height=max(ends, default=0.0), boxes=boxes, routes=routes
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Where boxes stand, at which height long edges pass, where layers begin and end."""

    boxes: Mapping[str, Box]
    bends: Mapping[Stop, float]
    lefts: Sequence[float]
    rights: Sequence[float]


@dataclass(slots=True)
class _Layers:
    """The graph cut into layers.

    Attributes:
        sizes: Of the nodes.
        layer: Of each node.
        rows: The stops of each layer, from top to bottom.
        chains: The stops of each edge from its left end to its right one; one for a loop.
        before: The neighbours of each stop in the layer before.
        behind: The same in the layer behind.
        turned: The edges that lead from right to left.
    """

    sizes: Mapping[str, tuple[float, float]]
    layer: dict[str, int] = field(default_factory=dict)
    rows: list[list[Stop]] = field(default_factory=list)
    chains: list[list[Stop]] = field(default_factory=list)
    before: dict[Stop, list[Stop]] = field(default_factory=lambda: defaultdict(list))
    behind: dict[Stop, list[Stop]] = field(default_factory=lambda: defaultdict(list))
    turned: set[int] = field(default_factory=set)

    def height(self, stop: Stop) -> float:
        """How much room a stop takes in its layer."""
        return self.sizes[stop][1] if isinstance(stop, str) else _BEND_HEIGHT


def _untangled(graph: Graph) -> _Layers:
    way = _Layers(sizes_of(graph))
    order = _order(graph)
    _find_layers(graph, way, order)
    way.rows = [[] for _ in range(max(way.layer.values(), default=0) + 1)]
    for node_id in order:
        way.rows[way.layer[node_id]].append(node_id)
    _lay_chains(graph, way)
    places = {stop: nth for row in way.rows for nth, stop in enumerate(row)}
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        near = way.before if forwards else way.behind
        for row in way.rows if forwards else reversed(way.rows):
            _sort(row, near, places)
    return way


def _order(graph: Graph) -> list[str]:
    """All nodes so that few edges lead back: those where calls come in first."""
    ways: nx.DiGraph[str] = nx.DiGraph()
    led_to = {edge.to for edge in graph.edges if edge.to != edge.start}
    ways.add_nodes_from(sorted((node.id for node in graph.nodes), key=led_to.__contains__))
    ways.add_edges_from((edge.start, edge.to) for edge in graph.edges)
    # Depth-first, backwards: of all edges, only those that close a circle lead back in it.
    return list(nx.dfs_postorder_nodes(ways))[::-1]


def _find_layers(graph: Graph, way: _Layers, order: Sequence[str]) -> None:
    """Each node stands one layer behind the last of those that lead to it."""
    place = {node_id: nth for nth, node_id in enumerate(order)}
    onwards: dict[str, set[str]] = defaultdict(set)
    led_to: set[str] = set()
    for nth, edge in enumerate(graph.edges):
        left, right = edge.start, edge.to
        if place[left] > place[right]:
            left, right = right, left
            way.turned.add(nth)
        if left != right:
            onwards[left].add(right)
            led_to.add(right)
    way.layer = dict.fromkeys(order, 0)
    for node_id in order:
        for other in onwards[node_id]:
            way.layer[other] = max(way.layer[other], way.layer[node_id] + 1)
    for node_id in order:
        if node_id not in led_to and onwards[node_id]:
            way.layer[node_id] = min(way.layer[other] for other in onwards[node_id]) - 1


def _lay_chains(graph: Graph, way: _Layers) -> None:
    """Cut long edges into pieces, one for each layer that they pass."""
    for nth, edge in enumerate(graph.edges):
        left, right = (edge.to, edge.start) if nth in way.turned else (edge.start, edge.to)
        if left == right:
            way.chains.append([left])
            continue
        passed: list[Stop] = [(nth, at) for at in range(way.layer[left] + 1, way.layer[right])]
        for at, stop in enumerate(passed, start=way.layer[left] + 1):
            way.rows[at].append(stop)
        chain: list[Stop] = [left, *passed, right]
        way.chains.append(chain)
        for one, next_ in pairwise(chain):
            way.behind[one].append(next_)
            way.before[next_].append(one)


def _sort(row: list[Stop], near: Mapping[Stop, Sequence[Stop]], places: dict[Stop, int]) -> None:
    """Sort a layer by the middle of what its stops are connected with; others keep their place."""
    wanted = {
        stop: sum(places[other] for other in near[stop]) / len(near[stop]) if near[stop] else nth
        for nth, stop in enumerate(row)
    }
    row.sort(key=lambda stop: wanted[stop])
    places.update((stop, nth) for nth, stop in enumerate(row))


def _heights(way: _Layers) -> dict[Stop, float]:
    """The middle of each stop: as level with its neighbours as the others of its layer let it."""
    middles: dict[Stop, float] = {}
    for row in way.rows:
        top = 0.0
        for stop in row:
            middles[stop] = top + way.height(stop) / 2
            top += way.height(stop) + _GAP
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        for row in way.rows if forwards else reversed(way.rows):
            wanted = [_wanted(stop, way, middles, forwards=forwards) for stop in row]
            rooms = [way.height(stop) + _GAP for stop in row]
            middles.update(zip(row, kept_apart(wanted, rooms), strict=True))
    return middles


def _wanted(stop: Stop, way: _Layers, middles: Mapping[Stop, float], *, forwards: bool) -> float:
    near = (way.before if forwards else way.behind)[stop]
    return sum(middles[other] for other in near) / len(near) if near else middles[stop]


def kept_apart(wanted: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones at which nothing overlaps, in the same order.

    Args:
        wanted: Where the middle of each would like to be.
        rooms: How much each takes, its gap included.
    """
    # Neighbours that would overlap move as one block, to the middle of what they want.
    blocks: list[tuple[float, int]] = []
    offset, offsets = 0.0, []
    for nth, want in enumerate(wanted):
        offset += (rooms[nth - 1] + rooms[nth]) / 2 if nth else 0.0
        offsets.append(offset)
        blocks.append((want - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (high, many), (low, few) = blocks[-2:]
            blocks[-2:] = [((high * many + low * few) / (many + few), many + few)]
    starts = [start for start, count in blocks for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _columns(graph: Graph, way: _Layers) -> tuple[list[float], list[float]]:
    """Where each layer begins, and where its widest box ends."""
    widths = [0.0] * len(way.rows)
    for node_id, at in way.layer.items():
        widths[at] = max(widths[at], way.sizes[node_id][0])
    crowd = Counter(way.layer[str(chain[0])] for chain in way.chains)
    aisles = [_AISLE + min(crowd[at] * _ROOM_PER_EDGE, _WIDEST) for at in range(len(way.rows))]
    for edge, chain in zip(graph.edges, way.chains, strict=True):
        at = way.layer[str(chain[0])]
        aisles[at] = max(aisles[at], _AISLE + size_of_label(edge)[0])
    lefts, x = [], 0.0
    for width, aisle in zip(widths, aisles, strict=True):
        lefts.append(x)
        x += width + aisle
    return lefts, [left + width for left, width in zip(lefts, widths, strict=True)]


def _ports(graph: Graph, way: _Layers, boxes: Mapping[str, Box]) -> list[tuple[float, float]]:
    """How far from the middle of its boxes each edge leaves and arrives, so that all are seen."""
    shifts = [[0.0, 0.0] for _ in graph.edges]
    sides: dict[tuple[str, bool], list[tuple[float, int, int]]] = defaultdict(list)
    for nth, edge in enumerate(graph.edges):
        ends, is_turned = (edge.start, edge.to), nth in way.turned
        for end in (0, 1):
            is_left = (end == 1) is not is_turned
            sides[ends[end], is_left].append((boxes[ends[1 - end]].y, nth, end))
    for (node_id, _is_left), edges in sides.items():
        step = (boxes[node_id].height - 12) / max(len(edges), 4)
        for place, (_y, nth, end) in enumerate(sorted(edges)):
            shifts[nth][end] = (place - (len(edges) - 1) / 2) * step
    return [(leaves, arrives) for leaves, arrives in shifts]


def _route(way: _Layers, edge: int, places: _Places, ports: tuple[float, float]) -> Route:
    """The way of one edge, from box to box past the others.

    Args:
        way: The layers.
        edge: Which.
        places: Of everything.
        ports: How far from the middle of its boxes it leaves and arrives.
    """
    chain = way.chains[edge]
    first, last = places.boxes[str(chain[0])], places.boxes[str(chain[-1])]
    if len(chain) == 1:
        return _loop(first)
    is_turned = edge in way.turned
    leaves, arrives = reversed(ports) if is_turned else ports
    y, layer = first.y + leaves, way.layer[str(chain[0])]
    points = [(first.x + first.width / 2, y), (places.rights[layer], y)]
    for at, stop in enumerate(chain[1:-1], start=layer + 1):
        x, y = places.lefts[at], places.bends[stop]
        points += [(x, y), (x + _STRAIGHT, y)]
    points.append((last.x - last.width / 2, last.y + arrives))
    curve = _curve(points)
    return Route(tuple(reversed(curve) if is_turned else curve), on_curve(curve[3:7], 0.5))


def _loop(box: Box) -> Route:
    """What leads back to where it comes from, above the box."""
    top, reach = box.y - box.height / 2, box.width / 4
    left, right = (box.x - reach, top), (box.x + reach, top)
    return Route(
        (right, (right[0] + 12, top - 22), (left[0] - 12, top - 22), left), (box.x, top - 17)
    )


def _curve(points: Sequence[Point]) -> list[Point]:
    """A smooth line that is level at each point."""
    curve = [points[0]]
    for (x, y), (to_x, to_y) in pairwise(points):
        bend = (to_x - x) / 2
        curve += [(x + bend, y), (to_x - bend, to_y), (to_x, to_y)]
    return curve
