"""What a change takes away that somebody still uses: told before, and done after a yes only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from asterisk_conf import AsteriskError
from models.facts import TenantRows
from models.provisioning.whole import Outlook
from models.tenant_file.parts import Route
from models.traces import (
    Removed,
    removed_numbers,
    traces_of_calls_up,
    traces_since,
    used,
)
from pbx_cli.applying.loosened import loosened
from pbx_cli.contacts import registered_contacts
from pbx_cli.context import Desk
from stasis_apps.lint import Finding, Severity

LOOKED_BACK: Final = timedelta(days=30)
"""Whoever has not called for so long is not missed."""


async def cuts_of(desk: Desk, outlook: Outlook) -> list[Finding]:
    """Say what goes and is in use, and what would be opened; nothing when nobody would notice.

    Args:
        desk: Knows where to ask for registered phones; an Asterisk that does not run has none.
        outlook: What a file would make of its tenant.
    """
    before = outlook.before
    removed = [] if before is None else list(removed_numbers(before, outlook.wanted))
    opened = list(loosened(outlook))
    if before is None or not removed:
        return opened
    tenant_id = before.tenant.id
    up = used(removed, before, await traces_of_calls_up(tenant_id))
    recent = used(removed, before, await traces_since(tenant_id, datetime.now(UTC) - LOOKED_BACK))
    registered = await _registered(desk, before, removed)
    owners = {one.name: one.extension for one in before.devices}
    in_use = [
        Finding(
            code="in-use",
            severity=Severity.WARNING,
            route=_route(one, owners),
            sentence=f"{one.kind} {one.name} {why}",
            mend="Leave it in the file, or say yes (--yes).",
        )
        for one, why in _missed(removed, up, registered, recent)
    ]
    return [*opened, *in_use]


def _missed(
    removed: Iterable[Removed],
    up: Collection[Removed],
    registered: Collection[Removed],
    recent: Collection[Removed],
) -> Iterator[tuple[Removed, str]]:
    for one in removed:
        if one in up:
            yield one, "is on a call now"
        elif one in registered:
            yield one, "is registered now"
        elif one in recent:
            yield one, f"had calls in the last {LOOKED_BACK.days} days"


def _route(removed: Removed, owners: Mapping[str, str]) -> Route:
    """Where it stood in the tenant's document."""
    if removed.kind == "device":
        return ("extensions", owners[removed.name], "devices", removed.name)
    section = "aliases" if removed.kind == "alias" else f"{removed.kind}s"
    return (section, removed.name)


async def _registered(desk: Desk, before: TenantRows, removed: Collection[Removed]) -> set[Removed]:
    """Which of the phones that go are registered."""
    phones = {one.endpoint: Removed("device", one.name) for one in before.devices}
    gone = {endpoint: phone for endpoint, phone in phones.items() if phone in removed}
    if not gone:
        return set()
    try:
        contacts = await registered_contacts(desk.settings)
    except AsteriskError:
        return set()
    return {phone for endpoint, phone in gone.items() if contacts.get(endpoint)}
