"""A revision as a tenant file that brings all of it back: passwords, PINs and sounds as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from models.errors import Fault, refuse_if_any
from models.imported_sound import ImportedSound
from models.pins import HashedPin
from models.provisioning.finding import tenant_called
from models.provisioning.reading import list_sounds
from models.provisioning.revisions import document_at, lost_secrets
from models.provisioning.secret_marks import Marks, marks_of
from models.seal import Seal
from models.tenant_file.parts import Document, Secrets, TenantFile
from models.tenant_file.people import devices_of
from models.tenant_file.reading import KindSchemas, file_of_document


class KeptSounds(Protocol):
    """Where audio lies that was replaced or removed."""

    async def kept(self, tenant: str, sha256: str) -> ImportedSound | None:
        """Read a sound that was put some time ago, by the hash of its upload."""
        ...


async def file_of_revision(
    *, tenant: str, revision: int, seal: Seal, kinds: KindSchemas, sounds: KeptSounds
) -> TenantFile:
    """What makes a tenant what a revision left, when it is put.

    Phones and trunks that were removed since then get the password that they had last, rules and
    mailboxes their PIN; what is there keeps the one it has. A PIN where there was none goes.

    Args:
        tenant: Whose.
        revision: Which; a number between two means the one before it.
        seal: Opens the passwords of what was removed.
        kinds: What elements look like.
        sounds: Where audio is kept.

    Raises:
        NotFound: There is no such tenant, or it had no document then.
        InvalidSettings: The audio of a sound is kept no more.
        SealError: The key is missing or another one.
    """
    document = await document_at(tenant=tenant, revision=revision)
    lost = await lost_secrets(tenant=tenant, since=revision)
    there = await marks_of(await tenant_called(tenant))
    file = file_of_document(document, file=Path(f"revision {revision}"), kinds=kinds)
    return replace(
        file,
        secrets=_secrets_of(document, lost, there, seal),
        sounds=await _sounds_of(document, tenant, sounds),
    )


def _secrets_of(document: Document, lost: Marks, there: Marks, seal: Seal) -> Secrets:
    """The secrets of what stands in a document: those that were lost, and what was without one."""
    phones = [one.name for one in devices_of(document.get("extensions", {}), domain="")]
    rules = {rule["name"]: rule for rule in document.get("outbound", {}).get("rules", ())}
    boxes = {**document.get("extensions", {}), **document.get("elements", {})}
    return Secrets(
        devices=_passwords("devices", phones, lost, there, seal),
        trunks=_passwords("trunks", document.get("trunks", {}), lost, there, seal),
        rules=_pins("rules", rules, lost, there),
        boxes=_pins("boxes", boxes, lost, there),
    )


def _passwords(
    section: str, names: Iterable[str], lost: Marks, there: Marks, seal: Seal
) -> dict[str, str]:
    known, now = lost.get(section, {}), there.get(section, {})
    return {name: seal.open(known[name]) for name in names if name in known and not now.get(name)}


def _pins(
    section: str, entries: Mapping[str, Document], lost: Marks, there: Marks
) -> dict[str, str | bool]:
    known, now = lost.get(section, {}), there.get(section, {})
    pins: dict[str, str | bool] = {}
    for name, entry in entries.items():
        if not entry.get("pin"):
            pins[name] = False
        elif name in known and not now.get(name):
            pins[name] = HashedPin(known[name])
    return pins


async def _sounds_of(
    document: Document, tenant: str, sounds: KeptSounds
) -> Mapping[str, ImportedSound]:
    """The audio of those sounds that the tenant has no more."""
    there = {(one.name, one.sha256) for one in await list_sounds(tenant=tenant)}
    found = {
        name: await sounds.kept(tenant, sha256)
        for name, sha256 in document.get("sounds", {}).items()
        if (name, sha256) not in there
    }
    rule = "its audio is kept no more; upload it once more, then roll back"
    lost = [name for name, sound in found.items() if sound is None]
    refuse_if_any([Fault(f"sounds.{name}", document["sounds"][name], rule) for name in lost])
    return {name: sound for name, sound in found.items() if sound is not None}
