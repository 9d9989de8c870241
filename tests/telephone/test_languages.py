"""Callers and owners hear what Asterisk itself says in the language of their company."""

from collections.abc import Callable

import pytest

from tests.support import sound
from tests.support.plain_phone import PlainPhone
from tests.support.speech import ALIKE, hears_prompt, likeness, prompt
from tests.support.tenant import Tenant

BOX, MENU, GREETING = "5120", "5900", "5000"
SPOKEN_S = 2.5
OTHER = {"ru": "en", "en": "ru"}


@pytest.fixture(scope="module")
def speaking(a_tenant: Callable[..., Tenant]) -> Callable[[str], Tenant]:
    """The company of a language: a mailbox, a menu for owners, and a greeting."""
    made: dict[str, Tenant] = {}

    def company(language: str) -> Tenant:
        if language not in made:
            tenant = made[language] = a_tenant("100", ring_s=1)
            tenant.exchange.pbx_now("tenant", "set", tenant.name, "--language", language)
            tenant.add_element("voicemail", BOX)
            tenant.add_element("mailbox", MENU, envelope="false")
            tenant.add_element("greeting", GREETING, sound="asterisk:hello", keys__1="100")
            tenant.wait_until_in_effect()
        return made[language]

    return company


def test_no_prompt_is_taken_for_that_of_the_other_language() -> None:
    for name in ("vm-isunavail", "pbx-invalid", "vm-msgsaved", "digits/5"):
        spoken = {one: prompt(name, one) for one in OTHER}
        for language, recording in spoken.items():
            assert likeness(recording, recording) > 0.99
            assert likeness(recording, spoken[OTHER[language]]) < ALIKE / 2


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_a_caller_is_greeted_by_a_mailbox_in_the_language_of_the_company(
    speaking: Callable[[str], Tenant], language: str
) -> None:
    async with PlainPhone(speaking(language).account("100")) as phone:
        call = phone.dial(BOX)
        for name in ("vm-theperson", "digits/5", "digits/1", "digits/2", "digits/0"):
            await hears_prompt(call.ear, name, language)
        await hears_prompt(call.ear, "vm-isunavail", language)
        await call.hang_up()


async def test_a_wrong_key_is_regretted_in_the_language_of_the_company(
    speaking: Callable[[str], Tenant],
) -> None:
    async with PlainPhone(speaking("ru").account("100")) as phone:
        call = phone.dial(GREETING)
        await hears_prompt(call.ear, "hello", "ru")
        await call.press("7")
        await hears_prompt(call.ear, "pbx-invalid", "ru")
        await call.hang_up()


async def test_an_owner_hears_in_the_language_of_the_company_that_a_message_waits(
    speaking: Callable[[str], Tenant],
) -> None:
    company, owner, language = speaking("ru"), "210", "ru"
    company.add_extension(owner, ring_s=1)
    company.set_extension(owner, voicemail="true", mailbox__instructions="false")
    company.wait_until_in_effect()
    async with PlainPhone(company.account("100"), plays=sound.BORIS) as phone:
        call = phone.dial(owner)
        await call.ear.hears(sound.BEEP, for_s=0.2)
        await call.speaks(SPOKEN_S)
        await call.press("#")
        await hears_prompt(call.ear, "vm-msgsaved", language)
        await call.hang_up()
    await company.exchange.nothing_left()

    async with PlainPhone(company.account(owner)) as phone:
        call = phone.dial(MENU)
        for word in ("vm-youhave", "digits/1n", "vm-newn", "vm-message"):
            await hears_prompt(call.ear, word, language)
        await call.ear.hears(sound.BORIS, for_s=1.0)
        await hears_prompt(call.ear, "vm-tocallback", language)
        await call.press("#")
        await hears_prompt(call.ear, "vm-goodbye", language)
        await call.closed()
