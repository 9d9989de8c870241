"""What the colours and lines of a picture mean, below it; only those that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from pbx_cli.drawing.graph import Graph, Line, Tone
from pbx_cli.drawing.looks import (
    FAINT_INK,
    FAULT,
    INK,
    KIND_COLOURS,
    OF_OTHER_KINDS,
    PATH,
    UNREACHED,
    WARNING,
)
from pbx_cli.drawing.words import columns, shortened

_ROW: Final = 20.0
_LETTER: Final = 5.8
_SWATCH: Final = 24.0

_LINES: Final = {
    Line.EXIT: ("leads to", ""),
    Line.MEMBER: ("is rung", "6 4"),
    Line.ACTS_ON: ("throws or opens", "2 3"),
}
_TONES: Final = {
    Tone.FAULT: ("cannot work", FAULT),
    Tone.WARNING: ("probably not meant", WARNING),
    Tone.UNREACHED: ("no call comes here", UNREACHED),
}


def draw_legend(parent: Element, graph: Graph, width: float) -> float:
    """Draw it in rows that fit; returns how high it is."""
    x, y = 0.0, 0.0
    for words, swatch in _entries(graph):
        needs = _SWATCH + columns(words) * _LETTER + 18
        if x and x + needs > width:
            x, y = 0.0, y + _ROW
        swatch.set("transform", f"translate({x:.1f} {y:.1f})")
        parent.append(swatch)
        at = {"x": f"{x + _SWATCH:.1f}", "y": f"{y + 4:.1f}", "font-size": "10"}
        SubElement(parent, "text", {**at, "fill": FAINT_INK}).text = words
        x += needs
    return y + _ROW


def _entries(graph: Graph) -> Iterator[tuple[str, Element]]:
    for kind in dict.fromkeys(node.kind for node in graph.nodes):
        look = KIND_COLOURS.get(kind, OF_OTHER_KINDS)
        yield shortened(kind.replace("_", " ")), _box(look.fill, look.stroke)
    lines = {edge.line for edge in graph.edges}
    for line, (words, dashes) in _LINES.items():
        if line in lines:
            yield words, _line(INK, dashes, thick=False)
    if graph.has_call:
        yield "the way of the call", _line(PATH, "", thick=True)
    tones = {node.tone for node in graph.nodes}
    for tone, (words, colour) in _TONES.items():
        if tone in tones:
            yield words, _box("#ffffff", colour)


def _box(fill: str, stroke: str) -> Element:
    shape = {"y": "-6", "width": "18", "height": "12", "rx": "3", "fill": fill, "stroke": stroke}
    return Element("rect", shape)


def _line(colour: str, dashes: str, *, thick: bool) -> Element:
    line = Element("path", {"d": "M0 0H18", "stroke": colour})
    line.set("stroke-width", "3" if thick else "1.4")
    if dashes:
        line.set("stroke-dasharray", dashes)
    return line
