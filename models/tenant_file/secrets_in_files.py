"""Passwords and PINs taken out of what a tenant file says, so that nothing else ever sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.tenant_file.parts import Secrets

Raw = dict[str, Any]  # JSON border: what a tenant file says, as it is written


def without_secrets(raw: Raw) -> tuple[Raw, Secrets]:
    """Take the secrets out; where a PIN was given, ``pin: true`` is left."""
    boxes: dict[str, str | bool] = {}
    devices: dict[str, str] = {}
    trunks: dict[str, str] = {}
    rules: dict[str, str | bool] = {}
    document = dict(raw)
    for section in ("extensions", "elements"):
        if section in raw:
            entries = raw[section].items()
            document[section] = {name: _pin_out(name, one, boxes) for name, one in entries}
    for number, phones in _phones(document):
        document["extensions"][number]["devices"] = [
            _password_out(phone.get("name", ""), phone, devices) for phone in phones
        ]
    if "trunks" in raw:
        entries = raw["trunks"].items()
        document["trunks"] = {name: _password_out(name, one, trunks) for name, one in entries}
    if "rules" in raw.get("outbound", {}):
        in_order = [_pin_out(one.get("name", ""), one, rules) for one in raw["outbound"]["rules"]]
        document["outbound"] = {**raw["outbound"], "rules": in_order}
    return document, Secrets(devices=devices, trunks=trunks, rules=rules, boxes=boxes)


def _phones(document: Mapping[str, Any]) -> Iterator[tuple[str, list[Raw]]]:
    for number, person in document.get("extensions", {}).items():
        if "devices" in person:
            yield number, person["devices"]


def _pin_out(name: str, entry: Raw, pins: dict[str, str | bool]) -> Raw:
    if "pin" not in entry:
        return entry
    pin = entry["pin"]
    pins[name] = pin
    rest = {field: value for field, value in entry.items() if field != "pin"}
    return rest if pin is False else {**rest, "pin": True}


def _password_out(name: str, entry: Raw, passwords: dict[str, str]) -> Raw:
    if "password" not in entry:
        return entry
    passwords[name] = entry["password"]
    return {field: value for field, value in entry.items() if field != "password"}
