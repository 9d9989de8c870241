"""Which secrets a tenant has, and what a change did to them; what they are, nobody reads here."""

from collections.abc import Iterator, Mapping
from typing import Final

from models.database import failures_named
from models.device import Device
from models.mailbox_pin import MailboxPin
from models.outbound_rule import OutboundRule
from models.tenant import Tenant
from models.trunk import Trunk

Marks = Mapping[str, Mapping[str, str]]
"""Passwords as they are sealed and PINs as they are hashed, by section and name; empty for none.

The sections are those of `models.tenant_file.parts.Secrets`.
"""

_TOLD_AS: Final[Mapping[str, str]] = {
    "devices": "the password of device {name}",
    "trunks": "the password of trunk {name}",
    "rules": "the PIN of outbound rule {name}",
    "boxes": "the PIN of {name}",
}
"""What a section holds, in words."""


async def marks_of(tenant: Tenant) -> dict[str, dict[str, str]]:
    """Read the secrets of a tenant as they are stored; one moment only inside `changing`."""
    with failures_named("The database"):
        found = {
            "devices": dict(await Device.of(tenant).values_list("name", "sealed_password")),
            "trunks": dict(await Trunk.of(tenant).values_list("name", "sealed_password")),
            "rules": dict(await OutboundRule.of(tenant).values_list("name", "pin_hash")),
            "boxes": dict(await MailboxPin.of(tenant).values_list("number", "hash")),
        }
    return marks(**found)


def marks(
    *,
    devices: Mapping[str, str],
    trunks: Mapping[str, str],
    rules: Mapping[str, str],
    boxes: Mapping[str, str],
) -> dict[str, dict[str, str]]:
    """Put secrets that are known into their sections."""
    found = {"devices": devices, "trunks": trunks, "rules": rules, "boxes": boxes}
    return {section: dict(secrets) for section, secrets in found.items() if secrets}


def notes_about(before: Marks, after: Marks) -> list[str]:
    """Say which secrets of what has stayed have changed, one sentence each."""
    return [
        f"{_TOLD_AS[section].format(name=name)} was {_became(old, new)}"
        for section, name, old in _each(before)
        if (new := after.get(section, {}).get(name, old)) != old
    ]


def told_secrets(marks: Marks) -> list[str]:
    """Name secrets, never what they are: ``the password of device 100``."""
    return [_TOLD_AS[section].format(name=name) for section, name, _ in _each(marks)]


def lost_between(before: Marks, after: Marks) -> dict[str, dict[str, str]]:
    """The secrets that are there no more, as they were stored."""
    lost: dict[str, dict[str, str]] = {}
    for section, name, secret in _each(before):
        if secret and not after.get(section, {}).get(name):
            lost.setdefault(section, {})[name] = secret
    return lost


def _became(old: str, new: str) -> str:
    if not old:
        return "set"
    return "changed" if new else "removed"


def _each(marks: Marks) -> Iterator[tuple[str, str, str]]:
    return (
        (section, name, secret)
        for section in _TOLD_AS
        for name, secret in sorted(marks.get(section, {}).items())
    )
