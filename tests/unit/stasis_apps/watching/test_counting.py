"""What is counted of calls, of requests to Asterisk, and of mails that wait."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from ari_client import AriClient, AriError, ResourceGone
from ari_client.testing import FakeAsterisk
from models import outbox, provisioning
from models.call_log import CallWrite, ClosedCall, JournalLine, OpenedCall
from models.delivery import Delivery, DeliveryState
from models.facts import TenantFacts
from stasis_apps.call_webhooks import LEFT_FIRST
from stasis_apps.decisions.ending import Reason
from stasis_apps.emergency_way import EMERGENCY_CALL
from stasis_apps.journal import What
from stasis_apps.plan_store import PlanStore
from stasis_apps.services.limit_notices import LIMIT_REACHED
from stasis_apps.services.notices import Notice, Notices
from stasis_apps.services.spool import Spool
from stasis_apps.watching import loop_lag
from stasis_apps.watching.asked import Asked
from stasis_apps.watching.counted_steps import CountedSteps
from stasis_apps.watching.figures import Figures
from stasis_apps.watching.timed_requests import TimedRequests
from tests.support.scrape import Scrape, read_scrape
from tests.support.waiting import until
from tests.unit.ari_client.builders import SETTINGS
from tests.unit.stasis_apps.outside import a_planned_tenant

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CALL = "pbx-1.1"


@dataclass
class Shelf:
    """Keeps steps."""

    steps: list[CallWrite] = field(default_factory=list)

    def put(self, step: CallWrite) -> None:
        """Keep one."""
        self.steps.append(step)


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")


@pytest.fixture
async def plans(acme: TenantFacts, tmp_path: Path) -> PlanStore:
    store = PlanStore(tmp_path)
    await store.refresh()
    return store


@pytest.fixture
def figures() -> Figures:
    return Figures()


def told(figures: Figures) -> Scrape:
    return read_scrape(generate_latest(figures.registry).decode())


def opened(tenant_id: int) -> OpenedCall:
    return OpenedCall(
        id=CALL,
        tenant_id=tenant_id,
        channel_id=CALL,
        revision=1,
        how="phone",
        caller_number="100",
        caller_name="",
        caller_device=None,
        dialled="101",
        started_at=NOON,
    )


def step(tenant_id: int, what: What, after_s: float) -> JournalLine:
    at = NOON + timedelta(seconds=after_s)
    return JournalLine(tenant_id=tenant_id, call_id=CALL, seq=1, at=at, what=what)


def closed(tenant_id: int, reason: Reason = Reason.NORMAL, talk_s: float = 0.0) -> ClosedCall:
    return ClosedCall(
        id=CALL,
        tenant_id=tenant_id,
        ended_at=NOON,
        ended_by="caller",
        reason=reason,
        comment="",
        talk_s=talk_s,
    )


async def test_what_is_recorded_is_what_is_counted(
    acme: TenantFacts, plans: PlanStore, figures: Figures
) -> None:
    shelf = Shelf()
    steps = CountedSteps(shelf, figures, plans)
    whole_call: list[CallWrite] = [
        opened(acme.id),
        step(acme.id, What.RANG, 0.3),
        step(acme.id, What.RANG, 0.9),
        step(acme.id, What.ANSWERED, 4.0),
        step(acme.id, What.FAULT, 5.0),
        closed(acme.id, talk_s=7.5),
    ]

    for one in whole_call:
        steps.put(one)

    assert shelf.steps == whole_call
    seen = told(figures)
    assert seen.sum_of("pbx_calls_taken_total", tenant_state="active", way_in="phone") == 1
    assert seen.sum_of("pbx_calls_ended_total", tenant_state="active", result="normal") == 1
    assert seen.sum_of("pbx_call_setup_seconds_count") == 1
    assert seen.sum_of("pbx_call_setup_seconds_sum") == pytest.approx(0.3)
    assert seen.sum_of("pbx_talk_seconds_total") == 7.5
    assert seen.sum_of("pbx_call_faults_total") == 1


async def test_what_servers_of_tenants_came_to_is_counted_and_their_time_is_no_silence(
    acme: TenantFacts, plans: PlanStore, figures: Figures
) -> None:
    steps = CountedSteps(Shelf(), figures, plans)
    steps.put(opened(acme.id))
    for reason in ("", "it cannot be reached", LEFT_FIRST):
        asked = step(acme.id, What.REQUESTED, 2.1)
        steps.put(replace(asked, reason=reason, facts={"took_s": 2.0}))

    seen = told(figures)

    for result in ("answered", "unusable", "given_up"):
        assert seen.sum_of("pbx_http_request_seconds_count", result=result) == 1
        assert seen.sum_of("pbx_http_request_seconds_sum", result=result) == 2.0
    assert seen.sum_of("pbx_call_setup_seconds_sum") == pytest.approx(0.1)


async def test_a_call_that_nobody_heard_ringing_has_no_setup_time(
    acme: TenantFacts, plans: PlanStore, figures: Figures
) -> None:
    steps = CountedSteps(Shelf(), figures, plans)

    steps.put(opened(acme.id))
    steps.put(closed(acme.id, Reason.NO_SUCH_NUMBER))
    steps.put(step(acme.id, What.RANG, 1.0))  # a step that comes late belongs to no call any more

    assert told(figures).sum_of("pbx_call_setup_seconds_count") == 0


async def test_an_adopted_call_counts_at_its_end_and_as_that_of_a_removed_tenant(
    plans: PlanStore, figures: Figures
) -> None:
    steps = CountedSteps(Shelf(), figures, plans)

    steps.put(step(99, What.ADOPTED, 0.0))
    steps.put(step(99, What.ANSWERED, 1.0))
    steps.put(closed(99))

    seen = told(figures)
    assert seen.sum_of("pbx_calls_taken_total") == 0
    assert seen.sum_of("pbx_call_setup_seconds_count") == 0
    assert seen.sum_of("pbx_calls_ended_total", tenant_state="removed") == 1


async def test_every_request_is_timed_and_those_that_fail_are_told_apart(figures: Figures) -> None:
    fake = FakeAsterisk()
    async with AriClient(SETTINGS, TimedRequests(fake, figures)) as ari:
        await ari.channels.list()
        with pytest.raises(ResourceGone):
            await ari.channels.get("pbx-17.5")
        fake.is_down = True
        with pytest.raises(AriError):
            await ari.bridges.list()

    seen = told(figures)
    assert seen.sum_of("pbx_ari_request_seconds_count", operation="GET /channels") == 1
    gone = {"operation": "GET /channels/{}", "status": "404"}
    assert seen.sum_of("pbx_ari_request_errors_total", **gone) == 1
    silent = {"operation": "GET /bridges", "status": "none"}
    assert seen.sum_of("pbx_ari_request_errors_total", **silent) == 1
    assert seen.sum_of("pbx_ari_request_seconds_count", operation="GET /bridges") == 0


async def test_asterisk_is_asked_once_however_many_want_to_know() -> None:
    fake = FakeAsterisk()
    async with AriClient(SETTINGS, fake) as ari:
        asked = Asked(ari.channels.list, every_s=10, limit_s=5)

        await asyncio.gather(*(asked.renew() for _ in range(5)))

        assert asked.answer == ()
        assert [one.path for one in fake.requests].count("/channels") == 1


async def test_what_asterisk_does_not_tell_is_not_told() -> None:
    fake = FakeAsterisk()
    async with AriClient(SETTINGS, fake) as ari:
        asked = Asked(ari.channels.list, every_s=0, limit_s=5)
        await asked.renew()
        fake.is_down = True

        await asked.renew()

        assert asked.answer is None


async def test_an_empty_outbox_says_zero_in_every_state(database: str) -> None:
    assert await outbox.count_unsent(Delivery) == {
        DeliveryState.QUEUED: 0,
        DeliveryState.DEFERRED: 0,
        DeliveryState.BOUNCED: 0,
    }


async def test_whoever_holds_up_the_event_loop_is_seen(
    figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_lag, "PERIOD_S", 0.01)
    watching = asyncio.create_task(loop_lag.watch_lag(figures.lag))
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251 - this is the one that holds it up

    def is_seen() -> bool:
        seen = told(figures)
        quick = seen.sum_of("pbx_event_loop_lag_seconds_bucket", le="0.2")
        return seen.sum_of("pbx_event_loop_lag_seconds_count") > quick

    await until(is_seen, saying="the loop was 0.3 s late")
    watching.cancel()


async def test_what_administrators_are_told_is_counted_by_its_kind() -> None:
    notices = Notices()

    for kind in (LIMIT_REACHED, LIMIT_REACHED, EMERGENCY_CALL):
        notices.tell(Notice(tenant=a_planned_tenant(), kind=kind, at=NOON, call_id=CALL))

    assert notices.told_by_kind == {LIMIT_REACHED: 2, EMERGENCY_CALL: 1}


def test_what_waits_on_disk_counts_until_the_database_has_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "journal.spool")
    assert spool.size_bytes == 0

    spool.keep([step(1, What.RANG, 0.3)])
    kept = spool.size_bytes
    list(spool.take())
    taken = spool.size_bytes
    spool.forget_taken()

    assert kept == taken > 0
    assert spool.size_bytes == 0
