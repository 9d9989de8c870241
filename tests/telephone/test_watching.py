"""Those who watch over the exchange: is it alive, does it take calls, how busy is it."""

from collections.abc import Iterator

import pytest

from tests.support.baresip import Phone
from tests.support.database import PostgresServer, postgres_server
from tests.support.exchange import Exchange, started
from tests.support.hanging import hanging, nothing_is_started
from tests.support.monitoring import examples
from tests.support.scrape import Scrape, is_alive, readiness, scrape
from tests.support.talks import a_talk
from tests.support.tenant import Tenant
from tests.support.waiting import until_told
from tests.telephone.conftest import new_tenant

__all__ = ["postgres_server"]

pytestmark = pytest.mark.postgres

ASTERISK_IS_ASKED_S = 60.0
"""It is left alone for ten seconds, and what it does not say in three is left out."""


@pytest.fixture(scope="module")
def database_name(postgres_server: PostgresServer) -> Iterator[str]:
    """A database that can be taken away from the exchange here."""
    name = postgres_server.create()
    yield name
    postgres_server.drop(name)


@pytest.fixture(scope="module")
def fragile_exchange(postgres_server: PostgresServer, database_name: str) -> Iterator[Exchange]:
    """An exchange that the tests here may break."""
    with started(Exchange({"PBX_DATABASE_URL": postgres_server.url(database_name)})) as running:
        yield running


@pytest.fixture(scope="module")
def bureau(fragile_exchange: Exchange) -> Tenant:
    """A customer on that exchange."""
    return new_tenant(fragile_exchange, "100", "101")


async def a_wrong_number(tenant: Tenant) -> None:
    async with Phone(tenant.account("100")) as caller:
        await caller.registered()
        await caller.dial("199")
        await caller.closed()


async def test_a_call_changes_the_figures(bureau: Tenant, fragile_exchange: Exchange) -> None:
    before = await scrape(fragile_exchange)
    await a_wrong_number(bureau)
    async with a_talk(Phone(bureau.account("100")), Phone(bureau.account("101"))):

        async def the_talk_is_seen() -> Scrape | None:
            now = await scrape(fragile_exchange)
            is_seen = now.has_values("pbx_bridges") and now.sum_of("pbx_bridges") == 1
            have_answered = now.sum_of("pbx_devices_registered") == 2  # some seconds later
            return now if is_seen and have_answered and now.sum_of("pbx_calls") == 1 else None

        during = await until_told(
            the_talk_is_seen,
            within_s=ASTERISK_IS_ASKED_S,
            saying="the bridge of the talk and both phones are counted",
            pause_s=0.5,
        )
    await fragile_exchange.no_call_is_run()
    after = await scrape(fragile_exchange)

    assert during.sum_of("pbx_channels") == 2
    assert after.sum_of("pbx_calls") == 0

    def more(name: str, **labels: str) -> float:
        return after.sum_of(name, **labels) - before.sum_of(name, **labels)

    assert more("pbx_calls_taken_total", tenant_state="active", way_in="phone") == 2
    assert more("pbx_calls_ended_total") == 2
    assert more("pbx_calls_ended_total", tenant_state="active", result="normal") == 1
    assert more("pbx_calls_ended_total", tenant_state="active", result="no_such_number") == 1
    assert more("pbx_call_setup_seconds_count") == 1
    assert more("pbx_talk_seconds_total") > 0
    assert more("pbx_ari_request_seconds_count", operation="POST /channels/{}/answer") == 1
    assert more("pbx_event_loop_lag_seconds_count") > 0


async def test_dashboard_and_alerts_name_only_figures_and_labels_that_exist(
    fragile_exchange: Exchange,
) -> None:
    async def all_figures() -> Scrape | None:
        now = await scrape(fragile_exchange)
        others_told = now.has_values("pbx_channels") and now.has_values("pbx_outbox_mails")
        return now if others_told else None

    there = await until_told(
        all_figures, within_s=ASTERISK_IS_ASKED_S, saying="all is told", pause_s=0.5
    )

    mistakes = {place: wrong for place, query in examples() if (wrong := [*query.mistakes(there)])}
    assert mistakes == {}


async def test_an_exchange_that_has_lost_asterisk_says_so_until_it_is_back(
    fragile_exchange: Exchange,
) -> None:
    async def all_is_well() -> bool:
        told = await readiness(fragile_exchange)
        return told.status == 200 and not told.unwell

    async def is_not_ready() -> bool:
        told = await readiness(fragile_exchange)
        return told.status == 503 and told.unwell == {"asterisk"} and not told.ready

    await until_told(all_is_well, saying="calls are taken")
    died = fragile_exchange.asterisk_pid()
    with nothing_is_started(fragile_exchange):
        fragile_exchange.kill_asterisk()
        await until_told(is_not_ready, saying="Asterisk is missed")
        assert await is_alive(fragile_exchange), "the application itself is well"
    await fragile_exchange.has_another_asterisk_than(died)
    await until_told(all_is_well, saying="calls are taken again")


async def test_calls_are_taken_though_the_database_is_away_and_that_is_told(
    bureau: Tenant,
    fragile_exchange: Exchange,
    postgres_server: PostgresServer,
    database_name: str,
) -> None:
    async def steps_wait() -> bool:
        return (await scrape(fragile_exchange)).sum_of("pbx_journal_steps_waiting") > 0

    async with (
        Phone(bureau.account("100")) as caller,
        Phone(bureau.account("101"), answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await caller.established()
        postgres_server.shut(database_name)
        try:

            async def is_missed() -> bool:
                return (await readiness(fragile_exchange)).unwell == {"database"}

            await until_told(is_missed, saying="the database is missed")
            assert (await readiness(fragile_exchange)).status == 200, "calls go on without it"
            assert (await scrape(fragile_exchange)).sum_of("pbx_database_up") == 0
            await caller.hang_up()
            await callee.closed()
            await until_told(steps_wait, saying="the call's end waits")
        finally:
            postgres_server.open(database_name)

    async def all_is_written() -> bool:
        return not await steps_wait()

    await until_told(all_is_written, saying="the call's end is in the database")


async def test_an_application_that_hangs_does_not_answer(fragile_exchange: Exchange) -> None:
    with hanging(fragile_exchange):
        assert not await is_alive(fragile_exchange, within_s=1.0)
    assert await is_alive(fragile_exchange)
