"""Numbers that a tenant would show without a right to, or to help without an address; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.emergency_rules import ASKS_FOR_ADDRESS, CallersForHelp, ShownForHelp, listed
from models.facts import DeviceFacts, TenantRows
from models.numbering import normalised
from models.provisioning.caller_ids import caller_id_faults, logins_of
from models.tenant_file.parts import Route, RoutedFault

_FIRST_BY_COMMAND: Final = "; add it first"
"""How the rule for single changes goes on; in a file both can stand at once."""


def shown_faults(wanted: TenantRows, before: TenantRows | None) -> Iterator[RoutedFault]:
    """What is wrong with the numbers that are shown, in calls for help and in others.

    Args:
        wanted: The tenant as it shall be.
        before: As it is; phones that lack an address for help already are no reason to refuse.
    """
    faults = [*_caller_id_faults(wanted), *_location_faults(wanted)]
    yield from faults
    if not faults:
        yield from _help_faults(wanted, before)


def _caller_id_faults(wanted: TenantRows) -> Iterator[RoutedFault]:
    """Refuse numbers that are not the tenant's own."""
    owned = {one.number for one in wanted.numbers} | {""}
    tenant = wanted.tenant.name
    for route, number, logins in _shown(wanted):
        if number in owned:
            continue
        for fault in caller_id_faults("caller_id", number, wanted, also=logins):
            rule, _, command = fault.rule.partition(_FIRST_BY_COMMAND)
            how = f"; write it among the numbers of {tenant}" if command else ""
            yield RoutedFault(route, number, rule + how)


def _shown(wanted: TenantRows) -> Iterator[tuple[Route, str, tuple[str, ...]]]:
    """Every number that is shown, where the file says so, and which logins it may be besides."""
    yield ("caller_id",), wanted.tenant.caller_id, ()
    for person in wanted.extensions:
        yield ("extensions", person.number, "caller_id"), person.caller_id, ()
    for route, phone in phones_at(wanted):
        yield (*route, "caller_id"), phone.caller_id, ()
    for trunk in wanted.trunks:
        yield ("trunks", trunk.name, "caller_id"), trunk.caller_id, logins_of(trunk)
    for place, rule in enumerate(wanted.outbound):
        yield ("outbound", "rules", place, "caller_id"), rule.caller_id, ()


def phones_at(wanted: TenantRows) -> Iterator[tuple[Route, DeviceFacts]]:
    """Every phone, and where it stands in the file: among those of its person, by name."""
    seen: dict[str, int] = {}
    for phone in wanted.devices:
        place = seen.get(phone.extension, 0)
        seen[phone.extension] = place + 1
        yield ("extensions", phone.extension, "devices", place), phone


def _location_faults(wanted: TenantRows) -> Iterator[RoutedFault]:
    """Refuse places whose number is not the tenant's, or lacks the address asked for."""
    country = wanted.tenant.country
    owned = {one.digits for one in wanted.numbers}
    addressed = {one.digits for one in wanted.emergency_addresses}
    for place in wanted.locations:
        route = ("locations", place.name, "number")
        digits = normalised(place.number, country) if place.number else ""
        if digits and digits not in owned:
            rule = f"is no number of tenant {wanted.tenant.name}"
            yield RoutedFault(route, place.number, rule)
        elif digits and country in ASKS_FOR_ADDRESS and digits not in addressed:
            yield RoutedFault(route, place.number, _without_address(country))


def _help_faults(wanted: TenantRows, before: TenantRows | None) -> Iterator[RoutedFault]:
    """Refuse phones that would call help with a number that has no address on record."""
    callers = CallersForHelp(wanted)
    if not callers.asks_for_address:
        return
    were_wrong = _wrong_already(before)
    routes: dict[ShownForHelp, Route] = {}
    names: dict[ShownForHelp, list[str]] = {}
    for route, phone in phones_at(wanted):
        for wrong in callers.without_address(phone):
            if wrong not in were_wrong.get(phone.name, ()):
                routes.setdefault(wrong, _route_of(wrong, route))
                names.setdefault(wrong, []).append(phone.name)
    for wrong, route in routes.items():
        whom = f"is what {listed(names[wrong])} would show in emergency calls, and "
        rule = whom + _without_address(wanted.tenant.country)
        yield RoutedFault(route, wrong.number, rule)


def _wrong_already(before: TenantRows | None) -> dict[str, list[ShownForHelp]]:
    if before is None:
        return {}
    callers = CallersForHelp(before)
    return {one.name: callers.without_address(one) for one in before.devices}


def _route_of(shown: ShownForHelp, phone: Route) -> Route:
    """Where the file says that this number is shown."""
    match shown.field:
        case "location":
            return ("locations", shown.owner, "number")
        case "extension":
            return ("extensions", shown.owner, "caller_id")
        case "trunk":
            return ("trunks", shown.owner, "caller_id")
        case "login":
            return ("trunks", shown.owner, "username")
        case "device":
            return (*phone, "caller_id")
        case _:
            return ("caller_id",)


def _without_address(country: str) -> str:
    why = ASKS_FOR_ADDRESS[country]
    return f"no address is on record with it: in {country} {why}; write it into emergency.addresses"
