"""Builds a plan from its rows, once per revision; what cannot run is a fault, not a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from models.facts import (
    DeviceFacts,
    ElementFacts,
    ExtensionFacts,
    OutboundRuleFacts,
    TenantRows,
    TrunkFacts,
)
from models.feature_codes import feature_codes
from stasis_apps.call import Endpoint, Holiday, Person
from stasis_apps.decisions.caller_id import digits_of, first_owned
from stasis_apps.decisions.masks import compile_mask, is_ban
from stasis_apps.decisions.outbound import Action, Mode, OutboundRule
from stasis_apps.decisions.schedule import Schedule
from stasis_apps.element import Settings, known_elements
from stasis_apps.elements.time_rule import TimeRule
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
TIME_RULE_KIND: Final = "time_rule"

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
        trunks=_named((trunk.endpoint, trunk) for trunk in _trunks(rows)),
        numbers=_named((number.digits, number) for number in rows.numbers),
        aliases=_named((alias.name, alias) for alias in rows.aliases),
        open_to_strangers=frozenset(
            one.number for one in rows.extensions if one.settings.get("allow_direct_sip")
        ),
        calendars=_named(_calendars(rows)),
        calendar_ends={one.name: one.covers_until for one in rows.calendars if one.covers_until},
        switches=_named((switch.number, switch) for switch in rows.switches),
        mailboxes=_named((box.number, box) for box in _mailboxes(rows)),
        pins=frozenset(rows.pins),
        outbound=tuple(_outbound(rows, faults)),
        caller_ids=_named(_caller_ids(rows)),
        locations=_named((one.name, one) for one in rows.locations),
        addresses=_named((one.digits, one) for one in rows.emergency_addresses),
        codes=feature_codes(rows.tenant.country),
        faults=tuple(faults),
    )


def _trunks(rows: TenantRows) -> Iterator[TrunkFacts]:
    """Those that calls go through; one of a file that was not applied yet needs a name, too."""
    for place, trunk in enumerate(rows.trunks):
        if trunk.is_enabled:
            yield trunk if trunk.endpoint else replace(trunk, endpoint=f"trunk-{place:08x}")


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
        caller_id=tenant.caller_id,
        outside=tenant.outside,
        emergency_trunks=tenant.emergency_trunks,
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
    owners = {extension.number: extension for extension in rows.extensions}
    default_place = next((place.name for place in rows.locations if place.is_default), "")
    own_number = _own_numbers(rows)
    for device in rows.devices:
        owner = owners.get(device.extension)
        yield (
            device.endpoint,
            PlannedDevice(
                endpoint=Endpoint(device.endpoint),
                name=device.name,
                extension=device.extension,
                caller_name=device.caller_name or (owner.name if owner else ""),
                caller_id=own_number(device.caller_id, owner.caller_id if owner else ""),
                hides_number=device.hides_number,
                location=device.location or (owner.location if owner else "") or default_place,
                created_at=device.created_at,
            ),
        )


def _caller_ids(rows: TenantRows) -> Iterator[tuple[str, str]]:
    own_number = _own_numbers(rows)
    for extension in rows.extensions:
        own = own_number(extension.caller_id)
        if own:
            yield extension.number, own


def _own_numbers(rows: TenantRows) -> Callable[..., str]:
    """What finds the first of some numbers that is the tenant's, still; the empty text if none."""
    owned = {number.digits for number in rows.numbers}
    country = rows.tenant.country

    def own_number(*candidates: str) -> str:
        return first_owned(candidates, lambda number: digits_of(number, country) in owned)

    return own_number


def _outbound(rows: TenantRows, faults: list[PlanFault]) -> Iterator[OutboundRule]:
    zone = ZoneInfo(rows.tenant.timezone)
    for facts in sorted(rows.outbound, key=lambda rule: rule.place):
        rule = _rule(facts, zone, faults) if facts.is_enabled else None
        if rule is not None:
            yield rule


def _rule(facts: OutboundRuleFacts, zone: tzinfo, faults: list[PlanFault]) -> OutboundRule | None:
    """One rule to go by; in the place of a ban that cannot be run, one that forbids everything."""
    try:
        return OutboundRule(
            name=facts.name,
            mask=compile_mask(facts.mask),
            output=facts.output,
            action=Action(facts.action),
            trunks=facts.trunks,
            mode=Mode(facts.mode),
            users=frozenset(facts.users),
            hours=_hours(facts.hours, zone),
            caller_id=facts.caller_id,
            pin_hash=facts.pin_hash,
        )
    except ValueError as fault:
        number, restricts = f"outbound rule {facts.name}", _restricts(facts)
        until = "; it forbids all calls of those it is for until it is mended" * restricts
        faults.append(PlanFault(number=number, message=f"{fault}{until}"))
        return _ban_of(facts) if restricts else None


def _restricts(facts: OutboundRuleFacts) -> bool:
    """Whether a rule keeps people from calling, or from calling without a PIN."""
    return facts.action != Action.SEND or is_ban(facts.output) or facts.has_pin


def _ban_of(facts: OutboundRuleFacts) -> OutboundRule:
    """All is forbidden to those whom a rule is for, and to everybody when that cannot be told."""
    is_known = facts.mode in list(Mode)
    return OutboundRule(
        name=facts.name,
        mask=compile_mask("+"),
        action=Action.DENY,
        mode=Mode(facts.mode) if is_known else Mode.EXCEPT,
        users=frozenset(facts.users if is_known else ()),
    )


def _hours(settings: Settings, zone: tzinfo) -> Schedule | None:
    """When a rule holds; None for always.

    Raises:
        ValueError: These are no hours.
    """
    if not settings:
        return None
    wrong = known_elements()[TIME_RULE_KIND].faults(settings)
    if wrong:
        raise ValueError("; ".join(f"hours: {fault}" for fault in wrong))
    return TimeRule(**settings).schedule(zone, ())


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
