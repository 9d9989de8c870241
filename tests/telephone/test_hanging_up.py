"""The caller hangs up at every stage; nothing may be left, and the call list says what happened.

That no channel and no bridge is left is checked after every telephone test.
"""

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.sipp import LONGEST_S, Callee, Caller, Sipp
from tests.support.tenant import Tenant
from tests.telephone.conftest import let_many_call


async def test_the_caller_hangs_up_while_the_phone_rings(office: Tenant) -> None:
    async with Phone(office.account("100")) as caller, Phone(office.account("101")) as callee:
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await callee.rings()
        await caller.hears_ringing()

        await caller.hang_up()

        await callee.closed()
        await office.exchange.nothing_left()


async def test_the_caller_hangs_up_while_the_greeting_plays(office: Tenant) -> None:
    calls = office.new_calls()
    async with Phone(office.account("100")) as caller:
        await caller.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.hang_up()
        await office.exchange.nothing_left()

    record = await calls.one()
    assert record.ended_by == "caller"


async def test_the_caller_hangs_up_between_two_keys(office: Tenant) -> None:
    async with Phone(office.account("103")) as caller:
        await caller.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        await caller.press("4")
        await caller.hang_up()

        await office.exchange.nothing_left()


async def test_the_caller_hangs_up_while_the_phone_behind_the_greeting_rings(
    office: Tenant,
) -> None:
    async with Phone(office.account("103")) as caller, Phone(office.account("101")) as callee:
        await caller.registered()
        await callee.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)
        await caller.press("2")
        await callee.rings()

        await caller.hang_up()

        await callee.closed()
        await office.exchange.nothing_left()


@pytest.mark.parametrize("who", ["the caller", "the callee"])
async def test_somebody_hangs_up_while_both_talk(office: Tenant, who: str) -> None:
    async with (
        Phone(office.account("100"), plays=sound.ALICE) as caller,
        Phone(office.account("101"), plays=sound.BORIS) as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await callee.rings()
        await callee.answer()
        await caller.established()
        await caller.ear.hears(sound.BORIS)

        first, second = (caller, callee) if who == "the caller" else (callee, caller)
        await first.hang_up()

        await second.closed()
        await office.exchange.nothing_left()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [30, pytest.param(600, marks=pytest.mark.stress)])
async def test_callers_who_hang_up_at_the_moment_of_the_answer_leave_nothing(
    office: Tenant, count: int
) -> None:
    let_many_call(office, "101")
    calls = office.new_calls()
    answers_soon = Callee(ring_ms=(80, 160))
    hangs_up_soon = Caller(cancels_after_ms=(80, 160))
    async with (
        Sipp(office.account("101"), answers_soon) as callee,
        Sipp(office.account("100"), hangs_up_soon, number="101", calls=count, rate=10) as callers,
    ):
        score = await callers.finished(within_s=LONGEST_S + count / 10)
        await office.exchange.nothing_left()
        await office.exchange.no_call_is_run()
        assert score.failed == 0, callers.story()
        assert callee.score().failed == 0, callee.story()

    records = await calls.ended(count)
    assert {record.reason for record in records} <= {"cancelled", "normal"}
