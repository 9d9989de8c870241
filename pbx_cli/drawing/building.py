"""A graph of one tenant, from its rows: entrances, people, elements, and where each leads; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from models.facts import DeviceFacts, ElementFacts, ExtensionFacts, TenantRows
from models.numbering import is_outside
from models.tenant_file.parts import Route
from pbx_cli.drawing.element_words import words_of
from pbx_cli.drawing.graph import Edge, Graph, Line, Node, Shape, Tone, merged
from stasis_apps.element import ElementKind, Settings, known_elements
from stasis_apps.lint import Finding, Severity
from stasis_apps.plan import NumberPlan

UNREACHED_CODE: Final = "unreachable-element"
"""The finding that greys a node instead of marking it."""

_USER: Final = "user"
_MOST_NAMED: Final = 4
_SECTIONS: Final = {"trunks": Shape.TRUNK, "numbers": Shape.NUMBER, "aliases": Shape.ALIAS}
_ACTS: Final = {"set_switch": "throws", "mailbox": "opens"}


def graph_of(rows: TenantRows, plan: NumberPlan, findings: Sequence[Finding] = ()) -> Graph:
    """Draw everything that calls can come to.

    People to whom nothing leads, and who lead nowhere, are one node together.

    Args:
        rows: The tenant's.
        plan: Made from them; what could not be planned is drawn as a fault.
        findings: What lint has to say; what is silenced is left out.
    """
    elements = [_element(row, is_planned=row.number in plan.elements) for row in rows.elements]
    nodes = [*_entrances(rows), *_people(rows), *elements]
    edges = [*_ways_in(rows), *_ways_on(rows)]
    nodes = [*nodes, *_beyond(nodes, edges)]
    remarks = _remarks(rows, plan, findings)
    known = {node.id for node in nodes}
    marked = [_marked(node, remarks[node.id]) for node in nodes]
    revision = rows.tenant.revision
    graph = Graph(
        title=rows.tenant.name + (f", revision {revision}" if revision else ""),
        nodes=tuple(marked),
        edges=merged(edges),
        remarks=tuple(
            sentence
            for node_id, told in remarks.items()
            if node_id not in known
            for _tone, sentence in told
        ),
    )
    return _with_idle_people_together(graph)


def node_id(shape: Shape, name: str) -> str:
    """The id of a node that is no internal number."""
    return f"{shape}:{name}"


def id_of_target(target: str, aliases: Iterable[str] = ()) -> str:
    """The id of what a target names."""
    if target in aliases:
        return node_id(Shape.ALIAS, target)
    return node_id(Shape.OUTSIDE, target) if is_outside(target) else target


def _entrances(rows: TenantRows) -> Iterator[Node]:
    for trunk in rows.trunks:
        host = trunk.host or "registers here"
        yield Node(
            id=node_id(Shape.TRUNK, trunk.name),
            kind=Shape.TRUNK,
            name=trunk.name,
            lines=(host,) if trunk.is_enabled else (host, "disabled"),
            tone=Tone.PLAIN if trunk.is_enabled else Tone.UNREACHED,
        )
    for number in rows.numbers:
        yield Node(
            id=node_id(Shape.NUMBER, number.digits),
            kind=Shape.NUMBER,
            name=number.number,
            lines=(number.label,) if number.label else (),
        )
    for alias in rows.aliases:
        yield Node(
            id=node_id(Shape.ALIAS, alias.name),
            kind=Shape.ALIAS,
            name=alias.name,
            lines=("open to strangers",) if alias.allows_direct_sip else (),
        )


def _people(rows: TenantRows) -> Iterator[Node]:
    phones: dict[str, list[DeviceFacts]] = defaultdict(list)
    for device in rows.devices:
        phones[device.extension].append(device)
    for person in rows.extensions:
        lines = _of_person(person, len(phones[person.number]))
        yield Node(id=person.number, kind=Shape.USER, name=person.number, lines=lines)


def _of_person(person: ExtensionFacts, phones: int) -> tuple[str, ...]:
    has = {0: "no phone", 1: ""}.get(phones, f"{phones} phones")
    marks = {
        "do not disturb": person.settings.get("dnd"),
        "voicemail": person.settings.get("voicemail"),
        "open to strangers": person.settings.get("allow_direct_sip"),
    }
    told = ", ".join([*([has] if has else []), *(word for word, is_so in marks.items() if is_so)])
    return tuple(line for line in (person.name, told) if line)


def _element(row: ElementFacts, *, is_planned: bool) -> Node:
    """An element; settings that cannot be run say nothing."""
    lines = words_of(row) if is_planned else ()
    return Node(id=row.number, kind=row.kind, name=row.number, lines=lines)


def _ways_in(rows: TenantRows) -> Iterator[Edge]:
    aliases = {alias.name for alias in rows.aliases}
    for number in rows.numbers:
        here = node_id(Shape.NUMBER, number.digits)
        yield Edge(start=node_id(Shape.TRUNK, number.trunk), to=here)
        if number.target:
            yield Edge(start=here, to=id_of_target(number.target, aliases))
    for alias in rows.aliases:
        yield Edge(start=node_id(Shape.ALIAS, alias.name), to=id_of_target(alias.target))


def _ways_on(rows: TenantRows) -> Iterator[Edge]:
    for person in rows.extensions:
        yield from _edges(person.number, known_elements()[_USER], person.settings)
    for row in rows.elements:
        kind = known_elements().get(row.kind)
        if kind is not None:
            yield from _edges(row.number, kind, row.settings)


def _edges(number: str, kind: ElementKind, settings: Settings) -> Iterator[Edge]:
    for path, target in kind.targets(settings).items():
        head, _, rest = path.partition(".")
        to = id_of_target(target)
        if head == "members":
            label = _of_member(settings, rest)
            yield Edge(start=number, to=to, labels=label, line=Line.MEMBER)
        elif head == "rules":
            label = (_when(settings, rest),)
            yield Edge(start=number, to=to, labels=label, line=Line.MEMBER)
        else:
            yield Edge(start=number, to=to, labels=(_exit_of(head, rest),))
    for target in (*kind.switches(settings).values(), *kind.mailboxes(settings).values()):
        does = _ACTS.get(kind.name, "")
        yield Edge(start=number, to=target, labels=(does,) if does else (), line=Line.ACTS_ON)


def _exit_of(head: str, rest: str) -> str:
    """The exit for which a setting names the target: ``keys.1``, ``lines.0.target``, ``match``."""
    place = rest.partition(".")[0]
    if rest.endswith(".target") and place.isdecimal():
        return f"{head.removesuffix('s')}_{int(place) + 1}"
    return rest or head


def _of_member(settings: Settings, place: str) -> tuple[str, ...]:
    """When a member's turn is, where the members do not ring all at once."""
    strategy = settings.get("strategy", "all")
    nth = int(place.partition(".")[0])
    member = settings["members"][nth]
    delay_s = member.get("delay_s", 0) if isinstance(member, Mapping) else 0
    if strategy == "all":
        return (f"after {delay_s:g} s",) if delay_s else ()
    return () if strategy == "random" else (f"member {nth + 1}",)


