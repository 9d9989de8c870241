"""What a tenant file says about passwords and PINs: checked, and told from what is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from models.database import failures_named
from models.device import Device
from models.errors import Fault
from models.facts import TenantRows, TrunkFacts
from models.passwords import make_password, password_faults
from models.pins import hash_pin, is_pin, pin_faults
from models.provisioning.catalogue import MAILBOX_KINDS, THROWS_SWITCHES
from models.provisioning.whole_shown_faults import phones_at
from models.seal import Seal
from models.tenant_file.document import NEW_PIN
from models.tenant_file.parts import Route, RoutedFault, Secrets
from models.trunk import Trunk
from models.trunk_rules import trunk_password_faults

REGISTERS_HERE: Final = "inbound"
REGISTERS_THERE: Final = "outbound"

_NO_LOCK: Final = (
    "a PIN belongs to a voicemail element, a user with voicemail, or a set_switch; a mailbox "
    "element asks for that of its box"
)

_NO_PIN_YET: Final = "there is none yet: write its digits, once"


def secret_faults(
    wanted: TenantRows, before: TenantRows | None, secrets: Secrets
) -> Iterator[RoutedFault]:
    """What is wrong with the passwords and PINs that a file gives; they are never repeated.

    Args:
        wanted: The tenant as it shall be.
        before: As it is; None for a new tenant, or where no database is at hand.
        secrets: What its file says of them.
    """
    yield from _password_faults(wanted, secrets)
    names = {rule.name: place for place, rule in enumerate(wanted.outbound)}
    for name, pin in secrets.rules.items():
        if name in names:
            yield from _at(("outbound", "rules", names[name], "pin"), _pin_faults(pin))
    have_one = _who_has_a_pin(wanted)
    for number, pin in secrets.boxes.items():
        faults = _pin_faults(pin)
        if isinstance(pin, str) and number not in have_one:
            rule = _NO_LOCK
            faults = [Fault("pin", "(hidden)", rule, f"pin: {rule}")]
        yield from _at((*_route_of_box(number, wanted), "pin"), faults)
    if before is not None:
        yield from missing_secret_faults(wanted, secrets)


def missing_secret_faults(wanted: TenantRows, secrets: Secrets) -> Iterator[RoutedFault]:
    """Refuse ``pin: true`` where there is no PIN: a copied rule must not lose it unseen.

    Args:
        wanted: The tenant as it shall be, made from what the database has.
        secrets: What its file says.
    """
    for place, rule in enumerate(wanted.outbound):
        if rule.pin_hash == NEW_PIN and not isinstance(secrets.rules.get(rule.name), str):
            yield RoutedFault(("outbound", "rules", place, "pin"), True, _NO_PIN_YET)
    for number, pin in wanted.pins.items():
        if pin == NEW_PIN and not isinstance(secrets.boxes.get(number), str):
            yield RoutedFault((*_route_of_box(number, wanted), "pin"), True, _NO_PIN_YET)


PinHashes = dict[tuple[str, str, str, str], str]
"""The hash that a PIN gets: by section, whose it is, the PIN, and the hash that was there."""


@dataclass(slots=True)
class NewPasswords:
    """The passwords that become others; those that are not named stay.

    Attributes:
        devices: By phone, made ones too.
        trunks: By trunk, made ones too; empty for none.
        made: Those that nobody gave, to be shown once: by ``100``, ``trunk branch``.
        notes: What becomes of passwords that were there, one sentence each.
        silent: Trunks that shall register and have no password to do it with.
        seen: What all of this rests on, the passwords that were there, as a digest.
    """

    devices: dict[str, str] = field(default_factory=dict, repr=False)
    trunks: dict[str, str] = field(default_factory=dict, repr=False)
    made: dict[str, str] = field(default_factory=dict, repr=False)
    notes: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    seen: str = ""


async def new_passwords(
    wanted: TenantRows, before: TenantRows | None, given: Secrets, seal: Seal
) -> NewPasswords:
    """Find out which passwords become others, and make those that nobody gives.

    Args:
        wanted: The tenant as it shall be; it has been checked.
        before: As it is; None for a new one.
        given: What its file says.
        seal: Opens the passwords that are there.

    Raises:
        SealError: The key is missing or another one.
    """
    phones, sealed = await _sealed(Device, before), await _sealed(Trunk, before)
    new = NewPasswords(seen=_digest(phones, sealed))
    for phone in wanted.devices:
        _device_password(new, phone.name, phones.get(phone.name), given, seal)
    was = {one.name: one.registration for one in (before.trunks if before else ())}
    for trunk in wanted.trunks:
        old = sealed.get(trunk.name)
        if old is not None and was[trunk.name] != trunk.registration:
            old = _forgotten(new, trunk.name, old)
        _trunk_password(new, trunk, old, given, seal)
    return new


async def has_passwords_as_seen(rows: TenantRows, passwords: NewPasswords) -> bool:
    """Whether the passwords of a tenant are those that were there when new ones were decided on."""
    return _digest(await _sealed(Device, rows), await _sealed(Trunk, rows)) == passwords.seen


def _digest(phones: Mapping[str, str], trunks: Mapping[str, str]) -> str:
    found = json.dumps([phones, trunks], sort_keys=True)
    return hashlib.sha256(found.encode()).hexdigest() if phones or trunks else ""


async def _sealed(table: type[Device | Trunk], before: TenantRows | None) -> dict[str, str]:
    """The sealed passwords that are there, by name."""
    if before is None:
        return {}
    with failures_named("The database"):
        rows = await table.of(before.tenant.id)
    return {row.name: row.sealed_password for row in rows}


def _device_password(
    new: NewPasswords, name: str, old: str | None, given: Secrets, seal: Seal
) -> None:
    password = given.devices.get(name)
    if old is None:
        new.devices[name] = password or make_password()
        if password is None:
            new.made[name] = new.devices[name]
    elif password is not None and seal.open(old) != password:
        new.devices[name] = password
        new.notes.append(f"the password of device {name} was changed")


def _forgotten(new: NewPasswords, name: str, old: str) -> str:
    """Who registers in another way needs another password."""
    new.trunks[name] = ""
    if old:
        new.notes.append(f"the password of trunk {name} was removed")
    return ""


def _trunk_password(
    new: NewPasswords, trunk: TrunkFacts, old: str | None, given: Secrets, seal: Seal
) -> None:
    """Decide on one trunk; anybody could register here without a password, so one is made."""
    password = given.trunks.get(trunk.name)
    if password is None and not old and trunk.registration == REGISTERS_HERE:
        password = new.made[f"trunk {trunk.name}"] = make_password()
    if old is None:
        new.trunks[trunk.name] = password or ""
    elif password is not None and not (old and seal.open(old) == password):
        new.trunks[trunk.name] = password
        became = "changed" if old else "set"
        new.notes.append(f"the password of trunk {trunk.name} was {became}")
    if trunk.registration == REGISTERS_THERE and trunk.is_enabled and not (password or old):
        new.silent.append(trunk.name)


async def with_pins(
    wanted: TenantRows, before: TenantRows | None, given: Secrets, hashes: PinHashes
) -> tuple[TenantRows, list[str]]:
    """Put the hashes of PINs that a file gives into their places; slow, a hash is meant to be.

    A PIN that is there already keeps its hash.

    Args:
        wanted: The tenant as it shall be; it has been checked.
        before: As it is; None for a new one.
        given: What its file says.
        hashes: Those that were made already; those that are made now are put there.

    Returns:
        The tenant, and a sentence for each PIN that was there and becomes another.
    """
    of_rules = {rule.name: rule.pin_hash for rule in before.outbound} if before else {}
    of_boxes = before.pins if before else {}
    rules = await _hashed("rules", of_rules, given.rules, hashes)
    boxes = await _hashed("boxes", of_boxes, given.boxes, hashes)
    notes = [
        *(f"the PIN of outbound rule {one}" for one in _changed(of_rules, rules)),
        *(f"the PIN of {one}" for one in _changed(of_boxes, boxes)),
    ]
    outbound = (
        replace(rule, pin_hash=rules.get(rule.name, rule.pin_hash)) for rule in wanted.outbound
    )
    pins = {number: boxes.get(number, kept) for number, kept in wanted.pins.items()}
    now = replace(wanted, outbound=tuple(outbound), pins=pins)
    return now, [f"{one} was changed" for one in notes]


async def _hashed(
    section: str, old: Mapping[str, str], given: Mapping[str, str | bool], hashes: PinHashes
) -> dict[str, str]:
    """The hash of each PIN that is given."""
    found = {}
    for name, pin in given.items():
        if isinstance(pin, str):
            key = (section, name, pin, old.get(name, ""))
            if key not in hashes:
                hashes[key] = await _hash_of(pin, old.get(name, ""))
            found[name] = hashes[key]
    return found


async def _hash_of(pin: str, there: str) -> str:
    """The hash that is there where it is of the same PIN, else a new one."""
    return there if there and await is_pin(there, pin) else await hash_pin(pin)


def _changed(old: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name, hashed in now.items() if old.get(name) and old[name] != hashed]


def _password_faults(wanted: TenantRows, secrets: Secrets) -> Iterator[RoutedFault]:
    for route, phone in phones_at(wanted):
        if phone.name in secrets.devices:
            faults = password_faults(secrets.devices[phone.name])
            yield from _at((*route, "password"), faults)
    for trunk in wanted.trunks:
        given = secrets.trunks.get(trunk.name)
        if given is not None:
            faults = trunk_password_faults(trunk.registration, given, has_password=True)
            yield from _at(("trunks", trunk.name, "password"), faults)


def _pin_faults(pin: str | bool) -> list[Fault]:
    return pin_faults(pin) if isinstance(pin, str) else []


def _who_has_a_pin(wanted: TenantRows) -> set[str]:
    """The numbers at which a PIN opens something."""
    kinds = {*MAILBOX_KINDS, THROWS_SWITCHES}
    elements = {one.number for one in wanted.elements if one.kind in kinds}
    return elements | {
        one.number for one in wanted.extensions if one.settings.get("voicemail", False)
    }


def _route_of_box(number: str, wanted: TenantRows) -> Route:
    is_person = any(one.number == number for one in wanted.extensions)
    return ("extensions" if is_person else "elements", number)


def _at(route: Route, faults: list[Fault]) -> Iterator[RoutedFault]:
    for fault in faults:
        yield RoutedFault(route, fault.value, fault.rule, fault.sentence)
