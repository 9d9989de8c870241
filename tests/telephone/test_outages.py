"""The application or Asterisk dies in the middle of calls, and comes back."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.exchange import Exchange, started
from tests.support.talks import they_hear_each_other, they_still_talk, two_who_talk
from tests.support.tenant import Tenant
from tests.support.waiting import until
from tests.telephone.conftest import add_greeting, new_tenant


@pytest.fixture(scope="module")
def fragile_exchange() -> Iterator[Exchange]:
    """An exchange that the tests here may break."""
    with started(Exchange()) as running:
        yield running


@pytest.fixture(scope="module")
def workshop(fragile_exchange: Exchange, sounds: dict[str, Path]) -> Tenant:
    """A customer on that exchange."""
    tenant = new_tenant(fragile_exchange, "100", "101", "102")
    add_greeting(tenant, sounds)
    return tenant


async def test_talkers_do_not_notice_that_the_application_died_and_came_back(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    calls = workshop.new_calls()
    async with two_who_talk(workshop) as (caller, callee):
        fragile_exchange.kill_application()
        await they_still_talk(caller, callee)

        await fragile_exchange.starts_again()
        await they_still_talk(caller, callee)

        await caller.hang_up()
        await callee.closed()
        await fragile_exchange.nothing_left()

    record = await calls.one()
    assert (record.caller_number, record.dialled) == ("100", "101")


async def test_a_talk_that_ends_while_the_application_is_dead_is_closed_after_its_return(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    calls = workshop.new_calls()
    async with two_who_talk(workshop) as (caller, callee):
        fragile_exchange.kill_application()
        await caller.hang_up()

        await fragile_exchange.starts_again()

        await callee.closed()
        await fragile_exchange.nothing_left()

    record = await calls.one()
    assert (record.ended_by, record.reason) == ("caller", "normal")


async def test_a_callee_who_hangs_up_while_the_application_is_dead_is_not_rung_again(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    calls = workshop.new_calls()
    async with two_who_talk(workshop) as (caller, callee):
        fragile_exchange.kill_application()
        await callee.hang_up()

        await fragile_exchange.starts_again()

        await caller.closed()
        await fragile_exchange.nothing_left()

    record = await calls.one()
    assert (record.ended_by, record.reason) == ("callee", "normal")


async def test_who_picks_up_while_the_application_is_dead_is_connected_after_its_return(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    calls = workshop.new_calls()
    async with (
        Phone(workshop.account("100"), plays=sound.ALICE) as caller,
        Phone(workshop.account("101"), plays=sound.BORIS) as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await callee.rings()
        fragile_exchange.kill_application()
        await callee.answer()

        await fragile_exchange.starts_again()

        await caller.established()
        await they_hear_each_other(caller, callee)
        await caller.hang_up()
        await callee.closed()

    record = await calls.one()
    assert (record.answered_by, record.ended_by, record.reason) == ("101", "caller", "normal")


async def test_somebody_who_calls_while_the_application_leaves_is_answered_by_the_next(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    async with (
        two_who_talk(workshop) as (caller, callee),
        Phone(workshop.account("102"), plays=sound.CLARA) as late,
    ):
        await late.registered()
        leaving = fragile_exchange.application_pid()
        assert leaving is not None
        os.kill(leaving, signal.SIGTERM)
        await until(
            lambda: '"event": "draining"' in fragile_exchange.log(), saying="the application leaves"
        )
        await late.dial("5000")
        await late.established()
        await late.ear.hears(sound.WELCOME)
        assert fragile_exchange.application_pid() != leaving
        await late.hang_up()

        await they_still_talk(caller, callee)
        await caller.hang_up()
        await callee.closed()


async def test_a_caller_in_a_greeting_is_served_after_the_application_came_back(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    calls = workshop.new_calls()
    async with (
        Phone(workshop.account("102"), plays=sound.CLARA) as caller,
        Phone(workshop.account("101"), plays=sound.BORIS) as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("5000")
        await caller.established()
        await caller.ear.hears(sound.WELCOME)

        fragile_exchange.kill_application()
        await fragile_exchange.starts_again()

        await caller.ear.hears(sound.WELCOME, since=caller.ear.mark())
        await caller.press("2")
        await callee.rings()
        await callee.answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()
        await callee.closed()

    assert (await calls.one()).ended_at is not None


async def test_new_calls_work_after_the_application_came_back(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    fragile_exchange.kill_application()
    await fragile_exchange.starts_again()

    async with two_who_talk(workshop) as (caller, callee):
        await caller.hang_up()
        await callee.closed()


async def test_a_colleague_can_be_called_while_there_is_no_application(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    """Asterisk alone rings the extension after it has asked the application for ten seconds."""
    async with (
        Phone(workshop.account("100"), plays=sound.ALICE) as caller,
        Phone(workshop.account("101"), plays=sound.BORIS) as callee,
    ):
        await caller.registered()
        await callee.registered()
        async with fragile_exchange.without_application():
            await caller.dial("101")
            await callee.rings()
            await callee.answer()
            await caller.established()
            await caller.ear.hears(sound.BORIS)
            await callee.ear.hears(sound.ALICE)
            await caller.hang_up()
            await callee.closed()


async def test_telephones_work_again_after_asterisk_died(
    workshop: Tenant, fragile_exchange: Exchange
) -> None:
    calls = workshop.new_calls()
    async with two_who_talk(workshop):
        died = fragile_exchange.asterisk_pid()
        fragile_exchange.kill_asterisk()
        await fragile_exchange.has_another_asterisk_than(died)

    assert (await calls.one()).ended_at is not None
    async with two_who_talk(workshop) as (caller, callee):
        await caller.hang_up()
        await callee.closed()


async def test_the_exchange_ends_in_good_order_and_leaves_no_process() -> None:
    running = Exchange()
    try:
        running.start()
        application, asterisk = running.application_pid(), running.asterisk_pid()

        assert await asyncio.to_thread(running.end) == 0

        assert not any(running.is_alive(pid) for pid in (application, asterisk))
    finally:
        running.close()
