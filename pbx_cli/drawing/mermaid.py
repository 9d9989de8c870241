"""A graph in Mermaid's language, which many pages draw: GitHub, GitLab, wikis."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from pbx_cli.drawing.graph import Edge, Graph, Line
from pbx_cli.drawing.looks import PATH, look_of, words_of_edge, words_of_node
from pbx_cli.drawing.words import drawable

_ARROWS: Final = {
    Line.EXIT: "-->",
    Line.MEMBER: "-.->",
    Line.ACTS_ON: "-.-o",
    Line.WENT: "-->",
}
_LETTERS: Final = frozenset(" ,/():_…")
_BULLETS: Final = frozenset(".+-")
"""What begins a list when a space follows; Mermaid then draws no text but a complaint."""


def mermaid_of(graph: Graph) -> str:
    """The graph as a flowchart, its call and its faults in colours."""
    ids = {node.id: f"n{place}" for place, node in enumerate(graph.nodes)}
    lines = [f"%% {_comment(graph.title)}", "flowchart LR"]
    for node in graph.nodes:
        words = "<br/>".join(map(written, words_of_node(node)))
        lines.append(f'  {ids[node.id]}["{words}"]')
    lines += [f"  {ids[edge.start]} {_arrow(edge)} {ids[edge.to]}" for edge in graph.edges]
    lines += _styles(graph, ids)
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """A text inside a label: letters and digits as they are, all else by number."""
    return "".join(
        letter if _is_plain(letter, behind) else f"#{ord(letter)};"
        for letter, behind in zip_longest(text, text[1:], fillvalue=" ")
    )


def _is_plain(letter: str, behind: str) -> bool:
    if letter in _BULLETS:
        return behind != " "
    return letter.isalnum() or letter in _LETTERS


def _comment(text: str) -> str:
    return " ".join(drawable(text).replace("{", "(").replace("}", ")").split())


def _arrow(edge: Edge) -> str:
    arrow = "==>" if edge.steps and edge.line is not Line.MEMBER else _ARROWS[edge.line]
    words = "<br/>".join(map(written, words_of_edge(edge)))
    return f'{arrow}|"{words}"|' if words else arrow


def _styles(graph: Graph, ids: dict[str, str]) -> Iterator[str]:
    """Colours: a class for each look of a node, a line for the edges of a call."""
    looks: dict[str, list[str]] = {}
    for node in graph.nodes:
        look = look_of(node, graph)
        width = 3 if node.steps else 1
        style = f"fill:{look.fill},stroke:{look.stroke},color:{look.text},stroke-width:{width}px"
        looks.setdefault(style, []).append(ids[node.id])
    for place, (style, members) in enumerate(looks.items()):
        yield f"  classDef look{place} {style}"
        yield f"  class {','.join(members)} look{place}"
    taken = [str(place) for place, edge in enumerate(graph.edges) if edge.steps]
    if taken:
        yield f"  linkStyle {','.join(taken)} stroke:{PATH},stroke-width:3px"
