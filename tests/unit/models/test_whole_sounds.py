"""The audio of a tenant file: taken from uploads, known by its hash, safe from crashes."""

from __future__ import annotations

import pytest

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
    assert office.sounds.has_staged("acme")
    await office.apply(new)
    assert office.heard("welcome") == b"cd" * 32 + b".wav"
    assert not office.sounds.has_staged("acme")
