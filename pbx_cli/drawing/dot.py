"""A graph in the language of Graphviz: whole, for whoever wants to lay it out themselves."""

from __future__ import annotations

from typing import Final

from pbx_cli.drawing.graph import Edge, Graph, Line, Node, Tone
from pbx_cli.drawing.looks import PATH, Look, look_of, words_of_edge, words_of_node
from pbx_cli.drawing.words import drawable

_STYLES: Final = {
    Line.EXIT: "solid",
    Line.MEMBER: "dashed",
    Line.ACTS_ON: "dotted",
    Line.WENT: "solid",
}


def dot_of(graph: Graph) -> str:
    """The graph as DOT; `dot -Tsvg` draws it."""
    ids = {node.id: f"n{place}" for place, node in enumerate(graph.nodes)}
    lines = [
        f"digraph {quoted(graph.title)} {{",
        f"  graph [rankdir=LR, label={quoted(graph.title)}, labelloc=t, fontname={_FONT}];",
        f'  node [shape=box, style="rounded,filled", fontname={_FONT}, fontsize=11];',
        f"  edge [fontname={_FONT}, fontsize=10];",
        *(f"  {ids[node.id]} [{_of_node(node, graph)}];" for node in graph.nodes),
        *(f"  {ids[edge.start]} -> {ids[edge.to]} [{_of_edge(edge)}];" for edge in graph.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A text as DOT has it; what looks like an entity or an escape is neither."""
    plain = (
        "\n".join(map(drawable, text.split("\n")))
        .replace("&", "&amp;")
        .replace("\\", "\\\\")
        .replace('"', '\\"')
    )
    return '"' + plain.replace("\n", "\\n") + '"'


def _of_node(node: Node, graph: Graph) -> str:
    look: Look = look_of(node, graph)
    given = {
        "label": quoted("\n".join(words_of_node(node))),
        "fillcolor": quoted(look.fill),
        "color": quoted(look.stroke),
        "fontcolor": quoted(look.text),
    }
    if node.steps or node.tone is Tone.FAULT:
        given["penwidth"] = "3"
    if node.remarks:
        given["tooltip"] = quoted("\n".join(node.remarks))
    return ", ".join(f"{name}={value}" for name, value in given.items())


def _of_edge(edge: Edge) -> str:
    given = {"style": _STYLES[edge.line]}
    words = words_of_edge(edge)
    if words:
        given["label"] = quoted("\n".join(words))
    if edge.steps:
        given |= {"color": quoted(PATH), "fontcolor": quoted(PATH), "penwidth": "3"}
    return ", ".join(f"{name}={value}" for name, value in given.items())


_FONT: Final = '"Helvetica,Arial,sans-serif"'
