"""Prompts: what is taken, what is refused, and what callers will hear of it."""

import contextlib
import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from tortoise.exceptions import OperationalError

from models import provisioning
from models.database import transaction
from models.errors import InUse, InvalidSettings, NotFound
from models.imported_sound import EXTENSIONS, ImportedSound
from models.sound_files import SoundFilesError, SoundFolder
from models.sound_import import import_sound
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE
from tests.unit.models.recordings import Samples, a_tone, as_file, as_wav


def heard(sound: ImportedSound) -> Samples:
    samples, rate_hz = soundfile.read(io.BytesIO(sound.files["wav"]))
    assert rate_hz == 8_000
    assert isinstance(samples, np.ndarray)
    return samples


def pitch_hz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum)) * 8_000 / len(samples)


@pytest.mark.parametrize("container", ["WAV", "MP3", "OGG", "FLAC"])
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000])
def test_a_tone_in_any_format_sounds_the_same_on_the_telephone(
    container: str, rate_hz: int
) -> None:
    upload = as_file(a_tone(seconds=2, rate_hz=rate_hz), rate_hz=rate_hz, container=container)
    sound = import_sound(upload)
    assert sound.duration_s == pytest.approx(2.0, abs=0.15)
    assert sound.source_rate_hz == rate_hz
    assert sound.warnings == ()
    assert pitch_hz(heard(sound)) == pytest.approx(440, abs=5)
    assert np.abs(heard(sound)).max() == pytest.approx(0.5, abs=0.1)


def test_every_file_that_asterisk_wants_is_made_and_is_equally_long() -> None:
    sound = import_sound(as_wav(a_tone(seconds=1.5, rate_hz=16_000), rate_hz=16_000))
    assert tuple(sound.files) == EXTENSIONS
    assert len(sound.files["alaw"]) == len(sound.files["ulaw"]) == 12_000
    assert len(sound.files["sln16"]) == 2 * 24_000
    assert soundfile.info(io.BytesIO(sound.files["wav"])).subtype == "PCM_16"
    for law in ("ALAW", "ULAW"):
        decoded, _ = soundfile.read(
            io.BytesIO(sound.files[law.lower()]),
            samplerate=8_000,
            channels=1,
            format="RAW",
            subtype=law,
        )
        assert np.abs(decoded - heard(sound)).max() < 0.03


def test_both_sides_of_a_stereo_recording_are_heard() -> None:
    stereo = np.column_stack([a_tone(loudness=0.8), np.zeros(8_000)])
    assert np.abs(heard(import_sound(as_wav(stereo)))).max() == pytest.approx(0.4, abs=0.02)


def test_nothing_is_trimmed_from_a_prompt_with_pauses() -> None:
    pause = np.zeros(8_000)
    sound = import_sound(as_wav(np.concatenate([pause, a_tone(), pause])))
    assert sound.duration_s == 3.0
    assert sound.warnings == ()


def test_silence_is_taken_with_a_warning() -> None:
    click = np.zeros(16_000)
    click[8_000] = 0.9
    for quiet in (np.zeros(16_000), click, a_tone(loudness=0.001)):
        (warning,) = import_sound(as_wav(quiet)).warnings
        assert "silence" in warning


@pytest.mark.parametrize("container", ["WAV", "FLAC", "MP3", "OGG"])
def test_a_clipped_recording_is_taken_with_a_warning(container: str) -> None:
    clipped = np.clip(a_tone(rate_hz=44_100, loudness=3.0, pitch_hz=200), -1, 1)
    upload = as_file(clipped, rate_hz=44_100, container=container)
    (warning,) = import_sound(upload).warnings
    assert "clipped" in warning


@pytest.mark.parametrize("note_hz", [60.0, 440.0, 1_000.0])
def test_a_loud_but_clean_recording_is_taken_without_a_warning(note_hz: float) -> None:
    tone = a_tone(rate_hz=44_100, loudness=0.999, pitch_hz=note_hz)
    assert import_sound(as_wav(tone, rate_hz=44_100)).warnings == ()


