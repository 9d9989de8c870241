"""Calls that nobody answers: the caller's phone and the call list both tell why."""

from collections.abc import Callable

import pytest

from tests.support.baresip import Phone
from tests.support.sipp import Callee, Sipp
from tests.support.tenant import Tenant


async def test_a_caller_learns_that_the_other_is_busy(office: Tenant) -> None:
    calls = office.new_calls()
    async with Phone(office.account("100")) as caller, Phone(office.account("101")) as callee:
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await callee.rings()
        await callee.hang_up()

        assert (await caller.closed()).startswith("486")

    record = await calls.one()
    assert (record.reason, record.ended_by) == ("busy", "callee")
    assert record.answered_at is None


async def test_a_person_who_is_talking_on_their_only_line_is_busy(office: Tenant) -> None:
    async with (
        Phone(office.account("100")) as first_caller,
        Phone(office.account("102")) as second_caller,
        Phone(office.account("101"), lines=1) as callee,
    ):
        for phone in (first_caller, second_caller, callee):
            await phone.registered()
        await first_caller.dial("101")
        await callee.rings()
        await callee.answer()
        await first_caller.established()

        await second_caller.dial("101")
        assert (await second_caller.closed()).startswith("486")

        await first_caller.hang_up()
        await callee.closed()


async def test_a_caller_learns_that_nobody_picks_up(a_tenant: Callable[..., Tenant]) -> None:
    tenant = a_tenant("100", "101", ring_s=3)
    calls = tenant.new_calls()
    async with Phone(tenant.account("100")) as caller, Phone(tenant.account("101")) as callee:
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await callee.rings()
        await caller.hears_ringing()

        assert (await caller.closed()).startswith("480")
        await callee.closed()

    record = await calls.one()
    assert (record.reason, record.answered_at) == ("no_answer", None)


async def test_a_caller_learns_that_the_other_has_no_phone_switched_on(office: Tenant) -> None:
    calls = office.new_calls()
    async with Phone(office.account("100")) as caller:
        await caller.registered()
        await caller.dial("103")

        assert (await caller.closed()).startswith("480")

    assert (await calls.one()).reason == "unregistered"


async def test_a_caller_learns_that_the_other_declines(office: Tenant) -> None:
    calls = office.new_calls()
    declines = Callee(refuse_chance=1.0, refuse_status="603 Decline")
    async with Phone(office.account("100")) as caller, Sipp(office.account("103"), declines):
        await caller.registered()
        await caller.dial("103")

        assert (await caller.closed())[:3] in ("403", "603")

    assert (await calls.one()).reason == "declined"


async def test_a_caller_who_hangs_up_first_is_told_apart(office: Tenant) -> None:
    calls = office.new_calls()
    async with Phone(office.account("100")) as caller, Phone(office.account("101")) as callee:
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await callee.rings()
        await caller.hears_ringing()

        await caller.hang_up()
        await callee.closed()

    record = await calls.one()
    assert (record.reason, record.ended_by) == ("cancelled", "caller")


@pytest.mark.parametrize("number", ["4999", "5999", "0", "12345678901234567890", "nobody"])
async def test_a_number_that_does_not_exist_is_refused_and_not_silent(
    office: Tenant, number: str
) -> None:
    calls = office.new_calls()
    async with Phone(office.account("100")) as caller:
        await caller.registered()
        await caller.dial(number)

        assert (await caller.closed()).startswith("404")

    record = await calls.one()
    assert (record.dialled, record.reason) == (number, "no_such_number")


async def test_an_emergency_number_is_never_taken_for_an_extension(office: Tenant) -> None:
    async with Phone(office.account("100")) as caller:
        await caller.registered()
        await caller.dial("112")

        assert not (await caller.closed()).startswith("2")


@pytest.mark.parametrize(
    ("number", "cause", "status"),
    [("5201", "busy", "486"), ("5202", "declined", "403"), ("5203", "not_found", "404")],
)
async def test_a_hang_up_element_tells_the_phone_the_cause(
    office: Tenant, number: str, cause: str, status: str
) -> None:
    office.add_element("hang_up", number, cause=cause)
    office.wait_until_in_effect()
    async with Phone(office.account("100")) as caller:
        await caller.registered()
        await caller.dial(number)

        assert (await caller.closed()).startswith(status)