def _when(settings: Settings, place: str) -> str:
    rule = settings["rules"][int(place.partition(".")[0])]
    return f"rule {rule.get('when', '')}".rstrip()


def _beyond(nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[Node]:
    """Outside numbers that something leads to, and numbers that are not there at all."""
    known = {node.id for node in nodes}
    ends = [edge.start for edge in edges] + [edge.to for edge in edges]
    for end in dict.fromkeys(ends):
        if end in known:
            continue
        shape, _, name = end.rpartition(":")
        if shape == Shape.OUTSIDE:
            yield Node(id=end, kind=Shape.OUTSIDE, name=name, lines=("outside",))
        else:
            yield Node(
                id=end,
                kind=Shape.MISSING,
                name=name,
                lines=("is not there",),
                tone=Tone.FAULT,
                remarks=(f"{shape or 'the number'} {name} does not exist",),
            )


def _remarks(
    rows: TenantRows, plan: NumberPlan, findings: Sequence[Finding]
) -> Mapping[str, list[tuple[Tone, str]]]:
    """What is wrong, by the node that it belongs to, worst first."""
    digits = {number.number: number.digits for number in rows.numbers}
    told: dict[str, list[tuple[Tone, str]]] = defaultdict(list)
    for finding in findings:
        if finding.silenced:
            continue
        tone = Tone.FAULT if finding.severity is Severity.ERROR else Tone.WARNING
        tone = Tone.UNREACHED if finding.code == UNREACHED_CODE else tone
        sentence = f"{finding.code}: {finding.sentence}"
        told[_place_of(finding.route, digits)].append((tone, sentence))
    for fault in plan.faults:
        if fault.number not in told:
            told[fault.number].append((Tone.FAULT, f"cannot run: {fault.message}"))
    return told


def _place_of(route: Route, digits: Mapping[str, str]) -> str:
    """The id of the node that a route leads into; the empty text for any other place."""
    if len(route) < 2:
        return ""
    section, name = str(route[0]), str(route[1])
    if section in ("elements", "extensions"):
        return name
    shape = _SECTIONS.get(section)
    if shape is None:
        return ""
    return node_id(shape, digits.get(name, name) if shape is Shape.NUMBER else name)


def _marked(node: Node, told: Sequence[tuple[Tone, str]]) -> Node:
    if not told:
        return node
    worst = max((node.tone, *(tone for tone, _sentence in told)), key=list(Tone).index)
    return replace(
        node, tone=worst, remarks=(*node.remarks, *(sentence for _tone, sentence in told))
    )


def _with_idle_people_together(graph: Graph) -> Graph:
    busy = {edge.start for edge in graph.edges} | {edge.to for edge in graph.edges}
    idle = [
        node
        for node in graph.nodes
        if node.kind == Shape.USER
        and node.id not in busy
        and node.tone in (Tone.PLAIN, Tone.UNREACHED)
    ]
    if len(idle) < 2:
        return graph
    names = ", ".join(node.name for node in idle[:_MOST_NAMED])
    more = f" and {len(idle) - _MOST_NAMED} more" if len(idle) > _MOST_NAMED else ""
    people = Node(
        id=Shape.PEOPLE,
        kind=Shape.PEOPLE,
        name=f"{len(idle)} people",
        lines=(names + more, "dialled by phones alone"),
    )
    gone = {node.id for node in idle}
    kept = tuple(node for node in graph.nodes if node.id not in gone)
    return replace(graph, nodes=(*kept, people))
