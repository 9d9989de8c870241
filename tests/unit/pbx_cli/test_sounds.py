"""Prompts by the shell."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.unit.pbx_cli.shell import Shell

RATE_HZ = 8_000


def a_tone(path: Path, *, seconds: float, level: float = 0.3) -> Path:
    """Write a WAV with a tone."""
    moments = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    samples = (np.sin(2 * np.pi * 440 * moments) * level * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def create(file: Path, name: str = "welcome") -> tuple[str, ...]:
    return ("sound", "create", name, str(file), "--tenant", "acme")


def test_a_prompt_is_stored_where_asterisk_plays_it(acme: Shell, tmp_path: Path) -> None:
    stored = acme.done(*create(a_tone(tmp_path / "tone.wav", seconds=2)))

    assert stored["duration_s"] == pytest.approx(2, abs=0.01)
    assert acme.done("sound", "list", "--tenant", "acme") == [stored]
    folder = acme.home / "sounds" / "acme"
    files = {file.name for file in folder.iterdir() if file.is_file()}
    assert files == {"welcome.wav", "welcome.sln16", "welcome.alaw", "welcome.ulaw"}


def test_a_silent_prompt_is_warned_about(acme: Shell, tmp_path: Path) -> None:
    ran = acme(*create(a_tone(tmp_path / "silence.wav", seconds=2, level=0)))

    assert ran.code == 0
    assert "Warning" in ran.err
    assert "silence" in ran.err


def test_a_text_file_is_no_sound(acme: Shell, tmp_path: Path) -> None:
    file = tmp_path / "notes.wav"
    file.write_text("Welcome to our company\n" * 100)

    ran = acme.refused(*create(file), code=5)

    value, rule = ran.faults["file"]
    assert value == str(file)
    assert "WAV, MP3, OGG or FLAC" in rule


def test_an_empty_sound_is_refused(acme: Shell, tmp_path: Path) -> None:
    file = tmp_path / "empty.wav"
    file.touch()

    assert "empty" in acme.refused(*create(file), code=5).faults["file"][1]


def test_a_sound_without_a_sample_is_refused(acme: Shell, tmp_path: Path) -> None:
    ran = acme.refused(*create(a_tone(tmp_path / "none.wav", seconds=0)), code=5)

    assert "at least" in ran.faults["file"][1]


def test_a_sound_of_an_hour_is_refused(acme: Shell, tmp_path: Path) -> None:
    file = tmp_path / "hour.wav"
    header = io.BytesIO()
    with wave.open(header, "wb") as empty:
        empty.setparams((1, 1, RATE_HZ, 0, "NONE", ""))
    length = 3_600 * RATE_HZ
    head = bytearray(header.getvalue())
    head[4:8] = (length + 36).to_bytes(4, "little")
    head[40:44] = length.to_bytes(4, "little")
    with file.open("wb") as written:
        written.write(head)
        written.truncate(len(head) + length)  # a hole on the disk, an hour to a player

    ran = acme.refused(*create(file), code=5)

    value, rule = ran.faults["file"]
    assert value == str(file)
    assert "15 minutes; this one for 3600 seconds" in rule


def test_a_file_that_is_too_large_is_refused_unread(acme: Shell, tmp_path: Path) -> None:
    file = tmp_path / "large.wav"
    with file.open("wb") as written:
        written.truncate(300 * 1024 * 1024)

    assert "200 MiB" in acme.refused(*create(file), code=5).faults["file"][1]


@pytest.mark.parametrize("name", ["../../etc/passwd", "Welcome", "a b", "", "x" * 65])
def test_a_sound_has_a_simple_name(acme: Shell, tmp_path: Path, name: str) -> None:
    ran = acme.refused(*create(a_tone(tmp_path / "tone.wav", seconds=1), name), code=5)

    assert ran.faults["name"][0] == name


def test_a_sound_is_replaced_only_when_asked(acme: Shell, tmp_path: Path) -> None:
    acme.done(*create(a_tone(tmp_path / "one.wav", seconds=1)))
    longer = create(a_tone(tmp_path / "two.wav", seconds=2))

    assert "--replace" in acme.refused(*longer, code=4).refusal["error"]
    assert acme.done(*longer, "--replace")["duration_s"] == pytest.approx(2, abs=0.01)


def test_a_sound_that_is_played_somewhere_stays(acme: Shell, tmp_path: Path) -> None:
    acme.done(*create(a_tone(tmp_path / "tone.wav", seconds=1)))
    play = ("element", "create", "play", "5001", "--tenant", "acme", "--set", "sound=welcome")
    acme.done(*play)

    ran = acme.refused("sound", "remove", "welcome", "--tenant", "acme", "--yes", code=4)
    assert "5001: plays welcome" in ran.refusal["error"]

    acme.done("element", "remove", "5001", "--tenant", "acme", "--yes")
    acme.done("sound", "remove", "welcome", "--tenant", "acme", "--yes")
    assert not [one for one in (acme.home / "sounds" / "acme").iterdir() if one.is_file()]


def test_a_file_that_is_not_there_is_a_slip_of_the_pen(acme: Shell, tmp_path: Path) -> None:
    ran = acme.refused(*create(tmp_path / "nothing.wav"), code=2)

    assert "nothing.wav" in ran.refusal["error"]
