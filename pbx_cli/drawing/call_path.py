"""One call laid over the graph of its tenant: the way it took, step by step, and who was rung."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from models.call_log import JournalLine, RecordedCall
from pbx_cli.drawing.building import node_id
from pbx_cli.drawing.graph import Edge, Graph, Line, Node, Shape, merged
from stasis_apps.call import Endpoint, WayIn
from stasis_apps.journal import What
from stasis_apps.plan import NumberPlan

END_ID: Final = "end"
_CALLER_ID: Final = "caller"
_DIALLED: Final = "dialled {}"


def with_call(
    graph: Graph, plan: NumberPlan, call: RecordedCall, journal: Sequence[JournalLine]
) -> Graph:
    """Lay a call over its tenant's graph; what it met that is in no plan any more is added.

    Args:
        graph: The tenant's, of the revision on which the call ran where that is known.
        plan: The same as a plan.
        call: The call.
        journal: Its steps.
    """
    way = _Way(plan)
    way.come_in(call, journal)
    for line in journal:
        way.follow(line)
    way.end(call)
    return replace(_over(graph, way), title=f"{graph.title}, call {call.id}")


@dataclass(slots=True)
class _Way:
    """The way of a call while its journal is read.

    Attributes:
        plan: The tenant's.
        at: The node where the call is.
        step: Of the last way that it went.
        left_by: The exit by which it left there.
        is_ringing: Whether somebody is rung there; all who are share a step.
        taken: Each step: from where to where, by which exit, over which kind of line.
        answered: The nodes where somebody picked up.
        added: What the call met, by id, to be drawn where the plan does not have it.
    """

    plan: NumberPlan
    at: str = ""
    step: int = 0
    left_by: str = ""
    is_ringing: bool = False
    taken: list[Edge] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    added: dict[str, Node] = field(default_factory=dict)

    def come_in(self, call: RecordedCall, journal: Sequence[JournalLine]) -> None:
        """Begin at the caller's phone, at the trunk, or with a stranger."""
        is_ours = call.how == WayIn.PHONE and call.caller_number in self.plan.people
        name = call.caller_number or "somebody"
        self._go(call.caller_number if is_ours else _CALLER_ID, Shape.CALLER, name)
        facts = journal[0].facts if journal else {}
        trunk = str(facts.get("trunk") or "")
        if trunk:
            self._go(node_id(Shape.TRUNK, trunk), Shape.TRUNK, trunk)
            digits = self._digits_of(call.dialled, trunk)
            self._go(node_id(Shape.NUMBER, digits), Shape.NUMBER, call.dialled)
        elif call.dialled in self.plan.aliases:
            self.left_by = _DIALLED.format(call.dialled)
            self._go(node_id(Shape.ALIAS, call.dialled), Shape.ALIAS, call.dialled, Line.WENT)
        else:
            self.left_by = _DIALLED.format(call.dialled or "nothing")

    def follow(self, line: JournalLine) -> None:
        """Take one step of the journal."""
        match line.what:
            case What.ENTERED:
                number, kind = line.element or "", str(line.facts.get("kind", ""))
                target = node_id(Shape.OUTSIDE, number) if kind in _DIALS else number
                self._go(target, Shape.OUTSIDE if kind in _DIALS else kind, number)
            case What.LEFT:
                self.left_by = line.exit or line.reason
            case What.RANG:
                self._ring(line)
            case What.ANSWERED:
                self.answered.add(self._ring(line))
            case _:
                pass

    def end(self, call: RecordedCall) -> None:
        """Lead to the end, where the call has one."""
        if call.ended_at is None:
            return
        lasted_s = (call.ended_at - call.started_at).total_seconds()
        by = f"by the {call.ended_by}" if call.ended_by != "unknown" else "nobody knows by whom"
        lines = (call.comment or call.reason or "", f"{by}, after {lasted_s:.1f} s")
        self.at = next(iter(self.answered), self.at)
        self._go(END_ID, Shape.END, "end", Line.WENT)
        self.added[END_ID] = replace(self.added[END_ID], lines=lines)

    def _go(self, to: str, kind: str, name: str, line: Line = Line.EXIT) -> None:
        """Go on to a node."""
        if self.at:
            self.step += 1
            labels = (self.left_by,) if self.left_by else ()
            self.taken.append(
                Edge(start=self.at, to=to, labels=labels, line=line, steps=(self.step,))
            )
        self.added.setdefault(to, Node(id=to, kind=kind, name=name))
        self.at, self.left_by, self.is_ringing = to, "", False

    def _ring(self, line: JournalLine) -> str:
        """Somebody is rung, or picks up; returns their node. All of one place share its step."""
        to, kind, number = self._who(line)
        if to != self.at:
            self.step += 0 if self.is_ringing else 1
            self.is_ringing = True
            edge = Edge(start=self.at, to=to, line=Line.MEMBER, steps=(self.step,))
            if edge not in self.taken:
                self.taken.append(edge)
            self.added.setdefault(to, Node(id=to, kind=kind, name=number))
        return to

    def _who(self, line: JournalLine) -> tuple[str, str, str]:
        """The node, kind and number of somebody who is rung: help may have a number of ours."""
        device = str(line.facts.get("device") or "")
        if line.facts.get("trunk"):
            return node_id(Shape.OUTSIDE, device), Shape.OUTSIDE, device
        number = self.plan.device(Endpoint(device)).extension
        return number, Shape.USER, number

    def _digits_of(self, dialled: str, trunk: str) -> str:
        """Which of the tenant's numbers was called."""
        through = next((one for one in self.plan.trunks.values() if one.name == trunk), None)
        found = self.plan.number_dialled(dialled, through=through) if through else None
        return found.digits if found else dialled


