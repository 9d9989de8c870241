"""The mail that tells administrators what has happened, how often, and what they can do about it.

The words are in ``templates/notices``: a folder for each language, and in it a file for each kind
of notice; a kind that has none is told by ``other.j2``.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, partial
from importlib import resources
from typing import Final

from models.notices import ClaimedNotice, EventFacts
from stasis_apps.services.letters import Letter, as_mail, language_of, local, one_line, render

OTHER: Final = "other"
"""The template of kinds that have none of their own."""

_render = partial(render, "notices")


def write_notice(mail: ClaimedNotice, *, sender: str, now: datetime) -> bytes:
    """Write the mail as it goes over the wire; reads templates, not for the thread of calls.

    Args:
        mail: What it tells, and to whom.
        sender: The address that it is from.
        now: The moment that the mail is dated.
    """
    said = _said(mail)
    letter = Letter(
        recipient=mail.recipient,
        mail_id=mail.mail_id,
        sender=sender,
        written_by=_render("sender.txt.j2", said),
        now=now,
        language=str(said["language"]),
        subject=_render("subject.txt.j2", said),
        text=_render("body.txt.j2", said),
        html=_render("body.html.j2", said),
    )
    written = as_mail(letter)
    written["Content-Language"] = letter.language
    return written.as_bytes()


def _said(mail: ClaimedNotice) -> dict[str, object]:
    """What templates may say.

    ``facts``, ``at`` and ``call_id`` are those of the last event; ``events`` are the last ones,
    oldest first; ``times`` is how many the mail tells of in all, from ``first_at`` on.
    """
    language = language_of(mail.language)
    events = [_event(one, mail.timezone) for one in mail.events]
    return {
        "language": language,
        "kind": mail.kind if _has_template(language, mail.kind) else OTHER,
        "kind_itself": one_line(mail.kind),
        "tenant": mail.tenant,
        "zone": mail.timezone,
        "times": mail.times,
        "is_gathered": bool(mail.key),
        "first_at": local(mail.first_at, mail.timezone),
        "events": events,
        **events[-1],
    }


def _event(event: EventFacts, zone: str) -> dict[str, object]:
    facts = {name: one_line(str(value)) for name, value in event.facts.items()}
    return {"at": local(event.at, zone), "call_id": one_line(event.call_id), "facts": _Facts(facts)}


class _Facts(dict[str, str]):
    """What is known of an event; what is not is empty, whichever version has written it."""

    def __missing__(self, _name: str) -> str:
        return ""


@cache
def _has_template(language: str, kind: str) -> bool:
    folder = resources.files("stasis_apps.services") / "templates" / "notices" / language
    return kind.isidentifier() and (folder / f"{kind}.j2").is_file()
