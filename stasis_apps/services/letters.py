"""What all our mails have in common: headers, templates, and words from strangers made harmless."""

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

LANGUAGES: Final = ("en", "ru")
DEFAULT_LANGUAGE: Final = "en"

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_LONGEST_SHOWN: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail before it is written.

    Attributes:
        recipient: The only one.
        mail_id: Its Message-ID.
        sender: The address that it is from.
        written_by: What is shown beside that address.
        now: The moment that it is dated.
        language: Of its words.
        subject: One line.
        text: Its words, plain.
        html: The same as a page.
    """

    recipient: str
    mail_id: str
    sender: str
    written_by: str
    now: datetime
    language: str
    subject: str
    text: str
    html: str


def as_mail(letter: Letter) -> EmailMessage:
    """The mail with its headers and its words; a sound may be attached to it."""
    is_plain = letter.recipient.isascii() and letter.sender.isascii()
    written = EmailMessage(policy.SMTP if is_plain else policy.SMTPUTF8)
    for name, text in _headers(letter):
        written[name] = text
    written.set_content(letter.text)
    written.add_alternative(letter.html, subtype="html")
    return written


def _headers(letter: Letter) -> Iterator[tuple[str, object]]:
    yield "Subject", one_line(letter.subject)
    yield "From", Address(display_name=one_line(letter.written_by), addr_spec=letter.sender)
    yield "To", letter.recipient
    yield "Date", format_datetime(letter.now)
    yield "Message-ID", letter.mail_id
    yield "Auto-Submitted", "auto-generated"  # RFC 3834: no holiday replies, please


def language_of(wanted: str) -> str:
    """The language that a mail is written in."""
    return wanted if wanted in LANGUAGES else DEFAULT_LANGUAGE


def local(at: datetime, zone: str) -> datetime:
    """A moment on a tenant's clock; in UTC when nobody knows that zone any more."""
    try:
        return at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone(UTC)


def one_line(text: str) -> str:
    """Text from strangers as a part of a line: nothing in it begins another header."""
    line = " ".join(_CONTROLS.sub(" ", text).split())
    return line if len(line) <= _LONGEST_SHOWN * 2 else f"{line[: _LONGEST_SHOWN * 2]}…"


def render(folder: str, template: str, said: dict[str, object]) -> str:
    """Fill a template in.

    Args:
        folder: Of ``templates``; each kind of mail has one, with one below for each language.
        template: In that folder.
        said: What it tells.
    """
    words = _templates(folder, is_html=".html" in template)
    return words.get_template(template).render(said).strip() + "\n"


@cache
def _templates(folder: str, *, is_html: bool) -> jinja2.Environment:
    """The templates; what a caller is called is escaped in all of a page, macros included."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("stasis_apps.services", f"templates/{folder}"),
        autoescape=is_html,  # noqa: S701 - plain text has nothing to escape
        undefined=jinja2.StrictUndefined,
    )
