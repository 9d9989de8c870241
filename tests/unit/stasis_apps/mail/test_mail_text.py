"""What stands in a mail: in the recipient's language, in the tenant's time, and nothing besides."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.delivery import MailFormat
from models.mail_outbox import ClaimedMail
from stasis_apps.services.mail_text import AttachedSound, Link, file_name, write_mail
from tests.unit.stasis_apps.mail.box import NOON

WRITTEN_BY = "pbx@acme.test"


def a_mail(**changes: object) -> ClaimedMail:
    mail: dict[str, object] = {
        "id": 1,
        "message_id": "abcdef12",
        "tenant_id": 7,
        "tenant": "acme",
        "domain": "acme.test",
        "timezone": "Europe/Moscow",
        "language": "en",
        "recipient": "office@acme.test",
        "mail_id": "<abcdef12.1@acme.test>",
        "format": MailFormat.WAV,
        "attempts": 1,
        "queued_at": NOON,
        "box": "5120",
        "caller_number": "+79161234567",
        "caller_name": "Anna",
        "received_at": datetime(2026, 12, 31, 22, 5, tzinfo=UTC),
        "duration_s": 65.4,
    }
    return ClaimedMail(**{**mail, **changes})  # type: ignore[arg-type] # the names are checked


def read(
    mail: ClaimedMail, *, sound: AttachedSound | None = None, link: Link | None = None
) -> EmailMessage:
    """The mail as its recipient's program takes it apart."""
    raw = write_mail(mail, sender=WRITTEN_BY, now=NOON, sound=sound, link=link)
    return message_from_bytes(raw, policy=policy.default)


def words(letter: EmailMessage, kind: str = "plain") -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_an_english_mail_says_who_when_and_how_long() -> None:
    letter = read(a_mail(), sound=AttachedSound(b"RIFF", "wav"))

    assert letter["Subject"] == "Voicemail from Anna (+79161234567), 1 min 5 s"
    assert letter["From"] == f"Voicemail 5120 <{WRITTEN_BY}>"
    assert letter["To"] == "office@acme.test"
    assert letter["Message-ID"] == "<abcdef12.1@acme.test>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert words(letter).replace("\r\n", "\n") == (
        "New voicemail message\n"
        "\n"
        "From:      Anna (+79161234567)\n"
        "Received:  Friday, 1 January 2027, 01:05 (Europe/Moscow)\n"
        "Length:    1 min 5 s\n"
        "Mailbox:   5120\n"
        "\n"
        "The recording is attached to this mail.\n"
    )


def test_a_russian_mail_is_russian_to_the_last_word() -> None:
    letter = read(a_mail(language="ru", caller_name="Анна"), sound=AttachedSound(b"RIFF", "wav"))

    assert letter["Subject"].startswith("Голосовое сообщение: Анна (+79161234567), 1 мин")
    assert letter["From"] == f"Голосовая почта 5120 <{WRITTEN_BY}>"
    assert "пятница, 1 января 2027" in words(letter)
    assert ", 01:05 (Europe/Moscow)" in words(letter)
    assert "Запись приложена к этому письму." in words(letter, "html")


@pytest.mark.parametrize(
    ("number", "name", "language", "shown"),
    [
        ("", "", "en", "a hidden number"),
        ("", "", "ru", "скрытый номер"),
        ("101", "", "en", "101"),
        ("", "Anna", "en", "Anna"),
        ("101", "101", "en", "101"),
        ("", "", "xx", "a hidden number"),
    ],
)
def test_a_caller_is_shown_as_far_as_they_are_known(
    number: str, name: str, language: str, shown: str
) -> None:
    letter = read(a_mail(caller_number=number, caller_name=name, language=language))

    assert shown in letter["Subject"]
    assert shown in words(letter)


def test_a_mail_with_a_link_says_how_long_it_works() -> None:
    link = Link("https://pbx.example/voicemail/token", NOON)

    letter = read(a_mail(), link=link)

    assert "https://pbx.example/voicemail/token" in words(letter)
    assert "The link works until Monday, 23 November 2026, 15:00." in words(letter)
    assert 'href="https://pbx.example/voicemail/token"' in words(letter, "html")
    assert list(letter.iter_attachments()) == []


def test_a_mail_without_sound_says_where_it_is() -> None:
    letter = read(a_mail())

    assert "by calling your mailbox" in words(letter)
    assert list(letter.iter_attachments()) == []


@pytest.mark.parametrize(("kind", "type_"), [("wav", "audio/wav"), ("mp3", "audio/mpeg")])
def test_the_sound_is_attached_under_a_name_that_says_when_and_who(kind: str, type_: str) -> None:
    (part,) = read(a_mail(), sound=AttachedSound(b"sound", kind)).iter_attachments()

    assert part.get_content_type() == type_
    assert part.get_filename() == f"2027-01-01 01-05-00 +79161234567.{kind}"
    assert part.get_content() == b"sound"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("", "hidden"), ("../../etc", "etc"), ("7" * 60, "7" * 32), ("анна", "hidden")],
)
def test_a_file_name_is_fit_for_every_machine(number: str, shown: str) -> None:
    assert file_name(a_mail(caller_number=number), "wav") == f"2027-01-01 01-05-00 {shown}.wav"


def test_a_callers_name_is_text_in_the_page_and_no_part_of_it() -> None:
    letter = read(a_mail(caller_name="<script>alert(1)</script>", caller_number=""))

    assert "<script>" not in words(letter, "html")
    assert "&lt;script&gt;" in words(letter, "html")
    assert "<script>" in words(letter)


@given(
    number=st.text(max_size=100),
    name=st.text(max_size=300),
    language=st.sampled_from(["en", "ru", ""]),
    zone=st.sampled_from(["Europe/Moscow", "+05:00", "no/where", "UTC", ""]),
    duration_s=st.floats(min_value=0, max_value=36_000),
)
def test_no_caller_writes_into_the_headers(
    number: str, name: str, language: str, zone: str, duration_s: float
) -> None:
    mail = a_mail(
        caller_number=number,
        caller_name=name,
        language=language,
        timezone=zone,
        duration_s=duration_s,
    )

    letter = read(mail, sound=AttachedSound(b"sound", "wav"))

    assert letter.keys() == [
        *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type", "Content-Language"),
    ]
    assert letter.get_all("To") == ["office@acme.test"]
    assert not letter.defects
    assert len(list(letter.iter_attachments())) == 1


def test_a_recipient_with_letters_of_their_own_is_written_as_they_are() -> None:
    raw = write_mail(a_mail(recipient="анна@acme.test"), sender=WRITTEN_BY, now=NOON)

    assert "To: анна@acme.test\r\n".encode() in raw
