"""What the front desk reads when somebody calls help."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest

from models.notices import ClaimedNotice, EventFacts
from stasis_apps.services.notice_text import write_notice

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ALL = {
    "number": "911",
    "user": "100",
    "name": "Alice",
    "phone": "100-desk",
    "location": "office",
    "detail": "third floor",
    "shown": "+12125550100",
    "address": "Acme, 1 A St, New York, NY 10001, US",
    "trunk": "city",
}


def mail(language: str = "en", **facts: str) -> EmailMessage:
    """The mail that tells of one call for help."""
    event = EventFacts(
        id=1, at=NOON, kind="emergency_call", key="", call_id="pbx-1.1", facts={**ALL, **facts}
    )
    notice = ClaimedNotice(
        id=1,
        mail_id="<1@acme.test>",
        recipient="desk@acme.test",
        attempts=0,
        queued_at=NOON,
        about="1",
        tenant="acme",
        domain="acme.test",
        timezone="Europe/Moscow",
        language=language,
        kind="emergency_call",
        key="",
        times=1,
        first_at=NOON,
        events=(event,),
    )
    written = write_notice(notice, sender="pbx@acme.test", now=NOON)
    return email.message_from_bytes(written, policy=default)


def text(told: EmailMessage) -> str:
    body = told.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_who_where_and_what_those_who_help_see_stand_in_the_mail(language: str) -> None:
    told = mail(language)
    assert all(part in text(told) for part in ALL.values())
    assert "pbx calls explain pbx-1.1" in text(told)
    assert "911" in told["Subject"]
    assert "Alice" in told["Subject"]
    assert "office" in told["Subject"]


def test_the_mail_says_what_to_do_in_its_first_sentence() -> None:
    assert "Look after them, and let those who help in." in text(mail())
    assert "Позаботьтесь" in text(mail("ru"))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_call_that_could_not_leave_reads_otherwise(language: str) -> None:
    told = text(mail(language, fault="there is no trunk"))
    assert "there is no trunk" in told
    assert told != text(mail(language))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_call_that_asterisk_put_through_alone_has_no_story_to_look_up(language: str) -> None:
    told = text(mail(language, alone="yes"))
    assert "Asterisk" in told
    assert "pbx calls explain" not in told


def test_what_is_not_known_leaves_no_empty_line_behind() -> None:
    told = text(mail(location="", detail="", address="", name=""))
    assert "Place" not in told
    assert "Address on record" not in told
