"""What a person answers to the wizard of the auto attendant, as text and as values; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

VOICEMAIL: Final = "voicemail"
"""The answer that a call is led to the attendant's own mailbox."""

NOTHING: Final = "nothing"
"""The answer that a call ends there."""

NONE: Final = "none"
ALWAYS: Final = "always"
EVERYBODY: Final = "everybody"

ALL_DAY_LONG: Final[Mapping[str, str]] = {"days": "mon-sun", "from": "00:00", "to": "24:00"}

_TIME = r"\d{1,2}(?::\d\d)?"
_WINDOW: Final = re.compile(
    rf"\s*(?P<days>[a-z0-9,.\s-]+?)\s+(?P<start>{_TIME})\s*-\s*(?P<end>{_TIME})\s*(?:[,;]|$)",
    re.ASCII,
)

Window = Mapping[str, str]
"""``days``, ``from`` and ``to``, as they stand in a time rule."""


class Unfit(Exception):
    """An answer that is no answer to its question; says which rule it breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All that the wizard asks.

    Attributes:
        numbers: The outside numbers that lead to the attendant, as the tenant writes them.
        hours: When somebody is there to answer.
        timezone: Whose clock counts.
        holidays: The calendar of the days on which nobody is; empty for none.
        greeting: The sound that callers hear.
        direct_dial: Whether they may dial an extension while they listen.
        keys: What keys lead to, besides.
        strategy: How phones ring, in the words of a group.
        members: Whose phones ring.
        ring_s: How long each rings.
        no_answer: Where callers go when nobody picks up: `VOICEMAIL`, a number, or empty when the
            call ends there.
        after_hours: Where they go outside the hours, likewise.
        emails: Who is sent the messages.
    """

    numbers: tuple[str, ...] = ()
    hours: tuple[Window, ...] = (ALL_DAY_LONG,)
    timezone: str = "UTC"
    holidays: str = ""
    greeting: str = "asterisk:pls-hold-while-try"
    direct_dial: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)
    strategy: str = "all"
    members: tuple[str, ...] = ()
    ring_s: float = 20
    no_answer: str = VOICEMAIL
    after_hours: str = VOICEMAIL
    emails: tuple[str, ...] = ()

    @property
    def is_always_open(self) -> bool:
        """Whether there is no hour outside the hours."""
        return self.hours == (ALL_DAY_LONG,)

    @property
    def takes_messages(self) -> bool:
        """Whether some callers are led to the mailbox."""
        return VOICEMAIL in (self.no_answer, self.after_hours)


def read_hours(text: str) -> tuple[Window, ...]:
    """Hours as people write them: ``mon-fri 9-18, sat 10:00-14:00``, or ``always``.

    Which days and times there are is the time rule's business.

    Raises:
        Unfit: Some part is not days and two times.
    """
    text = text.strip().lower()
    if text in (ALWAYS, "24/7"):
        return (ALL_DAY_LONG,)
    windows: list[Window] = []
    place = 0
    while place < len(text):
        found = _WINDOW.match(text, place)
        if found is None:
            raise Unfit("is no hours; write mon-fri 09:00-18:00, sat 10:00-14:00, or always")
        days = re.sub(r"\s*([,-])\s*", r"\1", found["days"])
        windows.append({"days": days, "from": _time(found["start"]), "to": _time(found["end"])})
        place = found.end()
    if not windows:
        raise Unfit("names no hours; write mon-fri 09:00-18:00, or always")
    return tuple(windows)


def hours_in_words(windows: Sequence[Window]) -> str:
    """The same as text, such that it can be read again."""
    if tuple(windows) == (ALL_DAY_LONG,):
        return ALWAYS
    return ", ".join(f"{one['days']} {one['from']}-{one['to']}" for one in windows)


def read_list(text: str) -> tuple[str, ...]:
    """Things with commas between them, each once; ``none`` is nothing."""
    parts = (part.strip() for part in re.split(r"[,;]", text))
    return () if text.strip().lower() == NONE else tuple(dict.fromkeys(filter(None, parts)))


def list_in_words(things: Sequence[str]) -> str:
    """The same as text."""
    return ", ".join(things) or NONE


def read_keys(text: str) -> dict[str, str]:
    """Keys and where they lead: ``1=100, 2=5200``.

    Raises:
        Unfit: Some part is not a key, ``=`` and a number.
    """
    keys: dict[str, str] = {}
    for part in read_list(text):
        key, equals, target = (piece.strip() for piece in part.partition("="))
        if not (key and equals and target):
            raise Unfit("is no list of keys; write 1=100, 2=5200, or none")
        if key in keys:
            raise Unfit(f"names the key {key} twice")
        keys[key] = target
    return keys


def keys_in_words(keys: Mapping[str, str]) -> str:
    """The same as text."""
    return list_in_words([f"{key}={target}" for key, target in keys.items()])


def _time(text: str) -> str:
    hours, _, minutes = text.partition(":")
    return f"{int(hours):02d}:{minutes or '00'}"
