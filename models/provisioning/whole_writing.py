"""A tenant's rows made equal to what its file says, in bulk; inside `changing` only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from models.alias import Alias
from models.calendar import Calendar
from models.device import Device
from models.digests import digests_of
from models.element import Element
from models.extension import Extension
from models.facts import DeviceFacts, TenantRows, TrunkFacts
from models.location import EmergencyAddress, Location
from models.mailbox_pin import MailboxPin
from models.outbound_rule import OutboundRule
from models.outside_number import OutsideNumber
from models.outside_policy import to_store
from models.provisioning.devices import refuse_other_key
from models.provisioning.secret_marks import marks
from models.provisioning.tenants import STRANGER
from models.provisioning.trunks import free_endpoint
from models.provisioning.whole_rows import Columns, OwnRows
from models.provisioning.whole_secrets import NewPasswords
from models.seal import Seal
from models.sound import Sound
from models.tenant import Tenant, TenantAlias
from models.trunk import Trunk

_NO_COLUMNS_OF_TRUNKS: Final = {"id", "name", "endpoint", "password_mark"}
_NO_COLUMNS_OF_RULES: Final = {"name", "trunks"}
_NO_COLUMNS_OF_ADDRESSES: Final = {"number", "digits"}


def fill_tenant(row: Tenant, wanted: TenantRows) -> None:
    """Write what may be said of a tenant itself into its row, but for its trunks for help."""
    tenant = wanted.tenant
    row.name, row.domain, row.stranger_id = (
        tenant.name,
        tenant.domain,
        f"{STRANGER}@{tenant.domain}",
    )
    row.timezone, row.country, row.language = tenant.timezone, tenant.country, tenant.language
    row.state, row.caller_id = tenant.state, tenant.caller_id
    row.outside = to_store(tenant.outside)
    row.route_tests = [dict(one) for one in tenant.route_tests]
    row.silenced = [dict(one) for one in tenant.silenced]


async def write_rows(
    rows: OwnRows, wanted: TenantRows, passwords: NewPasswords, seal: Seal
) -> None:
    """Make all that a tenant has equal to what it shall have; its own row is saved after it.

    Args:
        rows: The tenant's; its own row is there and filled.
        wanted: The tenant as it shall be; everything in it has been checked.
        passwords: Those that become others.
        seal: Closes passwords, and opens them when phones move to another domain.

    Raises:
        SealError: The key is missing or another one.
    """
    if passwords.devices or passwords.trunks:
        await refuse_other_key(seal)
    domains: dict[str, Columns] = {domain: {} for domain in wanted.tenant.domain_aliases}
    await rows.make_equal(TenantAlias, domains, key="domain")
    trunks = await _write_trunks(rows, wanted, passwords, seal)
    numbers = await _write_numbers(rows, wanted, trunks)
    places = await _write_places(rows, wanted, numbers)
    await _write_people(rows, wanted, places)
    await _write_devices(rows, wanted, places, _Logins(passwords.devices, seal))
    await _write_plan(rows, wanted)
    await _write_rules(rows, wanted, trunks)
    await _write_pins(rows, wanted)
    await rows.remove_others(Trunk, [one.name for one in wanted.trunks], key="name")
    rows.owner.emergency_trunk_ids = [trunks[name] for name in wanted.tenant.emergency_trunks]


def secrets_written(rows: OwnRows) -> dict[str, dict[str, str]]:
    """The secrets of a tenant as `write_rows` has left them, as `marks_of` would read them."""
    return marks(
        devices={row.name: row.sealed_password for row in rows.written(Device)},
        trunks={row.name: row.sealed_password for row in rows.written(Trunk)},
        rules={row.name: row.pin_hash for row in rows.written(OutboundRule)},
        boxes={row.number: row.hash for row in rows.written(MailboxPin)},
    )


async def _write_trunks(
    rows: OwnRows, wanted: TenantRows, passwords: NewPasswords, seal: Seal
) -> dict[str, int]:
    """Write the trunks; those that shall go still hold their numbers and go later."""
    trunks = {one.name: await _trunk(one, passwords, seal) for one in wanted.trunks}
    await rows.make_equal(Trunk, trunks, key="name", keeps_others=True)
    return await rows.ids(Trunk, "name") if trunks else {}


async def _trunk(facts: TrunkFacts, passwords: NewPasswords, seal: Seal) -> Columns:
    columns = _plain(asdict(facts), leaving_out=_NO_COLUMNS_OF_TRUNKS)
    columns["endpoint"] = facts.endpoint or await free_endpoint()
    if facts.name in passwords.trunks:
        password = passwords.trunks[facts.name]
        columns["sealed_password"] = seal.close(password) if password else ""
    return columns


async def _write_numbers(
    rows: OwnRows, wanted: TenantRows, trunks: Mapping[str, int]
) -> dict[str, int]:
    lines = {
        one.digits: {
            "number": one.number,
            "trunk_id": trunks[one.trunk],
            "target": one.target,
            "label": one.label,
        }
        for one in wanted.numbers
    }
    await rows.make_equal(OutsideNumber, lines, key="digits")
    needed = wanted.emergency_addresses or any(one.number for one in wanted.locations)
    return await rows.ids(OutsideNumber, "digits") if needed else {}


async def _write_places(
    rows: OwnRows, wanted: TenantRows, numbers: Mapping[str, int]
) -> dict[str, int]:
    """Write the addresses on record and the locations, which rest on the tenant's numbers."""
    digits = {one.number: one.digits for one in wanted.numbers}
    addresses = {
        numbers[one.digits]: _plain(asdict(one), leaving_out=_NO_COLUMNS_OF_ADDRESSES)
        for one in wanted.emergency_addresses
    }
    await rows.make_equal(EmergencyAddress, addresses, key="number_id")
    locations = {
        one.name: {
            "detail": one.detail,
            "number_id": numbers[digits[one.number]] if one.number else None,
            "is_default": one.is_default,
        }
        for one in wanted.locations
    }
    await rows.make_equal(Location, locations, key="name")
    return await rows.ids(Location, "name") if locations else {}


