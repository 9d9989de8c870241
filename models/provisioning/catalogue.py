"""What provisioning asks about element kinds and what it concludes; knows no kind, does no I/O."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from models.errors import Fault
from models.facts import ElementFacts, ExtensionFacts, OutboundRuleFacts, TenantRows
from models.numbering import TargetKind, target_kind
from models.storable import is_storable

BUILT_IN_SOUNDS: Final = "asterisk:"
"""Sounds whose name begins so come with Asterisk and are in no table."""

SWITCHED_KINDS: Final = frozenset({"switch", "time_rule"})
"""Kinds that somebody can switch to open or closed."""

THROWS_SWITCHES: Final = "set_switch"
"""The kind that throws a switch for whoever dials it."""

MAILBOX_KINDS: Final = frozenset({"voicemail"})
"""Kinds that have a mailbox; every user may have one, too."""

USER: Final = "user"
"""The kind of what stands behind an extension."""

_OF_THE_EXTENSION: Final = {
    "number": "is no setting but the extension's own number",
    "name": "is no setting but a field of the extension itself",
    "devices": "is no setting: the phones of an extension are its devices",
    "ring_s": "is no setting but a field of the extension itself",
}


class ElementCatalogue(Protocol):
    """The element kinds that this program knows; `stasis_apps` has it."""

    def kinds(self) -> Collection[str]:
        """Name every kind that stands behind a number from 5000 up."""
        ...

    def faults(self, kind: str, settings: Mapping[str, object]) -> Sequence[Fault]:
        """Say all that is wrong with the settings of a known kind, each with its path."""
        ...

    def targets(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        """Say where it leads, by the path of the setting (``keys.3``); settings may have faults."""
        ...

    def sounds(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        """Name the sounds it plays, by the path of the setting; settings may have faults."""
        ...

    def calendars(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        """Name the calendars it goes by, by the path of the setting; settings may have faults."""
        ...

    def switches(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        """Name the switches it throws, by the path of the setting; settings may have faults."""
        ...

    def mailboxes(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        """Name the mailboxes it opens, by the path of the setting; settings may have faults."""
        ...

    def users(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        """Name the users whose lamps it lights, by the path of the setting; the same."""
        ...

    def rule_faults(self, rule: OutboundRuleFacts) -> Sequence[Fault]:
        """Say all that is wrong with the mask, the output and the hours of an outbound rule."""
        ...

    def mask_fits(self, mask: str, number: str) -> bool:
        """Whether a mask is for this number; a text that is no mask is for none."""
        ...

    def sent_by_rule(self, mask: str, output: str, number: str) -> str:
        """What a mask and an output make of a number; empty where the mask is not for it."""
        ...

    def hiding(
        self, rule: OutboundRuleFacts, before: Sequence[OutboundRuleFacts]
    ) -> Sequence[OutboundRuleFacts]:
        """Which of the rules before it take every number that a rule is for; none if one is left.

        Only masks and outputs are looked at, not for whom the rules are.
        """
        ...

    def is_ban(self, output: str) -> bool:
        """Whether an outbound rule with this output forbids the call."""
        ...


class Wire(NamedTuple):
    """One way on: whose, by which setting, and where it leads."""

    owner: str
    path: str
    target: str

    def __str__(self) -> str:
        which = f": {_exit_words(self.path)}" if self.path else ""
        return f"{self.owner}{which} leads to {self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What settings can name in a tenant; found once for however many are asked about."""

    country: str
    numbers: Collection[str]
    users: Collection[str]
    sounds: Collection[str]
    calendars: Collection[str]
    switches: Collection[str]
    mailboxes: Collection[str]


def present_in(rows: TenantRows) -> Present:
    """Collect what settings can name in a tenant."""
    users = {extension.number for extension in rows.extensions}
    return Present(
        country=rows.tenant.country,
        numbers=numbers_of(rows),
        users=users,
        sounds={sound.name for sound in rows.sounds},
        calendars={calendar.name for calendar in rows.calendars},
        switches=_numbers_of_kinds(rows, SWITCHED_KINDS),
        mailboxes=users | _numbers_of_kinds(rows, MAILBOX_KINDS),
    )


