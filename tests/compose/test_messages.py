"""A message that is left in the containers reaches people outside: by mail, and by a link in it."""

import re
from email import message_from_bytes, policy

import aiohttp
import msgspec

from tests.compose.stack import Stack
from tests.support import sound
from tests.support.baresip import Phone
from tests.support.mail_server import Letter
from tests.support.sip_call import SWALLOWED_S
from tests.support.tenant import Tenant
from tests.support.waiting import until_told

SPOKEN_S = 2.5
WITH_SOUND, WITH_LINK = "5120", "5121"


class _Recipient(msgspec.Struct, rename="pascal"):
    address: str


class _Listed(msgspec.Struct):
    id: str = msgspec.field(name="ID")
    to: list[_Recipient] = msgspec.field(name="To")


class _Listing(msgspec.Struct):
    messages: list[_Listed]


async def letter_to(stack: Stack, recipient: str) -> Letter:
    """Wait until the mail catcher has a letter to somebody."""
    catcher = f"http://127.0.0.1:{stack.mail_port}/api/v1"
    async with aiohttp.ClientSession() as session:

        async def is_there() -> Letter | None:
            async with session.get(f"{catcher}/messages") as answer:
                listing = msgspec.json.decode(await answer.read(), type=_Listing)
            for one in listing.messages:
                if recipient in [each.address for each in one.to]:
                    async with session.get(f"{catcher}/message/{one.id}/raw") as answer:
                        raw = await answer.read()
                    return Letter((recipient,), message_from_bytes(raw, policy=policy.default))
            return None

        return await until_told(is_there, saying=f"a letter to {recipient}", pause_s=0.2)


async def leave_a_message(office: Tenant[Stack], box: str, **settings: str) -> str:
    """Speak to a new mailbox; give the address that its mails go to."""
    address = f"box{box}@acme.test"
    plain = {"greeting": "welcome", "instructions": "false", "emails": f'["{address}"]'}
    office.add_element("voicemail", box, **plain, **settings)
    office.wait_until_in_effect()
    async with Phone(office.account("100"), plays=sound.ALICE) as caller:
        await caller.registered()
        await caller.dial(box)
        await caller.established()
        await caller.ear.hears(sound.WELCOME)
        await caller.ear.hears(sound.BEEP, for_s=0.2)
        await caller.receives_sound(for_s=SPOKEN_S)
        await caller.hang_up()
    return address


def seconds_spoken(wav: bytes) -> float:
    """For how long the caller is heard."""
    return sound.seconds_heard(sound.samples_in_wav(wav), sound.ALICE)


async def test_a_message_arrives_by_mail_as_it_was_spoken(
    office: Tenant[Stack], stack: Stack
) -> None:
    address = await leave_a_message(office, WITH_SOUND)

    ((_, wav),) = (await letter_to(stack, address)).attachments.items()
    assert seconds_spoken(wav) >= SPOKEN_S - SWALLOWED_S


async def test_the_link_in_a_mail_is_served_by_the_published_port(
    office: Tenant[Stack], stack: Stack
) -> None:
    address = await leave_a_message(office, WITH_LINK, attach="link")

    found = re.search(
        r"http://127\.0\.0\.1:\d+/voicemail/\S+", (await letter_to(stack, address)).text
    )
    assert found
    async with aiohttp.ClientSession() as session, session.get(found.group()) as answer:
        assert answer.status == 200
        assert seconds_spoken(await answer.read()) >= SPOKEN_S - SWALLOWED_S
