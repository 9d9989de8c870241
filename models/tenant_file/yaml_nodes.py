"""YAML as nodes that know their places; no meaning yet, no recursion, nothing that can run away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from models.tenant_file.parts import Place

DEEPEST: Final = 60
"""So many things may stand inside one another; a tenant needs ten."""

MOST_VALUES: Final = 500_000
"""So many values may a file have once all its references are followed."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_QUOTED: Final = re.compile(r"""['"][^'"]*\w[^'"]*['"]""")

_IN_OTHER_WORDS: Final = (
    ("mapping values are not allowed", "a second colon stands here: put the text in quotes"),
    ("unexpected end of stream", "this quote is never closed"),
    ("unknown escape character", "a \\ in \"...\" begins an escape; write it twice, or use '...'"),
    ("did not find expected ',' or", "no , and no end of [ or { stands here; are quotes missing?"),
    ("tab character", "a tab stands here: indent with spaces"),
)


class Unreadable(Exception):
    """A text is no YAML, or says more than one file may.

    What stands there is never repeated: it may be a secret.

    Attributes:
        place: Where.
        rule: What is wrong there.
    """

    def __init__(self, place: Place, rule: str) -> None:
        super().__init__(rule)
        self.place = place
        self.rule = rule


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value, as it is written; ``is_plain`` when it stands without quotes."""

    place: Place
    text: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class ListNode:
    """Values in a row."""

    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MapNode:
    """Names with values: keys and values by turns, as they are written."""

    place: Place
    items: list[Node] = field(default_factory=list)

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Each key with its value."""
        return zip(self.items[::2], self.items[1::2], strict=True)


Node: TypeAlias = ScalarNode | ListNode | MapNode


def node_of(text: str) -> Node | None:
    """Read a text that holds one YAML document; None when nothing stands in it.

    Raises:
        Unreadable: It is no YAML, holds several documents, or things that are not for people.
    """
    tree = _Tree()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            tree.take(event)
    except yaml.MarkedYAMLError as failure:
        raise _in_words(failure, text) from failure
    except yaml.reader.ReaderError as failure:
        place = place_in(text, failure.position)
        raise Unreadable(place, "is a character that no text has") from failure
    return tree.root


def place_in(text: str, position: int) -> Place:
    """The place of a character."""
    before = text[:position]
    return Place(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet; ``size`` counts all that is in it so far."""

    node: ListNode | MapNode
    anchor: str | None
    size: int = 1


class _Tree:
    """Grows out of the parser's events; parts are used again where the text points back."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent() if self.root is not None:
                rule = "a second document begins here; one file is one tenant"
                raise Unreadable(_place(event), rule)
            case yaml.AliasEvent():
                self._add(*self._named(event), None)
            case yaml.ScalarEvent():
                self._add(_scalar(event), 1, event.anchor)
            case yaml.SequenceStartEvent():
                self._begin(ListNode(_place(event)), event)
            case yaml.MappingStartEvent():
                self._begin(MapNode(_place(event)), event)
            case yaml.CollectionEndEvent():
                done = self._open.pop()
                self._add(done.node, done.size, done.anchor)
            case _:
                pass  # the beginnings and ends of stream and document

    def _begin(self, node: ListNode | MapNode, event: yaml.CollectionStartEvent) -> None:
        _refuse_tag(event.tag, node.place)
        if len(self._open) == DEEPEST:
            raise Unreadable(node.place, "stands too deep inside other things")
        self._open.append(_Open(node, event.anchor))

    def _add(self, node: Node, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node, size
        if not self._open:
            self.root = node
            return
        around = self._open[-1]
        around.node.items.append(node)
        around.size += size
        if around.size > MOST_VALUES:
            rule = f"says more than {MOST_VALUES} things; look for references in references"
            raise Unreadable(around.node.place, rule)

    def _named(self, event: yaml.AliasEvent) -> tuple[Node, int]:
        if event.anchor in self._anchors:
            return self._anchors[event.anchor]
        rule = "nothing above has this name; a text that begins with * needs quotes"
        raise Unreadable(_place(event), rule)


def _scalar(event: yaml.ScalarEvent) -> ScalarNode:
    place = _place(event)
    is_text = event.tag in ("!", "tag:yaml.org,2002:str")
    if not is_text:
        _refuse_tag(event.tag, place)
    is_plain = event.style in (None, "") and not is_text
    return ScalarNode(place, event.value, is_plain)


def _refuse_tag(tag: str | None, place: Place) -> None:
    if tag is not None:
        rule = "is a tag, which means nothing here; a text that begins with ! needs quotes"
        raise Unreadable(place, rule)


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _in_words(failure: yaml.MarkedYAMLError, text: str) -> Unreadable:
    problem = failure.problem or "is no YAML"
    is_open = "end of stream" in problem
    mark = (failure.context_mark if is_open else None) or failure.problem_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    first = _character_at(text, place)
    if first == "\t":
        problem = "tab character"
    elif "cannot start any token" in problem:
        problem = f"no text begins with {first} here: put it in quotes"
    better = (words for known, words in _IN_OTHER_WORDS if known in problem)
    return Unreadable(place, next(better, _QUOTED.sub("...", problem)))


def _character_at(text: str, place: Place) -> str:
    lines = text.split("\n")
    return lines[place.line - 1][place.column - 1 :][:1] if place.line <= len(lines) else ""
