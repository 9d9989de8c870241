"""A tenant as the checks look at it: its rows, its plan, and what several of them ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from models.facts import ElementFacts, TenantRows
from models.numbering import TargetKind, target_kind
from models.provisioning.catalogue import USER, Wire, numbers_of, wires_of
from models.tenant_file.parts import Route
from stasis_apps.element import Catalogue, Settings
from stasis_apps.plan import NumberPlan

ELEMENTS = "elements"
EXTENSIONS = "extensions"


@dataclass(frozen=True, kw_only=True)
class View:
    """One tenant.

    Attributes:
        rows: As it shall be.
        plan: The plan built from it.
        now: The moment, in the tenant's time zone.
        absent_sounds: Sounds whose files are known not to be there.
        speaks_tls: Whether the exchange does, as far as it is known.
        catalogue: Knows the kinds of elements.
    """

    rows: TenantRows
    plan: NumberPlan
    now: datetime
    absent_sounds: Collection[str] = ()
    speaks_tls: bool = True
    catalogue: Catalogue = field(default_factory=Catalogue)

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        """Every way on: of elements, users, outside numbers and aliases."""
        return tuple(wires_of(self.rows, self.catalogue))

    @cached_property
    def numbers(self) -> Collection[str]:
        """The internal numbers at which somebody or something answers."""
        return numbers_of(self.rows)

    @cached_property
    def things(self) -> Mapping[str, ElementFacts]:
        """Elements and users, by number; users as elements of their kind."""
        users = (
            ElementFacts(number=one.number, kind=USER, settings=one.settings)
            for one in self.rows.extensions
        )
        return {one.number: one for one in (*self.rows.elements, *users)}

    @cached_property
    def open_to_outsiders(self) -> frozenset[str]:
        """The numbers that calls from outside can come to, by whatever way."""
        return frozenset(self.reached_from(self.doors))

    def reached_from(self, doors: Sequence[str]) -> set[str]:
        """The numbers to which calls can come from these within the tenant, these included."""
        reached: set[str] = set()
        waiting = list(doors)
        while waiting:
            number = waiting.pop()
            if number not in reached:
                reached.add(number)
                waiting += self.ways_on.get(number, ())
        return reached

    @cached_property
    def doors(self) -> tuple[str, ...]:
        """The numbers to which outside numbers, names and strangers lead."""
        numbers = {one.target for one in self.rows.numbers if one.target}
        names = {one.target for one in self.rows.aliases}
        return tuple(sorted(numbers | names | self.plan.open_to_strangers))

    @cached_property
    def ways_on(self) -> Mapping[str, tuple[str, ...]]:
        """Where calls can go on from each number within the tenant, by exits, keys and rules."""
        found: dict[str, list[str]] = {}
        for wire in self.wires:
            if wire.target in self.numbers:
                found.setdefault(wire.owner, []).append(wire.target)
        for number in self.things:
            found.setdefault(number, []).extend(self._dialled_directly(number))
        return {number: tuple(dict.fromkeys(targets)) for number, targets in found.items()}

    def _dialled_directly(self, number: str) -> Sequence[str]:
        thing = self.things[number]
        is_open = thing.kind == "greeting" and thing.settings.get("direct_dial")
        return self.plan.extensions if is_open else ()

    @cached_property
    def kinds_of_targets(self) -> Mapping[str, TargetKind]:
        """What each target is by its shape."""
        country = self.rows.tenant.country
        targets = {wire.target for wire in self.wires}
        return {target: target_kind(target, country) for target in targets}

    def outside_wires(self) -> Iterator[Wire]:
        """The ways that lead to outside numbers."""
        for wire in self.wires:
            if self.kinds_of_targets[wire.target] is TargetKind.OUTSIDE:
                yield wire

    def kind_of(self, number: str) -> str:
        """The kind of what stands behind a number; empty for nothing."""
        thing = self.things.get(number)
        return thing.kind if thing else ""

    def route_of(self, wire: Wire) -> Route:
        """Where a way on stands in the document."""
        what, _, name = wire.owner.partition(" ")
        if what == "number":
            return ("numbers", name, "to")
        return ("aliases", name) if what == "alias" else self.place(wire.owner, wire.path)

    def place(self, number: str, path: str = "") -> Route:
        """Where an element, a user, or one of their settings stands in the document."""
        thing = self.things[number]
        section = EXTENSIONS if thing.kind == USER else ELEMENTS
        return (section, number, *route_in(thing.settings, path))

    def exit_place(self, number: str, name: str) -> Route:
        """Where the setting stands that says where an exit leads."""
        settings = self.things[number].settings
        for things in ("keys", "prefixes"):
            if name in settings.get(things, ()):  # type: ignore[operator] # a map, by its schema
                return (*self.place(number), things, name)
        thing, _, place = name.rpartition("_")
        if thing in ("line", "exception"):
            return (*self.place(number), f"{thing}s", int(place) - 1, "target")
        return (*self.place(number), str(name))


def route_in(settings: Settings, path: str) -> Route:
    """The way to a setting, with the places of lists as numbers: ``rules.0.to``."""
    route: list[str | int] = []
    inside: object = settings
    for part in path.split(".") if path else ():
        if isinstance(inside, list | tuple) and part.isdecimal():
            place = int(part)
            inside = inside[place] if place < len(inside) else None
            route.append(place)
        else:
            inside = inside.get(part) if isinstance(inside, Mapping) else None
            route.append(part)
    return tuple(route)
