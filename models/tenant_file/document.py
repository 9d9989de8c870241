"""Rows of a tenant as a document, and back; pure.

``document_of(rows_of_document(d, ...)) == d`` for every document, and the other way round for all
that a file can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from models.facts import SoundFacts, SwitchFacts, TenantFacts, TenantRows
from models.imported_sound import ImportedSound
from models.outside_policy import OutsidePolicy, changed, to_store
from models.tenant_file import lines
from models.tenant_file.lines import (
    numbers_in_document,
    outbound_in_document,
    trunks_in_document,
)
from models.tenant_file.parts import Document, TenantFile
from models.tenant_file.people import (
    Entries,
    aliases_in_document,
    aliases_of,
    devices_of,
    elements_in_document,
    elements_of,
    extensions_in_document,
    extensions_of,
    plain,
    said,
)
from models.tenant_file.places import (
    addresses_of,
    calendars_in_document,
    calendars_of,
    emergency_in_document,
    locations_in_document,
    locations_of,
)

SECTIONS: Final = (
    "tenant",
    "domain",
    "domain_aliases",
    "timezone",
    "country",
    "language",
    "state",
    "caller_id",
    "limits",
    "emergency",
    "locations",
    "extensions",
    "elements",
    "aliases",
    "trunks",
    "numbers",
    "outbound",
    "sounds",
    "calendars",
    "tests",
    "lint",
)
"""What stands in a tenant file, in this order."""

KEYED: Final = frozenset(
    {
        "locations",
        "extensions",
        "elements",
        "aliases",
        "trunks",
        "numbers",
        "sounds",
        "calendars",
    }
)
"""Sections that are maps from names or numbers to things."""

USUAL_TIMEZONE: Final = "UTC"
USUAL_LANGUAGE: Final = "en"
USUAL_STATE: Final = "active"

NEW_PIN: Final = "?"
"""Stands for the hash of a PIN that the tenant does not have yet; opens nothing."""


def document_of(rows: TenantRows) -> Document:
    """A tenant as a document; what is as usual is left out."""
    tenant = rows.tenant
    document = {
        "tenant": tenant.name,
        "domain": tenant.domain,
        "timezone": tenant.timezone,
        "country": tenant.country,
        **said(
            domain_aliases=sorted(tenant.domain_aliases),
            language=_unless(tenant.language, USUAL_LANGUAGE),
            state=_unless(tenant.state, USUAL_STATE),
            caller_id=tenant.caller_id,
            limits=plain(to_store(tenant.outside)),
            emergency=emergency_in_document(rows),
            locations=locations_in_document(rows.locations),
            extensions=extensions_in_document(rows.extensions, rows.devices, rows.pins),
            elements=elements_in_document(rows.elements, rows.pins),
            aliases=aliases_in_document(rows.aliases),
            trunks=trunks_in_document(rows.trunks),
            numbers=numbers_in_document(rows.numbers),
            outbound=outbound_in_document(rows.trunks, rows.outbound),
            sounds={one.name: one.sha256 for one in sorted(rows.sounds, key=lambda one: one.name)},
            calendars=calendars_in_document(rows.calendars),
            tests=plain(tenant.route_tests),
            lint=said(ignore=plain(tenant.silenced)),
        ),
    }
    return {section: document[section] for section in SECTIONS if section in document}


def rows_of_document(file: TenantFile, before: TenantRows | None) -> TenantRows:
    """A tenant as it shall be, from what a file says.

    Where the file says that there is a PIN, or gives one, and the tenant has none, `NEW_PIN` stands
    in the place of its hash. A sound that is known by its hash alone, and not by the tenant either,
    has no duration.

    Args:
        file: What it says; short forms (``trunks: x``, ``register: true``) may stand in it.
        before: The tenant as it is, or None when there is none. From it come ids, endpoints of
            trunks, hashes of PINs that the file does not give, switches that are thrown, and what
            is known of sounds that the file names by their hash alone.
    """
    document = file.document
    outbound = document.get("outbound", {})
    country = document.get("country", "")
    people, elements = document.get("extensions", {}), document.get("elements", {})
    numbers = lines.numbers_of(document.get("numbers", {}), country)
    trunks_before = {one.name: one for one in before.trunks} if before else {}
    return TenantRows(
        tenant=_tenant_of(document, before.tenant if before else None),
        extensions=extensions_of(people),
        devices=devices_of(people, document.get("domain", "")),
        elements=elements_of(elements),
        sounds=_sounds_of(document.get("sounds", {}), file.sounds, before),
        trunks=lines.trunks_of(
            document.get("trunks", {}), outbound.get("default", ""), trunks_before
        ),
        numbers=numbers,
        aliases=aliases_of(document.get("aliases", {})),
        calendars=calendars_of(document.get("calendars", {})),
        switches=_switches_left(elements, before),
        pins=_pins({**people, **elements}, file.secrets.boxes, before.pins if before else {}),
        outbound=lines.rules_of(
            outbound.get("rules", ()),
            _pins(
                {one.get("name", ""): one for one in outbound.get("rules", ())},
                file.secrets.rules,
                {one.name: one.pin_hash for one in before.outbound if one.has_pin}
                if before
                else {},
            ),
        ),
        locations=locations_of(document.get("locations", {}), numbers, country),
        emergency_addresses=addresses_of(
            document.get("emergency", {}).get("addresses", {}), numbers, country
        ),
    )


def _unless(value: str, usual: str) -> str | None:
    return None if value == usual else value


def _tenant_of(document: Document, before: TenantFacts | None) -> TenantFacts:
    return TenantFacts(
        id=before.id if before else 0,
        name=document.get("tenant", ""),
        domain=document.get("domain", ""),
        domain_aliases=tuple(sorted(set(document.get("domain_aliases", ())))),
        timezone=document.get("timezone", USUAL_TIMEZONE),
        country=document.get("country", ""),
        language=document.get("language", USUAL_LANGUAGE),
        state=document.get("state", USUAL_STATE),
        revision=before.revision if before else 0,
        caller_id=document.get("caller_id", ""),
        outside=changed(OutsidePolicy(), document.get("limits", {})),
        emergency_trunks=tuple(document.get("emergency", {}).get("trunks", ())),
        route_tests=tuple(document.get("tests", ())),
        silenced=tuple(document.get("lint", {}).get("ignore", ())),
    )


def _sounds_of(
    entries: Entries, uploads: Mapping[str, ImportedSound], before: TenantRows | None
) -> tuple[SoundFacts, ...]:
    known = {one.name: one for one in before.sounds} if before else {}
    by_hash = {one.sha256: one for one in known.values()}
    return tuple(
        _sound_of(name, sha256, uploads.get(name), by_hash.get(sha256))
        for name, sha256 in sorted(entries.items())
    )


def _sound_of(
    name: str, sha256: str, upload: ImportedSound | None, known: SoundFacts | None
) -> SoundFacts:
    found = known or upload
    return SoundFacts(
        name=name,
        duration_s=found.duration_s if found else 0.0,
        source_rate_hz=found.source_rate_hz if found else 0,
        sha256=sha256,
        warnings=found.warnings if found else (),
    )


def _switches_left(elements: Entries, before: TenantRows | None) -> tuple[SwitchFacts, ...]:
    switches = before.switches if before else ()
    return tuple(switch for switch in switches if switch.number in elements)


def _pins(
    entries: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, str | bool],
    before: Mapping[str, str],
) -> dict[str, str]:
    """The hashes of PINs by whose they are; a new one has none yet."""
    return {name: pin for name in entries if (pin := _pin(name, entries[name], given, before))}


def _pin(
    name: str, entry: Mapping[str, Any], given: Mapping[str, str | bool], before: Mapping[str, str]
) -> str:
    secret = given.get(name, bool(entry.get("pin")) or None)
    if secret is False:
        return ""
    if isinstance(secret, str):
        return NEW_PIN
    return before.get(name, NEW_PIN if secret else "")
