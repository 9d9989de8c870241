"""Backups while people telephone: nobody notices them, and what comes back is whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.talks import they_still_talk, two_who_talk
from tests.support.tenant import Tenant
from tests.support.waiting import until, until_told
from tests.telephone.conftest import add_announcements, new_tenant

BOX = "5120"


@pytest.fixture
def saved_exchange() -> Iterator[Exchange]:
    """An exchange of which backups are made."""
    yield from _closed_afterwards()


@pytest.fixture
def restored_exchange() -> Iterator[Exchange]:
    """Another machine, on which nothing has run yet."""
    yield from _closed_afterwards()


@pytest.fixture
def office(saved_exchange: Exchange, sounds: dict[str, Path]) -> Tenant:
    """Three people and a mailbox."""
    saved_exchange.start()
    tenant = new_tenant(saved_exchange, "100", "101", "102")
    add_announcements(tenant, sounds)
    tenant.add_sound("again", sounds["again"])
    tenant.add_element("voicemail", BOX, greeting="again", instructions="false", saved="5101")
    tenant.wait_until_in_effect()
    return tenant


def _closed_afterwards() -> Iterator[Exchange]:
    running = Exchange()
    try:
        yield running
    finally:
        running.close()


async def test_nobody_notices_a_backup_and_what_was_said_is_in_it_whole_or_not_at_all(
    office: Tenant, saved_exchange: Exchange, restored_exchange: Exchange, tmp_path: Path
) -> None:
    while_speaking, afterwards = str(tmp_path / "1.tar.gz"), str(tmp_path / "2.tar.gz")
    async with (
        two_who_talk(office) as (caller, callee),
        PlainPhone(office.account("102"), plays=sound.CLARA) as phone,
    ):
        message = phone.dial(BOX)
        await message.ear.hears(sound.AGAIN)
        await _is_recorded(saved_exchange)
        await saved_exchange.pbx("backup", while_speaking, "--with-key")
        await they_still_talk(caller, callee)
        await message.press("#")
        await message.ear.hears(sound.NEWS)
        await message.hang_up()
        await _has_a_message(office)
        await saved_exchange.pbx("backup", afterwards, "--with-key")
        await caller.hang_up()

    await restored_exchange.pbx("restore", while_speaking)
    there = Tenant(restored_exchange, office.name, office.domain, office.passwords)
    assert await there.messages(BOX) == []
    assert _of_messages(restored_exchange) == []
    assert {call.dialled: call.ended_at for call in await there.calls()} == {"101": None, BOX: None}

    await restored_exchange.pbx("restore", afterwards, "--replace")
    restored_exchange.start()
    assert await there.messages(BOX) == await office.messages(BOX)
    (file,) = _of_messages(restored_exchange)
    assert sound.seconds_heard(sound.samples_in_wav(file.read_bytes()), sound.CLARA) > 0
    async with PlainPhone(there.account("100")) as phone:
        caller_there = phone.dial("5101")
        await caller_there.ear.hears(sound.NEWS)
        await caller_there.hang_up()
    await _is_given_up(there, "101")


async def _is_recorded(exchange: Exchange) -> None:
    """Wait until there is something of a message, which a backup might find."""
    await until(
        lambda: any(one.suffix == ".wav" for one in _of_messages(exchange)),
        saying="a recording has begun",
    )


async def _has_a_message(office: Tenant) -> None:
    async def is_there() -> bool:
        return bool(await office.messages(BOX))

    await until_told(is_there, saying="the message lies in its mailbox", pause_s=0.1)


async def _is_given_up(office: Tenant, dialled: str) -> None:
    """Wait until the first of all calls, which the other machine had, is written down as over."""

    async def is_lost() -> bool:
        talk = (await office.calls())[0]
        return (talk.dialled, talk.reason) == (dialled, "lost")

    await until_told(is_lost, saying="a lost call is over", pause_s=0.1)


def _of_messages(exchange: Exchange) -> list[Path]:
    """Everything on disk of messages that are there, or on their way."""
    home = exchange.home / "var"
    folders = (home / "voicemail", home / "asterisk" / "spool" / "recording")
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [path for path in files if path.name not in ("home.id", "sender.lock")]
