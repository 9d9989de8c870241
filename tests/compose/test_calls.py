"""Phones on the machine that the containers run on, and callers in the network behind it."""

from dataclasses import replace

from tests.compose.callers import callers_inside
from tests.compose.conftest import GREETED, KEY_TO_101
from tests.compose.stack import Stack
from tests.support import sound
from tests.support.baresip import Phone
from tests.support.sipp import Callee, Caller
from tests.support.talks import two_who_talk
from tests.support.tenant import Tenant
from tests.support.waiting import until_told


async def test_two_phones_on_the_host_hear_each_other(office: Tenant[Stack]) -> None:
    calls = office.new_calls()
    async with two_who_talk(office) as (caller, callee):
        await caller.hang_up()
        await callee.closed()

    assert (await calls.one()).answered_by == "101"


async def test_an_operator_sees_whether_a_phone_is_there(
    office: Tenant[Stack], stack: Stack
) -> None:
    async with Phone(office.account("100")) as phone:
        await phone.registered()
        assert (await office.devices())["100"].is_registered

    async def is_away() -> bool:
        return not (await office.devices())["100"].is_registered

    await until_told(is_away, saying="the phone has signed off", pause_s=0.2)
    stack.inside("app", "pbx", "doctor")  # ends with another code when something is down


async def test_an_uploaded_prompt_is_heard_and_its_key_leads_on(office: Tenant[Stack]) -> None:
    async with (
        Phone(office.account("100"), plays=sound.ALICE) as caller,
        Phone(office.account("101"), plays=sound.BORIS, answers="auto") as callee,
    ):
        await callee.registered()
        await caller.registered()
        await caller.dial(GREETED)
        await caller.established()
        await caller.ear.hears(sound.WELCOME)
        await caller.press(KEY_TO_101)
        await callee.established()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()
        await callee.closed()


async def test_callers_behind_no_router_are_served_ten_times_over(
    office: Tenant[Stack], stack: Stack
) -> None:
    calls = office.new_calls()
    caller, callee = (replace(office.account(user), host="asterisk") for user in ("100", "101"))
    async with callers_inside(stack) as callers:
        await callers.answers(callee, Callee())
        await callers.call(caller, Caller(keys=KEY_TO_101, talks_ms=(500, 900)), GREETED, calls=10)

    assert [call.answered_by for call in await calls.ended(10)] == ["101"] * 10
