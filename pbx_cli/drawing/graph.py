"""What is drawn: nodes for everything that calls come to, edges for every way between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import networkx as nx

from stasis_apps.call import FAILED


class Line(StrEnum):
    """How an edge is drawn, by what it stands for."""

    EXIT = "exit"
    """A call that leaves by an exit goes on there, or a number, alias or trunk leads there."""

    MEMBER = "member"
    """Who is rung: a member of a group, or the number of a personal rule."""

    ACTS_ON = "acts_on"
    """No call goes there: a switch is thrown, a mailbox is opened."""

    WENT = "went"
    """Only this call went there: by a number that its caller dialled, or to its end."""


class Tone(StrEnum):
    """What is the matter with a node; of several, the last of these is shown."""

    PLAIN = "plain"
    WARNING = "warning"
    UNREACHED = "unreached"
    FAULT = "fault"


class Shape(StrEnum):
    """What nodes are besides the kinds of elements."""

    TRUNK = "trunk"
    NUMBER = "number"
    ALIAS = "alias"
    USER = "user"
    PEOPLE = "people"
    OUTSIDE = "outside"
    MISSING = "missing"
    CALLER = "caller"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Something that calls come to or from.

    Attributes:
        id: What edges name it by; an internal number stands for itself.
        kind: The kind of element, or a `Shape`.
        name: The number or name that people know it by.
        lines: What else is told of it, one short line each.
        tone: Whether something is wrong with it.
        remarks: What is wrong with it, one sentence each.
        steps: At which steps of a call it was reached; empty when none is laid over the picture.
        is_answer: Whether somebody picked up here.
    """

    id: str
    kind: str
    name: str
    lines: tuple[str, ...] = ()
    tone: Tone = Tone.PLAIN
    remarks: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    is_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from one node to another.

    Attributes:
        start: The node it leads away from.
        to: The node it leads to.
        labels: The exits that lead this way, by name.
        line: How it is drawn.
        steps: At which steps a call went here.
    """

    start: str
    to: str
    labels: tuple[str, ...] = ()
    line: Line = Line.EXIT
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A number plan, as it is drawn.

    Attributes:
        title: Whose, and of which revision.
        nodes: In the order in which they are met on the way in.
        edges: Between them; several exits that lead the same way are one.
        remarks: What is wrong with the tenant and belongs to no node.
        has_call: Whether a call is laid over it.
    """

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    remarks: tuple[str, ...] = ()
    has_call: bool = False

    def node(self, node_id: str) -> Node | None:
        """The node of this id, or None."""
        return next((node for node in self.nodes if node.id == node_id), None)


def merged(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Make one edge of those that lead the same way and look the same."""
    found: dict[tuple[str, str, Line, tuple[int, ...]], Edge] = {}
    for edge in edges:
        key = (edge.start, edge.to, edge.line, edge.steps)
        known = found.get(key)
        labels = {*(known.labels if known else ()), *edge.labels}
        found[key] = replace(edge, labels=tuple(sorted(labels, key=_keys_first)))
    return tuple(found.values())


def _keys_first(label: str) -> tuple[bool, bool, str]:
    """What callers press comes before other exits, and what is taken when all else fails last."""
    return not label[:1].isdigit(), label == FAILED, label


def only_from(graph: Graph, start: str) -> Graph | None:
    """What can be reached from a node, by its id or name; None when there is no such node."""
    found = next((node for node in graph.nodes if start in (node.id, node.name)), None)
    if found is None:
        return None
    ways: nx.DiGraph[str] = nx.DiGraph((edge.start, edge.to) for edge in graph.edges)
    kept = {found.id}
    if found.id in ways:
        kept |= nx.descendants(ways, found.id)
    return replace(
        graph,
        nodes=tuple(node for node in graph.nodes if node.id in kept),
        edges=tuple(edge for edge in graph.edges if edge.start in kept and edge.to in kept),
    )
