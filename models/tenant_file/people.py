"""Extensions with their phones, elements and aliases: as facts, and as they stand in a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from models.facts import AliasFacts, DeviceFacts, ElementFacts, ExtensionFacts

Entries = Mapping[str, Any]  # JSON border: a section of a document, by name or number

USUAL_RING_S: Final = 20
USUAL_ENCRYPTION: Final = "off"

FIELDS_OF_EXTENSIONS: Final = ("name", "email", "ring_s", "caller_id", "location", "pin", "devices")
"""What stands in an extension besides the settings of a user."""

FIELDS_OF_ELEMENTS: Final = ("kind", "pin")
"""What stands in an element besides the settings of its kind."""


def said(**fields: object) -> dict[str, Any]:
    """The fields that say something: not None, not empty, not False."""
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value is not False and value != "" and value != [] and value != {}
    }


def plain(value: object) -> Any:  # JSON border: settings as they stand in a document
    """A JSON value without tuples and frozen mappings, its names in one order.

    PostgreSQL keeps no order of names, SQLite does; a document shall be the same on both.
    """
    match value:
        case Mapping():
            return {str(name): plain(value[name]) for name in sorted(value, key=str)}
        case list() | tuple():
            return [plain(one) for one in value]
        case _:
            return value


def extensions_in_document(
    extensions: Iterable[ExtensionFacts],
    devices: Iterable[DeviceFacts],
    pins: Mapping[str, str],
) -> dict[str, Any]:
    """People by number, each with the phones that are not just the one called like the number."""
    phones: dict[str, list[DeviceFacts]] = {}
    for device in devices:
        phones.setdefault(device.extension, []).append(device)
    return {
        one.number: _extension(one, phones.get(one.number, []), has_pin=one.number in pins)
        for one in sorted(extensions, key=lambda extension: extension.number)
    }


def _extension(
    facts: ExtensionFacts, phones: Sequence[DeviceFacts], *, has_pin: bool
) -> dict[str, Any]:
    devices = [_device(one) for one in sorted(phones, key=lambda phone: phone.name)]
    has_usual_phone = devices == [{"name": facts.number}]
    return {
        "name": facts.name,
        **said(
            email=facts.email,
            ring_s=facts.ring_s if facts.ring_s != USUAL_RING_S else None,
            caller_id=facts.caller_id,
            location=facts.location,
            pin=has_pin,
        ),
        **({} if has_usual_phone else {"devices": devices}),
        **plain(facts.settings),
    }


def _device(facts: DeviceFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        **said(
            caller_name=facts.caller_name,
            caller_id=facts.caller_id,
            hides_number=facts.hides_number,
            location=facts.location,
            encryption=facts.encryption if facts.encryption != USUAL_ENCRYPTION else None,
        ),
    }


def extensions_of(entries: Entries) -> tuple[ExtensionFacts, ...]:
    """People as a document has them, in the order of their numbers."""
    return tuple(
        ExtensionFacts(
            number=number,
            name=entry.get("name", ""),
            email=entry.get("email") or None,
            ring_s=entry.get("ring_s", USUAL_RING_S),
            settings=_settings(entry, FIELDS_OF_EXTENSIONS),
            caller_id=entry.get("caller_id", ""),
            location=entry.get("location", ""),
        )
        for number, entry in _by_number(entries)
    )


def devices_of(entries: Entries, domain: str) -> tuple[DeviceFacts, ...]:
    """The phones of all people of a document; who says nothing of phones has one."""
    phones = (
        DeviceFacts(
            name=device.get("name", ""),
            extension=number,
            endpoint=f"{device.get('name', '')}@{domain}",
            caller_name=device.get("caller_name") or None,
            caller_id=device.get("caller_id", ""),
            hides_number=device.get("hides_number", False),
            location=device.get("location", ""),
            encryption=device.get("encryption", USUAL_ENCRYPTION),
        )
        for number, entry in entries.items()
        for device in entry.get("devices", [{"name": number}])
    )
    return tuple(sorted(phones, key=lambda phone: phone.name))


def elements_in_document(
    elements: Iterable[ElementFacts], pins: Mapping[str, str]
) -> dict[str, Any]:
    """Elements by number, their settings flat beside their kind."""
    return {
        one.number: {
            "kind": one.kind,
            **said(pin=one.number in pins),
            **plain(one.settings),
        }
        for one in sorted(elements, key=lambda element: element.number)
    }


def elements_of(entries: Entries) -> tuple[ElementFacts, ...]:
    """Elements as a document has them, in the order of their numbers."""
    return tuple(
        ElementFacts(
            number=number,
            kind=entry.get("kind", ""),
            settings=_settings(entry, FIELDS_OF_ELEMENTS),
        )
        for number, entry in _by_number(entries)
    )


def _settings(entry: Mapping[str, Any], fields: Sequence[str]) -> dict[str, object]:
    return {name: value for name, value in entry.items() if name not in fields}


def _by_number(entries: Entries) -> list[tuple[str, Any]]:
    return sorted(entries.items(), key=lambda entry: (len(entry[0]), entry[0]))


def aliases_in_document(aliases: Iterable[AliasFacts]) -> dict[str, Any]:
    """Aliases by name: the target alone where nothing else is to be said."""
    return {
        one.name: (
            {"to": one.target, "allow_direct_sip": True} if one.allows_direct_sip else one.target
        )
        for one in sorted(aliases, key=lambda alias: alias.name)
    }


def aliases_of(entries: Entries) -> tuple[AliasFacts, ...]:
    """Aliases as a document has them, by name."""
    return tuple(_alias(name, entries[name]) for name in sorted(entries))


def _alias(name: str, entry: str | Mapping[str, Any]) -> AliasFacts:
    if isinstance(entry, str):
        return AliasFacts(name=name, target=entry)
    return AliasFacts(
        name=name,
        target=entry.get("to", ""),
        allows_direct_sip=entry.get("allow_direct_sip", False),
    )