@pytest.mark.parametrize(
    ("upload", "rule"),
    [
        (b"", "this file is empty"),
        (b"Dear Sir or Madam, please find enclosed our song.\n" * 50, "WAV, MP3, OGG or FLAC"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "WAV, MP3, OGG or FLAC"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "WAV, MP3, OGG or FLAC"),
        (as_wav(np.zeros(0)), "at least 0.1 seconds"),
        (as_wav(a_tone(seconds=0.05)), "at least 0.1 seconds"),
        (as_file(a_tone(), rate_hz=8_000, container="AIFF"), "WAV, MP3, OGG or FLAC"),
        (as_wav(np.full(8_000, np.nan), coding="FLOAT"), "some of these are not"),
        (as_wav(np.zeros((8_000, 9))), "1 to 8 channels"),
        (as_wav(a_tone(), rate_hz=1_000), "samples per second"),
    ],
)
def test_what_is_no_prompt_is_refused_with_the_rule(upload: bytes, rule: str) -> None:
    with pytest.raises(InvalidSettings, match=rule) as refusal:
        import_sound(upload, file="song.wav")
    assert refusal.value.exit_code == 5
    (fault,) = refusal.value.faults
    assert (fault.path, fault.value) == ("file", "song.wav")


def test_an_hour_is_refused_and_a_quarter_of_an_hour_is_taken() -> None:
    minute = as_wav(np.zeros(60 * 8_000), coding="ULAW")
    with pytest.raises(InvalidSettings, match="at most 15 minutes") as refusal:
        import_sound(as_wav(np.zeros(3_600 * 8_000), coding="ULAW"))
    assert "this one for 3600 seconds" in refusal.value.faults[0].rule
    assert import_sound(as_wav(np.zeros(900 * 8_000), coding="ULAW")).duration_s == 900.0
    assert import_sound(minute).duration_s == 60.0


def test_a_small_file_that_swells_to_an_hour_is_refused_before_it_does() -> None:
    bomb = as_file(np.zeros(3_600 * 8_000), rate_hz=8_000, container="FLAC")
    assert len(bomb) < 500_000
    with pytest.raises(InvalidSettings, match="at most 15 minutes"):
        import_sound(bomb)


def test_a_header_that_promises_more_than_there_is_does_no_harm() -> None:
    honest = as_wav(a_tone())
    size_at = honest.index(b"data") + 4
    liar = honest[:size_at] + struct.pack("<I", 0x7FFFFFF0) + honest[size_at + 4 :]
    assert import_sound(liar).duration_s == pytest.approx(1.0)


@given(st.binary(max_size=2_000))
def test_no_bytes_bring_the_import_down(rubbish: bytes) -> None:
    for start in (b"", as_wav(a_tone())[:60], b"OggS", b"fLaC", b"ID3", b"\xff\xfb\x90\x00"):
        with contextlib.suppress(InvalidSettings):
            assert import_sound(start + rubbish).duration_s >= 0.1


@pytest.fixture
def folder(tmp_path: Path) -> SoundFolder:
    return SoundFolder(tmp_path / "sounds")


WELCOME = import_sound(as_wav(a_tone()))
GOODBYE = import_sound(as_wav(a_tone(seconds=2.0)))


async def test_a_prompt_lies_where_asterisk_plays_it_and_goes_with_its_row(
    database: str, folder: SoundFolder
) -> None:
    await a_tenant("acme")
    made = await provisioning.put_sound(tenant="acme", name="welcome", sound=WELCOME, files=folder)
    path = folder.path("acme", "welcome")
    assert made.duration_s == 1.0
    assert await provisioning.list_sounds(tenant="acme") == [made]
    for extension, content in WELCOME.files.items():
        assert path.with_suffix(f".{extension}").read_bytes() == content

    changed = await provisioning.put_sound(
        tenant="acme", name="welcome", sound=GOODBYE, files=folder
    )
    assert changed.sha256 == GOODBYE.sha256
    assert await provisioning.get_sound(tenant="acme", name="welcome") == changed
    assert path.with_suffix(".wav").read_bytes() == GOODBYE.files["wav"]

    await provisioning.remove_sound(
        tenant="acme", name="welcome", catalogue=CATALOGUE, files=folder
    )
    assert [one for one in path.parent.iterdir() if one.is_file()] == []
    with pytest.raises(NotFound):
        await provisioning.get_sound(tenant="acme", name="welcome")


