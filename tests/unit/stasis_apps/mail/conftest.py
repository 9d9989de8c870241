"""A home with a mailbox, an Asterisk that has recorded something, and a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models import provisioning
from models.facts import TenantFacts
from models.message_files import MessageFolder
from stasis_apps.plan import PlannedTenant
from stasis_apps.services.mail_sender import MailSender
from stasis_apps.services.messages import MessageKeeper
from stasis_apps.services.notice_sender import NoticeSender
from stasis_apps.services.notice_spool import NoticeSpool
from stasis_apps.services.notices import Notices
from stasis_apps.settings import MailServer
from tests.support import mail_server
from tests.unit.stasis_apps.mail.box import RecordingsOnShelf
from tests.unit.stasis_apps.mail.post import LINKS, Clock
from tests.unit.stasis_apps.mail.told import ANNA, BORIS
from tests.unit.stasis_apps.outside import a_planned_tenant


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await provisioning.create_tenant(
        name="acme", domain="acme.test", country="RU", timezone="Europe/Moscow"
    )


@pytest.fixture
def files(tmp_path: Path) -> MessageFolder:
    return MessageFolder(tmp_path / "voicemail")


@pytest.fixture
def recordings() -> RecordingsOnShelf:
    return RecordingsOnShelf()


@pytest.fixture
def post_office() -> Iterator[mail_server.MailServer]:
    with mail_server.MailServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(files: MessageFolder, recordings: RecordingsOnShelf) -> MessageKeeper:
    return MessageKeeper(files, recordings)


@pytest.fixture
def sender(post_office: mail_server.MailServer, files: MessageFolder, clock: Clock) -> MailSender:
    server = MailServer(host=post_office.host, port=post_office.port)
    return MailSender(server, files, LINKS, now=clock)


@pytest.fixture
def company(acme: TenantFacts) -> PlannedTenant:
    planned = a_planned_tenant(acme.id, alert_emails=(ANNA, BORIS))
    return replace(planned, language=acme.language)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "notices"


@pytest.fixture
def postman(post_office: mail_server.MailServer, folder: Path, clock: Clock) -> NoticeSender:
    server = MailServer(host=post_office.host, port=post_office.port)
    return NoticeSender(server, folder, now=clock)


@pytest.fixture
def notices(folder: Path, clock: Clock) -> Notices:
    return Notices(NoticeSpool(folder), now=clock)
