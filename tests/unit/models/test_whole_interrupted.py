"""A power cut in the midst of applying leaves the old state; two who apply at once do not mix."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from models import provisioning
from models.provisioning import whole
from models.provisioning.change import changing
from models.provisioning.reading import read_plan_rows
from models.provisioning.revisions import history
from models.seal import Seal
from models.sound_files import SoundFolder
from models.tenant_file.document import document_of
from models.tenant_file.parts import Document
from stasis_apps.element import Catalogue
from tests.support.tenants_strategy import file_with_secrets

PROJECT = Path(__file__).parents[3]


def an_office(people: int, *, name: str = "Person", sound: str = "ab") -> Document:
    """A tenant with so many people, whose prompt is made of this upload."""
    return {
        "tenant": "acme",
        "domain": "acme.test",
        "timezone": "Europe/Moscow",
        "country": "RU",
        "extensions": {str(1000 + one): {"name": f"{name} {one}"} for one in range(people)},
        "elements": {"5000": {"kind": "group", "members": ["1000", "1001"]}},
        "sounds": {"welcome": sound * 32},
    }


class Exchange:
    """One database, which several operators change."""

    def __init__(self, url: str, seal: Seal, folder: Path) -> None:
        self.url, self.seal, self.folder = url, seal, folder
        self.sounds = folder / "sounds"

    async def apply(self, document: Document) -> None:
        await whole.put_tenant(
            file=file_with_secrets(document),
            seal=self.seal,
            catalogue=Catalogue(),
            sounds=SoundFolder(self.sounds),
        )

    async def elsewhere(self, document: Document, *more: str) -> Process:
        """Let another operator begin to apply a document; they have looked at it already."""
        file = self.folder / f"{abs(hash(str(document)))}.json"
        file.write_text(json.dumps(document))
        key = self.folder / "secrets" / "key"
        program = (sys.executable, "-m", "tests.support.second_operator")
        process = await asyncio.create_subprocess_exec(
            *program, self.url, key, self.sounds, file, *more, cwd=PROJECT, stdout=PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"looked\n"
        return process

    async def now(self) -> Document:
        tenant = await provisioning.get_tenant(name="acme")
        return document_of(await read_plan_rows(tenant.id))

    def heard(self) -> bytes:
        return (self.sounds / "acme" / "welcome.wav").read_bytes()


async def test_a_power_cut_in_the_midst_of_applying_leaves_the_old_state(
    database: str, seal: Seal, tmp_path: Path
) -> None:
    exchange = Exchange(database, seal, tmp_path)
    old, new = an_office(3), an_office(30, name="Newcomer", sound="cd")
    await exchange.apply(old)
    before, heard = await provisioning.get_tenant(name="acme"), exchange.heard()

    process = await exchange.elsewhere(new, "20")

    assert await process.wait() == -signal.SIGKILL
    assert await exchange.now() == old
    assert await provisioning.get_tenant(name="acme") == before
    assert exchange.heard() == heard
    await exchange.apply(new)
    assert await exchange.now() == new
    assert exchange.heard() != heard


async def test_of_two_who_apply_at_once_one_waits_for_the_other(
    database: str, seal: Seal, tmp_path: Path
) -> None:
    exchange = Exchange(database, seal, tmp_path)
    one, other = an_office(12, name="Morning"), an_office(9, name="Evening")
    await exchange.apply(an_office(3))
    async with changing():
        processes = [await exchange.elsewhere(document) for document in (one, other)]

    assert [await process.wait() for process in processes] == [0, 0]
    assert await exchange.now() in (one, other)
    assert len(await history(tenant="acme")) == 3
