"""What the texts in element settings may look like, by JSON Schema format; each names its rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import yarl
from jsonschema import FormatChecker

from models import rules
from models.numbering import is_extension_number, is_internal, is_outside
from stasis_apps.decisions.masks import compile_mask
from stasis_apps.decisions.schedule_words import parse_zone

Schema = Mapping[str, Any]  # JSON border: a JSON Schema document

_SOUND = re.compile(r"(asterisk:)?[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_CALENDAR = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", re.ASCII)
_VISIBLE = re.compile(r"[^\s\x00-\x20\x7f]+")

TARGET: Schema = {"type": "string", "format": "target"}
"""A setting that leads somewhere: an internal or outside number, or empty for "nothing set"."""

SOUND: Schema = {"type": "string", "format": "sound"}
"""A setting that names a prompt: one of the tenant's sounds, or ``asterisk:NAME``."""

CALENDAR: Schema = {"type": "string", "format": "calendar"}
"""A setting that names one of the tenant's calendars."""

SWITCH: Schema = {"type": "string", "format": "switch"}
"""A setting that names something with a switch, by its number."""

BOX: Schema = {"type": "string", "format": "mailbox"}
"""A setting that names a mailbox by the number of a voicemail element or of a user, or empty."""

EXTENSION: Schema = {"type": "string", "format": "extension"}
"""A setting that names a user by the extension number."""

EMAIL: Schema = {"type": "string", "format": "email"}
"""A mail address."""

TIMEZONE: Schema = {"type": "string", "format": "timezone"}
"""A time zone: an IANA name (``Europe/Moscow``), or a fixed offset (``+05:00``)."""

MASK: Schema = {"type": "string", "format": "mask"}
"""A mask over numbers, in the language of outbound rules."""

URL: Schema = {"type": "string", "format": "uri"}
"""The address of something on the web."""

DATE: Schema = {"type": "string", "format": "date"}
"""A day: ``2026-12-31``."""


class Misshapen(ValueError):
    """A text does not have the shape that its setting wants; the message is the rule."""


def _target(text: str) -> None:
    if text and not is_internal(text) and not is_outside(text):
        raise Misshapen(
            "must be an internal number (100 to 4999 a user, from 5000 on an element), "
            "an outside number (+79161234567) or empty"
        )


def _sound(text: str) -> None:
    if not _SOUND.fullmatch(text):
        raise Misshapen("must be the name of a sound, or asterisk: and one that Asterisk ships")


def _calendar(text: str) -> None:
    if text and not _CALENDAR.fullmatch(text):
        raise Misshapen("must be the name of a calendar")


def _mailbox(text: str) -> None:
    if text and not is_internal(text):
        raise Misshapen("must be the number of a voicemail element or of a user, or empty")


def _extension(text: str) -> None:
    if not is_extension_number(text):
        raise Misshapen("must be the number of a user (100 to 4999)")


def _email(text: str) -> None:
    for fault in rules.email_faults(text):
        raise Misshapen(fault.rule)


def _timezone(text: str) -> None:
    parse_zone(text)


def _mask(text: str) -> None:
    compile_mask(text)


def _url(text: str) -> None:
    try:
        parts, _ = urlsplit(text), yarl.URL(text)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right, parts = False, urlsplit("")
    if not is_right or not _VISIBLE.fullmatch(text):
        raise Misshapen("must be the address of a server, as in https://crm.example.com/call?id=7")
    if parts.username is not None or parts.password is not None:
        raise Misshapen("must hold no login: it is shown to all who see the plan")
    if "#" in text:
        raise Misshapen("must have no fragment (#...): servers never see it")


def _date(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as no_day:
        raise Misshapen("must be a day such as 2026-12-31") from no_day


_SHAPES: Mapping[str, Callable[[str], None]] = {
    "target": _target,
    "sound": _sound,
    "calendar": _calendar,
    "mailbox": _mailbox,
    "extension": _extension,
    "email": _email,
    "timezone": _timezone,
    "mask": _mask,
    "date": _date,
    "uri": _url,
}


def _checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, shape in _SHAPES.items():
        checker.checks(name, raises=ValueError)(_only_texts(shape))
    return checker


def _only_texts(shape: Callable[[str], None]) -> Callable[[object], bool]:
    def has_the_shape(value: object) -> bool:
        if isinstance(value, str):
            shape(value)
        return True

    return has_the_shape


SHAPES = _checker()
"""Checks every format above; a fault's cause carries the rule."""