def element_faults(
    element: ElementFacts, rows: TenantRows | Present, catalogue: ElementCatalogue
) -> list[Fault]:
    """Say all that is wrong with an element in the midst of its tenant's numbers and sounds.

    Args:
        element: As it shall be.
        rows: The tenant as it is, or what is in it; the element itself may be there or not.
        catalogue: Knows the kinds.
    """
    if element.kind not in catalogue.kinds():
        known = ", ".join(sorted(catalogue.kinds()))
        return [
            Fault("kind", element.kind, f"there is no such kind of element (there are {known})")
        ]
    return _settings_faults(element, rows, catalogue)


def user_faults(
    extension: ExtensionFacts, rows: TenantRows | Present, catalogue: ElementCatalogue
) -> list[Fault]:
    """Say all that is wrong with a user's settings in the midst of the tenant.

    Args:
        extension: As it shall be.
        rows: The tenant as it is, or what is in it; the extension itself may be there or not.
        catalogue: Knows the kind ``user``.
    """
    settings = {
        name: value for name, value in extension.settings.items() if name not in _OF_THE_EXTENSION
    }
    settings["number"] = extension.number
    user = ElementFacts(number=extension.number, kind=USER, settings=settings)
    return [
        *(
            Fault(name, extension.settings[name], rule)
            for name, rule in _OF_THE_EXTENSION.items()
            if name in extension.settings
        ),
        *_settings_faults(user, rows, catalogue),
    ]


def target_faults(wires: Iterable[Wire], rows: TenantRows | Present) -> Iterator[Fault]:
    """Say of each wire that cannot be what is wrong; an empty target is none."""
    present = _present(rows)
    there = present.numbers
    for wire in wires:
        kind = target_kind(wire.target, present.country)
        if kind is TargetKind.NO_NUMBER:
            rule = "is neither an internal number nor an outside number"
        elif kind is TargetKind.EMERGENCY:
            rule = "is an emergency number, to which no call is led by the plan"
        elif kind is TargetKind.INTERNAL and not _is_there(wire, there):
            rule = "does not exist"
        else:
            continue
        yield Fault(
            path=wire.path or "target",
            value=wire.target,
            rule=rule,
            sentence=f"{wire}, which {rule}",
        )


def _present(rows: TenantRows | Present) -> Present:
    return rows if isinstance(rows, Present) else present_in(rows)


def _is_there(wire: Wire, there: Collection[str]) -> bool:
    return wire.target == wire.owner or wire.target in there


def _settings_faults(
    element: ElementFacts, rows: TenantRows | Present, catalogue: ElementCatalogue
) -> list[Fault]:
    if not is_storable(element.settings):
        return [Fault("settings", "(hidden)", "texts have no NUL and no halves of characters")]
    faults = list(catalogue.faults(element.kind, element.settings))
    told = {fault.path for fault in faults}
    present = _present(rows)
    references = [
        *target_faults(_wires_of(element, catalogue), present),
        *_reference_faults(element, present, catalogue),
    ]
    return [*faults, *(fault for fault in references if fault.path not in told)]


def _reference_faults(
    element: ElementFacts, present: Present, catalogue: ElementCatalogue
) -> Iterator[Fault]:
    """Say of each thing that the settings name and the tenant has not what it was named for."""
    of = (element.kind, element.settings)
    references: tuple[tuple[str, str, Mapping[str, str], Collection[str]], ...] = (
        (
            "sound",
            "plays the sound {}, which does not exist",
            _uploaded(catalogue.sounds(*of)),
            present.sounds,
        ),
        (
            "calendar",
            "goes by the calendar {}, which does not exist",
            catalogue.calendars(*of),
            present.calendars,
        ),
        (
            "switch",
            f"throws {{}}, which is no {_kinds_with_a_switch()}",
            catalogue.switches(*of),
            present.switches,
        ),
        (
            "mailbox",
            f"opens the mailbox {{}}, which is neither a {' or '.join(sorted(MAILBOX_KINDS))} "
            "nor a user",
            catalogue.mailboxes(*of),
            present.mailboxes,
        ),
        ("user", "lights the lamp of {}, which is no user", catalogue.users(*of), present.users),
    )
    for what, words, named, there in references:
        for path, name in named.items():
            if name not in there:
                sentence = f"{element.number}: {words.format(name)}"
                yield Fault(path, name, f"there is no such {what}", sentence)


