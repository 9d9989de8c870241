"""One person with several phones: all ring, the first to answer talks, the rest fall silent."""

from collections.abc import Callable

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.sipp import Callee, Sipp
from tests.support.tenant import Tenant


@pytest.fixture(scope="module")
def household(a_tenant: Callable[..., Tenant]) -> Tenant:
    """Somebody at 100, and somebody at 101 with a phone on the desk and one in the kitchen."""
    tenant = a_tenant("100", "101")
    tenant.add_device("101-kitchen", extension="101", password="a-long-kitchen-password-1")
    tenant.wait_until_in_effect()
    return tenant


async def test_both_phones_ring_and_the_second_answers(household: Tenant) -> None:
    calls = household.new_calls()
    async with (
        Phone(household.account("100"), plays=sound.ALICE) as caller,
        Phone(household.account("101"), plays=sound.BORIS) as desk,
        Phone(household.account("101-kitchen"), plays=sound.CLARA) as kitchen,
    ):
        for phone in (caller, desk, kitchen):
            await phone.registered()
        await caller.dial("101")
        await desk.rings()
        await kitchen.rings()

        await kitchen.answer()

        await caller.established()
        await desk.closed()
        await caller.ear.hears(sound.CLARA)
        await kitchen.ear.hears(sound.ALICE)
        await caller.hang_up()
        await kitchen.closed()

    record = await calls.one()
    assert record.answered_by in ("101", "101-kitchen")


async def test_the_phone_that_was_too_late_shows_no_missed_call(household: Tenant) -> None:
    async with (
        Phone(household.account("100")) as caller,
        Phone(household.account("101")) as desk,
        Phone(household.account("101-kitchen")) as kitchen,
    ):
        for phone in (caller, desk, kitchen):
            await phone.registered()
        await caller.dial("101")
        await desk.rings()
        await kitchen.rings()
        await kitchen.answer()
        await desk.closed()

        (cancel,) = desk.messages("CANCEL", sent=False)
        reasons = [value for name, value in cancel.headers if name.lower() == "reason"]
        assert any("cause=26" in reason or "cause=200" in reason for reason in reasons), reasons

        await kitchen.hang_up()
        await caller.closed()


async def test_a_busy_phone_does_not_keep_the_other_from_ringing(household: Tenant) -> None:
    busy = Callee(refuse_chance=1.0, refuse_status="486 Busy Here")
    async with (
        Phone(household.account("100")) as caller,
        Sipp(household.account("101"), busy),
        Phone(household.account("101-kitchen")) as kitchen,
    ):
        await caller.registered()
        await kitchen.registered()
        await caller.dial("101")
        await kitchen.rings()
        await kitchen.answer()

        await caller.established()
        await kitchen.hang_up()
        await caller.closed()


async def test_a_person_who_declines_on_one_phone_is_not_rung_on_the_other(
    household: Tenant,
) -> None:
    declines = Callee(ring_ms=(500, 501), refuse_chance=1.0, refuse_status="603 Decline")
    async with (
        Phone(household.account("100")) as caller,
        Sipp(household.account("101"), declines),
        Phone(household.account("101-kitchen")) as kitchen,
    ):
        await caller.registered()
        await kitchen.registered()
        await caller.dial("101")
        await kitchen.rings()

        assert (await caller.closed())[:3] in ("403", "603")
        await kitchen.closed()


async def test_all_phones_fall_silent_when_the_caller_gives_up(household: Tenant) -> None:
    async with (
        Phone(household.account("100")) as caller,
        Phone(household.account("101")) as desk,
        Phone(household.account("101-kitchen")) as kitchen,
    ):
        for phone in (caller, desk, kitchen):
            await phone.registered()
        await caller.dial("101")
        await desk.rings()
        await kitchen.rings()

        await caller.hang_up()

        await desk.closed()
        await kitchen.closed()


async def test_two_phones_that_answer_at_the_same_moment_leave_one_talk(
    household: Tenant,
) -> None:
    async with (
        Phone(household.account("100"), plays=sound.ALICE) as caller,
        Phone(household.account("101"), plays=sound.BORIS, answers="auto") as desk,
        Phone(household.account("101-kitchen"), plays=sound.CLARA, answers="auto") as kitchen,
    ):
        for phone in (caller, desk, kitchen):
            await phone.registered()
        await caller.dial("101")
        await caller.established()

        await household.exchange.has_one_talk()
        await caller.ear.hears(sound.BORIS, sound.CLARA)

        await caller.hang_up()
