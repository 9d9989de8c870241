"""How nodes and edges look in every format: colours by kind, words, marks of faults and steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pbx_cli.drawing.graph import Edge, Graph, Node, Shape, Tone
from pbx_cli.drawing.words import shortened

PATH: Final = "#1d4ed8"
"""The colour of the way that a call took."""

FAULT: Final = "#c81e1e"
WARNING: Final = "#b45309"
UNREACHED: Final = "#9ca3af"
INK: Final = "#1f2937"
FAINT_INK: Final = "#6b7280"

MOST_LABELS: Final = 4
MOST_REMARKS: Final = 2
MOST_STEPS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The colours of a node: inside, around, and of its words."""

    fill: str
    stroke: str
    text: str = INK


KIND_COLOURS: Final = {
    Shape.TRUNK: Look(fill="#e5e7eb", stroke="#4b5563"),
    Shape.NUMBER: Look(fill="#f3f4f6", stroke="#4b5563"),
    Shape.ALIAS: Look(fill="#f3f4f6", stroke="#4b5563"),
    Shape.USER: Look(fill="#dcfce7", stroke="#15803d"),
    Shape.PEOPLE: Look(fill="#f0fdf4", stroke="#15803d"),
    Shape.OUTSIDE: Look(fill="#ffffff", stroke="#4b5563"),
    Shape.MISSING: Look(fill="#fee2e2", stroke=FAULT, text=FAULT),
    Shape.CALLER: Look(fill="#eff6ff", stroke=PATH),
    Shape.END: Look(fill="#eff6ff", stroke=PATH),
    "greeting": Look(fill="#e0e7ff", stroke="#4338ca"),
    "group": Look(fill="#fef9c3", stroke="#a16207"),
    "time_rule": Look(fill="#fae8ff", stroke="#a21caf"),
    "number_rule": Look(fill="#fce7f3", stroke="#be185d"),
    "switch": Look(fill="#ede9fe", stroke="#6d28d9"),
    "set_switch": Look(fill="#f5f3ff", stroke="#6d28d9"),
    "voicemail": Look(fill="#ccfbf1", stroke="#0f766e"),
    "mailbox": Look(fill="#f0fdfa", stroke="#0f766e"),
    "play": Look(fill="#e0f2fe", stroke="#0369a1"),
    "prefix": Look(fill="#ffedd5", stroke="#c2410c"),
    "set_name": Look(fill="#ffedd5", stroke="#c2410c"),
    "http_request": Look(fill="#fef2f2", stroke="#9f1239"),
    "hang_up": Look(fill="#e7e5e4", stroke="#57534e"),
}
OF_OTHER_KINDS: Final = Look(fill="#ecfccb", stroke="#4d7c0f")

_TONES: Final = {
    Tone.FAULT: Look(fill="#fee2e2", stroke=FAULT),
    Tone.UNREACHED: Look(fill="#f3f4f6", stroke=UNREACHED, text=FAINT_INK),
}


def look_of(node: Node, graph: Graph) -> Look:
    """The colours of a node: red for a fault, grey where no call comes, else those of its kind.

    With a call laid over the picture, what it did not come to steps back.
    """
    look = _TONES.get(node.tone) or KIND_COLOURS.get(node.kind, OF_OTHER_KINDS)
    if node.tone is Tone.WARNING:
        look = replace(look, stroke=WARNING)
    if graph.has_call and not node.steps and node.tone is not Tone.FAULT:
        return Look(fill="#ffffff", stroke="#d1d5db", text=FAINT_INK)
    if node.steps and node.tone in (Tone.PLAIN, Tone.UNREACHED):
        return replace(look, stroke=PATH, text=INK)
    return look


def words_of_node(node: Node) -> list[str]:
    """The lines of a node, its number and kind first; each short enough to be shown."""
    is_known_by_number = node.kind not in (Shape.PEOPLE, Shape.END, Shape.CALLER)
    head = f"{node.name} {node.kind.replace('_', ' ')}" if is_known_by_number else node.name
    if node.kind == Shape.OUTSIDE:
        head = node.name
    lines = [head, *node.lines]
    if node.is_answer:
        lines.append("answered")
    return [shortened(line) for line in (*lines, *marks_of(node))]


def marks_of(node: Node) -> list[str]:
    """What is wrong with a node, in a word or two; the whole sentences are told on pointing."""
    if node.kind == Shape.MISSING:
        return []
    marks = [remark.partition(":")[0] for remark in dict.fromkeys(node.remarks)]
    distinct = list(dict.fromkeys(marks))
    more = [f"and {len(distinct) - MOST_REMARKS} more"] if len(distinct) > MOST_REMARKS else []
    return [f"! {mark}" for mark in distinct[:MOST_REMARKS]] + more


def steps_shown(edge: Edge) -> list[str]:
    """The steps of a call along an edge; of a call that went round and round, some."""
    steps = [str(step) for step in edge.steps]
    return steps if len(steps) <= MOST_STEPS else [*steps[: MOST_STEPS - 2], "…", steps[-1]]


def words_of_edge(edge: Edge) -> list[str]:
    """The labels of an edge, the steps of a call first."""
    labels = [shortened(label) for label in edge.labels[:MOST_LABELS]]
    if len(edge.labels) > MOST_LABELS:
        labels[-1:] = [f"and {len(edge.labels) - MOST_LABELS + 1} more"]
    steps = [f"({', '.join(steps_shown(edge))})"] if edge.steps else []
    return [" ".join((*steps, *labels[:1])), *labels[1:]] if steps or labels else []