def _uploaded(sounds: Mapping[str, str]) -> Mapping[str, str]:
    return {path: name for path, name in sounds.items() if not name.startswith(BUILT_IN_SOUNDS)}


def _numbers_of_kinds(rows: TenantRows, kinds: Collection[str]) -> set[str]:
    return {one.number for one in rows.elements if one.kind in kinds}


def switch_kind_faults(number: str, kind: str) -> list[Fault]:
    """Refuse elements that nobody can switch."""
    if kind in SWITCHED_KINDS:
        return []
    return [Fault("number", number, f"is a {kind} and no {_kinds_with_a_switch()}")]


def thrower_kind_faults(number: str, kind: str) -> list[Fault]:
    """Refuse elements that throw no switch."""
    if kind == THROWS_SWITCHES:
        return []
    return [Fault("number", number, f"is a {kind} and no {THROWS_SWITCHES}")]


def _kinds_with_a_switch() -> str:
    return " or ".join(sorted(SWITCHED_KINDS))


def numbers_of(rows: TenantRows) -> set[str]:
    """Collect the internal numbers at which somebody or something answers."""
    extensions = {extension.number for extension in rows.extensions}
    return extensions | {element.number for element in rows.elements}


def wires_of(rows: TenantRows, catalogue: ElementCatalogue) -> Iterator[Wire]:
    """Follow every way on in a tenant: of elements, users, outside numbers and aliases."""
    for element in _known_elements(rows, catalogue):
        yield from _wires_of(element, catalogue)
    for number in rows.numbers:
        yield Wire(f"number {number.number}", "", number.target)
    for alias in rows.aliases:
        yield Wire(f"alias {alias.name}", "", alias.target)


def who_leads_to(number: str, rows: TenantRows, catalogue: ElementCatalogue) -> list[str]:
    """Say what else leads to a number or names it, one sentence each."""
    return [
        *(
            str(wire)
            for wire in wires_of(rows, catalogue)
            if wire.target == number and wire.owner != number
        ),
        *(
            f"{element.number}: {what_it_does} {number}"
            for element in _known_elements(rows, catalogue)
            for what_it_does, named in (
                ("throws", catalogue.switches),
                ("opens the mailbox", catalogue.mailboxes),
                ("lights the lamp of", catalogue.users),
            )
            if number in named(element.kind, element.settings).values()
        ),
    ]


def who_plays(sound: str, rows: TenantRows, catalogue: ElementCatalogue) -> list[str]:
    """Say which elements and users play a sound, one sentence each."""
    return [
        f"{element.number}: plays {sound}"
        for element in _known_elements(rows, catalogue)
        if sound in catalogue.sounds(element.kind, element.settings).values()
    ]


def who_goes_by(calendar: str, rows: TenantRows, catalogue: ElementCatalogue) -> list[str]:
    """Say which elements go by a calendar, one sentence each."""
    return [
        f"{element.number}: goes by {calendar}"
        for element in _known_elements(rows, catalogue)
        if calendar in catalogue.calendars(element.kind, element.settings).values()
    ]


def _known_elements(rows: TenantRows, catalogue: ElementCatalogue) -> Iterator[ElementFacts]:
    """Every element of a known kind, and every user as one."""
    yield from (element for element in rows.elements if element.kind in catalogue.kinds())
    for extension in rows.extensions:
        yield ElementFacts(number=extension.number, kind=USER, settings=extension.settings)


def _wires_of(element: ElementFacts, catalogue: ElementCatalogue) -> Iterator[Wire]:
    for path, target in catalogue.targets(element.kind, element.settings).items():
        yield Wire(element.number, path, target)


def _exit_words(path: str) -> str:
    """Say which exit a setting is: ``keys.3`` is key 3, ``rules.0.to`` the first rule."""
    match path.split("."):
        case ["keys", key]:
            return f"key {key}"
        case [("rules" | "members" | "windows") as things, place, *_] if place.isdigit():
            return f"{things[:-1]} {int(place) + 1}"
        case _:
            return path
