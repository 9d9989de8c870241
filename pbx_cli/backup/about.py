"""What an archive says of itself, and the names in it; reads and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from models.errors import DatabaseTooNew, Fault, InvalidSettings

LAYOUT: Final = 1

ABOUT: Final = "about.json"
"""The first member: whether this archive can be restored here is known before it is unpacked."""

SUMS: Final = "sums.json"
"""The last member: an archive without it was cut short."""

DATABASE: Final = "database"
KEY: Final = "secret.key"
HOME: Final = "home/"
"""What follows is a path in the home folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is in an archive.

    Attributes:
        layout: Of the archive; only ever grows.
        made_at: When it was begun.
        version: Of the program that made it.
        database: ``sqlite`` or ``postgres``.
        migrations: How far its tables are.
        has_key: Whether the key that sealed the passwords is in the archive.
        sealed: One password of its database, as it is sealed there: by it the right key is told
            from others. Empty when nothing is sealed.
    """

    layout: int
    made_at: datetime
    version: str
    database: str
    migrations: tuple[str, ...]
    has_key: bool
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """By which a member is known to be whole."""

    size: int
    sha256: str


def damaged(why: str) -> InvalidSettings:
    """Say that this is no backup, or no whole one."""
    words = f"This is no whole backup: {why}. Nothing was restored; take another one."
    return InvalidSettings([Fault("file", None, why, words)])


def read_about(content: bytes) -> About:
    """Read the first member.

    Raises:
        InvalidSettings: It is none.
        DatabaseTooNew: A newer version of this program has made the archive.
    """
    try:
        layout = msgspec.json.decode(content, type=dict[str, object]).get("layout")
        if isinstance(layout, int) and layout > LAYOUT:
            raise DatabaseTooNew(_TOO_NEW)
        return msgspec.json.decode(content, type=About)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise damaged(f"{ABOUT} cannot be read ({fault})") from fault


def read_sums(content: bytes) -> dict[str, Sum]:
    """Read the last member.

    Raises:
        InvalidSettings: It is none.
    """
    try:
        return msgspec.json.decode(content, type=dict[str, Sum])
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise damaged(f"{SUMS} cannot be read ({fault})") from fault


def refuse_newer_tables(about: About, known: frozenset[str]) -> None:
    """Older tables are brought up to date; newer ones nobody here understands.

    Raises:
        DatabaseTooNew: A newer version of this program has made the archive.
    """
    if set(about.migrations) - known:
        raise DatabaseTooNew(_TOO_NEW)


def refuse_faulty(wanted: dict[str, Sum], found: dict[str, Sum]) -> None:
    """Compare what was unpacked with what was packed.

    Raises:
        InvalidSettings: Something is missing or has changed.
    """
    for name, whole in wanted.items():
        if name not in found:
            raise damaged(f"{name} is missing")
        if found[name] != whole:
            raise damaged(f"{name} has changed")
    for name in found:
        if name not in wanted:
            raise damaged(f"{name} does not belong to it")


_TOO_NEW: Final = (
    "This backup was made by a newer version of this program: restore it with that version"
)
