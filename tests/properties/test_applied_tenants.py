"""Whatever a tenant is, applying its file makes it so, and applying it again changes nothing."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings

from models import provisioning
from models.database import open_database
from models.provisioning.reading import read_plan_rows
from models.provisioning.secret_marks import marks_of
from models.provisioning.whole import Applied, put_tenant, tenant_faults
from models.revision import Snapshot
from models.seal import Seal
from models.sound_files import SoundFolder
from models.tenant import Tenant
from models.tenant_file.document import document_of, rows_of_document
from models.tenant_file.parts import Document, TenantFile
from stasis_apps.element import Catalogue
from tests.support.database import migrated_sqlite
from tests.support.tenants_strategy import tenant_files

__all__ = ["migrated_sqlite"]

CATALOGUE = Catalogue()


class Exchange:
    """An exchange with one tenant on a real database."""

    def __init__(self, home: Path) -> None:
        self._seal, self._sounds = Seal(home / "key"), SoundFolder(home / "sounds")

    async def apply(self, file: TenantFile) -> Applied:
        return await put_tenant(
            file=file, seal=self._seal, catalogue=CATALOGUE, sounds=self._sounds
        )

    async def exported(self) -> Document:
        tenant = await provisioning.get_tenant(name="acme")
        return document_of(await read_plan_rows(tenant.id))

    async def remembers_what_is_there(self) -> bool:
        """Whether the newest revision was told of the tenant what anybody can read."""
        tenant = await Tenant.get(name="acme")
        snapshot = await Snapshot.of(tenant).get()
        read = (await self.exported(), await marks_of(tenant))
        return (snapshot.document, snapshot.marks) == read


async def _from_one_to_the_other(home: Path, one: TenantFile, other: TenantFile) -> None:
    exchange = Exchange(home)
    async with open_database(f"sqlite://{home / 'pbx.db'}"):
        for file in (one, other, one):
            await exchange.apply(file)
            assert await exchange.exported() == file.document
            assert await exchange.remembers_what_is_there()
            again = await exchange.apply(file)
            assert (again.patch, list(again.notes), dict(again.passwords)) == ({}, [], {})


def _has_no_faults(file: TenantFile) -> bool:
    return not tenant_faults(rows_of_document(file, None), None, file.secrets, CATALOGUE)


def _without_other_pins(file: TenantFile) -> TenantFile:
    """The file, saying of everything without a PIN that there is none; silence would keep it."""
    document = file.document
    boxes = [*document.get("extensions", {}), *document.get("elements", {})]
    rules = [rule["name"] for rule in document.get("outbound", {}).get("rules", [])]
    secrets = replace(
        file.secrets,
        boxes={**dict.fromkeys(boxes, False), **file.secrets.boxes},
        rules={**dict.fromkeys(rules, False), **file.secrets.rules},
    )
    return replace(file, secrets=secrets)


RIGHT_FILES = tenant_files().filter(_has_no_faults).map(_without_other_pins)


@settings(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(one=RIGHT_FILES, other=RIGHT_FILES)
def test_any_tenant_becomes_any_other_by_its_file(
    migrated_sqlite: Path, one: TenantFile, other: TenantFile
) -> None:
    with TemporaryDirectory() as home:
        shutil.copy(migrated_sqlite, Path(home) / "pbx.db")
        asyncio.run(_from_one_to_the_other(Path(home), one, other))
