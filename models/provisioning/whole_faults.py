"""All that is wrong with a tenant as it shall be, each fault at its place in the file; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from models import rules
from models.errors import Fault
from models.facts import DeviceFacts, ExtensionFacts, TenantRows
from models.outbound_rules import rule_faults
from models.outside_policy import policy_faults
from models.provisioning.aliases import alias_name_faults, alias_target_faults
from models.provisioning.caller_ids import numbers_read_otherwise
from models.provisioning.catalogue import (
    ElementCatalogue,
    Present,
    Wire,
    element_faults,
    present_in,
    target_faults,
    user_faults,
)
from models.provisioning.emergency import address_faults
from models.provisioning.locations import place_text_faults
from models.provisioning.numbers import number_shape_faults
from models.provisioning.whole_secrets import secret_faults
from models.provisioning.whole_shown_faults import shown_faults
from models.storable import is_storable
from models.tenant_file.contradictions import second_default_rule
from models.tenant_file.parts import Route, RoutedFault, Secrets
from models.trunk_rules import trunk_faults

FaultsAt = Iterator[RoutedFault]

_CALLED_IN_FILES: Final[Mapping[str, str]] = {
    "is_enabled": "enabled",
    "is_default": "default",
    "target": "to",
}
"""Fields that a tenant file calls otherwise than the facts do."""

_KEYS: Final = frozenset({"name", "number"})
"""Fields that are the key of an entry in a tenant file."""

_NO_TRUNK: Final = "there is no such trunk"


def tenant_faults(
    wanted: TenantRows,
    before: TenantRows | None,
    secrets: Secrets,
    catalogue: ElementCatalogue,
) -> list[RoutedFault]:
    """All that is wrong with a tenant by itself, without a look at other tenants; pure, slow.

    Of one mind with itself it is already: `models.tenant_file.contradictions` looks at that.

    Args:
        wanted: As it shall be.
        before: As it is; None for a new tenant, or where no database is at hand.
        secrets: What its file says about passwords and PINs.
        catalogue: Knows the kinds of elements.
    """
    present = present_in(wanted)
    return [
        *_own_faults(wanted, before),
        *_place_faults(wanted),
        *_order_for_help_faults(wanted),
        *_people_faults(wanted, present, catalogue),
        *_element_faults(wanted, present, catalogue),
        *_alias_faults(wanted, present),
        *_trunk_faults(wanted),
        *_number_faults(wanted, present),
        *_rule_faults(wanted, catalogue),
        *_name_faults("sounds", [one.name for one in wanted.sounds], rules.sound_name_faults),
        *_name_faults(
            "calendars", [one.name for one in wanted.calendars], rules.calendar_name_faults
        ),
        *_unstorable_faults(wanted),
        *shown_faults(wanted, before),
        *secret_faults(wanted, before, secrets),
    ]


def _at_entry(route: Route, faults: Iterable[Fault]) -> FaultsAt:
    """Faults of something that stands in the file under its name or number."""
    for fault in faults:
        where = route if fault.path in _KEYS else (*route, in_the_file(fault.path))
        yield RoutedFault(where, fault.value, fault.rule, fault.sentence)


def _at_fields(route: Route, faults: Iterable[Fault]) -> FaultsAt:
    """Faults of fields, the name among them."""
    for fault in faults:
        where = (*route, in_the_file(fault.path))
        yield RoutedFault(where, fault.value, fault.rule, fault.sentence)


def _at_settings(route: Route, faults: Iterable[Fault], settings: object) -> FaultsAt:
    """Faults of settings: ``rules.0.to`` leads through the first of a list."""
    for fault in faults:
        where = (*route, *_route_in(settings, fault.path))
        yield RoutedFault(where, fault.value, fault.rule, fault.sentence)


def in_the_file(field: str) -> str:
    """What a tenant file calls a field."""
    return _CALLED_IN_FILES.get(field, field)


def _route_in(settings: object, path: str) -> Route:
    route: list[str | int] = []
    for part in path.split("."):
        if isinstance(settings, list | tuple) and part.isdecimal():
            route.append(int(part))
            settings = settings[int(part)] if int(part) < len(settings) else None
        else:
            route.append(part)
            settings = settings.get(part) if isinstance(settings, Mapping) else None
    return tuple(route)


def _own_faults(wanted: TenantRows, before: TenantRows | None) -> FaultsAt:
    """What is wrong with the tenant's own fields."""
    tenant = wanted.tenant
    yield from _at_fields(
        (),
        [
            *(replace(fault, path="tenant") for fault in rules.tenant_name_faults(tenant.name)),
            *rules.domain_faults(tenant.domain),
            *rules.timezone_faults(tenant.timezone),
            *rules.country_faults(tenant.country),
            *rules.language_faults(tenant.language),
            *rules.state_faults(tenant.state),
        ],
    )
    for place, alias in enumerate(tenant.domain_aliases):
        yield from _domain_alias_faults(("domain_aliases", place), alias, tenant.domain)
    yield from _at_fields(("limits",), policy_faults(tenant.outside))
    yield from _country_faults(wanted, before)


