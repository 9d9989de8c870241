"""The mail that carries a message: its headers, its words and its sound; sends nothing.

The words are in ``templates/voicemail``, a folder for each language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from models.mail_outbox import ClaimedMail
from stasis_apps.services.letters import Letter, as_mail, language_of, local, one_line, render

_NOT_IN_FILE_NAMES = re.compile(r"[^0-9A-Za-z+]+")
_LONGEST_IN_FILE_NAME: Final = 32

_render = partial(render, "voicemail")


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
    letter = Letter(
        recipient=mail.recipient,
        mail_id=mail.mail_id,
        sender=sender,
        written_by=_render("sender.txt.j2", said),
        now=now,
        language=str(said["language"]),
        subject=_render(f"{said['language']}/subject.txt.j2", said),
        text=_render("body.txt.j2", said),
        html=_render("body.html.j2", said),
    )
    written = as_mail(letter)
    if sound is not None:
        written.add_attachment(
            sound.content,
            maintype="audio",
            subtype="mpeg" if sound.kind == "mp3" else "wav",
            filename=file_name(mail, sound.kind),
        )
    written["Content-Language"] = letter.language
    return written.as_bytes()


def file_name(mail: ClaimedMail, kind: str) -> str:
    """What the attachment is called: when, and who; fit for every file system."""
    caller = _NOT_IN_FILE_NAMES.sub("", mail.caller_number)[:_LONGEST_IN_FILE_NAME] or "hidden"
    return f"{local(mail.received_at, mail.timezone):%Y-%m-%d %H-%M-%S} {caller}.{kind}"


def _said(mail: ClaimedMail, sound: AttachedSound | None, link: Link | None) -> dict[str, object]:
    return {
        "language": language_of(mail.language),
        "number": one_line(mail.caller_number),
        "name": one_line(mail.caller_name),
        "at": local(mail.received_at, mail.timezone),
        "zone": mail.timezone,
        "seconds": max(1, round(mail.duration_s)),
        "box": mail.box,
        "is_attached": sound is not None,
        "link": link.url if link else "",
        "link_ends_at": local(link.ends_at, mail.timezone) if link else None,
    }
