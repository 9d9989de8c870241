"""Calls are written once, however often they are sent, and found again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models import call_log, provisioning
from models.call_log import AnsweredCall, JournalLine
from models.errors import NotFound
from models.facts import TenantFacts
from tests.unit.models.builders import NOON, a_call, a_step, a_tenant, its_end


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await a_tenant("acme")


async def test_a_call_is_live_until_its_end_is_written(acme: TenantFacts) -> None:
    await call_log.write([a_call(acme.id)])
    assert [call.id for call in await call_log.live_calls(tenant="acme")] == ["pbx-1.1"]
    assert [call.id for call in await call_log.unfinished()] == ["pbx-1.1"]

    await call_log.write([its_end(acme.id)])

    assert await call_log.live_calls() == []
    call = await call_log.show_call(call_id="pbx-1.1", tenant="acme")
    assert (call.tenant, call.caller_number, call.dialled) == ("acme", "100", "101")
    assert (call.ended_by, call.reason, call.talk_s) == ("caller", "hung_up", 30.0)
    assert call.answered_by == "101"
    assert call.started_at == NOON
    assert call.ended_at == NOON + timedelta(seconds=40)


async def test_a_batch_that_is_sent_twice_is_written_once(acme: TenantFacts) -> None:
    batch: list[call_log.CallWrite] = [
        a_call(acme.id),
        a_step(acme.id, 1),
        AnsweredCall(
            id="pbx-1.1",
            tenant_id=acme.id,
            answered_at=NOON + timedelta(seconds=5),
            answered_by="101",
        ),
        a_step(acme.id, 2),
    ]
    await call_log.write(batch)
    await call_log.write([*batch, its_end(acme.id), a_step(acme.id, 3)])
    await call_log.write(batch[:2])

    steps = await call_log.journal_of(call_id="pbx-1.1")
    assert steps == [a_step(acme.id, 1), a_step(acme.id, 2), a_step(acme.id, 3)]
    assert [call.ended_by for call in await call_log.list_calls()] == ["caller"]


async def test_an_answer_is_seen_while_the_call_is_up(acme: TenantFacts) -> None:
    await call_log.write([a_call(acme.id)])
    await call_log.write(
        [AnsweredCall(id="pbx-1.1", tenant_id=acme.id, answered_at=NOON, answered_by="101")]
    )
    (call,) = await call_log.live_calls(tenant="acme")
    assert (call.answered_at, call.answered_by) == (NOON, "101")


async def test_calls_are_listed_newest_first_and_by_what_is_asked(acme: TenantFacts) -> None:
    other = await a_tenant("other")
    for minute in range(5):
        await call_log.write([a_call(acme.id, f"pbx-1.{minute}", minute=minute)])
    await call_log.write([a_call(other.id, "pbx-2.1")])

    async def ids(**asked: object) -> list[str]:
        found = await call_log.list_calls(tenant="acme", **asked)  # type: ignore[arg-type] # mixed on purpose
        return [call.id.removeprefix("pbx-1.") for call in found]

    assert await ids() == ["4", "3", "2", "1", "0"]
    assert await ids(limit=2) == ["4", "3"]
    assert await ids(since=NOON + timedelta(minutes=3)) == ["4", "3"]
    assert await ids(number="101") == ["4", "3", "2", "1", "0"]
    assert await ids(number="999") == []
    assert await ids(number="9" * 500) == []
    assert len(await call_log.list_calls()) == 6


async def test_nobody_is_shown_the_call_of_another_tenant(acme: TenantFacts) -> None:
    await a_tenant("other")
    await call_log.write([a_call(acme.id)])
    with pytest.raises(NotFound):
        await call_log.show_call(call_id="pbx-1.1", tenant="other")
    with pytest.raises(NotFound):
        await call_log.show_call(call_id="x" * 1000)
    with pytest.raises(NotFound):
        await call_log.list_calls(tenant="nobody")


async def test_calls_of_a_tenant_who_has_gone_vanish_and_the_others_are_written(
    acme: TenantFacts,
) -> None:
    other = await a_tenant("other")
    await provisioning.remove_tenant(name="acme")
    await call_log.write(
        [a_call(acme.id), a_call(other.id, "pbx-2.1"), a_step(acme.id, 1), its_end(acme.id)]
    )
    assert [call.id for call in await call_log.list_calls()] == ["pbx-2.1"]
    assert await call_log.journal_of(call_id="pbx-1.1") == []


async def test_what_a_hostile_phone_sends_is_cut_and_cleaned_and_the_batch_goes_on(
    acme: TenantFacts,
) -> None:
    hostile = "\x00\ud800" + "9" * 5000
    strange = call_log.OpenedCall(
        id="pbx-1.1",
        tenant_id=acme.id,
        channel_id="pbx-1.1",
        revision=1,
        how="phone",
        caller_number=hostile,
        caller_name=hostile,
        caller_device="100",
        dialled=hostile,
        started_at=NOON,
    )
    step = JournalLine(
        tenant_id=acme.id,
        call_id="pbx-1.1",
        seq=1,
        at=NOON,
        what="dialled",
        element=hostile,
        reason=hostile,
        facts={"dialled": [hostile]},
    )
    await call_log.write([strange, step, a_call(acme.id, "pbx-1.2")])

    call = await call_log.show_call(call_id="pbx-1.1")
    assert call.dialled == "\ufffd\ufffd" + "9" * 78
    assert len(call.caller_name) == 255
    (written,) = await call_log.journal_of(call_id="pbx-1.1")
    assert written.reason.startswith("\ufffd\ufffd999")
    assert (await call_log.show_call(call_id="pbx-1.2")).dialled == "101"


async def test_writing_nothing_asks_nothing() -> None:
    await call_log.write([])


async def test_what_a_phone_has_dialled_is_found_latest_first_and_no_other_phones(
    acme: TenantFacts,
) -> None:
    other = await a_tenant("other")
    mine = {"caller_device": "100-kitchen"}
    calls = [
        replace(a_call(acme.id), id=f"pbx-1.{at}", started_at=NOON + timedelta(hours=at), **changes)
        for at, changes in (
            (1, {**mine, "dialled": "101"}),
            (2, {**mine, "dialled": "*66"}),
            (3, {"caller_device": "100", "dialled": "103"}),
            (4, {**mine, "dialled": "104", "tenant_id": other.id}),
            (-9, {**mine, "dialled": "105"}),
        )
    ]
    await call_log.write(calls)

    dialled = await call_log.dialled_by(tenant_id=acme.id, device="100-kitchen", since=NOON)

    assert dialled == ["*66", "101"]
