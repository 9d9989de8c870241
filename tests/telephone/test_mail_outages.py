"""Mails with messages while the mail server or the application is away: late, but exactly once."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.exchange import Exchange, started
from tests.support.mail_server import MailServer
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SWALLOWED_S, SipCall
from tests.support.tenant import SeenMessage, Tenant
from tests.support.waiting import COMES_S, until_told
from tests.telephone.conftest import new_tenant

SPOKEN_S = 2.5
TAKEN_UP_S = 130.0
"""So soon the next process takes up what one had in hand when it died: well within the lease."""

boxes = count(5120)


@pytest.fixture(scope="module")
def frail_postman() -> Iterator[MailServer]:
    """A mail server that the tests here switch off and on."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def fragile_exchange(frail_postman: MailServer) -> Iterator[Exchange]:
    """An exchange that the tests here may break."""
    with started(Exchange({"PBX_SMTP_URL": frail_postman.url})) as running:
        yield running


@pytest.fixture(scope="module")
def workshop(fragile_exchange: Exchange, sounds: dict[str, Path]) -> Tenant:
    """A customer on that exchange."""
    tenant = new_tenant(fragile_exchange, "100")
    tenant.add_sound("welcome", sounds["again"])
    return tenant


@pytest.fixture
def box(workshop: Tenant) -> str:
    """A mailbox that belongs to one test; its mails go to ``boxNUMBER@acme.test``."""
    return add_box(workshop)


def add_box(tenant: Tenant) -> str:
    """Make a mailbox with a short greeting."""
    number = str(next(boxes))
    emails = f'["{address_of(number)}"]'
    settings = {"greeting": "welcome", "instructions": "false", "emails": emails}
    tenant.add_element("voicemail", number, **settings)
    tenant.wait_until_in_effect()
    return number


def address_of(box: str) -> str:
    """Who gets its mails."""
    return f"box{box}@acme.test"


@asynccontextmanager
async def somebody_speaks(tenant: Tenant, box: str) -> AsyncIterator[SipCall]:
    """Somebody is in the middle of a message."""
    async with PlainPhone(tenant.account("100"), plays=sound.ALICE) as phone:
        caller = phone.dial(box)
        await caller.ear.hears(sound.AGAIN)
        await caller.ear.hears(sound.BEEP, for_s=0.2)
        await caller.speaks(SPOKEN_S)
        yield caller


async def leave_message(tenant: Tenant, box: str) -> None:
    """Speak after the beep and hang up."""
    async with somebody_speaks(tenant, box) as caller:
        await caller.hang_up()


async def mail_is(tenant: Tenant, box: str, state: str) -> None:
    """Wait until the mail of the only message in a mailbox is in a state."""
    seen: list[SeenMessage] = []

    async def is_so() -> bool:
        seen[:] = await tenant.messages(box)
        return [message.states for message in seen] == [{address_of(box): state}]

    await until_told(is_so, saying=lambda: f"{state}: {seen}", pause_s=0.1)


async def got_one_letter(
    postman: MailServer, tenant: Tenant, box: str, *, within_s: float = COMES_S
) -> None:
    """Wait for the letter; there is one message, one letter, and the tone is in it."""
    letter = await postman.letter(address_of(box), within_s=within_s)
    assert sound.seconds_heard(letter.recording(), sound.ALICE) >= SPOKEN_S - SWALLOWED_S
    await mail_is(tenant, box, "sent")
    assert len(postman.letters(address_of(box))) == 1


async def test_a_mail_waits_while_the_mail_server_is_down_and_comes_once(
    workshop: Tenant, frail_postman: MailServer, box: str
) -> None:
    frail_postman.go_down()
    try:
        await leave_message(workshop, box)
        await mail_is(workshop, box, "deferred")
    finally:
        frail_postman.go_up()
    later = add_box(workshop)
    await leave_message(workshop, later)

    await got_one_letter(frail_postman, workshop, later)
    await got_one_letter(frail_postman, workshop, box)


async def test_a_mail_survives_the_application_and_comes_once(
    workshop: Tenant, fragile_exchange: Exchange, frail_postman: MailServer, box: str
) -> None:
    frail_postman.go_down()
    try:
        await leave_message(workshop, box)
        await mail_is(workshop, box, "deferred")
        fragile_exchange.kill_application()
    finally:
        frail_postman.go_up()
    await fragile_exchange.starts_again()

    await got_one_letter(frail_postman, workshop, box)


@pytest.mark.timeout(240)
async def test_a_message_survives_the_application_that_dies_as_its_caller_hangs_up(
    workshop: Tenant, fragile_exchange: Exchange, frail_postman: MailServer, box: str
) -> None:
    frail_postman.go_down()
    try:
        async with somebody_speaks(workshop, box) as caller:
            await caller.hang_up()
            fragile_exchange.kill_application()
    finally:
        frail_postman.go_up()
    await fragile_exchange.starts_again()

    await got_one_letter(frail_postman, workshop, box, within_s=COMES_S + TAKEN_UP_S)


@pytest.mark.stress
@pytest.mark.timeout(240)
async def test_a_mail_comes_once_when_the_application_dies_while_it_hands_it_over(
    workshop: Tenant, fragile_exchange: Exchange, frail_postman: MailServer, box: str
) -> None:
    async with frail_postman.hesitating():
        await leave_message(workshop, box)
        await frail_postman.has_a_letter_in_hand()
        fragile_exchange.kill_application()
        await fragile_exchange.starts_again()

    await got_one_letter(frail_postman, workshop, box, within_s=COMES_S + TAKEN_UP_S)


async def test_a_message_survives_the_application_that_dies_while_it_is_spoken(
    workshop: Tenant, fragile_exchange: Exchange, frail_postman: MailServer, box: str
) -> None:
    async with somebody_speaks(workshop, box) as caller:
        fragile_exchange.kill_application()
        await caller.speaks(0.5)
        await caller.hang_up()
        await fragile_exchange.starts_again()

    await got_one_letter(frail_postman, workshop, box)
