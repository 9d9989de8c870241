"""A caller leaves a message: what they hear, what is kept, and what arrives by mail."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import aiohttp
import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier
from tests.support.mail_server import MailServer
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SWALLOWED_S, SipCall
from tests.support.sip_station import Place
from tests.support.tenant import SeenMessage, Tenant
from tests.support.waiting import until_told
from tests.telephone.conftest import add_announcements

SPOKEN_S = 2.5
EXITS = {"saved": "5101", "too_short": "5102", "full": "5103"}
OF_A_PERSON = "74994000101"


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place) -> Tenant:
    """Two people, one of whom has a mailbox of their own, announcements and a trunk."""
    tenant = a_tenant("100")
    tenant.add_extension("101", ring_s=1)
    add_announcements(tenant, sounds)
    tenant.add_sound("welcome", sounds["again"])
    tenant.set_extension(
        "101",
        voicemail="true",
        mailbox__emails='["person101@acme.test"]',
        mailbox__greeting="welcome",
        mailbox__instructions="false",
    )
    tenant.add_trunk("city", outside)
    tenant.add_number(OF_A_PERSON, trunk="city", to="101")
    tenant.wait_until_in_effect()
    return tenant


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox that belongs to one test."""

    tenant: Tenant
    number: str
    address: str

    async def message(self) -> SeenMessage:
        """Wait for the only message."""
        found: list[SeenMessage] = []

        async def is_there() -> bool:
            found[:] = await self.tenant.messages(self.number)
            return bool(found)

        await until_told(is_there, saying=f"a message in {self.number}", pause_s=0.1)
        (message,) = found
        return message

    async def mails_are(self, **states: str) -> SeenMessage:
        """Wait until the mails of the only message to these users are in these states."""
        wanted = {f"{user}@acme.test": state for user, state in states.items()}
        seen: list[SeenMessage] = []

        async def are_so() -> bool:
            seen[:] = [await self.message()]
            return seen[0].states == wanted

        await until_told(are_so, saying=lambda: f"{wanted}, not {seen[0].states}")
        return seen[0]

    @property
    def user(self) -> str:
        """The first half of the address."""
        return self.address.partition("@")[0]


@pytest.fixture(scope="module")
def a_box(company: Tenant) -> Callable[..., Box]:
    """Make a mailbox with a short greeting of its own."""
    places = count(5120)

    def make(**settings: str) -> Box:
        number = str(next(places))
        address = f"box{number}@acme.test"
        plain = {"greeting": "welcome", "instructions": "false", "emails": f'["{address}"]'}
        company.add_element("voicemail", number, **(plain | EXITS | settings))
        company.wait_until_in_effect()
        return Box(company, number, address)

    return make


async def speak_after_the_beep(caller: SipCall, for_s: float = SPOKEN_S) -> None:
    """Hear the greeting out, and leave a message."""
    await caller.ear.hears(sound.AGAIN)
    await caller.ear.hears(sound.BEEP, for_s=0.2)
    await caller.speaks(for_s)


async def test_a_message_arrives_by_mail_as_it_was_spoken(
    company: Tenant, a_box: Callable[..., Box], postman: MailServer
) -> None:
    box = a_box()
    async with PlainPhone(company.account("100"), plays=sound.ALICE) as phone:
        caller = phone.dial(box.number)
        await speak_after_the_beep(caller)
        await caller.press("#")
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()

    letter = await postman.letter(box.address)
    spoken_s = sound.seconds_heard(letter.recording(), sound.ALICE)
    assert SPOKEN_S - SWALLOWED_S <= spoken_s < 2 * SPOKEN_S
    assert "100" in letter.subject + letter.text
    message = await box.mails_are(**{box.user: "sent"})
    assert message.caller_number == "100"
    assert message.duration_s == pytest.approx(spoken_s, abs=0.6)


async def test_a_mail_may_bring_a_link_to_the_message(
    company: Tenant, a_box: Callable[..., Box], postman: MailServer
) -> None:
    box = a_box(attach="link")
    async with PlainPhone(company.account("100"), plays=sound.ALICE) as phone:
        caller = phone.dial(box.number)
        await speak_after_the_beep(caller)
        await caller.hang_up()

    letter = await postman.letter(box.address)
    assert not letter.attachments
    found = re.search(r"http://\S+", letter.text)
    assert found, letter.text
    async with aiohttp.ClientSession() as session, session.get(found.group()) as answer:
        assert answer.status == 200
        samples = sound.samples_in_wav(await answer.read())
    assert sound.seconds_heard(samples, sound.ALICE) >= SPOKEN_S - SWALLOWED_S


