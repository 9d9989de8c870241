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
from models.provisioning.secret_marks import Marks, marks_of, told_secrets
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

    Phones and trunks that were removed since then get the password that they had when they were
    removed for the first time after the revision, rules and mailboxes their PIN; what is there
    keeps the one it has. A PIN where there was none goes. A phone that was removed because its
    password had leaked gets that very password: `secrets_back` names it.

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
    document, back = await _what_comes_back(tenant, revision)
    file = file_of_document(document, file=Path(f"revision {revision}"), kinds=kinds)
    return replace(
        file,
        secrets=_secrets_of(document, back, seal),
        sounds=await _sounds_of(document, tenant, sounds),
    )


async def secrets_back(*, tenant: str, revision: int) -> list[str]:
    """Which passwords and PINs a rollback brings back, in words: who knew them knows them again.

    Raises:
        NotFound: There is no such tenant, or it had no document then.
    """
    _document, back = await _what_comes_back(tenant, revision)
    return told_secrets(back)


async def _what_comes_back(tenant: str, revision: int) -> tuple[Document, Marks]:
    """A revision's document, and the secrets that were lost since of what stands in it."""
    document = await document_at(tenant=tenant, revision=revision)
    lost = await lost_secrets(tenant=tenant, since=revision)
    there = await marks_of(await tenant_called(tenant))
    back = {
        section: _lost_of(names, lost.get(section, {}), there.get(section, {}))
        for section, names in _owners_of_secrets(document).items()
    }
    return document, back


def _lost_of(
    names: Iterable[str], lost: Mapping[str, str], there: Mapping[str, str]
) -> dict[str, str]:
    return {name: lost[name] for name in names if name in lost and not there.get(name)}


def _owners_of_secrets(document: Document) -> dict[str, list[str]]:
    """What has a password or a PIN in a document, by the section of its secret."""
    phones = devices_of(document.get("extensions", {}), domain="")
    return {
        "devices": [one.name for one in phones],
        "trunks": list(document.get("trunks", {})),
        "rules": [name for name, rule in _rules_in(document).items() if rule.get("pin")],
        "boxes": [number for number, box in _boxes_in(document).items() if box.get("pin")],
    }


def _rules_in(document: Document) -> dict[str, Document]:
    return {rule["name"]: rule for rule in document.get("outbound", {}).get("rules", ())}


def _boxes_in(document: Document) -> dict[str, Document]:
    return {**document.get("extensions", {}), **document.get("elements", {})}


def _secrets_of(document: Document, back: Marks, seal: Seal) -> Secrets:
    """The secrets that come back, and the word that what was without a PIN has none."""
    return Secrets(
        devices={name: seal.open(sealed) for name, sealed in back["devices"].items()},
        trunks={name: seal.open(sealed) for name, sealed in back["trunks"].items()},
        rules=_pins(_rules_in(document), back["rules"]),
        boxes=_pins(_boxes_in(document), back["boxes"]),
    )


def _pins(entries: Mapping[str, Document], back: Mapping[str, str]) -> dict[str, str | bool]:
    none = {name: False for name, entry in entries.items() if not entry.get("pin")}
    return {**none, **{name: HashedPin(stored) for name, stored in back.items()}}


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
