"""The exchange as services of a machine: what becomes of talks when its parts are ended."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.containers.records import whole_record_of
from tests.support import sound
from tests.support.baresip import Phone
from tests.support.talks import they_still_talk, two_who_talk
from tests.support.tenant import Tenant
from tests.systemd.machine import Machine, Processes


async def heard_on_through(
    office: Tenant[Machine],
    machine: Machine,
    harm: Callable[[Processes], Awaitable[object]],
    *,
    anew: Callable[[Processes], int],
) -> tuple[Processes, Processes]:
    """Harm the exchange during a talk: nobody notices, Asterisk stays, the record is whole.

    Args:
        office: Who talks.
        machine: Where the exchange is.
        harm: What is done, given who is at work.
        anew: The process that has to be another one afterwards.

    Returns:
        Who was at work before, and who is now.
    """
    calls, before = office.new_calls(), await machine.processes()
    async with two_who_talk(office) as (caller, callee):
        harming = asyncio.ensure_future(harm(before))
        await they_still_talk(caller, callee)
        await harming
        now = await machine.is_back(lambda seen: anew(seen) not in (0, anew(before)))
        await they_still_talk(caller, callee)
        await caller.hang_up()
        await callee.closed()

    assert now.asterisk == before.asterisk
    await whole_record_of(calls)
    return before, now


async def test_talkers_do_not_notice_an_upgrade_of_the_application(
    office: Tenant[Machine], machine: Machine
) -> None:
    before, now = await heard_on_through(
        office,
        machine,
        lambda _: machine.run_soon("systemctl", "restart", "pbx"),
        anew=lambda processes: processes.supervisor,
    )
    assert now.application != before.application


async def test_talkers_do_not_notice_an_application_that_hangs(
    office: Tenant[Machine], machine: Machine
) -> None:
    before, now = await heard_on_through(
        office,
        machine,
        lambda processes: machine.send("STOP", processes.application),
        anew=lambda processes: processes.application,
    )
    assert now.supervisor == before.supervisor


async def test_talkers_do_not_notice_that_systemd_looks_after_a_supervisor_that_hangs(
    office: Tenant[Machine], machine: Machine
) -> None:
    before, now = await heard_on_through(
        office,
        machine,
        lambda processes: machine.send("STOP", processes.supervisor),
        anew=lambda processes: processes.supervisor,
    )
    assert now.application != before.application


async def test_talkers_do_not_notice_that_the_whole_service_was_killed(
    office: Tenant[Machine], machine: Machine
) -> None:
    await heard_on_through(
        office,
        machine,
        lambda _: machine.run_soon("systemctl", "kill", "--signal=KILL", "--kill-whom=all", "pbx"),
        anew=lambda processes: processes.supervisor,
    )


async def test_who_calls_while_the_application_is_restarted_gets_through(
    office: Tenant[Machine], machine: Machine
) -> None:
    async with (
        Phone(office.account("100"), plays=sound.ALICE) as caller,
        Phone(office.account("101"), plays=sound.BORIS, answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        restarting = asyncio.create_task(machine.run_soon("systemctl", "restart", "pbx"))
        await caller.dial("101")
        await caller.established(within_s=60)
        await they_still_talk(caller, callee)
        await restarting
        await they_still_talk(caller, callee)
        await caller.hang_up()


async def test_an_asterisk_that_died_is_started_again_and_calls_go_through(
    office: Tenant[Machine], machine: Machine
) -> None:
    before = await machine.processes()
    async with two_who_talk(office):
        await machine.send("KILL", before.asterisk)
        now = await machine.is_back(lambda seen: seen.asterisk not in (0, before.asterisk))

    assert now.application == before.application
    await machine.doctor_is_content()
    async with two_who_talk(office) as (caller, callee):
        await caller.hang_up()
        await callee.closed()


async def test_asterisk_is_replaced_between_calls(
    office: Tenant[Machine], machine: Machine
) -> None:
    before = await machine.processes()
    async with two_who_talk(office) as (caller, callee):
        await machine.pbx("asterisk", "restart")
        await they_still_talk(caller, callee)
        assert await machine.processes() == before
        await caller.hang_up()
        await callee.closed()

    await machine.is_back(lambda seen: seen.asterisk not in (0, before.asterisk))
    await machine.doctor_is_content()


async def test_after_a_reboot_calls_are_taken_without_a_hand_being_moved(
    office: Tenant[Machine], machine: Machine
) -> None:
    calls = office.new_calls()
    async with two_who_talk(office) as (caller, callee):
        await caller.hang_up()
        await callee.closed()
    earlier = await whole_record_of(calls)

    await machine.reboot()
    await machine.doctor_is_content()
    async with two_who_talk(office) as (caller, callee):
        await caller.hang_up()
        await callee.closed()

    first, _ = await calls.ended(2)
    assert first == earlier