async def test_a_caller_who_hangs_up_has_left_a_message_too(
    company: Tenant, a_box: Callable[..., Box], postman: MailServer
) -> None:
    box = a_box()
    calls = company.new_calls()
    async with PlainPhone(company.account("100"), plays=sound.BORIS) as phone:
        caller = phone.dial(box.number)
        await speak_after_the_beep(caller)
        await caller.hang_up()

    letter = await postman.letter(box.address)
    assert sound.seconds_heard(letter.recording(), sound.BORIS) >= SPOKEN_S - SWALLOWED_S
    record = await calls.one()
    assert (record.ended_by, record.reason) == ("caller", "message_left")


async def test_silence_ends_a_message(
    company: Tenant, a_box: Callable[..., Box], postman: MailServer
) -> None:
    box = a_box(silence_s="1", shortest_s="0")
    async with PlainPhone(company.account("100"), plays=None) as phone:
        caller = phone.dial(box.number)
        await caller.ear.hears(sound.AGAIN)
        await caller.ear.hears(sound.NEWS, sound.SILENT_END)
        await caller.hang_up()


async def test_a_message_is_no_longer_than_allowed(
    company: Tenant, a_box: Callable[..., Box], postman: MailServer
) -> None:
    box = a_box(longest_s="5")
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial(box.number)
        await caller.ear.hears(sound.AGAIN)
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()

    assert (await box.message()).duration_s == pytest.approx(5, abs=SWALLOWED_S)


async def test_a_message_that_is_too_short_is_dropped(
    company: Tenant, a_box: Callable[..., Box], postman: MailServer
) -> None:
    box = a_box(shortest_s="10")
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial(box.number)
        await speak_after_the_beep(caller, for_s=0.3)
        await caller.press("#")
        await caller.ear.hears(sound.SILENT_END)
        await caller.hang_up()

    assert not await company.messages(box.number)
    assert not postman.letters(box.address)


async def test_a_full_mailbox_says_so(company: Tenant, a_box: Callable[..., Box]) -> None:
    box = a_box(max_messages="1")
    async with PlainPhone(company.account("100")) as phone:
        first = phone.dial(box.number)
        await speak_after_the_beep(first)
        await first.hang_up()
        await box.message()

        second = phone.dial(box.number)
        await second.ear.hears(sound.WRONG_END)
        await second.hang_up()

    assert len(await company.messages(box.number)) == 1


async def test_a_caller_reaches_the_operator_instead(
    company: Tenant, a_box: Callable[..., Box]
) -> None:
    box = a_box(operator="100")
    async with (
        PlainPhone(company.account("101"), plays=sound.ALICE) as phone,
        PlainPhone(company.account("100"), plays=sound.BORIS) as operator,
    ):
        caller = phone.dial(box.number)
        await caller.ear.hears(sound.AGAIN)
        await caller.press("0")
        await (await operator.rings()).answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()


async def test_the_owner_passes_through_to_the_menu(
    company: Tenant, a_box: Callable[..., Box]
) -> None:
    box = a_box(owner="5101")
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial(box.number)
        await caller.ear.hears(sound.AGAIN)
        await caller.press("*")
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_person_who_does_not_answer_has_a_mailbox(
    company: Tenant, carrier: Carrier, postman: MailServer
) -> None:
    async with PlainPhone(company.account("101")) as desk:
        caller = carrier.call(OF_A_PERSON)
        await desk.rings()
        await speak_after_the_beep(caller)
        await caller.hang_up()

    letter = await postman.letter("person101@acme.test")
    assert sound.seconds_heard(letter.recording(), sound.CLARA) >= SPOKEN_S - SWALLOWED_S
    assert MOBILE in letter.subject + letter.text


async def test_a_mail_that_is_put_off_arrives_later_and_once(
    company: Tenant, a_box: Callable[..., Box], postman: MailServer
) -> None:
    box = a_box()
    postman.put_off(box.address, times=1)
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial(box.number)
        await speak_after_the_beep(caller)
        await caller.hang_up()

    message = await box.mails_are(**{box.user: "deferred"})
    assert [mail.last_status for mail in message.mails] == [451]

    await company.exchange.pbx("voicemail", "resend", message.id)
    await postman.letter(box.address)
    await box.mails_are(**{box.user: "sent"})
    await postman.letter(box.address)


async def test_a_recipient_who_does_not_exist_is_told_and_the_other_gets_the_mail(
    company: Tenant, a_box: Callable[..., Box], postman: MailServer
) -> None:
    box = a_box(emails='["nobody@acme.test", "somebody@acme.test"]')
    postman.refuse("nobody@acme.test")
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial(box.number)
        await speak_after_the_beep(caller)
        await caller.hang_up()

    await postman.letter("somebody@acme.test")
    message = await box.mails_are(nobody="bounced", somebody="sent")
    assert {mail.last_status for mail in message.mails} == {550, 250}