async def _write_people(rows: OwnRows, wanted: TenantRows, places: Mapping[str, int]) -> None:
    people = {
        one.number: {
            "address": f"{one.number}@{wanted.tenant.domain}",
            "name": one.name,
            "email": one.email,
            "ring_s": one.ring_s,
            "settings": dict(one.settings),
            "caller_id": one.caller_id,
            "location_id": places.get(one.location),
        }
        for one in wanted.extensions
    }
    await rows.make_equal(Extension, people, key="number")


@dataclass(frozen=True, slots=True)
class _Logins:
    """What phones prove their passwords with; new for a new password and for a new domain."""

    passwords: Mapping[str, str] = field(repr=False)
    seal: Seal

    def columns(self, phone: DeviceFacts, domain: str, row: Device | None) -> Columns:
        """What is to be written about the login of a phone; nothing when it stays."""
        password = self.passwords.get(phone.name)
        if password is not None:
            return {
                **_digests(phone, domain, password),
                "sealed_password": self.seal.close(password),
            }
        if row is None or row.endpoint == phone.endpoint:
            return {}
        return _digests(phone, domain, self.seal.open(row.sealed_password))


def _digests(phone: DeviceFacts, domain: str, password: str) -> dict[str, str]:
    digests = digests_of(username=phone.name, realm=domain, password=password)
    return {"digest_md5": digests.md5, "digest_sha256": digests.sha256}


async def _write_devices(
    rows: OwnRows, wanted: TenantRows, places: Mapping[str, int], logins: _Logins
) -> None:
    people = await rows.ids(Extension, "number") if wanted.devices else {}
    there = {row.name: row for row in await rows.there(Device)}
    new = {"created_at": datetime.now(UTC)}
    phones = {
        one.name: {
            "extension_id": people[one.extension],
            "endpoint": one.endpoint,
            "caller_name": one.caller_name,
            "caller_id": one.caller_id,
            "hides_number": one.hides_number,
            "encryption": one.encryption,
            "location_id": places.get(one.location),
            **logins.columns(one, wanted.tenant.domain, there.get(one.name)),
            **({} if one.name in there else new),
        }
        for one in wanted.devices
    }
    await rows.make_equal(Device, phones, key="name")


async def _write_plan(rows: OwnRows, wanted: TenantRows) -> None:
    """Write elements, aliases, sounds and calendars, which rest on no other rows."""
    elements = {
        one.number: {"kind": one.kind, "settings": dict(one.settings)} for one in wanted.elements
    }
    await rows.make_equal(Element, elements, key="number")
    aliases = {
        one.name: {"target": one.target, "allows_direct_sip": one.allows_direct_sip}
        for one in wanted.aliases
    }
    await rows.make_equal(Alias, aliases, key="name")
    sounds = {one.name: _plain(asdict(one), leaving_out={"name"}) for one in wanted.sounds}
    await rows.make_equal(Sound, sounds, key="name")
    calendars = {
        one.name: {
            "days": [[str(day.first), str(day.last), day.name] for day in one.days],
            "covers_until": one.covers_until,
            "source": one.source,
        }
        for one in wanted.calendars
    }
    await rows.make_equal(Calendar, calendars, key="name")


async def _write_rules(rows: OwnRows, wanted: TenantRows, trunks: Mapping[str, int]) -> None:
    rules = {
        one.name: {
            **_plain(asdict(one), leaving_out=_NO_COLUMNS_OF_RULES),
            "trunk_ids": [trunks[name] for name in one.trunks],
        }
        for one in wanted.outbound
    }
    await rows.make_equal(OutboundRule, rules, key="name")


async def _write_pins(rows: OwnRows, wanted: TenantRows) -> None:
    """Write PINs; the count of wrong ones begins anew with a new one."""
    there = {row.number: row.hash for row in await rows.there(MailboxPin)}
    fresh = {"failed": 0, "failed_at": None}
    pins = {
        number: {"hash": hashed, **(fresh if there.get(number) != hashed else {})}
        for number, hashed in wanted.pins.items()
    }
    await rows.make_equal(MailboxPin, pins, key="number")


def _plain(
    fields: Mapping[str, Any], *, leaving_out: set[str]
) -> dict[str, Any]:  # JSON border: some columns hold JSON
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in fields.items()
        if name not in leaving_out
    }
