"""Locations, emergency addresses and calendars: as facts, and as they stand in a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from models.facts import (
    CalendarDay,
    CalendarFacts,
    EmergencyAddressFacts,
    LocationFacts,
    NumberFacts,
    TenantRows,
)
from models.numbering import normalised
from models.tenant_file.people import Entries, said


def locations_in_document(locations: Iterable[LocationFacts]) -> dict[str, Any]:
    """Where phones stand, by name."""
    return {
        one.name: said(number=one.number, detail=one.detail, default=one.is_default)
        for one in sorted(locations, key=lambda location: location.name)
    }


def locations_of(
    entries: Entries, numbers: Iterable[NumberFacts], country: str
) -> tuple[LocationFacts, ...]:
    """Where phones stand as a document has it; numbers are spelled as they are elsewhere in it."""
    spelled = {one.digits: one.number for one in numbers}
    return tuple(
        LocationFacts(
            name=name,
            number=_as_spelled(entries[name].get("number", ""), spelled, country)[0],
            detail=entries[name].get("detail", ""),
            is_default=entries[name].get("default", False),
        )
        for name in sorted(entries)
    )


def emergency_in_document(rows: TenantRows) -> dict[str, Any]:
    """Which trunks help is called through first, and which addresses are on record."""
    ours = rows.tenant.country
    addresses = sorted(rows.emergency_addresses, key=lambda address: address.number)
    return said(
        trunks=list(rows.tenant.emergency_trunks),
        addresses={one.number: _address(one, ours) for one in addresses},
    )


def _address(facts: EmergencyAddressFacts, ours: str) -> dict[str, Any]:
    return said(
        party=facts.party,
        street=facts.street,
        city=facts.city,
        region=facts.region,
        postal_code=facts.postal_code,
        country=facts.country if facts.country != ours else None,
    )


def addresses_of(
    entries: Entries, numbers: Iterable[NumberFacts], country: str
) -> tuple[EmergencyAddressFacts, ...]:
    """Addresses as a document has them, by digits; who names no country means the tenant's."""
    spelled = {one.digits: one.number for one in numbers}
    addresses = (
        _address_of(*_as_spelled(number, spelled, country), entry, country)
        for number, entry in entries.items()
    )
    return tuple(sorted(addresses, key=lambda address: (address.digits, address.number)))


def _address_of(
    number: str, digits: str, entry: Mapping[str, Any], country: str
) -> EmergencyAddressFacts:
    return EmergencyAddressFacts(
        number=number,
        digits=digits,
        party=entry.get("party", ""),
        street=entry.get("street", ""),
        city=entry.get("city", ""),
        region=entry.get("region", ""),
        postal_code=entry.get("postal_code", ""),
        country=entry.get("country", country),
    )


def _as_spelled(number: str, spelled: Mapping[str, str], country: str) -> tuple[str, str]:
    """A number as it is spelled among the tenant's numbers, and its digits."""
    if not number:
        return "", ""
    digits = normalised(number, country)
    return spelled.get(digits, number), digits


def calendars_in_document(calendars: Iterable[CalendarFacts]) -> dict[str, Any]:
    """Holidays by calendar."""
    return {
        one.name: {
            "days": [_day(day) for day in one.days],
            **said(
                covers_until=str(one.covers_until) if one.covers_until is not None else None,
                source=one.source,
            ),
        }
        for one in sorted(calendars, key=lambda calendar: calendar.name)
    }


def _day(day: CalendarDay) -> dict[str, str]:
    last = str(day.last) if day.last != day.first else None
    return {"first": str(day.first), **said(last=last, name=day.name)}


def calendars_of(entries: Entries) -> tuple[CalendarFacts, ...]:
    """Holidays as a document has them, by the calendars' names."""
    return tuple(_calendar_of(name, entries[name]) for name in sorted(entries))


def _calendar_of(name: str, entry: Mapping[str, Any]) -> CalendarFacts:
    covers_until = entry.get("covers_until")
    days = {_day_of(day) for day in entry.get("days", ())}
    return CalendarFacts(
        name=name,
        days=tuple(sorted(days, key=lambda day: (day.first, day.last, day.name))),
        covers_until=date.fromisoformat(covers_until) if covers_until else None,
        source=entry.get("source", ""),
    )


def _day_of(entry: Mapping[str, str]) -> CalendarDay:
    first = date.fromisoformat(entry["first"])
    last = date.fromisoformat(entry.get("last", entry["first"]))
    return CalendarDay(first=first, last=last, name=entry.get("name", ""))
