"""The mail that carries a message: its headers, its words and its sound; sends nothing.

The words are in ``templates/voicemail``, a folder for each language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jinja2

from models.mail_outbox import ClaimedMail

LANGUAGES: Final = ("en", "ru")
DEFAULT_LANGUAGE: Final = "en"

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_NOT_IN_FILE_NAMES = re.compile(r"[^0-9A-Za-z+]+")
_LONGEST_IN_FILE_NAME: Final = 32
_LONGEST_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class AttachedSound:
    """A sound that goes with the mail; ``kind`` is ``wav`` or ``mp3``."""

    content: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where the sound can be heard instead."""

    url: str
    ends_at: datetime


def write_mail(
    mail: ClaimedMail,
    *,
    sender: str,
    now: datetime,
    sound: AttachedSound | None = None,
    link: Link | None = None,
) -> bytes:
    """Write the mail that tells a recipient of a message, as it goes over the wire.

    Takes a while for a long sound, and reads templates: not for the thread that runs calls.

    Args:
        mail: Of what message, and to whom.
        sender: The address that it is from.
        now: The moment that the mail is dated.
        sound: What is attached.
        link: What leads to the sound; neither for a mail that only tells of it.
    """
    said = _said(mail, sound, link)
    is_plain = mail.recipient.isascii() and sender.isascii()
    written = EmailMessage(policy.SMTP if is_plain else policy.SMTPUTF8)
    for name, text in _headers(mail, said, sender=sender, now=now):
        written[name] = text
    written.set_content(_render("body.txt.j2", said))
    written.add_alternative(_render("body.html.j2", said), subtype="html")
    if sound is not None:
        written.add_attachment(
            sound.content,
            maintype="audio",
            subtype="mpeg" if sound.kind == "mp3" else "wav",
            filename=file_name(mail, sound.kind),
        )
    written["Content-Language"] = str(said["language"])
    return written.as_bytes()


def _headers(
    mail: ClaimedMail, said: dict[str, object], *, sender: str, now: datetime
) -> Iterator[tuple[str, object]]:
    yield "Subject", _one_line(_render(f"{said['language']}/subject.txt.j2", said))
    written_by = _one_line(_render("sender.txt.j2", said))
    yield "From", Address(display_name=written_by, addr_spec=sender)
    yield "To", mail.recipient
    yield "Date", format_datetime(now)
    yield "Message-ID", mail.mail_id
    yield "Auto-Submitted", "auto-generated"  # RFC 3834: no holiday replies, please


def file_name(mail: ClaimedMail, kind: str) -> str:
    """What the attachment is called: when, and who; fit for every file system."""
    caller = _NOT_IN_FILE_NAMES.sub("", mail.caller_number)[:_LONGEST_IN_FILE_NAME] or "hidden"
    return f"{_local(mail.received_at, mail.timezone):%Y-%m-%d %H-%M-%S} {caller}.{kind}"


def _said(mail: ClaimedMail, sound: AttachedSound | None, link: Link | None) -> dict[str, object]:
    return {
        "language": mail.language if mail.language in LANGUAGES else DEFAULT_LANGUAGE,
        "number": _one_line(mail.caller_number),
        "name": _one_line(mail.caller_name),
        "at": _local(mail.received_at, mail.timezone),
        "zone": mail.timezone,
        "seconds": max(1, round(mail.duration_s)),
        "box": mail.box,
        "is_attached": sound is not None,
        "link": link.url if link else "",
        "link_ends_at": _local(link.ends_at, mail.timezone) if link else None,
    }


def _local(at: datetime, zone: str) -> datetime:
    try:
        return at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone(UTC)


def _one_line(text: str) -> str:
    """Text from strangers as a part of a line: nothing in it begins another header."""
    line = " ".join(_CONTROLS.sub(" ", text).split())
    return line if len(line) <= _LONGEST_SHOWN * 2 else f"{line[: _LONGEST_SHOWN * 2]}…"


def _render(template: str, said: dict[str, object]) -> str:
    words = _templates(is_html=".html" in template)
    return words.get_template(template).render(said).strip() + "\n"


@cache
def _templates(*, is_html: bool) -> jinja2.Environment:
    """The templates; what a caller is called is escaped in all of a page, macros included."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("stasis_apps.services", "templates/voicemail"),
        autoescape=is_html,  # noqa: S701 - plain text has nothing to escape
        undefined=jinja2.StrictUndefined,
    )
