"""What mail servers say, and what becomes of the mail."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.typing import EventDict

from models import mail_outbox, provisioning
from models.delivery import DeliveryState
from models.errors import DatabaseLocked
from models.facts import TenantFacts
from models.message_files import MessageFolder
from stasis_apps.services import smtp
from stasis_apps.services.mail_sender import MailSender
from stasis_apps.services.messages import MessageKeeper
from stasis_apps.services.postman import LEASE, only_sender
from stasis_apps.settings import MailServer
from tests.support.waiting import until_told
from tests.unit.stasis_apps.mail.box import RecordingsOnShelf
from tests.unit.stasis_apps.mail.post import (
    ALICE,
    BORIS,
    LINKS,
    Clock,
    OddServer,
    a_server_that_breaks_off,
    left,
    states,
    the_only_message,
)
from tests.unit.stasis_apps.occupied import Occupier


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1 that nobody knows."""
    key, file = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", key, "-out", file, "-days", "2", "-subj", "/CN=mail.test"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key)
    return context, file


@pytest.mark.parametrize(
    ("where", "answer", "state", "status"),
    [
        ("mail", "451 4.3.0 try later", "deferred", 451),
        ("mail", "552 5.3.4 too large", "bounced", 552),
        ("mail", "550 5.7.1 not from you", "deferred", 550),
        ("mail", "421 4.3.2 closing", "deferred", 421),
        ("data", "450 4.2.0 greylisted", "deferred", 450),
        ("data", "554 5.7.1 spam", "bounced", 554),
        ("data", "421 4.3.2 closing", "deferred", 421),
        ("data", "nonsense", "deferred", mail_outbox.BROKEN_OFF),
    ],
)
async def test_each_answer_of_a_server_means_what_it_says(
    where: str,
    answer: str,
    state: str,
    status: int,
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
) -> None:
    await left(acme, keeper, recordings, ALICE)
    post_office = OddServer(mail=answer) if where == "mail" else OddServer(data=answer)
    async with post_office.listening() as server:
        await MailSender(server, files, LINKS, now=clock).send_due()

    (mail,) = (await the_only_message()).deliveries
    assert (mail.state, mail.last_status) == (state, status), mail.last_error


async def test_a_server_may_take_its_time_over_a_mail_that_it_has(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, "ANSWER_LIMIT_S", 2.0)
    await left(acme, keeper, recordings, ALICE)
    post_office = OddServer(thinks_s=2.5)
    async with post_office.listening() as server:
        assert await MailSender(server, files, LINKS, now=clock).send_due()

    assert (await states(), post_office.taken) == ({ALICE: "sent"}, 1)
    assert smtp.TAKING_LIMIT_S >= 600  # RFC 5321 4.5.3.2.6
    assert LEASE.total_seconds() > smtp.ATTEMPT_LIMIT_S > smtp.TAKING_LIMIT_S


async def test_a_server_that_leaves_after_taking_a_mail_does_not_get_it_with_each_other_mail(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
) -> None:
    taken: list[str] = []
    async with a_server_that_breaks_off(taken, after_taking=ALICE) as server:
        sender = MailSender(server, files, LINKS, now=clock)
        await left(acme, keeper, recordings, ALICE)
        for _ in range(20):
            assert await sender.send_due()
            await left(acme, keeper, recordings, BORIS)
            clock.later(seconds=30)

    assert taken.count(BORIS) == 19
    assert taken.count(ALICE) == 3  # at once, after one minute, after five


async def test_the_only_process_of_a_home_takes_up_what_the_one_before_it_had_in_hand(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
) -> None:
    home = await files.home_id()
    await left(acme, keeper, recordings, ALICE)
    (delivery_id,) = await mail_outbox.due(home=home, at=clock.now, limit=9)
    assert await mail_outbox.claim(delivery_id, at=clock.now, lease=LEASE) is not None
    post_office = OddServer()
    async with post_office.listening() as server:
        sender = MailSender(server, files, LINKS, now=clock)
        async with only_sender(files.folder) as is_only:
            assert is_only
            async with serving(sender):
                await asyncio.sleep(1.0)
            assert post_office.taken == 0

        async with serving(sender):
            await until_told(is_sent, saying="the mail is sent")

    assert post_office.taken == 1


async def is_sent() -> bool:
    return await states() == {ALICE: "sent"}


