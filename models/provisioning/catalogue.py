"""What provisioning asks about element kinds and what it concludes; knows no kind, does no I/O."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Protocol

from models.errors import Fault
from models.facts import ElementFacts, TenantRows
from models.numbering import TargetKind, target_kind
from models.storable import is_storable

BUILT_IN_SOUNDS: Final = "asterisk:"
"""Sounds whose name begins so come with Asterisk and are in no table."""

_KEYS: Final = frozenset("0123456789*#")


class ElementCatalogue(Protocol):
    """The element kinds that this program knows; `stasis_apps` has it."""

    def kinds(self) -> Collection[str]:
        """Name every kind."""
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


def element_faults(
    element: ElementFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> list[Fault]:
    """Say all that is wrong with an element in the midst of its tenant's numbers and sounds.

    Args:
        element: As it shall be.
        rows: The tenant as it is; the element itself may be in it or not.
        catalogue: Knows the kinds.
    """
    if element.kind not in catalogue.kinds():
        known = ", ".join(sorted(catalogue.kinds()))
        return [
            Fault("kind", element.kind, f"there is no such kind of element (there are {known})")
        ]
    if not is_storable(element.settings):
        return [Fault("settings", "(hidden)", "texts have no NUL and no halves of characters")]
    faults = list(catalogue.faults(element.kind, element.settings))
    told = {fault.path for fault in faults}
    references = [
        *_target_faults(element, rows, catalogue),
        *_sound_faults(element, rows, catalogue),
    ]
    return [*faults, *(fault for fault in references if fault.path not in told)]


def _target_faults(
    element: ElementFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterable[Fault]:
    there = {element.number, *numbers_of(rows)}
    for path, target in catalogue.targets(element.kind, element.settings).items():
        kind = target_kind(target, rows.tenant.country)
        if kind is TargetKind.NO_NUMBER:
            rule = "is neither an internal number nor an outside number"
        elif kind is TargetKind.INTERNAL and target not in there:
            rule = "does not exist"
        else:
            continue
        yield Fault(
            path=path,
            value=target,
            rule=rule,
            sentence=f"{element.number}: {_exit_words(path)} leads to {target}, which {rule}",
        )


def _sound_faults(
    element: ElementFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterable[Fault]:
    there = {sound.name for sound in rows.sounds}
    for path, name in catalogue.sounds(element.kind, element.settings).items():
        if name in there or name.startswith(BUILT_IN_SOUNDS):
            continue
        yield Fault(
            path=path,
            value=name,
            rule="there is no such sound",
            sentence=f"{element.number}: plays the sound {name}, which does not exist",
        )


def numbers_of(rows: TenantRows) -> set[str]:
    """Collect the internal numbers at which somebody or something answers."""
    extensions = {extension.number for extension in rows.extensions}
    return extensions | {element.number for element in rows.elements}


def who_leads_to(number: str, rows: TenantRows, catalogue: ElementCatalogue) -> list[str]:
    """Say which exits of which other elements lead to a number, one sentence each."""
    return [
        f"{element.number}: {_exit_words(path)} leads to {number}"
        for element in rows.elements
        if element.number != number and element.kind in catalogue.kinds()
        for path, target in catalogue.targets(element.kind, element.settings).items()
        if target == number
    ]


def who_plays(sound: str, rows: TenantRows, catalogue: ElementCatalogue) -> list[str]:
    """Say which elements play a sound, one sentence each."""
    return [
        f"{element.number}: plays {sound}"
        for element in rows.elements
        if element.kind in catalogue.kinds()
        and sound in catalogue.sounds(element.kind, element.settings).values()
    ]


def _exit_words(path: str) -> str:
    last = path.rpartition(".")[2]
    return f"key {last}" if last and set(last) <= _KEYS else path
