"""The audio of a tenant file: taken from uploads, known by its hash, safe from crashes."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from models import provisioning
from models.facts import TenantRows
from models.provisioning.reading import read_plan_rows
from models.provisioning.whole_sounds import remove_gone
from models.tenant_file.parts import FaultyFile
from tests.unit.models.office import OFFICE, Office, a_file, an_upload, changed


async def test_a_sound_that_nobody_has_is_a_fault(office: Office) -> None:
    with pytest.raises(FaultyFile, match="the tenant has no such sound"):
        await office.apply(a_file(OFFICE, sounds={}))
    await office.apply(OFFICE)
    assert not (await office.apply(a_file(OFFICE, sounds={}))).patch


async def test_a_new_upload_takes_the_place_of_the_old_one(office: Office) -> None:
    await office.apply(OFFICE)
    applied = await office.apply(changed(OFFICE, "sounds", "welcome", to="cd" * 32))
    assert applied.patch == {"sounds": {"welcome": ("ab" * 32, "cd" * 32)}}
    assert office.heard("welcome") == b"cd" * 32 + b".wav"


async def test_what_an_export_wrote_of_a_sound_is_no_new_upload(office: Office) -> None:
    await office.apply(OFFICE)
    rendition = await office.sounds.digest("acme", "welcome")
    again = changed(OFFICE, "sounds", "welcome", to=rendition)
    applied = await office.apply(a_file(again, sounds={"welcome": an_upload(rendition)}))
    assert not applied.patch


async def test_audio_that_a_crash_left_lying_ready_is_put_in_its_place(office: Office) -> None:
    await office.apply(OFFICE)
    new = changed(OFFICE, "sounds", "welcome", to="cd" * 32)
    await office.apply(new)
    (office.folder / "acme" / "welcome.wav").write_bytes(b"old")
    await office.sounds.stage("acme", "welcome", an_upload("cd" * 32))
    await office.sounds.stage("acme", "welcome", an_upload("ef" * 32))
    assert not await office.sounds.is_settled("acme", ["welcome"])
    await office.apply(new)
    assert office.heard("welcome") == b"cd" * 32 + b".wav"
    assert await office.sounds.is_settled("acme", ["welcome"])


async def rows_of_acme() -> TenantRows:
    return await read_plan_rows((await provisioning.get_tenant(name="acme")).id)


async def test_two_who_apply_at_once_leave_the_sound_that_the_later_one_wants(
    office: Office,
) -> None:
    """The first one's file is without the sound; their cleaning up comes after the second."""
    await office.apply(OFFICE)
    there = await rows_of_acme()
    gone = replace(there, sounds=())
    await remove_gone(gone, there, office.sounds)
    assert office.heard("welcome") == b"ab" * 32 + b".wav"


async def test_a_sound_that_a_file_does_not_name_any_more_goes(office: Office) -> None:
    await office.apply(OFFICE)
    silent = changed(OFFICE, "elements", "5000", "sound", to="asterisk:hello")
    await office.apply(changed(silent, "sounds", to=None))
    assert not (office.folder / "acme" / "welcome.wav").exists()


@pytest.mark.parametrize("kept", [True, False])
async def test_audio_that_is_missing_comes_back_when_the_file_is_applied_again(
    office: Office, kept: bool
) -> None:
    await office.apply(OFFICE)
    for file in (office.folder / "acme").glob("welcome.*"):
        file.unlink()
    if not kept:
        shutil.rmtree(office.folder / "acme" / ".kept")
    assert not (await office.apply(OFFICE)).patch
    assert office.heard("welcome") == b"ab" * 32 + b".wav"
