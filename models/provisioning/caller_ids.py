"""Which numbers calls out may show: those that the tenant owns, and no others (pure)."""

import re
from collections.abc import Collection, Iterator

from models.errors import Fault
from models.facts import TenantRows, TrunkFacts
from models.numbering import TargetKind, normalised, target_kind

_SHAPE = re.compile(r"\+?[0-9]{3,15}", re.ASCII)

_SHORTEST = 5
"""Digits that an outside number has at least; nobody is told to add a shorter one."""


def caller_id_faults(
    path: str, number: str, rows: TenantRows, *, also: Collection[str] = ()
) -> list[Fault]:
    """Refuse a number that those who are called shall see and that is not the tenant's own.

    Args:
        path: The field, as the person wrote it.
        number: What they shall see, in any spelling; empty for what the next one in line shows.
        rows: The tenant's; its numbers and its country are looked at.
        also: What may be shown besides, in any spelling: the logins of a trunk.
    """
    if not number:
        return []
    if not _SHAPE.fullmatch(number):
        rule = "is a number of 3 to 15 digits, and may have a plus"
        return [Fault(path, number, rule)]
    if is_owned(number, rows, also=also):
        return []
    tenant = rows.tenant
    rule = f"is no number of tenant {tenant.name}, and only its own may be shown"
    is_for_help = target_kind(number, tenant.country) is TargetKind.EMERGENCY
    if is_for_help or len(number.removeprefix("+")) < _SHORTEST:
        return [Fault(path, number, rule)]
    how = f"add it first: pbx number create {number} --tenant {tenant.name} --trunk TRUNK"
    return [Fault(path, number, f"{rule}; {how}")]


def is_owned(number: str, rows: TenantRows, *, also: Collection[str] = ()) -> bool:
    """Whether a number is the tenant's own (or one of `also`), however it is spelt."""
    country = rows.tenant.country
    owned = {one.digits for one in rows.numbers} | {normalised(one, country) for one in also}
    return normalised(number, country) in owned


def logins_of(trunk: TrunkFacts) -> tuple[str, ...]:
    """What a trunk may show besides the tenant's numbers: the login that its carrier gave it.

    Not the user of its From header, which anybody can set to anything.
    """
    return (trunk.username,) if trunk.username else ()


def who_shows(digits: str, rows: TenantRows) -> list[str]:
    """Say who shows a number to those who are called, one sentence each; help included.

    Args:
        digits: The number in E.164 without the plus.
        rows: The tenant's.
    """
    country = rows.tenant.country
    return [
        f"{who} shows {number}"
        for who, number in _shown(rows)
        if number and normalised(number, country) == digits
    ]


def numbers_read_otherwise(rows: TenantRows, country: str) -> list[str]:
    """Say which numbers would be other numbers in another country, one sentence each.

    Those written as people of the tenant's present country write them.

    Args:
        rows: The tenant, as it is.
        country: ISO 3166; the other one.
    """
    digits = {one.number: one.digits for one in rows.numbers}
    named = [(f"number {one.number}", one.number) for one in rows.numbers]
    named += [(f"{who} shows {number}, which", number) for who, number in _shown(rows) if number]
    told = []
    for what, number in named:
        means = digits.get(number) or normalised(number, rows.tenant.country)
        if normalised(number, country) != means:
            told.append(f"{what} means +{means} and would be another number there")
    return told


def _shown(rows: TenantRows) -> Iterator[tuple[str, str]]:
    """Everybody who shows a number, with the number."""
    yield f"tenant {rows.tenant.name}", rows.tenant.caller_id
    yield from ((f"extension {one.number}", one.caller_id) for one in rows.extensions)
    yield from ((f"device {one.name}", one.caller_id) for one in rows.devices)
    yield from ((f"trunk {one.name}", _lent_to(one, rows)) for one in rows.trunks)
    yield from ((f"rule {one.name}", one.caller_id) for one in rows.outbound)
    yield from ((f"location {one.name}", one.number) for one in rows.locations)


def _lent_to(trunk: TrunkFacts, rows: TenantRows) -> str:
    """The tenant's number that a trunk shows; a login of its own it may show anyway."""
    country = rows.tenant.country
    logins = {normalised(one, country) for one in logins_of(trunk)}
    return "" if normalised(trunk.caller_id, country) in logins else trunk.caller_id
