"""By which other routes the things in a file are known: those of its canonical document; pure.

Phones are sorted there, and rules and phones can be called by their names; a short form stands for
a longer one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from models.numbering import normalised
from models.tenant_file.parts import Place, Route

_CALLED: Final = {
    "to": "target",
    "register": "registration",
    "enabled": "is_enabled",
    "default": "is_default",
}
"""What a file says in one word, and facts in another."""


def other_routes(
    places: Mapping[Route, Place], raw: Mapping[str, Any], country: str
) -> dict[Route, Place]:
    """The places of a file under the routes by which they are known besides.

    Args:
        places: By the routes of the file as it is written.
        raw: What it says.
        country: Of the tenant.
    """
    moved = dict(_moves(raw, country))
    found: dict[Route, Place] = {}
    for route, place in places.items():
        for length in range(1, len(route) + 1):
            for there in moved.get(route[:length], ()):
                found[(*there, *route[length:])] = place
        if route and route[-1] in _CALLED:
            found[(*route[:-1], _CALLED[str(route[-1])])] = place
    return found


def _moves(raw: Mapping[str, Any], country: str) -> Iterator[tuple[Route, list[Route]]]:
    """Each route that is another in the document, and which."""
    for number, person in _entries(raw, "extensions"):
        phones = person.get("devices")
        if isinstance(phones, list):
            yield from _phones(("extensions", number, "devices"), phones)
    outbound = raw.get("outbound")
    rules = outbound.get("rules") if isinstance(outbound, dict) else None
    for place, rule in enumerate(rules if isinstance(rules, list) else ()):
        route: Route = ("outbound", "rules")
        yield (*route, str(place)), [(*route, _name(rule))]
        yield (*route, str(place), "trunk"), [(*route, str(place), "trunks", "0")]
    yield from _addresses(raw, country)
    aliases = raw.get("domain_aliases")
    in_order = sorted({str(one) for one in aliases}) if isinstance(aliases, list) else []
    for before, alias in enumerate(aliases if isinstance(aliases, list) else ()):
        now = in_order.index(str(alias))
        yield ("domain_aliases", str(before)), [("domain_aliases", str(now))]


def _phones(route: Route, phones: list[Any]) -> Iterator[tuple[Route, list[Route]]]:
    in_order = sorted(range(len(phones)), key=lambda place: _name(phones[place]))
    for now, before in enumerate(in_order):
        name = _name(phones[before])
        yield (*route, str(before)), [(*route, str(now)), (*route, name)]


def _addresses(raw: Mapping[str, Any], country: str) -> Iterator[tuple[Route, list[Route]]]:
    spelled = {normalised(number, country): number for number, _ in _entries(raw, "numbers")}
    emergency = raw.get("emergency")
    for number, _ in _entries(emergency if isinstance(emergency, dict) else {}, "addresses"):
        usual = spelled.get(normalised(number, country), number)
        if usual != number:
            route: Route = ("emergency", "addresses")
            yield (*route, number), [(*route, usual)]


def _entries(raw: Mapping[str, Any], section: str) -> Iterator[tuple[str, dict[str, Any]]]:
    entries = raw.get(section)
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict):
            yield name, entry


def _name(thing: object) -> str:
    return str(thing.get("name", "")) if isinstance(thing, dict) else ""