async def test_a_prompt_that_a_greeting_plays_stays(database: str, folder: SoundFolder) -> None:
    await a_tenant("acme")
    await provisioning.put_sound(tenant="acme", name="welcome", sound=WELCOME, files=folder)
    await provisioning.create_element(
        tenant="acme",
        kind="greeting",
        number="5000",
        settings={"sound": "welcome"},
        catalogue=CATALOGUE,
    )
    with pytest.raises(InUse, match="5000: plays welcome"):
        await provisioning.remove_sound(
            tenant="acme", name="welcome", catalogue=CATALOGUE, files=folder
        )
    assert folder.path("acme", "welcome").with_suffix(".wav").exists()


@pytest.mark.parametrize("name", ["../welcome", "a/b", "", "Welcome", "a.b", ".hidden", "x" * 65])
async def test_a_name_that_could_lead_elsewhere_is_refused(
    name: str, database: str, folder: SoundFolder
) -> None:
    await a_tenant("acme")
    with pytest.raises(InvalidSettings):
        await provisioning.put_sound(tenant="acme", name=name, sound=WELCOME, files=folder)
    with pytest.raises(InvalidSettings):
        folder.path("acme", name)
    with pytest.raises(InvalidSettings):
        folder.path("..", "welcome")


async def test_a_prompt_that_cannot_be_stored_leaves_no_row(database: str, tmp_path: Path) -> None:
    await a_tenant("acme")
    blocked = tmp_path / "a-file"
    blocked.touch()
    with pytest.raises(SoundFilesError, match="cannot be stored"):
        await provisioning.put_sound(
            tenant="acme", name="welcome", sound=WELCOME, files=SoundFolder(blocked)
        )
    assert await provisioning.list_sounds(tenant="acme") == []


async def test_all_prompts_go_with_their_tenant(database: str, folder: SoundFolder) -> None:
    for tenant in ("acme", "other"):
        await a_tenant(tenant)
        await provisioning.put_sound(tenant=tenant, name="welcome", sound=WELCOME, files=folder)
    await provisioning.remove_tenant(name="acme", files=folder)
    assert not folder.path("acme", "welcome").parent.exists()
    assert folder.path("other", "welcome").with_suffix(".wav").exists()


async def put_in_place(folder: SoundFolder, name: str, sound: ImportedSound) -> None:
    await folder.stage("acme", name, sound)
    await folder.settle("acme", {name: sound.sha256}, drops_others=True)


async def remove(folder: SoundFolder, name: str) -> None:
    await folder.stage_removal("acme", name)
    await folder.settle("acme", {}, drops_others=True)


async def test_prompts_that_cannot_be_removed_are_named(tmp_path: Path) -> None:
    folder = SoundFolder(tmp_path)
    (tmp_path / "acme" / "welcome.alaw").mkdir(parents=True)
    with pytest.raises(SoundFilesError, match="cannot be put in their places or removed yet"):
        await remove(folder, "welcome")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".staged").touch()
    with pytest.raises(SoundFilesError, match="cannot be removed"):
        await folder.stage_removal("other", "welcome")
    (tmp_path / "third").touch()
    with pytest.raises(SoundFilesError, match="cannot be removed"):
        await folder.remove_all("third")
    for work in (folder.stage_removal("nobody", "welcome"), folder.remove_all("nobody")):
        await work
    assert not (tmp_path / "nobody").exists()


async def test_a_prompt_that_cannot_be_put_in_its_place_lies_ready_and_is_tried_again(
    tmp_path: Path,
) -> None:
    folder, in_the_way = SoundFolder(tmp_path), tmp_path / "acme" / "welcome.alaw"
    in_the_way.mkdir(parents=True)
    with pytest.raises(SoundFilesError, match="cannot be put in their places"):
        await put_in_place(folder, "welcome", WELCOME)
    assert await folder.unsettled() == ["acme"]
    in_the_way.rmdir()
    await folder.settle("acme", {"welcome": WELCOME.sha256})
    assert in_the_way.read_bytes() == WELCOME.files["alaw"]
    assert await folder.is_settled("acme", ["welcome"])


