"""Archives that are damaged, of a newer version, or made to do harm: nothing comes of them."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.database import migrated_sqlite
from tests.unit.pbx_cli.saved_homes import Office, archive, busy_offices, copies, first
from tests.unit.pbx_cli.spoilt_archives import (
    ABOUT,
    DATABASE,
    SUMS,
    Member,
    overwritten,
    with_about,
    with_member,
    with_more,
)

__all__ = ["archive", "busy_offices", "copies", "first", "migrated_sqlite"]

MB = 1_000_000


@pytest.fixture
def engine() -> str:
    return "sqlite"


def spoilt(first: Office, archive: Path, spoil: Callable[[bytes], bytes]) -> str:
    """Try to restore a spoilt archive, and give the words of the refusal."""
    archive.write_bytes(spoil(archive.read_bytes()))
    words = first.refused("restore", str(archive), "--replace", code=5)
    assert "no whole backup" in words
    assert [str(path) for path in first.home.rglob(".re*")] == []
    return words


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: with_member(whole, DATABASE, b"SQLite format 3"),
        lambda whole: with_member(whole, "home/journal.spool", None),
        lambda whole: with_member(whole, SUMS, None),
        lambda whole: with_member(whole, "home/voicemail/../../../out", b"out"),
        lambda whole: with_member(whole, "/tmp/out", b"out"),  # noqa: S108 - must not be written
        lambda whole: with_member(whole, ABOUT, b"{}"),
        lambda _whole: gzip.compress(b"Dear Sir or Madam, " * 100),
        lambda _whole: b"Dear Sir or Madam",
        lambda _whole: b"",
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    spoil: Callable[[bytes], bytes], first: Office, archive: Path
) -> None:
    spoilt(first, archive, spoil)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_disk_that_has_changed_a_few_bytes_is_not_taken_for_one_that_was_full(
    share: float, first: Office, archive: Path
) -> None:
    words = spoilt(first, archive, lambda whole: overwritten(whole, share))
    assert "damaged" in words or "has changed" in words


@pytest.mark.parametrize(
    "name",
    [
        "home/voicemail/.replaced/1.wav",
        "home/sounds/.restored/1.wav",
        "home/voicemail/1/.hidden.wav",
        "home/asterisk/spool/recording/.kept.wav",
    ],
)
def test_a_name_that_no_backup_has_is_not_written(name: str, first: Office, archive: Path) -> None:
    words = spoilt(first, archive, lambda whole: with_more(whole, Member(name, b"x")))
    assert f"{name} does not belong to it" in words


@pytest.mark.parametrize(
    "names",
    [
        ("home/voicemail/1/one", "home/voicemail/1/one/two"),
        ("home/voicemail/1/one/two", "home/voicemail/1/one"),
        ("home/voicemail/1/" + 300 * "a",),
        ("home/voicemail/1/" + 3000 * "a/",),
        ("database/x",),
    ],
)
def test_members_that_no_disk_can_hold_are_the_fault_of_the_archive(
    names: tuple[str, ...], first: Office, archive: Path
) -> None:
    spoilt(first, archive, lambda whole: with_more(whole, *(Member(one, b"x") for one in names)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: with_member(whole, ABOUT, b" " * 2 * MB),
        lambda whole: with_more(
            whole, Member("home/journal.taken", b"", {"comment": "x" * 20 * MB})
        ),
        lambda whole: with_more(
            whole,
            Member(
                "home/journal.taken",
                b"1000000000\n" + b"0\n" * MB,
                {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
            ),
        ),
    ],
)
def test_no_archive_takes_the_memory_away_from_calls(
    spoil: Callable[[bytes], bytes], first: Office, archive: Path
) -> None:
    assert "too long" in spoilt(first, archive, spoil)


@pytest.mark.parametrize("field", ["migrations", "layout"])
def test_a_backup_of_a_newer_version_is_refused(field: str, first: Office, archive: Path) -> None:
    newer = {"layout": 99, "migrations": ["9999_from_the_future"]}[field]
    archive.write_bytes(with_about(archive.read_bytes(), **{field: newer}))

    words = first.refused("restore", str(archive), "--replace", code=6)

    assert "newer version" in words