@asynccontextmanager
async def serving(sender: MailSender) -> AsyncIterator[None]:
    """A process that sends what it finds, until it is told to end."""
    task = asyncio.create_task(sender.serve())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_tenant_whose_sender_is_refused_delays_nobody_elses_mail(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
) -> None:
    evil = await provisioning.create_tenant(name="evil", domain="evil.test", country="RU")
    for _ in range(9):
        await left(evil, keeper, recordings, "x@evil.test")
    await left(acme, keeper, recordings, ALICE)
    post_office = OddServer(mail="550 5.7.1 not from you", refused_sender="voicemail@evil.test")
    async with post_office.listening() as server:
        sender = MailSender(server, files, LINKS, now=clock)
        assert await sender.send_due()
        assert post_office.senders[:4].count("voicemail@acme.test") == 1

        post_office.senders.clear()
        clock.later(seconds=20)
        await left(acme, keeper, recordings, BORIS)
        assert await sender.send_due()

    assert post_office.senders == ["voicemail@acme.test"]
    assert post_office.taken == 2
    assert await mail_outbox.count_mails(state=DeliveryState.DEFERRED) == 9


async def test_a_process_that_starts_leaves_alone_what_another_is_handing_over(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
) -> None:
    home = await files.home_id()
    await left(acme, keeper, recordings, ALICE)
    nowhere = MailServer(host="127.0.0.1", port=1)
    assert not await MailSender(nowhere, files, LINKS, now=clock).send_due()
    clock.later(minutes=1)
    (delivery_id,) = await mail_outbox.due(home=home, at=clock.now, limit=9)
    assert await mail_outbox.claim(delivery_id, at=clock.now, lease=LEASE) is not None

    assert await mail_outbox.hurry_unreached(home=home, at=clock.now) == 0

    assert await mail_outbox.due(home=home, at=clock.now, limit=9) == []
    clock.later(seconds=LEASE.total_seconds())
    assert await mail_outbox.due(home=home, at=clock.now, limit=9) == [delivery_id]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_a_login_that_is_refused_is_loud_and_loses_nothing(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
    logged: list[EventDict],
) -> None:
    await left(acme, keeper, recordings, ALICE)
    post_office = OddServer(password="right")
    async with post_office.listening(username="pbx", password="wr0ng-secret") as server:
        assert not await MailSender(server, files, LINKS, now=clock).send_due()
    assert await states() == {ALICE: "deferred"}
    assert "mail_login_refused" in [e["event"] for e in logged if e["log_level"] == "error"]
    assert "wr0ng-secret" not in repr(logged) + repr(server)

    clock.later(hours=1)
    async with post_office.listening(username="pbx", password="right") as server:
        assert await MailSender(server, files, LINKS, now=clock).send_due()
    assert await states() == {ALICE: "sent"}


@pytest.mark.parametrize("from_the_start", [True, False])
async def test_a_server_with_an_unknown_certificate_gets_nothing(
    from_the_start: bool,
    certificate: tuple[ssl.SSLContext, Path],
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context, file = certificate
    await left(acme, keeper, recordings, ALICE)
    post_office = OddServer(tls=context, is_tls_from_the_start=from_the_start)
    async with post_office.listening() as server:
        sender = MailSender(server, files, LINKS, now=clock)
        assert not await sender.send_due()
        assert (await states(), post_office.taken) == ({ALICE: "deferred"}, 0)

        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        clock.later(hours=1)
        assert await sender.send_due()
        assert (await states(), post_office.taken) == ({ALICE: "sent"}, 1)


async def test_a_server_that_speaks_something_else_gets_nothing(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
) -> None:
    async def web(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    await left(acme, keeper, recordings, ALICE)
    listening = await asyncio.start_server(web, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        sender = MailSender(MailServer(host="127.0.0.1", port=port), files, LINKS, now=clock)
        assert not await sender.send_due()

    assert await states() == {ALICE: "deferred"}


async def test_a_database_that_goes_away_after_the_mail_does_not_send_it_again(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
    occupier: Occupier,
) -> None:
    post_office = OddServer(on_data=occupier.take)
    await left(acme, keeper, recordings, ALICE)
    async with post_office.listening() as server:
        sender = MailSender(server, files, LINKS, now=clock)
        with pytest.raises(DatabaseLocked):
            await sender.send_due()
        occupier.give_back()
        clock.later(seconds=LEASE.total_seconds())
        assert await sender.send_due()

    assert await states() == {ALICE: "sent"}
    assert post_office.taken == 1


async def test_a_process_that_is_told_to_end_hears_first_whether_its_mail_was_taken(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    files: MessageFolder,
    clock: Clock,
) -> None:
    is_asked = asyncio.Event()
    post_office = OddServer(on_data=is_asked.set)
    await left(acme, keeper, recordings, ALICE)
    async with post_office.listening() as server:
        sending = asyncio.create_task(MailSender(server, files, LINKS, now=clock).serve())
        await is_asked.wait()
        sending.cancel()
        await asyncio.wait([sending])

    assert sending.cancelled()
    assert await states() == {ALICE: "sent"}
    assert post_office.taken == 1
