"""What would go wrong if each phone called help now; pure.

A fault is something that keeps help away or leaves nobody told; a hint is worth knowing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from models.emergency_rules import (
    ASKS_FOR_ADDRESS,
    CallersForHelp,
    ShownForHelp,
    emergency_numbers,
    listed,
    numbers_for_help,
)
from models.facts import DeviceFacts, TenantRows

_PHONE_NUMBER = re.compile(r"\+?[0-9]{3,15}", re.ASCII)


class Trouble(StrEnum):
    """What would go wrong, in one word; the words never change their meaning."""

    NO_TRUNK = "no_trunk"
    TRUNKS_DOWN = "trunks_down"
    NO_CALLER_ID = "no_caller_id"
    NO_ADDRESS = "no_address"
    NO_EMERGENCY_NUMBERS = "no_emergency_numbers"
    NO_ALERT_MAILS = "no_alert_mails"
    TRUNK_DOWN = "trunk_down"
    TRUNK_OFF = "trunk_off"
    NO_LOCATION = "no_location"
    NUMBER_IS_OURS = "number_is_ours"
    RULE_CATCHES = "rule_catches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the audit has found.

    Attributes:
        tenant: Whose.
        device: The phone; empty for what concerns the whole tenant.
        trouble: What.
        is_fault: Whether help would not come, or nobody would hear of it.
        words: One sentence for a person.
        shown: The number that those who help would see, where it matters.
    """

    tenant: str
    device: str = ""
    trouble: Trouble
    is_fault: bool = True
    words: str
    shown: str = ""


def audit(rows: TenantRows, down: Mapping[str, str] | None) -> list[Finding]:
    """List what would go wrong: of the tenant first, then of each phone.

    Args:
        rows: The tenant.
        down: Why a trunk does not work at this moment, by its name; None when Asterisk could not be
            asked.
    """
    found = [*_of_tenant(rows), *_of_trunks(rows, down or {})]
    callers = CallersForHelp(rows)
    for device in rows.devices:
        found += _of_device(device, rows, callers, down or {})
    return found


def emergency_warnings(rows: TenantRows, owner: str) -> Iterator[str]:
    """Say what a person should know who has just saved a phone, or somebody with phones.

    Only where the country asks for an address: elsewhere the audit will do.

    Args:
        rows: The tenant.
        owner: An extension's number, or ``device 100-kitchen``.
    """
    if rows.tenant.country not in ASKS_FOR_ADDRESS:
        return
    callers = CallersForHelp(rows)
    for device in rows.devices:
        if owner in (device.extension, f"device {device.name}"):
            for one in _of_device(device, rows, callers, {}):
                yield f"in an emergency call from {device.name}, {one.words}"


def _of_tenant(rows: TenantRows) -> Iterator[Finding]:
    tenant = rows.tenant
    known = emergency_numbers(tenant.country)
    if not known:
        yield Finding(
            tenant=tenant.name,
            trouble=Trouble.NO_EMERGENCY_NUMBERS,
            words=f"no emergency number of {tenant.country} is known: no call counts as one",
        )
    if rows.devices and not tenant.outside.alert_emails:
        yield Finding(
            tenant=tenant.name,
            trouble=Trouble.NO_ALERT_MAILS,
            words="nobody is told of an emergency call: there are no alert mails",
        )
    given = [one for one in known if one not in numbers_for_help(rows)]
    if given:
        yield Finding(
            tenant=tenant.name,
            trouble=Trouble.NUMBER_IS_OURS,
            is_fault=False,
            words=f"{', '.join(given)} would not reach help, but who has that number here",
        )
    yield from _of_places(rows)


def _of_places(rows: TenantRows) -> Iterator[Finding]:
    callers = CallersForHelp(rows)
    nowhere = [one.name for one in rows.devices if callers.place_of(one) is None]
    if nowhere and callers.asks_for_address:
        yield Finding(
            tenant=rows.tenant.name,
            trouble=Trouble.NO_LOCATION,
            is_fault=False,
            words=f"nobody has said where these stand: {listed(nowhere)}",
        )


def _of_trunks(rows: TenantRows, down: Mapping[str, str]) -> Iterator[Finding]:
    off = {one.name for one in rows.trunks if not one.is_enabled}
    for name in rows.tenant.emergency_trunks:
        if name in off:
            yield Finding(
                tenant=rows.tenant.name,
                trouble=Trouble.TRUNK_OFF,
                is_fault=False,
                words=f"trunk {name} shall carry emergency calls, and is switched off",
            )
    for trunk in CallersForHelp(rows).trunks:
        if trunk.name in down:
            yield Finding(
                tenant=rows.tenant.name,
                trouble=Trouble.TRUNK_DOWN,
                is_fault=False,
                words=f"trunk {trunk.name} {down[trunk.name]}",
            )


def _of_device(
    device: DeviceFacts, rows: TenantRows, callers: CallersForHelp, down: Mapping[str, str]
) -> Iterator[Finding]:
    trunks = callers.trunks
    alone = Finding(tenant=rows.tenant.name, device=device.name, trouble=Trouble.NO_TRUNK, words="")
    if not trunks:
        yield replace(alone, words="there is no trunk that is switched on")
    elif all(one.name in down for one in trunks):
        words = "none of its trunks works at this moment"
        yield replace(alone, trouble=Trouble.TRUNKS_DOWN, words=words)
    for shown, through in _shown(device, callers).items():
        by = f" through {listed(through)}" if through else ""
        number = "" if shown is None else shown.number
        yield from (replace(one, shown=number) for one in _of_number(alone, shown, callers, by))


def _of_number(
    alone: Finding, shown: ShownForHelp | None, callers: CallersForHelp, by: str
) -> Iterator[Finding]:
    """What is wrong with the number that a phone shows."""
    if shown is None:
        words = f"it shows no number of its own{by}; help sees any that the tenant has"
        yield replace(alone, trouble=Trouble.NO_CALLER_ID, words=words)
    elif not callers.owns(shown):
        reads = _PHONE_NUMBER.fullmatch(shown.number) is not None
        words = f"it shows no number of the tenant's{by}, only the login {shown.number}"
        words += "" if reads else ", which is no phone number: nobody can call back"
        is_fault = callers.asks_for_address or not reads
        yield replace(alone, trouble=Trouble.NO_CALLER_ID, is_fault=is_fault, words=words)
    elif callers.asks_for_address and not callers.has_address(shown):
        words = f"no address is on record with the number that it shows{by}"
        yield replace(alone, trouble=Trouble.NO_ADDRESS, words=words)
    elif callers.have_addresses and not callers.has_address(shown):
        words = f"other numbers have an address on record, the one that it shows{by} has none"
        yield replace(alone, trouble=Trouble.NO_ADDRESS, is_fault=False, words=words)


def _shown(device: DeviceFacts, callers: CallersForHelp) -> dict[ShownForHelp | None, list[str]]:
    """Which number the phone shows, and through which trunks; they may show different ones."""
    if not callers.trunks:
        return {callers.shown_by(device, None): []}
    found: dict[ShownForHelp | None, list[str]] = {}
    for trunk in callers.trunks:
        found.setdefault(callers.shown_by(device, trunk), []).append(trunk.name)
    return found
