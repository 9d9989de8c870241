"""Builds a plan from its rows, once per revision; what cannot run is a fault, not a crash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from models.facts import DeviceFacts, ElementFacts, ExtensionFacts, TenantRows
from stasis_apps.call import Endpoint, Holiday, Person
from stasis_apps.element import Settings, known_elements
from stasis_apps.elements.user import person_of
from stasis_apps.plan import (
    NumberPlan,
    PlanFault,
    PlannedDevice,
    PlannedElement,
    PlannedMailbox,
    PlannedSound,
    PlannedTenant,
)

USER_KIND: Final = "user"
VOICEMAIL_KIND: Final = "voicemail"

_V = TypeVar("_V")


def build_plan(rows: TenantRows, *, sound_folder: Path) -> NumberPlan:
    """The plan of one tenant from its rows; what cannot run is left out and listed as a fault."""
    faults: list[PlanFault] = []
    phones = {one.number: _phones_of(one, rows.devices) for one in rows.extensions}
    elements = [*_users(rows.extensions, phones, faults), *_elements(rows.elements, faults)]
    people = [_person(one, phones[one.number]) for one in rows.extensions]
    return NumberPlan(
        tenant=_tenant(rows),
        revision=rows.tenant.revision,
        elements=_named((one.number, one) for one in elements),
        extensions=tuple(sorted(phones)),
        people=_named((one.number, one) for one in people),
        devices=_named(_devices(rows)),
        sounds=_named(_sounds(rows, sound_folder)),
        trunks=_named((trunk.endpoint, trunk) for trunk in rows.trunks if trunk.is_enabled),
        numbers=_named((number.digits, number) for number in rows.numbers),
        aliases=_named((alias.name, alias) for alias in rows.aliases),
        open_to_strangers=frozenset(
            one.number for one in rows.extensions if one.settings.get("allow_direct_sip")
        ),
        calendars=_named(_calendars(rows)),
        switches=_named((switch.number, switch) for switch in rows.switches),
        mailboxes=_named((box.number, box) for box in _mailboxes(rows)),
        pins=frozenset(rows.pins),
        faults=tuple(faults),
    )


def _named(things: Iterable[tuple[str, _V]]) -> Mapping[str, _V]:
    return MappingProxyType(dict(things))


def _tenant(rows: TenantRows) -> PlannedTenant:
    tenant = rows.tenant
    return PlannedTenant(
        id=tenant.id,
        name=tenant.name,
        domain=tenant.domain,
        timezone=ZoneInfo(tenant.timezone),
        country=tenant.country,
        language=tenant.language,
        state=tenant.state,
    )


def _users(
    extensions: Iterable[ExtensionFacts],
    phones: Mapping[str, list[str]],
    faults: list[PlanFault],
) -> Iterator[PlannedElement]:
    for extension in extensions:
        basics: Settings = {
            "number": extension.number,
            "devices": phones[extension.number],
            "ring_s": extension.ring_s,
        }
        settings = {**extension.settings, **basics}
        user = _planned(extension.number, USER_KIND, settings, faults)
        # Whoever has a rule that cannot be run is rung all the same.
        yield user or PlannedElement(
            number=extension.number,
            kind=USER_KIND,
            element=known_elements()[USER_KIND].build(basics),
        )


def _elements(rows: Iterable[ElementFacts], faults: list[PlanFault]) -> Iterator[PlannedElement]:
    for row in rows:
        element = _planned(row.number, row.kind, row.settings, faults)
        if element is not None:
            yield element


def _planned(
    number: str, kind_name: str, settings: Settings, faults: list[PlanFault]
) -> PlannedElement | None:
    kind = known_elements().get(kind_name)
    if kind is None:
        faults.append(PlanFault(number=number, message=f"unknown kind {kind_name}"))
        return None
    wrong = kind.faults(settings)
    if wrong:
        message = "; ".join(str(fault) for fault in wrong)
        faults.append(PlanFault(number=number, message=message))
        return None
    return PlannedElement(number=number, kind=kind.name, element=kind.build(settings))


def _person(extension: ExtensionFacts, phones: list[str]) -> Person:
    return person_of(
        number=extension.number,
        name=extension.name,
        phones=tuple(Endpoint(phone) for phone in phones),
        ring_s=float(extension.ring_s),
        settings=extension.settings,
    )


def _phones_of(extension: ExtensionFacts, devices: Iterable[DeviceFacts]) -> list[str]:
    return sorted(device.endpoint for device in devices if device.extension == extension.number)


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


def _sounds(rows: TenantRows, folder: Path) -> Iterator[tuple[str, PlannedSound]]:
    for sound in rows.sounds:
        media = f"sound:{folder / rows.tenant.name / sound.name}"
        yield sound.name, PlannedSound(media=media, duration_s=sound.duration_s)


def _calendars(rows: TenantRows) -> Iterator[tuple[str, tuple[Holiday, ...]]]:
    for calendar in rows.calendars:
        days = [Holiday(first=day.first, last=day.last, name=day.name) for day in calendar.days]
        yield calendar.name, tuple(days)


def _mailboxes(rows: TenantRows) -> Iterator[PlannedMailbox]:
    for element in rows.elements:
        if element.kind == VOICEMAIL_KIND:
            yield _mailbox(element.number, element.number, element.settings, rows)
    for extension in rows.extensions:
        if extension.settings.get("voicemail"):
            own = extension.settings.get("mailbox")
            settings = dict(own) if isinstance(own, Mapping) else {}
            settings.setdefault("emails", [extension.email] if extension.email else [])
            settings.setdefault("lamps", [extension.number])
            yield _mailbox(extension.number, extension.name, settings, rows)


def _mailbox(number: str, name: str, settings: Settings, rows: TenantRows) -> PlannedMailbox:
    return PlannedMailbox(
        number=number,
        name=name,
        emails=tuple(settings.get("emails", ())),
        attach=settings.get("attach", "wav"),
        delete_after_mail=settings.get("delete_after_mail", False),
        max_messages=settings.get("max_messages", 100),
        pin_hash=rows.pins.get(number, ""),
        lamps=tuple(settings.get("lamps", ())),
    )
