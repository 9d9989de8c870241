"""Events that administrators must hear of, and the mails that tell of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from models import notices, provisioning
from models.delivery import DeliveryState
from models.errors import NotFound
from models.facts import TenantFacts
from models.notices import MAIL_EVERY, MOST_TOLD, ClaimedNotice, NewEvent
from tests.unit.models.builders import NOON, a_tenant

ANNA, BORIS = "anna@acme.test", "boris@acme.test"
LEASE = timedelta(minutes=15)


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await a_tenant("acme")


def an_event(
    tenant: TenantFacts,
    *,
    at: datetime = NOON,
    kind: str = "limit_reached",
    key: str = "too_fast",
    recipients: tuple[str, ...] = (ANNA,),
    facts: Mapping[str, str] | None = None,
) -> NewEvent:
    return NewEvent(
        notice_id=secrets.token_hex(16),
        tenant_id=tenant.id,
        kind=kind,
        at=at,
        call_id="pbx-1.1",
        facts=facts or {"number": "+5355512345"},
        key=key,
        recipients=recipients,
    )


async def sent(at: datetime) -> list[ClaimedNotice]:
    """What a sender hands over at a moment."""
    mails = []
    for number in await notices.due(at=at, limit=99):
        mail = await notices.claim(number, at=at, lease=LEASE)
        assert mail is not None
        await notices.mark_sent(number, at=at, status=250)
        mails.append(mail)
    return mails


async def test_an_event_is_listed_with_what_became_of_its_mails(acme: TenantFacts) -> None:
    await notices.write([an_event(acme, recipients=(ANNA, BORIS, "ANNA@acme.test"))], now=NOON)

    (event,) = await notices.list_events(tenant="acme")
    assert (event.at, event.kind, event.key) == (NOON, "limit_reached", "too_fast")
    assert event.facts == {"number": "+5355512345"}
    assert event.mails == {ANNA: "queued", BORIS: "queued"}

    await sent(NOON)
    (event,) = await notices.list_events(tenant="acme")
    assert event.mails == {ANNA: "sent", BORIS: "sent"}


async def test_an_event_that_is_written_again_is_one_event_and_one_mail(acme: TenantFacts) -> None:
    event = an_event(acme, key="")
    for _ in range(3):
        await notices.write([event], now=NOON)

    assert len(await notices.list_events(tenant="acme")) == 1
    assert len(await sent(NOON)) == 1


async def test_a_thousand_refusals_in_an_hour_are_two_mails(acme: TenantFacts) -> None:
    """The first tells at once; the second, when the hour is over, of all the others."""
    first = an_event(acme)
    await notices.write([first], now=NOON)
    (at_once,) = await sent(NOON)
    assert (at_once.times, at_once.about) == (1, first.notice_id)

    others = [an_event(acme, at=NOON + timedelta(seconds=n)) for n in range(1, 1_000)]
    for begin in range(0, len(others), 333):
        await notices.write(others[begin : begin + 333], now=NOON + timedelta(minutes=10))
    assert await sent(NOON + timedelta(minutes=59)) == []

    (summary,) = await sent(NOON + MAIL_EVERY)
    assert summary.times == 999
    assert summary.first_at == NOON + timedelta(seconds=1)
    assert len(summary.events) == MOST_TOLD
    assert summary.events[-1].at == NOON + timedelta(seconds=999)
    assert await sent(NOON + 10 * MAIL_EVERY) == []


async def test_what_goes_on_for_hours_is_a_mail_an_hour_and_every_event_is_in_one(
    acme: TenantFacts,
) -> None:
    told, moments = list[ClaimedNotice](), [NOON + timedelta(minutes=7 * n) for n in range(60)]
    for moment in moments:
        told += await sent(moment)
        await notices.write([an_event(acme, at=moment)], now=moment)
    told += await sent(moments[-1] + MAIL_EVERY)

    assert sum(mail.times for mail in told) == len(moments)
    times = sorted(mail.queued_at for mail in told)
    assert all(b - a >= MAIL_EVERY for a, b in pairwise(times))
    assert len(told) == 8


async def test_after_a_quiet_hour_it_is_told_at_once_again(acme: TenantFacts) -> None:
    await notices.write([an_event(acme)], now=NOON)
    assert len(await sent(NOON)) == 1

    later = NOON + timedelta(hours=3)
    await notices.write([an_event(acme, at=later)], now=later)

    (again,) = await sent(later)
    assert again.times == 1


async def test_limits_and_tenants_have_an_hour_of_their_own(acme: TenantFacts) -> None:
    bravo = await a_tenant("bravo")
    events = [
        an_event(acme, key="too_fast"),
        an_event(acme, key="minutes_used_up"),
        an_event(bravo, key="too_fast"),
    ]
    await notices.write(events, now=NOON)

    assert {(mail.tenant, mail.key, mail.times) for mail in await sent(NOON)} == {
        ("acme", "too_fast", 1),
        ("acme", "minutes_used_up", 1),
        ("bravo", "too_fast", 1),
    }


async def test_each_call_for_help_is_a_mail_of_its_own(acme: TenantFacts) -> None:
    calls = [an_event(acme, kind="emergency_call", key="") for _ in range(3)]
    await notices.write(calls, now=NOON)

    mails = await sent(NOON)
    assert [mail.times for mail in mails] == [1, 1, 1]
    assert len({mail.mail_id for mail in mails}) == 3


async def test_events_are_kept_though_nobody_is_to_be_told(acme: TenantFacts) -> None:
    await notices.write([an_event(acme, recipients=())], now=NOON)

    (event,) = await notices.list_events(tenant="acme")
    assert event.mails == {}
    assert await sent(NOON + MAIL_EVERY) == []


async def test_what_comes_while_a_mail_may_be_being_written_is_told_by_the_next(
    acme: TenantFacts,
) -> None:
    await notices.write([an_event(acme), an_event(acme)], now=NOON)
    await sent(NOON)
    an_instant_before = NOON + MAIL_EVERY - timedelta(seconds=1)
    await notices.write([an_event(acme, at=an_instant_before)], now=an_instant_before)

    (second,) = await sent(NOON + MAIL_EVERY)
    (third,) = await sent(NOON + 2 * MAIL_EVERY)

    assert (second.times, third.times) == (1, 1)


async def test_two_senders_never_have_the_same_mail(acme: TenantFacts) -> None:
    await notices.write([an_event(acme)], now=NOON)
    (number,) = await notices.due(at=NOON, limit=9)

    assert await notices.claim(number, at=NOON, lease=LEASE) is not None
    assert await notices.claim(number, at=NOON, lease=LEASE) is None
    after_death = await notices.claim(number, at=NOON + LEASE, lease=LEASE)
    assert after_death is not None
    assert after_death.attempts == 2


async def test_what_could_not_be_handed_over_waits_hurries_or_comes_to_rest(
    acme: TenantFacts,
) -> None:
    await notices.write([an_event(acme, recipients=("a@b.c", "d@e.f", "g@h.i"))], now=NOON)
    unreached, busy, refused = await notices.due(at=NOON, limit=9)
    later = NOON + timedelta(hours=6)
    await notices.mark_deferred(unreached, until=later, status=0, error="refused")
    await notices.mark_deferred(busy, until=later, status=451, error="451 busy")
    await notices.mark_bounced(refused, at=NOON, status=550, error="550 no such mailbox")

    assert await notices.due(at=NOON, limit=9) == []
    assert await notices.hurry_unreached(at=NOON) == 1
    assert await notices.due(at=NOON, limit=9) == [unreached]
    assert await notices.count_mails(state=DeliveryState.BOUNCED) == 1
    (event,) = await notices.list_events(tenant="acme")
    assert event.mails == {"a@b.c": "deferred", "d@e.f": "deferred", "g@h.i": "bounced"}


async def test_the_newest_events_are_listed_first_and_only_those_asked_for(
    acme: TenantFacts,
) -> None:
    bravo = await a_tenant("bravo")
    moments = [NOON + timedelta(minutes=n) for n in range(4)]
    kinds = ["limit_reached", "emergency_call", "limit_reached", "limit_reached"]
    events = [an_event(acme, at=at, kind=kind) for at, kind in zip(moments, kinds, strict=True)]
    await notices.write([*events, an_event(bravo)], now=NOON)

    async def listed(**wanted: object) -> list[int]:
        found = await notices.list_events(tenant="acme", **wanted)  # type: ignore[arg-type] # by name
        return [moments.index(event.at) for event in found]

    assert await listed() == [3, 2, 1, 0]
    assert await listed(limit=2) == [3, 2]
    assert await listed(since=moments[2]) == [3, 2]
    assert await listed(kind="emergency_call") == [1]
    with pytest.raises(NotFound):
        await notices.list_events(tenant="nobody")


async def test_events_go_with_their_tenant_and_one_that_has_gone_keeps_no_other_out(
    acme: TenantFacts,
) -> None:
    bravo = await a_tenant("bravo")
    await notices.write([an_event(acme)], now=NOON)
    await provisioning.remove_tenant(name="acme")

    await notices.write([an_event(acme), an_event(bravo)], now=NOON)

    assert len(await notices.list_events(tenant="bravo")) == 1
    assert [mail.tenant for mail in await sent(NOON)] == ["bravo"]


async def test_text_that_no_database_takes_is_made_fit(acme: TenantFacts) -> None:
    facts = {"number": "1\x002", "phone": "\ud83d"}
    await notices.write([an_event(acme, facts=facts)], now=NOON)

    (event,) = await notices.list_events(tenant="acme")
    assert event.facts == {"number": "1\ufffd2", "phone": "\ufffd"}


async def test_what_happened_more_than_400_days_ago_is_forgotten_with_its_mails(
    acme: TenantFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_AT_A_TIME", 2)
    for age in (402, 401, 400, 1):
        at = NOON - timedelta(days=age)
        await notices.write([an_event(acme, at=at, key="")], now=at)
    old = NOON - timedelta(days=401, seconds=1)
    await notices.write([an_event(acme, at=old, key="")], now=old)
    assert await notices.forget_old(now=NOON) == 3
    left = await notices.list_events(tenant="acme")
    assert [NOON - one.at for one in left] == [timedelta(days=1), timedelta(days=400)]
    assert all(one.mails == {ANNA: "queued"} for one in left)
    assert await notices.count_mails(state=DeliveryState.QUEUED) == 2
    assert await notices.forget_old(now=NOON) == 0