_DIALS: Final = frozenset({"outside", "emergency"})
"""Kinds of the journal behind which there is an outside number."""


def _over(graph: Graph, way: _Way) -> Graph:
    steps: dict[str, list[int]] = {}
    for edge in way.taken:
        steps.setdefault(edge.start, [])
        steps.setdefault(edge.to, []).append(edge.steps[0])
    known = {node.id for node in graph.nodes}
    met = [node for node in way.added.values() if node.id not in known]
    nodes = [
        replace(
            node,
            steps=tuple(dict.fromkeys((*steps[node.id],))) or (0,),
            is_answer=node.id in way.answered,
        )
        if node.id in steps
        else node
        for node in (*graph.nodes, *met)
    ]
    edges = merged([*_untaken(graph.edges, way.taken), *_laid(graph.edges, way.taken)])
    return replace(graph, nodes=tuple(nodes), edges=edges, has_call=True)


def _laid(edges: Sequence[Edge], taken: Sequence[Edge]) -> Iterator[Edge]:
    """The steps, each over the edge of the plan that it went along, or on its own."""
    by_way: dict[tuple[str, str, tuple[str, ...], Line], list[int]] = {}
    for one in taken:
        found = _under(edges, one)
        line = found.line if found else Line.MEMBER if one.line is Line.MEMBER else Line.WENT
        labels = one.labels or (found.labels if found and found.line is Line.MEMBER else ())
        by_way.setdefault((one.start, one.to, labels, line), []).extend(one.steps)
    for (start, to, labels, line), steps in by_way.items():
        yield Edge(start=start, to=to, labels=labels, line=line, steps=tuple(steps))


def _untaken(edges: Sequence[Edge], taken: Sequence[Edge]) -> Iterator[Edge]:
    """The plan's edges without what the call went along; other exits that lead there stay."""
    for edge in edges:
        went = [one for one in taken if _under((edge,), one) is edge]
        rest = tuple(label for label in edge.labels if not any(label in one.labels for one in went))
        if not went:
            yield edge
        elif rest and edge.line is not Line.MEMBER:
            yield replace(edge, labels=rest)


def _under(edges: Sequence[Edge], step: Edge) -> Edge | None:
    """The edge of the plan that a step went along."""
    for edge in edges:
        if (edge.start, edge.to) != (step.start, step.to) or edge.line is Line.ACTS_ON:
            continue
        if (edge.line is Line.MEMBER) != (step.line is Line.MEMBER):
            continue
        if step.line is Line.MEMBER or not edge.labels or set(step.labels) & set(edge.labels):
            return edge
    return None
