"""A tenant's numbers and what stands behind each, as one frozen value for one revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from models.facts import DeviceFacts, ElementFacts, ExtensionFacts, TenantRows
from stasis_apps.call import Endpoint, SoundName, Target
from stasis_apps.element import Element, known_elements

USER_KIND = "user"
ASTERISK_SOUND = "asterisk:"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTenant:
    """Whose plan it is.

    Attributes:
        state: ``trial``, ``active`` or ``blocked``.
    """

    id: int
    name: str
    domain: str
    timezone: tzinfo
    language: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedElement:
    """An element with the number it stands behind."""

    number: str
    kind: str
    element: Element


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDevice:
    """A phone as a caller: whose it is and what others see when it calls."""

    endpoint: Endpoint
    name: str
    extension: str
    caller_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSound:
    """A prompt of the tenant: what Asterisk plays, and how long that takes."""

    media: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFault:
    """Something in the tables that cannot be run; the rest of the plan works without it."""

    number: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPlan:
    """All that a call of this tenant may need, in memory.

    A call keeps the plan it began with; a change makes a new one for the next call.
    """

    tenant: PlannedTenant
    revision: int
    elements: Mapping[str, PlannedElement]
    extensions: tuple[str, ...]
    devices: Mapping[str, PlannedDevice]
    sounds: Mapping[str, PlannedSound]
    faults: tuple[PlanFault, ...] = ()

    def behind(self, target: Target) -> PlannedElement | None:
        """What stands behind a number, or None when the tenant has no such number."""
        return self.elements.get(target)

    def device(self, endpoint: Endpoint) -> PlannedDevice:
        """A phone by its endpoint; one that is not in the plan (any more) goes by its address."""
        known = self.devices.get(endpoint)
        name = endpoint.partition("@")[0]
        return known or PlannedDevice(
            endpoint=endpoint, name=name, extension=name.partition("-")[0], caller_name=""
        )

    def sound(self, name: SoundName) -> PlannedSound | None:
        """A prompt by name; those that ship with Asterisk are known by their prefix."""
        if name.startswith(ASTERISK_SOUND):
            media = f"sound:{name.removeprefix(ASTERISK_SOUND)}"
            return PlannedSound(media=media, duration_s=LONGEST_BUILT_IN_SOUND_S)
        return self.sounds.get(name)


LONGEST_BUILT_IN_SOUND_S = 60.0
"""Longer than any prompt that ships with Asterisk; bounds the wait for its end."""


def build_plan(rows: TenantRows, *, sound_folder: Path) -> NumberPlan:
    """The plan of one tenant from its rows; what cannot run is left out and listed as a fault."""
    faults: list[PlanFault] = []
    planned = [*_users(rows), *_elements(rows.elements, faults)]
    tenant = rows.tenant
    return NumberPlan(
        tenant=PlannedTenant(
            id=tenant.id,
            name=tenant.name,
            domain=tenant.domain,
            timezone=ZoneInfo(tenant.timezone),
            language=tenant.language,
            state=tenant.state,
        ),
        revision=tenant.revision,
        elements=MappingProxyType({one.number: one for one in planned}),
        extensions=tuple(sorted(extension.number for extension in rows.extensions)),
        devices=MappingProxyType(dict(_devices(rows))),
        sounds=MappingProxyType(
            {
                sound.name: PlannedSound(
                    media=f"sound:{sound_folder / tenant.name / sound.name}",
                    duration_s=sound.duration_s,
                )
                for sound in rows.sounds
            }
        ),
        faults=tuple(faults),
    )


def _users(rows: TenantRows) -> Iterator[PlannedElement]:
    for extension in rows.extensions:
        settings = {"devices": _phones_of(extension, rows.devices), "ring_s": extension.ring_s}
        element = known_elements()[USER_KIND].build(settings)
        yield PlannedElement(number=extension.number, kind=USER_KIND, element=element)


def _phones_of(extension: ExtensionFacts, devices: tuple[DeviceFacts, ...]) -> list[str]:
    return sorted(device.endpoint for device in devices if device.extension == extension.number)


def _elements(rows: tuple[ElementFacts, ...], faults: list[PlanFault]) -> Iterator[PlannedElement]:
    for row in rows:
        kind = known_elements().get(row.kind)
        if kind is None:
            faults.append(PlanFault(number=row.number, message=f"unknown kind {row.kind}"))
            continue
        wrong = kind.faults(row.settings)
        if wrong:
            message = "; ".join(str(fault) for fault in wrong)
            faults.append(PlanFault(number=row.number, message=message))
            continue
        yield PlannedElement(number=row.number, kind=kind.name, element=kind.build(row.settings))


def _devices(rows: TenantRows) -> Iterator[tuple[str, PlannedDevice]]:
    names = {extension.number: extension.name for extension in rows.extensions}
    for device in rows.devices:
        yield (
            device.endpoint,
            PlannedDevice(
                endpoint=Endpoint(device.endpoint),
                name=device.name,
                extension=device.extension,
                caller_name=device.caller_name or names.get(device.extension, ""),
            ),
        )