async def test_what_a_power_cut_tore_off_is_never_heard(tmp_path: Path) -> None:
    folder = SoundFolder(tmp_path)
    await put_in_place(folder, "welcome", WELCOME)
    torn = tmp_path / "acme" / ".staged" / f"welcome.{WELCOME.sha256}.wav.unfinished"
    torn.write_bytes(b"RIFF")
    await folder.settle("acme", {"welcome": WELCOME.sha256}, drops_others=True)
    assert (tmp_path / "acme" / "welcome.wav").read_bytes() == WELCOME.files["wav"]
    assert not torn.exists()


async def test_a_prompt_is_kept_when_it_is_replaced_and_when_it_is_removed(tmp_path: Path) -> None:
    folder = SoundFolder(tmp_path)
    for sound in (WELCOME, GOODBYE, WELCOME):
        await put_in_place(folder, "welcome", sound)
    await remove(folder, "welcome")
    assert not (tmp_path / "acme" / "welcome.wav").exists()
    for sound in (WELCOME, GOODBYE):
        assert await folder.kept("acme", sound.sha256) == sound
    assert await folder.kept("other", WELCOME.sha256) is None
    assert await folder.kept("acme", "../acme/welcome") is None

    await folder.remove_all("acme")
    assert await folder.kept("acme", WELCOME.sha256) is None


async def test_a_prompt_of_which_somebody_has_deleted_a_part_is_not_kept(tmp_path: Path) -> None:
    folder = SoundFolder(tmp_path)
    await put_in_place(folder, "welcome", WELCOME)
    (tmp_path / "acme" / ".kept" / f"{WELCOME.sha256}.alaw").unlink()
    assert await folder.kept("acme", WELCOME.sha256) is None


class Welcomed:
    """What callers of a tenant hear."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def heard(self) -> bytes:
        return self.file.read_bytes()


@pytest.fixture
async def welcomed(database: str, folder: SoundFolder) -> Welcomed:
    """A tenant with a prompt."""
    await a_tenant("acme")
    await provisioning.put_sound(tenant="acme", name="welcome", sound=WELCOME, files=folder)
    return Welcomed(folder.path("acme", "welcome").with_suffix(".wav"))


async def test_a_prompt_whose_revision_cannot_be_written_is_not_replaced(
    welcomed: Welcomed, folder: SoundFolder
) -> None:
    async with transaction() as connection:
        await connection.execute_query("ALTER TABLE tenant_revision RENAME TO broken")
    with pytest.raises(OperationalError):
        await provisioning.put_sound(tenant="acme", name="welcome", sound=GOODBYE, files=folder)
    row = await provisioning.get_sound(tenant="acme", name="welcome")
    assert row.sha256 == WELCOME.sha256
    assert welcomed.heard() == WELCOME.files["wav"]
    await provisioning.settle_sounds(tenant="acme", files=folder)
    assert welcomed.heard() == WELCOME.files["wav"]
    assert await folder.is_settled("acme", ["welcome"])


async def test_a_removal_that_comes_late_spares_what_somebody_has_put_meanwhile(
    welcomed: Welcomed, folder: SoundFolder
) -> None:
    await folder.stage_removal("acme", "welcome")
    await provisioning.settle_sounds(tenant="acme", files=folder)
    assert welcomed.heard() == WELCOME.files["wav"]
    assert await folder.is_settled("acme", ["welcome"])


async def test_the_next_change_of_prompts_finishes_what_a_crash_left_undone(
    welcomed: Welcomed, folder: SoundFolder
) -> None:
    welcomed.file.write_bytes(b"what was heard before")
    await folder.stage("acme", "welcome", WELCOME)
    await folder.stage_removal("acme", "long-gone")
    leftover = welcomed.file.with_name("long-gone.wav")
    leftover.touch()
    await provisioning.put_sound(tenant="acme", name="other", sound=GOODBYE, files=folder)
    assert welcomed.heard() == WELCOME.files["wav"]
    assert not leftover.exists()


async def test_audio_that_somebody_has_deleted_comes_back_with_the_next_change(
    welcomed: Welcomed, folder: SoundFolder
) -> None:
    welcomed.file.unlink()
    assert not await folder.is_settled("acme", ["welcome"])
    await provisioning.put_sound(tenant="acme", name="other", sound=GOODBYE, files=folder)
    assert welcomed.heard() == WELCOME.files["wav"]
