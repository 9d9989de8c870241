"""Sounds and calendars beside a tenant file: only those, whatever the file calls them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.calendar_import import LARGEST_FILE_BYTES as LARGEST_CALENDAR_BYTES
from models.sound_export import wav_of
from models.sound_import import LARGEST_UPLOAD_BYTES
from models.tenant_file.reading import LARGEST_FILE_BYTES, fingerprint_of
from tests.unit.models.tenant_desk import ACME, Desk

PROMPT = wav_of(b"\x00\x10" * 16_000)
HOLIDAYS = "2026-05-09;Victory\n"

OUTSIDE = "lies outside the folder of the tenant file, and is not read"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The folder of acme, beside that of another tenant."""
    other = tmp_path / "beta"
    other.mkdir()
    (other / "prompt.wav").write_bytes(PROMPT)
    (other / "holidays.csv").write_text(HOLIDAYS)
    folder = tmp_path / "acme"
    folder.mkdir()
    return Desk(folder)


@pytest.mark.parametrize(
    "way", ["../beta/prompt.wav", "{other}/prompt.wav", "link.wav", "in/p.wav"]
)
def test_the_prompt_of_another_tenant_is_not_taken(desk: Desk, way: str) -> None:
    other = desk.folder.parent / "beta"
    (desk.folder / "link.wav").symlink_to(other / "prompt.wav")
    (desk.folder / "in").symlink_to(other)
    (other / "p.wav").write_bytes(PROMPT)
    file = way.format(other=other)

    (told,) = desk.faults(f"{ACME}sounds: {{hello: '{file}'}}\n")

    assert told.endswith(OUTSIDE)
    assert told.startswith("acme.yaml:4:17: sounds.hello ")


@pytest.mark.parametrize("way", ["../beta/holidays.csv", "/etc/passwd", "../nowhere.csv"])
def test_a_calendar_of_elsewhere_is_not_even_looked_for(desk: Desk, way: str) -> None:
    (told,) = desk.faults(f"{ACME}calendars: {{ru: {way}}}\n")
    assert told == f"acme.yaml:4:17: calendars.ru '{way}': {OUTSIDE}"


def test_a_known_hash_does_not_excuse_a_file_of_elsewhere(desk: Desk) -> None:
    entry = f"{{file: ../beta/prompt.wav, sha256: {'ab' * 32}}}"
    (told,) = desk.faults(f"{ACME}sounds: {{hello: {entry}}}\n")
    assert told.endswith(OUTSIDE)


def test_files_in_the_folder_are_read_by_whatever_way_leads_there(desk: Desk) -> None:
    (desk.folder / "sounds").mkdir()
    (desk.folder / "sounds" / "hello.wav").write_bytes(PROMPT)
    (desk.folder / "link.wav").symlink_to("sounds/hello.wav")
    ways = ["sounds/hello.wav", "./sounds/../sounds/hello.wav", "link.wav"]
    ways += [str(desk.folder / "link.wav"), "../acme/link.wav"]
    entries = ", ".join(f"s{place}: '{way}'" for place, way in enumerate(ways))

    file = desk.read(f"{ACME}sounds: {{{entries}}}\n")

    assert len(file.sounds) == len(ways)
    assert len(set(file.document["sounds"].values())) == 1


def test_a_folder_that_is_a_link_is_a_folder(desk: Desk, tmp_path: Path) -> None:
    (desk.folder / "hello.wav").write_bytes(PROMPT)
    (tmp_path / "here").symlink_to(desk.folder)
    linked = Desk(tmp_path / "here")
    assert linked.read(f"{ACME}sounds: {{hello: hello.wav}}\n").sounds


def test_a_pipe_nobody_writes_to_does_not_keep_anybody_waiting(desk: Desk) -> None:
    os.mkfifo(desk.folder / "pipe")
    told = desk.faults(f"{ACME}sounds: {{hello: pipe}}\ncalendars: {{ru: pipe}}\n")
    assert [one.split(": ")[-1] for one in told] == ["is no file that can be read"] * 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (".", "is no file that can be read"),
        ("circle", "is the name of no file"),
        ("nowhere", "there is no such file"),
        ("acme.yaml/x", "there is no such file"),
        ("empty", "a sound has something in it; this file is empty"),
        ("huge", "is larger than 200 MB"),
    ],
)
def test_what_is_no_prompt_is_told(desk: Desk, name: str, told: str) -> None:
    (desk.folder / "circle").symlink_to("circle")
    (desk.folder / "empty").touch()
    with (desk.folder / "huge").open("wb") as huge:
        huge.truncate(LARGEST_UPLOAD_BYTES + 1)

    (fault,) = desk.faults(f"{ACME}sounds: {{hello: {name}}}\n")

    assert fault == f"acme.yaml:4:17: sounds.hello '{name}': {told}"


def test_a_calendar_of_unlikely_size_is_not_read(desk: Desk) -> None:
    with (desk.folder / "huge").open("wb") as huge:
        huge.truncate(LARGEST_CALENDAR_BYTES + 1)
    (told,) = desk.faults(f"{ACME}calendars: {{ru: huge}}\n")
    assert told.endswith("is larger than 2 MB")


def test_a_file_that_is_no_calendar_is_not_repeated(desk: Desk) -> None:
    (desk.folder / "beta.yaml").write_text("# none\npassword: Correct-Horse-7\n")

    refusal = desk.refused(f"{ACME}calendars: {{ru: beta.yaml}}\n")

    (fault,) = refusal.faults
    assert (fault.path, fault.value) == ("calendars.ru", "beta.yaml")
    assert "Horse" not in f"{refusal}{fault}"


def test_a_tenant_file_of_unlikely_size_is_not_read(desk: Desk) -> None:
    (told,) = desk.faults(bytes(LARGEST_FILE_BYTES + 1))
    assert told == "acme.yaml:1:1: is larger than 10 MB"
    assert fingerprint_of(desk.file) == ""


def test_a_fingerprint_says_nothing_of_files_of_elsewhere(desk: Desk) -> None:
    desk.file.write_text(f"{ACME}calendars: {{ru: ../beta/holidays.csv}}\n")
    before = fingerprint_of(desk.file)
    (desk.folder.parent / "beta" / "holidays.csv").write_text("2026-05-10;Another\n")
    assert fingerprint_of(desk.file) == before
