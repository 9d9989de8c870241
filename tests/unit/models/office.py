"""An office in a tenant file with every section, and the exchange that files are applied to."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models import provisioning
from models.imported_sound import EXTENSIONS, ImportedSound
from models.provisioning import whole
from models.provisioning.reading import read_plan_rows
from models.provisioning.whole import Applied
from models.seal import Seal
from models.sound_files import SoundFolder
from models.tenant_file.document import document_of
from models.tenant_file.parts import Document, Secrets, TenantFile
from stasis_apps.element import Catalogue

CATALOGUE = Catalogue()

OFFICE: Document = {
    "tenant": "acme",
    "domain": "acme.test",
    "domain_aliases": ["192.0.2.10", "phones.acme.test"],
    "timezone": "Europe/Moscow",
    "country": "RU",
    "language": "ru",
    "caller_id": "+74951234567",
    "limits": {"max_calls": 9, "countries": ["DE", "FR"]},
    "emergency": {
        "trunks": ["spare", "moscow"],
        "addresses": {"+74951234567": {"party": "Acme", "street": "Arbat 1", "city": "Moscow"}},
    },
    "locations": {"office": {"number": "+74951234567", "detail": "2nd floor", "default": True}},
    "extensions": {
        "100": {
            "name": "Alice Example",
            "email": "alice@acme.test",
            "ring_s": 25,
            "location": "office",
            "devices": [
                {"name": "100", "caller_name": "Alice"},
                {"name": "100-kitchen", "hides_number": True, "encryption": "required"},
            ],
            "rules": [{"when": "no_answer", "to": "5120"}],
            "voicemail": True,
        },
        "101": {"name": "Boris", "caller_id": "84951234568", "allow_direct_sip": True},
        "102": {"name": "Nobody Yet", "devices": []},
    },
    "elements": {
        "5000": {"kind": "greeting", "sound": "welcome", "keys": {"1": "100"}, "no_input": "5100"},
        "5100": {"kind": "group", "strategy": "all", "members": ["100", "101"]},
        "5120": {"kind": "voicemail", "emails": ["office@acme.test"]},
        "5300": {
            "kind": "time_rule",
            "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
            "holidays": "ru",
            "holiday": "5120",
            "match": "5000",
            "no_match": "5120",
        },
        "5310": {"kind": "set_switch", "switch": "5300", "position": "closed"},
    },
    "aliases": {"info": "5000", "sales": {"to": "5100", "allow_direct_sip": True}},
    "trunks": {
        "moscow": {"host": "sip.carrier.test", "username": "acme"},
        "spare": {"registration": "none", "addresses": ["198.51.100.7"], "enabled": False},
    },
    "numbers": {
        "+74951234567": {"trunk": "moscow", "to": "5300", "label": "front desk"},
        "84951234568": {"trunk": "spare", "to": "101"},
    },
    "outbound": {
        "default": "moscow",
        "rules": [
            {"name": "none for Boris", "mask": "8(+)", "output": "0000", "only": ["101"]},
            {"name": "any", "mask": "(+)", "trunks": ["moscow", "spare"]},
        ],
    },
    "sounds": {"welcome": "ab" * 32},
    "calendars": {"ru": {"days": [{"first": "2026-11-04", "name": "Unity Day"}], "source": "x"}},
    "tests": [{"name": "by day", "from": "+79161234567", "to": "84951234567"}],
    "lint": {"ignore": [{"code": "empty-exit", "at": "elements.5300", "reason": "on purpose"}]},
}


def an_upload(sha256: str = "ab" * 32) -> ImportedSound:
    """A prompt that is different for each hash."""
    return ImportedSound(
        duration_s=1.5,
        source_rate_hz=16000,
        sha256=sha256,
        warnings=(),
        files={extension: f"{sha256}.{extension}".encode() for extension in EXTENSIONS},
    )


def a_file(document: Document, *, secrets: Secrets | None = None, **more: Any) -> TenantFile:
    """A file that says this, with the upload that it names."""
    sounds = document.get("sounds", {})
    return TenantFile(
        file=Path("acme.yaml"),
        document=document,
        secrets=secrets or Secrets(),
        sounds=more.pop("sounds", {name: an_upload(one) for name, one in sounds.items()}),
        **more,
    )


class Office:
    """The exchange that files are applied to."""

    def __init__(self, seal: Seal, folder: Path) -> None:
        self.seal, self.sounds, self.folder = seal, SoundFolder(folder), folder

    async def apply(self, file: TenantFile | Document) -> Applied:
        if isinstance(file, Mapping):
            file = a_file(file)
        return await whole.put_tenant(
            file=file, seal=self.seal, catalogue=CATALOGUE, sounds=self.sounds
        )

    async def exported(self, name: str = "acme") -> Document:
        tenant = await provisioning.get_tenant(name=name)
        return document_of(await read_plan_rows(tenant.id))

    async def password(self, device: str) -> str:
        setup = await provisioning.device_setup(tenant="acme", name=device, seal=self.seal)
        return setup.password

    def heard(self, name: str) -> bytes:
        return (self.folder / "acme" / f"{name}.wav").read_bytes()


def changed(document: Document, *route: str | int, to: object) -> dict[str, Any]:
    """The document with one thing in it put, or taken out where it becomes None."""
    result: Any = copy.deepcopy(document)
    inside = result
    for part in route[:-1]:
        inside = inside[part]
    if to is None:
        del inside[route[-1]]
    else:
        inside[route[-1]] = to
    assert isinstance(result, dict)
    return result