def _domain_alias_faults(route: Route, alias: str, domain: str) -> FaultsAt:
    faults = rules.domain_alias_faults(alias)
    if alias == domain:
        rule = "this is the tenant's domain; an alias is another name for it"
        faults = [Fault("domain_aliases", alias, rule)]
    yield from (RoutedFault(route, fault.value, fault.rule) for fault in faults)


def _country_faults(wanted: TenantRows, before: TenantRows | None) -> FaultsAt:
    """Refuse a new country where numbers that stay as they are written would be others."""
    country = wanted.tenant.country
    if before is None or before.tenant.country == country:
        return
    written = {one.number for one in wanted.numbers}
    stay = tuple(one for one in before.numbers if one.number in written)
    as_it_was = replace(wanted, tenant=before.tenant, numbers=stay)
    rule = "write it with its country's code (+49301234567)"
    for told in numbers_read_otherwise(as_it_was, country):
        yield RoutedFault(("country",), country, f"{told}: {rule}")


def _place_faults(wanted: TenantRows) -> FaultsAt:
    """What is wrong with locations, and with the addresses that are on record."""
    defaults = sorted(place.name for place in wanted.locations if place.is_default)
    for place in wanted.locations:
        route = ("locations", place.name)
        yield from _at_entry(route, place_text_faults(place))
        if place.name in defaults[1:]:
            yield RoutedFault((*route, "default"), True, second_default_rule(defaults[0]))
    owned = {one.digits for one in wanted.numbers}
    for address in wanted.emergency_addresses:
        at = ("emergency", "addresses", address.number)
        yield from _at_fields(at, address_faults(address))
        if address.digits not in owned:
            rule = f"is no number of tenant {wanted.tenant.name}"
            yield RoutedFault(at, address.number, rule)


def _order_for_help_faults(wanted: TenantRows) -> FaultsAt:
    """What is wrong with the trunks that calls for help try first."""
    first = wanted.tenant.emergency_trunks
    known = {one.name for one in wanted.trunks}
    for place, name in enumerate(first):
        if name not in known:
            yield RoutedFault(("emergency", "trunks", place), name, _NO_TRUNK)
        elif name in first[:place]:
            yield RoutedFault(("emergency", "trunks", place), name, "each trunk is tried once")


def _people_faults(wanted: TenantRows, present: Present, catalogue: ElementCatalogue) -> FaultsAt:
    country, places = wanted.tenant.country, {one.name for one in wanted.locations}
    phones: dict[str, list[DeviceFacts]] = {}
    for phone in wanted.devices:
        phones.setdefault(phone.extension, []).append(phone)
    for person in wanted.extensions:
        route = ("extensions", person.number)
        yield from _at_entry(route, rules.extension_number_faults(person.number, country))
        yield from _at_fields(route, _person_faults(person, places))
        yield from _at_settings(route, user_faults(person, present, catalogue), person.settings)
        for place, phone in enumerate(phones.get(person.number, ())):
            yield from _at_fields((*route, "devices", place), _phone_faults(phone, places))


