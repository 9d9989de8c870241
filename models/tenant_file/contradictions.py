"""What a file says twice and differently; of one mind with itself, it can become rows; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from models.numbering import normalised
from models.tenant_file.parts import Route, RoutedFault

Entries = Mapping[str, Any]  # JSON border: a section of a tenant file

_ONE_OF_THEM: Final = (
    ("trunk", "trunks"),
    ("only", "except"),
)


def contradictions(raw: Entries) -> Iterator[RoutedFault]:
    """Say of each pair of things that cannot both hold what is wrong."""
    for section in ("trunks", "locations"):
        yield from _second_default(section, raw.get(section, {}))
    yield from _of_trunks(raw.get("trunks", {}), raw.get("outbound", {}))
    yield from _of_rules(raw.get("outbound", {}).get("rules", []))
    yield from _of_phones(raw.get("extensions", {}))
    country = raw.get("country", "")
    yield from _same_numbers(("numbers",), raw.get("numbers", {}), country)
    addresses = raw.get("emergency", {}).get("addresses", {})
    yield from _same_numbers(("emergency", "addresses"), addresses, country)


def _of_trunks(trunks: Entries, outbound: Entries) -> Iterator[RoutedFault]:
    marked = next((name for name, entry in trunks.items() if entry.get("default")), "")
    default = outbound.get("default", "")
    if default and default not in trunks:
        known = f"there are {', '.join(sorted(trunks))}" if trunks else "there are none"
        rule = f"there is no such trunk ({known})"
        yield RoutedFault(("outbound", "default"), default, rule)
    elif default and marked and default != marked:
        rule = f"{marked} calls itself the default trunk; there is one"
        yield RoutedFault(("outbound", "default"), default, rule)
    for name, entry in trunks.items():
        if "register" in entry and "registration" in entry:
            rule = "stands beside registration; one of the two is enough"
            yield RoutedFault(("trunks", name, "register"), entry["register"], rule)


def _second_default(section: str, entries: Entries) -> Iterator[RoutedFault]:
    """By name, as rows stand: the rule of rows tells the same place, which is told once."""
    marked = sorted(name for name, entry in entries.items() if entry.get("default"))
    for name in marked[1:]:
        yield RoutedFault((section, name, "default"), True, second_default_rule(marked[0]))


def second_default_rule(first: str) -> str:
    """What is wrong with a second trunk or location that calls itself the default one."""
    return f"there is one default; {first} is it already"


def _of_rules(rules: Iterable[Entries]) -> Iterator[RoutedFault]:
    names = Counter[str]()
    for place, rule in enumerate(rules):
        route: Route = ("outbound", "rules", place)
        for one, other in _ONE_OF_THEM:
            if one in rule and other in rule:
                words = f"stands beside {one}; a rule has one of the two"
                yield RoutedFault((*route, other), rule[other], words)
        yield from _repeated(names, rule.get("name", ""), (*route, "name"), "rule")


def _of_phones(people: Entries) -> Iterator[RoutedFault]:
    for number, person in people.items():
        names = Counter[str]()
        for place, phone in enumerate(person.get("devices", ())):
            route: Route = ("extensions", number, "devices", place, "name")
            yield from _repeated(names, phone.get("name", ""), route, "phone")


def _repeated(seen: Counter[str], name: str, route: Route, what: str) -> Iterator[RoutedFault]:
    seen[name] += 1
    if name and seen[name] > 1:
        yield RoutedFault(route, name, f"is the name of another {what}, too")


def _same_numbers(route: Route, entries: Entries, country: str) -> Iterator[RoutedFault]:
    seen: dict[str, str] = {}
    for number in entries:
        digits = normalised(number, country)
        if digits in seen:
            rule = f"is the same number as {seen[digits]}"
            yield RoutedFault((*route, number), number, rule)
        seen.setdefault(digits, number)
