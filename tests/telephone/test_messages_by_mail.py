"""How a message comes with its mail: as MP3, or as a link that works for nobody who alters it."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import aiohttp
import numpy as np
import pytest
import soundfile

from tests.support import sound
from tests.support.mail_server import Letter, MailServer
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SWALLOWED_S
from tests.support.tenant import Tenant
from tests.support.waiting import until_told

SPOKEN_S = 2.5
AS_MP3, AS_LINK, WITHOUT = "5120", "5121", "5122"


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path]) -> Tenant:
    """Somebody who leaves messages in three mailboxes, each of which mails in its own way."""
    tenant = a_tenant("100")
    tenant.add_sound("welcome", sounds["again"])
    for number, attach in ((AS_MP3, "mp3"), (AS_LINK, "link"), (WITHOUT, "none")):
        tenant.add_element(
            *("voicemail", number),
            greeting="welcome",
            instructions="false",
            emails=f'["{address_of(number)}"]',
            attach=attach,
        )
    tenant.wait_until_in_effect()
    return tenant


def address_of(box: str) -> str:
    """Who gets the mails of a mailbox."""
    return f"kept{box}@acme.test"


async def letter_with(company: Tenant, postman: MailServer, box: str) -> Letter:
    """Leave a message, and wait for its mail."""
    async with PlainPhone(company.account("100"), plays=sound.ALICE) as phone:
        caller = phone.dial(box)
        await caller.ear.hears(sound.AGAIN)
        await caller.press("1")
        await caller.ear.hears(sound.BEEP, for_s=0.2)
        await caller.speaks(SPOKEN_S)
        await caller.hang_up()
    return await postman.letter(address_of(box))


def samples_in_mp3(content: bytes) -> sound.Samples:
    """What is heard in an MP3."""
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert (file.format, file.samplerate, file.channels) == ("MP3", sound.SAMPLE_RATE_HZ, 1)
        return np.asarray(file.read(dtype="int16"), np.int16)


def altered(token: str, place: int) -> str:
    """The same with another letter in one place."""
    other = "B" if token[place] == "A" else "A"
    return token[:place] + other + token[place + 1 :]


async def status_of(session: aiohttp.ClientSession, url: str) -> int:
    """What our HTTP server says to whoever opens this."""
    async with session.get(url) as answer:
        return answer.status


async def test_a_message_comes_as_an_mp3_in_which_it_is_heard(
    company: Tenant, postman: MailServer
) -> None:
    letter = await letter_with(company, postman, AS_MP3)

    ((name, content),) = letter.attachments.items()
    assert name.endswith(".mp3")
    heard_s = sound.seconds_heard(samples_in_mp3(content), sound.ALICE)
    assert SPOKEN_S - SWALLOWED_S <= heard_s < 2 * SPOKEN_S


async def test_a_link_brings_the_message_to_its_owner_alone(
    company: Tenant, postman: MailServer
) -> None:
    letter = await letter_with(company, postman, AS_LINK)
    assert not letter.attachments
    found = re.search(r"(http://\S+/voicemail/)([\w-]+)", letter.text)
    assert found, letter.text
    start, token = found.groups()

    async with aiohttp.ClientSession() as session:
        async with session.get(start + token) as answer:
            assert answer.status == 200
            samples = sound.samples_in_wav(await answer.read())
        assert sound.seconds_heard(samples, sound.ALICE) >= SPOKEN_S - SWALLOWED_S

        wrong = [altered(token, place) for place in range(0, len(token) - 2, 7)]
        wrong += [token[:-4], token[4:], f"{token}AAAA", "A" * len(token), "%00", "..%2f..%2fetc"]
        answers = [await status_of(session, start + one) for one in wrong]
        assert answers == [404] * len(wrong)

        (message,) = await company.messages(AS_LINK)
        company.remove_message(message.id)

        async def is_gone() -> bool:
            return await status_of(session, start + token) == 404

        await until_told(is_gone, saying="the link is dead with its message")


async def test_a_mail_may_only_tell_that_there_is_a_message(
    company: Tenant, postman: MailServer
) -> None:
    letter = await letter_with(company, postman, WITHOUT)

    assert not letter.attachments
    assert "http" not in letter.text
    assert "100" in letter.subject + letter.text
    assert len(await company.messages(WITHOUT)) == 1