def _person_faults(person: ExtensionFacts, places: Collection[str]) -> list[Fault]:
    return [
        *rules.display_name_faults(person.name),
        *(rules.email_faults(person.email) if person.email else []),
        *rules.ring_time_faults(person.ring_s),
        *_location_faults(person.location, places),
    ]


def _phone_faults(phone: DeviceFacts, places: Collection[str]) -> list[Fault]:
    name = phone.caller_name
    return [
        *rules.device_name_faults(phone.name, phone.extension),
        *(rules.display_name_faults(name, "caller_name") if name else []),
        *_location_faults(phone.location, places),
    ]


def _location_faults(name: str, places: Collection[str]) -> list[Fault]:
    if not name or name in places:
        return []
    return [Fault("location", name, "there is no such location")]


def _element_faults(wanted: TenantRows, present: Present, catalogue: ElementCatalogue) -> FaultsAt:
    country = wanted.tenant.country
    for element in wanted.elements:
        route = ("elements", element.number)
        yield from _at_entry(route, rules.element_number_faults(element.number, country))
        faults = element_faults(element, present, catalogue)
        yield from _at_settings(route, faults, element.settings)


def _alias_faults(wanted: TenantRows, present: Present) -> FaultsAt:
    for alias in wanted.aliases:
        faults = [*alias_name_faults(alias.name), *alias_target_faults(alias, present)]
        yield from _at_entry(("aliases", alias.name), faults)


def _trunk_faults(wanted: TenantRows) -> FaultsAt:
    for trunk in wanted.trunks:
        yield from _at_entry(("trunks", trunk.name), trunk_faults(trunk))


def _number_faults(wanted: TenantRows, present: Present) -> FaultsAt:
    trunks = {one.name for one in wanted.trunks}
    for number in wanted.numbers:
        wire = Wire(f"number {number.number}", "", number.target)
        faults = [
            *number_shape_faults(number.number),
            *([] if number.trunk in trunks else [Fault("trunk", number.trunk, _NO_TRUNK)]),
            *(rules.display_name_faults(number.label, "label") if number.label else []),
            *target_faults([wire], present),
        ]
        yield from _at_entry(("numbers", number.number), faults)


def _rule_faults(wanted: TenantRows, catalogue: ElementCatalogue) -> FaultsAt:
    trunks = {one.name for one in wanted.trunks}
    for place, rule in enumerate(wanted.outbound):
        route = ("outbound", "rules", place)
        called = {"users": rule.mode, "trunks": "trunk" if len(rule.trunks) == 1 else "trunks"}
        faults = (
            replace(fault, path=called.get(fault.path, fault.path))
            for fault in rule_faults(rule, trunks)
        )
        yield from _at_fields(route, faults)
        yield from _at_settings(route, catalogue.rule_faults(rule), {"hours": rule.hours})


def _name_faults(
    section: str, names: Iterable[str], faults_of: Callable[[str], list[Fault]]
) -> FaultsAt:
    for name in names:
        yield from _at_entry((section, name), faults_of(name))


def _unstorable_faults(wanted: TenantRows) -> FaultsAt:
    """Refuse texts that no database keeps, where nothing else looks at them."""
    texts: list[tuple[Route, object]] = [
        *((("tests", place), one) for place, one in enumerate(wanted.tenant.route_tests)),
        *((("lint", "ignore", place), one) for place, one in enumerate(wanted.tenant.silenced)),
        *(
            (("calendars", one.name), [one.source, *(day.name for day in one.days)])
            for one in wanted.calendars
        ),
    ]
    for route, value in texts:
        if not is_storable(value):
            yield RoutedFault(route, "(hidden)", "texts have no NUL and no halves of characters")
