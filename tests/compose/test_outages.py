"""Containers die, are replaced and come back in the middle of talks."""

from contextlib import suppress

from tests.compose.stack import Stack
from tests.containers.exchange import CommandFailed
from tests.containers.records import whole_record_of
from tests.support.talks import they_still_talk, two_who_talk
from tests.support.tenant import Tenant
from tests.support.waiting import until_told


async def test_talkers_do_not_notice_that_the_application_was_killed(
    office: Tenant[Stack], stack: Stack
) -> None:
    calls = office.new_calls()
    async with two_who_talk(office) as (caller, callee):
        await stack.docker_soon("kill", stack.container("app"))
        await they_still_talk(caller, callee)

        await stack.up_soon()
        await they_still_talk(caller, callee)

        await caller.hang_up()
        await callee.closed()

    await whole_record_of(calls)


async def test_talkers_do_not_notice_an_upgrade_of_the_application(
    office: Tenant[Stack], stack: Stack
) -> None:
    calls, before = office.new_calls(), stack.container("app")
    async with two_who_talk(office) as (caller, callee):
        await stack.up_soon("--force-recreate", "--no-deps", "app")
        await they_still_talk(caller, callee)

        await caller.hang_up()
        await callee.closed()

    assert stack.container("app") != before
    await whole_record_of(calls)


async def test_a_restart_of_the_database_loses_neither_talk_nor_record(
    office: Tenant[Stack], stack: Stack
) -> None:
    calls = office.new_calls()
    async with two_who_talk(office) as (caller, callee):
        await stack.compose_soon("restart", "postgres")
        await they_still_talk(caller, callee)
        await caller.hang_up()
        await callee.closed()

    await stack.up_soon()
    await whole_record_of(calls)


async def test_a_talk_that_ends_while_the_database_is_away_is_in_the_call_list_afterwards(
    office: Tenant[Stack], stack: Stack
) -> None:
    calls = office.new_calls()
    async with two_who_talk(office) as (caller, callee):
        await stack.compose_soon("stop", "postgres")
        await they_still_talk(caller, callee)
        await caller.hang_up()
        await callee.closed()
        await stack.up_soon()

    await whole_record_of(calls)


async def test_telephones_work_again_after_asterisk_alone_was_started_anew(
    office: Tenant[Stack], stack: Stack
) -> None:
    calls = office.new_calls()
    asterisk, application = stack.seen("asterisk"), stack.seen("app")
    async with two_who_talk(office):
        await stack.compose_soon("kill", "asterisk")
        await stack.up_soon()

    assert (await calls.one()).ended_at is not None
    async with two_who_talk(office) as (caller, callee):
        await caller.hang_up()
        await callee.closed()
    assert stack.seen("asterisk").started_at != asterisk.started_at
    assert stack.seen("app").started_at == application.started_at


async def test_a_container_that_dies_by_itself_is_started_again(
    office: Tenant[Stack], stack: Stack
) -> None:
    before = stack.seen("asterisk").started_at
    with suppress(CommandFailed):  # what is typed in a container ends with it
        await stack.asterisk_says("core stop now")

    async def is_back() -> bool:
        return stack.seen("asterisk").started_at != before

    await until_told(is_back, saying="Asterisk runs again", pause_s=0.5)
    await stack.up_soon()
    async with two_who_talk(office) as (caller, callee):
        await caller.hang_up()
        await callee.closed()


async def test_who_starts_everything_once_more_changes_nothing(
    office: Tenant[Stack], stack: Stack
) -> None:
    running = ("postgres", "asterisk", "app")
    before = [(stack.container(one), stack.seen(one).started_at) for one in running]
    async with two_who_talk(office) as (caller, callee):
        await stack.up_soon()
        await they_still_talk(caller, callee)
        await caller.hang_up()
        await callee.closed()

    assert [(stack.container(one), stack.seen(one).started_at) for one in running] == before
