"""Mails on their way out: each message reaches each recipient once, whatever the server does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.typing import EventDict

from models import mail_outbox, voicemail
from models.delivery import MailFormat
from models.facts import TenantFacts
from models.message_files import MessageFolder
from stasis_apps.services import postman as module
from stasis_apps.services.mail_sender import MailSender
from stasis_apps.services.messages import MessageKeeper
from stasis_apps.services.postman import GIVE_UP_AFTER, LEASE, wait_after
from stasis_apps.settings import MailServer
from tests.support import mail_server
from tests.support.waiting import until_told
from tests.unit.stasis_apps.mail.box import (
    DiesAfter,
    Killed,
    RecordingsOnShelf,
    a_tone,
    pitch_of,
)
from tests.unit.stasis_apps.mail.post import (
    ALICE,
    BORIS,
    LINKS,
    Clock,
    left,
    states,
    the_only_message,
)

FARTHEST_STEP = 200


async def test_a_message_arrives_with_its_sound(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    post_office: mail_server.MailServer,
) -> None:
    await left(acme, keeper, recordings, ALICE)

    assert await sender.send_due()

    (letter,) = post_office.letters(ALICE)
    assert letter.subject == "Voicemail from Anna (+79161234567), 3 s"
    assert list(letter.attachments) == ["2026-11-23 15-00-00 +79161234567.wav"]
    assert letter.attachments.popitem()[1] == a_tone(3)
    assert letter.message["From"] == "Voicemail 5120 <voicemail@acme.test>"
    assert await states() == {ALICE: "sent"}
    assert await sender.send_due()
    assert len(post_office.letters(ALICE)) == 1


@pytest.mark.parametrize("form", list(MailFormat))
async def test_the_sound_comes_as_the_mailbox_says(
    form: MailFormat,
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    post_office: mail_server.MailServer,
) -> None:
    await left(acme, keeper, recordings, ALICE, format=form)
    await sender.send_due()

    (letter,) = post_office.letters(ALICE)
    sounds = letter.attachments
    assert [name.rpartition(".")[2] for name in sounds] == (
        [form.value] if form in (MailFormat.WAV, MailFormat.MP3) else []
    )
    for sound in sounds.values():
        assert pitch_of(sound) == pytest.approx(440, abs=2)
    assert ("https://pbx.example/voicemail/" in letter.text) is (form is MailFormat.LINK)


async def test_one_recipient_who_is_refused_keeps_no_other_from_theirs(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    post_office: mail_server.MailServer,
) -> None:
    post_office.refuse(ALICE)
    await left(acme, keeper, recordings, ALICE, BORIS)

    assert await sender.send_due()

    assert await states() == {ALICE: "bounced", BORIS: "sent"}
    dead, _ = (await the_only_message()).deliveries
    assert (dead.last_status, dead.last_error) == (550, "550 5.1.1 No such mailbox")
    assert await sender.send_due()
    assert post_office.letters(ALICE) == []


async def test_a_busy_recipient_is_tried_again_later_and_gets_one_mail(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    post_office.put_off(ALICE, times=2)
    await left(acme, keeper, recordings, ALICE)

    for minutes in (0.0, 1.0, 5.0):
        clock.later(minutes=minutes)
        await sender.send_due()

    (mail,) = (await the_only_message()).deliveries
    assert (mail.state, mail.attempts) == ("sent", 3)
    assert len(post_office.letters(ALICE)) == 1


async def test_a_recipient_who_is_busy_for_days_becomes_a_dead_letter_and_can_be_resent(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    post_office.put_off(ALICE, times=10_000)
    message_id = await left(acme, keeper, recordings, ALICE)
    began_at = clock.now
    while (await states())[ALICE] != "bounced":
        await sender.send_due()
        clock.later(hours=1)
    took = clock.now - began_at
    assert GIVE_UP_AFTER - timedelta(hours=8) < took < GIVE_UP_AFTER + timedelta(hours=2)
    (mail,) = (await the_only_message()).deliveries
    assert mail.last_error == "given up after 4 days: 451 4.2.1 Mailbox busy, try again"
    assert 15 < mail.attempts < 25

    post_office.put_off(ALICE, times=0)
    await mail_outbox.resend(
        tenant_id=acme.id, message_id=message_id, mail=None, new_mail_id="<x@y>", at=clock.now
    )
    await sender.send_due()
    assert len(post_office.letters(ALICE)) == 1


async def test_a_mail_server_that_is_down_for_a_day_gets_each_mail_once_when_it_is_back(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    post_office.go_down()
    everybody = [f"person-{n}@acme.test" for n in range(10)]
    await left(acme, keeper, recordings, *everybody)
    for _ in range(24):
        assert not await sender.send_due()
        clock.later(hours=1)
    assert set((await states()).values()) <= {"deferred", "queued"}

    post_office.go_up()
    assert await sender.send_due()

    assert [len(post_office.letters(one)) for one in everybody] == [1] * 10
    assert await states() == dict.fromkeys(everybody, "sent")


async def test_what_only_waited_for_the_server_goes_out_as_soon_as_it_is_back(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    post_office.go_down()
    await left(acme, keeper, recordings, ALICE)
    assert not await sender.send_due()
    post_office.go_up()

    clock.later(seconds=1)
    await left(acme, keeper, recordings, BORIS)
    assert await sender.send_due()

    assert len(post_office.letters(BORIS)) == 1
    assert len(post_office.letters(ALICE)) == 1


async def test_a_new_message_goes_out_at_once(
    acme: TenantFacts,
    files: MessageFolder,
    recordings: RecordingsOnShelf,
    post_office: mail_server.MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "POLL_S", 3_600.0)
    server = MailServer(host=post_office.host, port=post_office.port)
    sender = MailSender(server, files, LINKS)
    keeper = MessageKeeper(files, recordings, has_new=lambda _tenant, _box: sender.wake())
    serving = asyncio.create_task(sender.serve())
    try:
        for recipient in (ALICE, BORIS):
            await left(acme, keeper, recordings, recipient)
            await post_office.letter(recipient)
            await until_told(lambda: all_are("sent"), saying="the mail is sent")
    finally:
        serving.cancel()
        await asyncio.wait([serving])


async def all_are(state: str) -> bool:
    messages = await voicemail.list_messages()
    return {one.state for message in messages for one in message.deliveries} == {state}


async def test_a_message_leaves_its_mailbox_when_it_is_mailed_if_that_is_wanted(
    acme: TenantFacts,
    files: MessageFolder,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    gone: list[tuple[int, str]] = []
    server = MailServer(host=post_office.host, port=post_office.port)
    sender = MailSender(server, files, LINKS, now=clock, has_gone=lambda *box: gone.append(box))
    message_id = await left(acme, keeper, recordings, ALICE, delete_after_mail=True)

    await sender.send_due()

    assert gone == [(acme.id, "5120")]
    assert await voicemail.messages_in(tenant_id=acme.id, box="5120") == []
    assert not await files.has(acme.id, message_id)
    assert len(post_office.letters(ALICE)) == 1


async def test_a_sound_that_is_missing_is_said_and_its_mail_waits(
    acme: TenantFacts,
    files: MessageFolder,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    logged: list[EventDict],
) -> None:
    message_id = await left(acme, keeper, recordings, ALICE)
    await files.remove(acme.id, message_id)

    await sender.send_due()

    assert await states() == {ALICE: "deferred"}
    assert "mail_without_sound" in [entry["event"] for entry in logged]


async def test_wherever_the_process_dies_the_mail_arrives_once_but_for_the_one_instant(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    sender: MailSender,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    """Dead after the server's answer and before the mark: twice, with the same Message-ID."""
    for steps in range(1, FARTHEST_STEP):
        recipient = f"person-{steps}@acme.test"
        await left(acme, keeper, recordings, recipient)
        is_killed = await dies(steps, sender)
        clock.later(seconds=LEASE.total_seconds())
        assert await sender.send_due()

        letters = post_office.letters(recipient)
        assert len(letters) in (1, 2)
        assert len({letter.message["Message-ID"] for letter in letters}) == 1
        if not is_killed:
            break
    assert await all_are("sent")
    assert 10 < steps < FARTHEST_STEP - 1


async def dies(steps: int, sender: MailSender) -> bool:
    """Let a process send what is due and die after so many steps; whether it came to that."""
    (delivery_id,) = await mail_outbox.due(
        home=await sender._files.home_id(), at=sender._now(), limit=9
    )
    try:
        await DiesAfter(steps, sender._attempt(delivery_id))
    except Killed:
        return True
    return False


@pytest.mark.parametrize("attempts", range(1, 30))
def test_each_wait_is_as_long_as_the_last_or_longer(attempts: int) -> None:
    assert wait_after(attempts) <= wait_after(attempts + 1)
    assert timedelta(minutes=1) <= wait_after(attempts) <= timedelta(hours=6)
