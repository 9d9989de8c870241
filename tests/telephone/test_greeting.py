"""A caller in a greeting: every way out of it, told apart by the sound behind it."""

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.tenant import Tenant
from tests.telephone.conftest import PROMPT_S

NEXT_KEY_S = 30
"""As long as a greeting may wait for a second key."""


@pytest.mark.parametrize(("key", "extension"), [("1", "100"), ("2", "101")])
async def test_a_caller_leaves_the_greeting_by_a_key_and_talks(
    office: Tenant, key: str, extension: str
) -> None:
    async with (
        Phone(office.account("103"), plays=sound.ALICE) as caller,
        Phone(office.account(extension), plays=sound.BORIS) as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press(key)
        await callee.rings()
        await caller.ear.hears(sound.RINGBACK)
        await callee.answer()

        await caller.ear.hears(sound.BORIS)
        await callee.ear.hears(sound.ALICE)
        talking = caller.ear.mark()
        await caller.ear.hears(sound.BORIS, for_s=1.0, since=talking)
        assert caller.ear.seconds_of(sound.RINGBACK, since=talking) == 0
        await caller.hang_up()
        await callee.closed()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("times", [5, pytest.param(200, marks=pytest.mark.stress)])
async def test_a_callee_who_lifts_off_at_the_first_ring_is_heard(
    office: Tenant, times: int
) -> None:
    """The ringback that a caller in a greeting hears is a tone; it must not outlast the ringing."""
    async with (
        Phone(office.account("103"), plays=sound.ALICE) as caller,
        Phone(office.account("101"), plays=sound.BORIS, answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        for _ in range(times):
            await caller.dial("5000")
            await caller.established()
            await caller.press("2")
            await callee.established()

            await caller.ear.hears(sound.BORIS, since=caller.ear.mark())

            await caller.hang_up()
            await callee.closed()


@pytest.mark.parametrize("keys_as", ["rtpevent", "info"])
async def test_keys_count_however_the_phone_sends_them(office: Tenant, keys_as: str) -> None:
    async with Phone(office.account("103"), keys_as=keys_as) as caller:
        await caller.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("3")

        await caller.ear.hears(sound.NEWS, for_s=1.0)
        await caller.closed()


async def test_a_key_stops_the_prompt(office: Tenant) -> None:
    async with Phone(office.account("103")) as caller:
        await caller.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("3")
        await caller.ear.hears(sound.NEWS)

        assert caller.ear.seconds_of(sound.WELCOME) < PROMPT_S - 0.5
        await caller.hang_up()


async def test_a_key_acts_at_once_when_no_longer_entry_begins_with_it(office: Tenant) -> None:
    patient = {"next_digit_s": str(NEXT_KEY_S), "keys__3": "5101", "keys__44": "5102"}
    office.add_element("greeting", "5001", sound="welcome", **patient)
    office.wait_until_in_effect()
    async with Phone(office.account("103")) as caller:
        await caller.registered()
        await caller.dial("5001")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("3")
        await caller.ear.hears(sound.NEWS, within_s=NEXT_KEY_S / 2)
        await caller.hang_up()


async def test_an_entry_of_two_keys_is_understood(office: Tenant) -> None:
    async with Phone(office.account("103")) as caller:
        await caller.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("44")

        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_silent_caller_is_asked_again_and_leaves_in_the_end(office: Tenant) -> None:
    calls = office.new_calls()
    async with Phone(office.account("103")) as caller:
        await caller.registered()
        await caller.dial("5000")
        await caller.established()

        await caller.ear.hears(sound.WELCOME, for_s=PROMPT_S - 0.5)
        await caller.ear.hears(sound.STILL_THERE)
        await caller.ear.hears(sound.AGAIN)
        await caller.ear.hears(sound.SILENT_END)
        await caller.closed()

    record = await calls.one()
    assert (record.reason, record.ended_by) == ("no_route", "plan")


async def test_wrong_keys_are_told_and_lead_out_in_the_end(office: Tenant) -> None:
    async with Phone(office.account("103")) as caller:
        await caller.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("9")
        await caller.ear.hears(sound.SORRY)
        await caller.ear.hears(sound.AGAIN)
        await caller.press("8")

        await caller.ear.hears(sound.WRONG_END)
        assert caller.ear.seconds_of(sound.SILENT_END) == 0
        await caller.hang_up()


async def test_silence_and_wrong_keys_are_counted_apart(office: Tenant) -> None:
    async with Phone(office.account("103")) as caller:
        await caller.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("9")
        await caller.ear.hears(sound.SORRY)
        await caller.ear.hears(sound.STILL_THERE)
        await caller.ear.hears(sound.AGAIN, for_s=1.2)

        assert caller.ear.seconds_of(sound.SILENT_END) == 0
        assert caller.ear.seconds_of(sound.WRONG_END) == 0
        await caller.press("3")
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_a_caller_dials_an_extension_right_in_the_greeting(office: Tenant) -> None:
    async with (
        Phone(office.account("103"), plays=sound.ALICE) as caller,
        Phone(office.account("102"), plays=sound.CLARA, answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("102")

        await callee.established()
        await caller.ear.hears(sound.CLARA)
        await caller.hang_up()
        await callee.closed()


async def test_an_extension_outside_the_allow_list_cannot_be_dialled_in_the_greeting(
    office: Tenant,
) -> None:
    async with (
        Phone(office.account("102")) as caller,
        Phone(office.account("103")) as not_allowed,
    ):
        await caller.registered()
        await not_allowed.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("103")
        await caller.ear.hears(sound.SORRY)
        await caller.hang_up()

        assert not not_allowed.messages("INVITE", sent=False)
