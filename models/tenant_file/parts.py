"""What a tenant file is made of, once it has been read: a document, its secrets, its places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import Fault, InvalidSettings
from models.facts import CalendarFacts
from models.imported_sound import ImportedSound
from models.tenant_file.discretion import A_LIST, A_MAP, told_route, told_text, told_value

Document = Mapping[str, Any]  # JSON border: a tenant as it stands in a file
"""A tenant as plain JSON values, in one way only.

Two documents are equal when they mean the same: defaults are left out, keys are in the order of
`document.SECTIONS` and then sorted, numbers are texts, ``devices`` is a list sorted by name,
``sounds`` maps each name to the SHA-256 of its upload, ``calendars`` hold their days, and no secret
stands in it: ``pin: true`` says that there is one, whatever it is.
"""

Route = tuple[str | int, ...]
"""The way to a value in a document: ``("elements", "5000", "keys", "1")``."""


def _as_texts(route: Route) -> Route:
    return tuple(str(part) for part in route)


def written(route: Route) -> str:
    """A route as people write it: ``elements.5000.keys.1``."""
    return ".".join(str(part) for part in route)


class Place(NamedTuple):
    """A place in a text; both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class RoutedFault:
    """One thing that is wrong with a tenant as a whole.

    Attributes:
        route: Where.
        value: What stands there.
        rule: The rule it breaks, readable after the value.
        sentence: The whole message, where route, value and rule read badly in a row.
    """

    route: Route
    value: object
    rule: str
    sentence: str = ""

    def as_fault(self) -> Fault:
        """The same with its route as people write it, and without what nobody shall read."""
        way = told_route(self.route)
        path, value = written(way), told_value(self.route, self.value)
        rule, sentence = self.rule, self.sentence
        if value is not self.value:
            rule, sentence = told_text(rule, self.value), told_text(sentence, self.value)
        if way != self.route:
            sentence = f"{path}: {rule}"
        elif not sentence and value in (A_MAP, A_LIST):
            sentence = f"{path} ({value}): {rule}"
        return Fault(path, value, rule, sentence)


@dataclass(frozen=True, slots=True)
class FileFault:
    """The same at its place in a file; ``file`` is named as the person named it."""

    file: str
    place: Place
    fault: RoutedFault

    def __str__(self) -> str:
        """``acme.yaml:12:7: elements.5000.keys.1 '99': does not exist``."""
        where = f"{self.file}:{self.place.line}:{self.place.column}"
        fault = self.fault.as_fault()
        if str(fault).startswith(fault.path):
            return f"{where}: {fault}"
        *_, name = self.fault.route
        return f"{where}: {fault.path}: {str(fault).removeprefix(f'{name}: ')}"


class FaultyFile(InvalidSettings):
    """Tenant files that break rules; every fault of every file is listed, nothing was changed.

    Attributes:
        file_faults: In the order of the lines, file by file.
        rest: What the file says besides, where one file is at fault and can be read at all; so that
            it can be checked, too.
    """

    def __init__(self, faults: Sequence[FileFault], *, rest: TenantFile | None = None) -> None:
        in_order = sorted(faults, key=lambda fault: (fault.file, fault.place))
        super().__init__([fault.fault.as_fault() for fault in in_order])
        self.file_faults = tuple(in_order)
        self.rest = rest

    def along_with(self, faults: Iterable[RoutedFault]) -> FaultyFile:
        """The same with faults of its rest; what has been told of a place is told once."""
        if self.rest is None:
            return self
        told = {_as_texts(one.fault.route) for one in self.file_faults}
        more = [
            self.rest.at_its_place(fault)
            for fault in faults
            if not any(_as_texts(fault.route)[: len(route)] == route for route in told)
        ]
        return FaultyFile([*self.file_faults, *more], rest=self.rest)

    def __str__(self) -> str:
        """One line per fault."""
        return "\n".join(str(fault) for fault in self.file_faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a file says about passwords and PINs; what it does not mention keeps its value.

    A PIN is its digits, True for "there must be one already", False for "there is none any more".

    Attributes:
        devices: Passwords of phones, by the phone's name.
        trunks: Passwords of trunks, by the trunk's name.
        rules: PINs of outbound rules, by the rule's name.
        boxes: PINs of mailboxes and of switches, by the number of the user or element.
    """

    devices: Mapping[str, str] = field(default_factory=dict, repr=False)
    trunks: Mapping[str, str] = field(default_factory=dict, repr=False)
    rules: Mapping[str, str | bool] = field(default_factory=dict, repr=False)
    boxes: Mapping[str, str | bool] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFile:
    """A tenant file that has been read and has the right shape.

    Attributes:
        file: As the person named it.
        document: What it says.
        secrets: What it says about passwords and PINs.
        sounds: The uploads it names, by sound; a sound that it names with its hash alone, as an
            export without its sounds does, is not among them.
        calendars: The calendars of the document as facts, by name.
        places: Where each value stands in the text; all parts of these routes are texts.
        fingerprint: SHA-256 over what it says and all files it names; equal means nothing changed.
            Empty where it gives a secret, which could be guessed from it.
    """

    file: Path
    document: Document
    secrets: Secrets = field(default_factory=Secrets)
    sounds: Mapping[str, ImportedSound] = field(default_factory=dict)
    calendars: Mapping[str, CalendarFacts] = field(default_factory=dict)
    places: Mapping[Route, Place] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def tenant(self) -> str:
        """The name of the tenant."""
        return str(self.document["tenant"])

    def place_of(self, route: Route) -> Place:
        """Where a value stands, or the nearest thing around it."""
        way = _as_texts(route)
        while way and way not in self.places:
            way = way[:-1]
        return self.places.get(way, Place(1, 1))

    def at_its_place(self, fault: RoutedFault) -> FileFault:
        """A fault with the place in this file that it speaks of."""
        return FileFault(str(self.file), self.place_of(fault.route), fault)
