"""Links in mails: who has one hears one message, for a month, and nobody anything else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from structlog.typing import EventDict

from models import voicemail
from models.facts import TenantFacts
from models.message_files import MessageFolder
from models.seal import Seal
from stasis_apps.services import serving as module
from stasis_apps.services.http_server import HttpServer
from stasis_apps.services.links import LINK_LIFE, PURPOSE, LinkedMessage, Links
from stasis_apps.services.messages import MessageKeeper
from stasis_apps.settings import Address
from tests.support.ports import small_block
from tests.support.waiting import until
from tests.unit.stasis_apps.mail.box import NOON, RecordingsOnShelf, a_tone, new_message
from tests.unit.stasis_apps.occupied import Occupier

LINKS = Links(b"a key", "https://pbx.example/")
PREFIX = "https://pbx.example"


class Visitor:
    """Somebody with a browser, and the moment at which they look."""

    def __init__(self, client: TestClient) -> None:  # type: ignore[type-arg] # aiohttp's own
        self.client = client
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def visitor(acme: TenantFacts, files: MessageFolder) -> AsyncIterator[Visitor]:
    times: list[Visitor] = []
    server = HttpServer(
        Address("127.0.0.1", 1), LINKS, files, now=lambda: times[0].now if times else NOON
    )
    async with TestClient(TestServer(server.application())) as client:
        times.append(Visitor(client))
        yield times[0]


@pytest.fixture
async def message_id(acme: TenantFacts, files: MessageFolder, recordings: RecordingsOnShelf) -> str:
    keeper = MessageKeeper(files, recordings)
    message = new_message(acme.id)
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(2)
    await keeper.finish(message.id)
    return message.id


def path_to(tenant_id: int, message_id: str) -> str:
    return LINKS.url(tenant_id, message_id, now=NOON).removeprefix(PREFIX)


async def test_who_has_the_link_hears_the_message(
    visitor: Visitor, acme: TenantFacts, message_id: str
) -> None:
    answer = await visitor.client.get(path_to(acme.id, message_id))

    assert answer.status == 200
    assert await answer.read() == a_tone(2)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="voicemail-20261123-120000.wav"'
    )


async def test_a_link_works_for_a_month(
    visitor: Visitor, acme: TenantFacts, message_id: str
) -> None:
    path = path_to(acme.id, message_id)

    visitor.now = NOON + LINK_LIFE - timedelta(seconds=1)
    assert (await visitor.client.get(path)).status == 200
    visitor.now = NOON + LINK_LIFE
    assert (await visitor.client.get(path)).status == 404


async def test_a_link_ends_with_its_message(
    visitor: Visitor, acme: TenantFacts, message_id: str, files: MessageFolder
) -> None:
    await voicemail.delete_message(tenant_id=acme.id, message_id=message_id, files=files)

    assert (await visitor.client.get(path_to(acme.id, message_id))).status == 404


async def test_a_sound_that_is_missing_is_not_found(
    visitor: Visitor, acme: TenantFacts, message_id: str, files: MessageFolder
) -> None:
    await files.remove(acme.id, message_id)

    assert (await visitor.client.get(path_to(acme.id, message_id))).status == 404


async def test_nobody_is_told_why_they_get_nothing(
    visitor: Visitor, acme: TenantFacts, message_id: str, occupier: Occupier
) -> None:
    path = path_to(acme.id, message_id)
    stranger = Links(b"another key", PREFIX).url(acme.id, message_id, now=NOON)
    asked = [
        ("GET", "/"),
        ("GET", "/voicemail"),
        ("GET", "/voicemail/"),
        ("GET", "/voicemail/abc"),
        ("GET", "/voicemail/%FF%00"),
        ("GET", f"{path}A"),
        ("GET", f"{path[:-2]}"),
        ("GET", path_to(acme.id + 1, message_id)),
        ("GET", path_to(acme.id, "0" * 16)),
        ("GET", stranger.removeprefix(PREFIX)),
        ("POST", path),
        ("GET", f"{path}/../../secret.key"),
    ]

    answers = [await visitor.client.request(method, url) for method, url in asked]
    occupier.take()
    answers.append(await visitor.client.get(path))
    occupier.give_back()

    assert {(one.status, await one.text()) for one in answers} == {(404, "Not found\n")}
    assert {one.headers["X-Content-Type-Options"] for one in answers} == {"nosniff"}


@given(token=st.text(max_size=300))
def test_no_made_up_link_leads_anywhere(token: str) -> None:
    assert LINKS.read(token, now=NOON) is None


@given(tenant_id=st.integers(0, 2**31), message_id=st.text("abcdef0123456789", min_size=6))
def test_a_link_leads_to_its_message(tenant_id: int, message_id: str) -> None:
    token = LINKS.url(tenant_id, message_id[:32], now=NOON).rpartition("/")[2]

    assert LINKS.read(token, now=NOON) == LinkedMessage(tenant_id, message_id[:32])
    assert Links(b"another", PREFIX).read(token, now=NOON) is None


def test_the_key_of_links_is_not_the_key_of_passwords(tmp_path: Path) -> None:
    key_file = tmp_path / "home" / "secret.key"
    key = Seal(key_file).derived_key(PURPOSE)

    assert key == Seal(key_file).derived_key(PURPOSE)
    assert key != Seal(key_file).derived_key("something else")
    assert key not in key_file.read_bytes()


async def test_a_port_in_use_is_said_and_taken_when_it_is_free(
    files: MessageFolder,
    logged: list[EventDict],
    monkeypatch: pytest.MonkeyPatch,
    database: str,
) -> None:
    monkeypatch.setattr(module, "BIND_RETRY_S", 0.01)
    with small_block() as ports:
        bind = Address("127.0.0.1", ports.one())
        with socket.create_server((bind.host, bind.port)):
            serving = asyncio.create_task(HttpServer(bind, LINKS, files).serve())
            await until(lambda: said(logged, "http_not_served"), saying="the port is taken")
        await until(lambda: said(logged, "http_served"), saying="the port is served")
        serving.cancel()
        await asyncio.wait([serving])


def said(logged: list[EventDict], event: str) -> bool:
    return event in [entry["event"] for entry in logged]
