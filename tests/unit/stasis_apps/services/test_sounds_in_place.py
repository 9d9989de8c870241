"""Prompts that a crash left lying ready are heard without anybody's doing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.typing import EventDict

from models import provisioning
from models.imported_sound import EXTENSIONS, ImportedSound
from models.sound_files import SoundFolder
from stasis_apps.services.sounds_in_place import keep_sounds_in_place
from tests.support.waiting import until, until_told


def a_prompt(sha256: str) -> ImportedSound:
    return ImportedSound(
        duration_s=1.0,
        source_rate_hz=8000,
        sha256=sha256,
        warnings=(),
        files={extension: sha256.encode() for extension in EXTENSIONS},
    )


NEW = a_prompt("cd" * 32)


@pytest.fixture
async def folder(database: str, tmp_path: Path) -> SoundFolder:
    """Sounds of a tenant whose new prompt lies ready, while callers still hear the old one."""
    folder = SoundFolder(tmp_path)
    await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
    await provisioning.put_sound(tenant="acme", name="welcome", sound=NEW, files=folder)
    for extension in EXTENSIONS:
        (tmp_path / "acme" / f"welcome.{extension}").write_bytes(b"old")
    await folder.stage("acme", "welcome", NEW)
    return folder


@pytest.fixture
async def started(folder: SoundFolder) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_sounds_in_place(folder))
    yield
    task.cancel()


async def test_a_prompt_that_lies_ready_is_heard_soon_after_the_application_starts(
    folder: SoundFolder, started: None, tmp_path: Path
) -> None:
    heard = tmp_path / "acme" / "welcome.wav"
    await until(lambda: heard.read_bytes() == NEW.files["wav"], saying="the new prompt")

    async def is_settled() -> bool:
        return await folder.is_settled("acme", ["welcome"])

    await until_told(is_settled, saying="nothing left lying")


async def test_a_prompt_that_cannot_be_put_in_its_place_keeps_no_other_tenant_waiting(
    folder: SoundFolder, tmp_path: Path, logged: list[EventDict]
) -> None:
    await provisioning.create_tenant(name="other", domain="other.test", country="RU")
    await folder.stage_removal("acme", "gone")
    blocked = tmp_path / "acme" / "welcome.wav"
    blocked.unlink()
    blocked.mkdir()
    (tmp_path / "other").mkdir()
    await folder.stage_removal("other", "gone")
    task = asyncio.create_task(keep_sounds_in_place(folder))

    def told() -> list[tuple[str, str]]:
        return [(entry["event"], entry["tenant"]) for entry in logged if "tenant" in entry]

    wanted = [("sounds_wait", "acme"), ("sounds_put_in_place", "other")]
    await until(lambda: told() == wanted, saying=lambda: str(told()))
    task.cancel()
