"""The exchange as a service: systemd hears from it; here the test listens in its place."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.exchange import Exchange, started
from tests.support.hanging import hanging
from tests.support.service_socket import ServiceSocket
from tests.support.talks import they_still_talk, two_who_talk
from tests.support.tenant import Tenant
from tests.telephone.conftest import new_tenant

ALIVE = "WATCHDOG=1"


@pytest.fixture(scope="module")
def systemd() -> Iterator[ServiceSocket]:
    """Whoever has started the exchange; it wants three signs of life within a second."""
    with ServiceSocket(patience_s=1.0) as listening:
        yield listening


@pytest.fixture(scope="module")
def service(systemd: ServiceSocket) -> Iterator[Exchange]:
    """An exchange that was started as a service."""
    with started(Exchange(systemd.environment)) as running:
        yield running


@pytest.fixture(scope="module")
def office(service: Exchange) -> Tenant:
    """A customer on that exchange."""
    return new_tenant(service, "100", "101")


async def test_systemd_hears_that_the_exchange_ends_and_when_calls_are_taken_again(
    service: Exchange, systemd: ServiceSocket
) -> None:
    before = len(systemd.heard)
    assert await asyncio.to_thread(service.end) == 0
    ended = await systemd.hears("STOPPING=1", after=before)

    await asyncio.to_thread(service.start)
    ready = await systemd.hears("READY=1", after=ended)
    place = f"{service.host}:{service.sip_port}"
    assert f"STATUS=Calls at {place} are decided here; see `pbx doctor`" in systemd.heard[ended:]
    await systemd.hears(ALIVE, after=ready)


async def test_talkers_do_not_notice_an_application_that_hangs_and_it_is_replaced(
    service: Exchange, office: Tenant, systemd: ServiceSocket
) -> None:
    async with two_who_talk(office) as (caller, callee):
        before = len(systemd.heard)
        with hanging(service) as hung:
            doubted = await systemd.hears("STATUS=The application hangs", after=before)
            replaced = await systemd.hears(
                "STATUS=The application is being started", after=doubted, within_s=60
            )
            assert ALIVE not in systemd.heard[doubted:replaced]
            await they_still_talk(caller, callee)

            back = await systemd.hears("READY=1", after=replaced, within_s=60)
            await systemd.hears(ALIVE, after=back)
        assert service.application_pid() != hung
        assert "application_hangs" in service.log()
        await they_still_talk(caller, callee)

        await caller.hang_up()
        await callee.closed()
    await service.nothing_left()


async def test_asterisk_is_replaced_when_nobody_talks_any_more(
    service: Exchange, office: Tenant
) -> None:
    before = service.asterisk_pid()
    async with two_who_talk(office) as (caller, callee):
        await service.pbx("asterisk", "restart")
        await they_still_talk(caller, callee)
        assert service.asterisk_pid() == before

        await caller.hang_up()
        await callee.closed()
        await service.has_another_asterisk_than(before)
