"""Voicemail by the shell: messages listed, saved, sent anew and deleted; PINs given."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import mail_outbox, voicemail
from models.database import open_database
from models.delivery import MailFormat
from models.mail_outbox import QueuedMail
from models.message_files import MessageFolder
from models.voicemail import ReceivedMessage
from pbx_cli.doctor.mail import NOT_SET
from tests.support.mail_server import MailServer
from tests.unit.pbx_cli.shell import Shell

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOBODY = "0" * 16
SOUND = b"RIFF a sound"


def meanwhile(shell: Shell, work: Callable[[MessageFolder], Awaitable[None]]) -> None:
    """Let the exchange do something in this home."""

    async def run() -> None:
        async with open_database(f"sqlite://{shell.home}/pbx.sqlite3"):
            await work(MessageFolder(shell.home / "voicemail"))

    asyncio.run(run())


def left(shell: Shell, message_id: str, *recipients: str, box: str = "5120") -> None:
    """Somebody has left a message."""

    async def leave(files: MessageFolder) -> None:
        await files.put(1, message_id, SOUND)
        message = ReceivedMessage(
            id=message_id,
            tenant_id=1,
            box=box,
            caller_number="+79161234567",
            caller_name="Anna",
            call_id="pbx-1.1",
            received_at=NOON,
            duration_s=7.5,
            language="en",
            is_deleted_after_mail=False,
            home=await files.home_id(),
            file=f"{message_id}.wav",
            mails=[
                QueuedMail(
                    recipient=one, mail_id=f"<{message_id}.{n}@acme.test>", format=MailFormat.MP3
                )
                for n, one in enumerate(recipients)
            ],
        )
        await voicemail.keep_message(message, at=datetime.now(UTC))

    meanwhile(shell, leave)


def bounced(shell: Shell) -> None:
    """The mail server refuses everything that is due."""

    async def bounce(files: MessageFolder) -> None:
        now = datetime.now(UTC)
        for one in await mail_outbox.due(home=await files.home_id(), at=now, limit=99):
            await mail_outbox.mark_bounced(one, at=now, status=550, error="550 No such mailbox")

    meanwhile(shell, bounce)


def test_messages_are_listed_with_what_became_of_their_mails(acme: Shell) -> None:
    left(acme, "aaaaaa", "office@acme.test", "boss@acme.test")
    bounced(acme)
    left(acme, "bbbbbb", box="100")

    everything = acme.done("voicemail", "list")
    assert {one["id"] for one in everything} == {"aaaaaa", "bbbbbb"}
    (mailed,) = acme.done("voicemail", "list", "--tenant", "acme", "--box", "5120")
    assert [(one["recipient"], one["state"], one["last_error"]) for one in mailed["mails"]] == [
        ("office@acme.test", "bounced", "550 No such mailbox"),
        ("boss@acme.test", "bounced", "550 No such mailbox"),
    ]
    assert (mailed["caller_number"], mailed["duration_s"]) == ("+79161234567", 7.5)
    assert [one["id"] for one in acme.done("voicemail", "list", "--state", "bounced")] == ["aaaaaa"]
    assert acme.done("voicemail", "list", "--state", "sent") == []

    shown = acme("voicemail", "list").out
    assert "office@acme.test: bounced" in shown
    assert "no such messages" in acme("voicemail", "list", "--box", "101").err
    acme.refused("voicemail", "list", "--tenant", "nobody", code=3)
    acme.refused("voicemail", "list", "--state", "lost", code=2)


def test_one_message_is_shown_with_each_attempt(acme: Shell) -> None:
    left(acme, "aaaaaa", "office@acme.test")
    bounced(acme)

    assert acme.done("voicemail", "show", "aaaaaa")["box"] == "5120"
    shown = acme("voicemail", "show", "aaaaaa").out
    assert "550 No such mailbox" in shown
    assert "+79161234567" in shown
    acme.refused("voicemail", "show", NOBODY, code=3)


def test_a_message_is_saved_to_a_file_or_a_pipe(acme: Shell, tmp_path: Path) -> None:
    left(acme, "aaaaaa")
    file = tmp_path / "message.wav"

    done = acme.done("voicemail", "play", "aaaaaa", "--output", str(file))

    assert done == {"file": str(file), "bytes": len(SOUND)}
    assert file.read_bytes() == SOUND
    assert acme("voicemail", "play", "aaaaaa").out.encode() == SOUND
    acme.refused("voicemail", "play", "aaaaaa", "--output", str(file), code=4)
    acme.refused("voicemail", "play", "aaaaaa", "--output", "/no/where/x.wav", code=1)
    acme.refused("voicemail", "play", "aaaaaa", code=2)
    acme.refused("voicemail", "play", NOBODY, "--output", str(tmp_path / "x"), code=3)
    (acme.home / "voicemail" / "1" / "aaaaaa.wav").unlink()
    acme.refused("voicemail", "play", "aaaaaa", "--output", str(tmp_path / "x"), code=1)
    assert not (tmp_path / "x").exists()


def test_a_message_on_another_machine_is_not_played_here(acme: Shell, tmp_path: Path) -> None:
    left(acme, "aaaaaa")
    (acme.home / "voicemail" / "home.id").write_text("elsewhere")

    ran = acme.refused("voicemail", "play", "aaaaaa", "--output", str(tmp_path / "x"), code=1)

    assert "another machine" in ran.err


def test_a_dead_letter_is_sent_anew(acme: Shell) -> None:
    left(acme, "aaaaaa", "office@acme.test")
    bounced(acme)

    ran = acme("voicemail", "resend", "aaaaaa")

    assert (ran.code, ran.out) == (0, "One mail goes out: office@acme.test.\n")
    assert "PBX_SMTP_URL is not set: mails wait in the outbox" in ran.err
    (mail,) = acme.done("voicemail", "show", "aaaaaa")["mails"]
    assert (mail["state"], mail["attempts"]) == ("queued", 0)


def test_a_message_is_sent_to_somebody_else(acme: Shell) -> None:
    left(acme, "aaaaaa", "office@acme.test")
    bounced(acme)

    done = acme.done("voicemail", "resend", "aaaaaa", "--to", "new@acme.test")

    assert [(one["recipient"], one["state"], one["format"]) for one in done["mails"]] == [
        ("new@acme.test", "queued", "mp3"),
    ]
    mails = acme.done("voicemail", "show", "aaaaaa")["mails"]
    assert [(one["recipient"], one["state"]) for one in mails] == [
        ("office@acme.test", "bounced"),
        ("new@acme.test", "queued"),
    ]
    acme.refused("voicemail", "resend", "aaaaaa", "--to", "nobody", code=5)
    acme.refused("voicemail", "resend", NOBODY, code=3)


def test_only_the_mails_that_are_sent_anew_are_counted(acme: Shell) -> None:
    left(acme, "aaaaaa", "office@acme.test")
    office = acme("voicemail", "resend", "aaaaaa", "--to", "OFFICE@acme.test")
    new = acme("voicemail", "resend", "aaaaaa", "--to", "new@acme.test")
    both = acme("voicemail", "resend", "aaaaaa")

    assert office.out == "One mail goes out: office@acme.test.\n"
    assert new.out == "One mail goes out: new@acme.test.\n"
    assert both.out == "2 mails go out: office@acme.test, new@acme.test.\n"


def test_a_deleted_message_is_gone_with_its_sound_and_its_waiting_mail(acme: Shell) -> None:
    left(acme, "aaaaaa", "office@acme.test")
    acme.refused("voicemail", "delete", "aaaaaa", code=2)

    acme.done("voicemail", "delete", "aaaaaa", "--yes")

    assert acme.done("voicemail", "list") == []
    assert not (acme.home / "voicemail" / "1" / "aaaaaa.wav").exists()
    (mail,) = acme.done("voicemail", "show", "aaaaaa")["mails"]
    assert (mail["state"], mail["last_error"]) == (
        "cancelled",
        "the message was deleted by the operator",
    )
    cancelled = acme.done("voicemail", "list", "--state", "cancelled")
    assert [one["id"] for one in cancelled] == ["aaaaaa"]
    assert acme.done("voicemail", "list", "--state", "bounced") == []
    acme.refused("voicemail", "resend", "aaaaaa", code=3)
    acme.refused("voicemail", "play", "aaaaaa", "--output", "never.wav", code=3)


def test_messages_go_with_their_tenant(acme: Shell) -> None:
    left(acme, "aaaaaa", "office@acme.test")

    acme.done("tenant", "remove", "acme", "--yes")

    assert acme.done("voicemail", "list") == []
    assert not list((acme.home / "voicemail").rglob("*.wav"))


def test_a_pin_is_read_from_stdin_and_never_shown(acme: Shell) -> None:
    acme.done("extension", "set", "100", "--tenant", "acme", "--set", "voicemail=yes")
    done = acme.done("voicemail", "pin", "100", "--tenant", "acme", typed="4711\n")
    assert done == {"box": "100", "has_pin": True}

    for pin in ("1234", "77"):
        ran = acme.refused("voicemail", "pin", "100", "--tenant", "acme", typed=f"{pin}\n", code=5)
        assert ran.faults["pin"][0] == "(hidden)"
    acme.refused("voicemail", "pin", "5120", "--tenant", "acme", typed="4711\n", code=3)

    acme.done("voicemail", "pin", "100", "--tenant", "acme", "--remove")
    acme.refused("voicemail", "pin", "100", "--tenant", "acme", "--remove", code=3)


@pytest.mark.parametrize("message_id", ["../../secret", "a" * 500, "'; drop table message"])
def test_an_id_that_is_none_names_nothing(acme: Shell, message_id: str) -> None:
    acme.refused("voicemail", "show", message_id, code=3)


def test_dead_letters_worry_the_doctor(acme: Shell) -> None:
    def mail() -> tuple[str, str]:
        findings = {one["name"]: one for one in acme("doctor", "--json").json}
        return findings["mail"]["health"], findings["mail"]["words"]

    assert mail() == ("up", f"{NOT_SET}; 0 waiting")
    left(acme, "aaaaaa", "office@acme.test")
    assert mail() == ("warning", f"{NOT_SET}; 1 waiting")
    bounced(acme)
    health, words = mail()
    assert health == "warning"
    assert "1 came back: pbx voicemail list --state bounced" in words


def test_the_doctor_looks_whether_the_mail_server_is_there(acme: Shell) -> None:
    def mail(server: MailServer) -> str:
        there = Shell(acme.home, {**acme.environment, "PBX_SMTP_URL": server.url})
        (found,) = [one for one in there("doctor", "--json").json if one["name"] == "mail"]
        return str(found["health"])

    with MailServer() as server:
        assert mail(server) == "up"
        server.go_down()
        assert mail(server) == "warning"
