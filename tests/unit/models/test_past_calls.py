"""Going through the calls of a tenant with their steps."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models import call_log
from models.call_log import READ_AT_ONCE
from models.errors import NotFound
from tests.unit.models.builders import NOON, a_call, a_step, a_tenant, its_end


async def test_calls_come_newest_first_each_with_its_own_steps(database: str) -> None:
    acme, globex = await a_tenant("acme"), await a_tenant("globex")
    for minute in range(3):
        call_id = f"pbx-1.{minute}"
        steps = [a_step(acme.id, seq, call_id) for seq in (1, 2)][:minute]
        await call_log.write([a_call(acme.id, call_id, minute=minute), *steps])
    await call_log.write([its_end(acme.id, "pbx-1.2"), a_call(globex.id, "pbx-2.1")])
    found = [one async for one in call_log.past_calls(tenant="acme", since=NOON)]
    assert [call.id for call, _ in found] == ["pbx-1.2", "pbx-1.1", "pbx-1.0"]
    assert [[line.seq for line in journal] for _, journal in found] == [[1, 2], [1], []]
    newest, steps = found[0]
    assert newest == await call_log.show_call(call_id="pbx-1.2")
    assert steps == await call_log.journal_of(call_id="pbx-1.2")


async def test_calls_before_the_moment_stay_out(database: str) -> None:
    acme = await a_tenant("acme")
    await call_log.write([a_call(acme.id, f"pbx-1.{n}", minute=n) for n in range(4)])
    since = NOON + timedelta(minutes=2)
    found = [call.id async for call, _ in call_log.past_calls(tenant="acme", since=since)]
    assert found == ["pbx-1.3", "pbx-1.2"]
    assert await call_log.count_calls(tenant="acme", since=since) == 2


async def test_many_calls_of_one_moment_come_once_each(database: str) -> None:
    acme = await a_tenant("acme")
    count = READ_AT_ONCE + 1
    at_noon = [a_call(acme.id, f"pbx-1.{n}") for n in range(count)]
    later = [replace(one, started_at=NOON + timedelta(minutes=1)) for one in at_noon[::3]]
    for place, one in enumerate(later):
        at_noon[place * 3] = one
    await call_log.write(at_noon)
    found = [call.id async for call, _ in call_log.past_calls(tenant="acme", since=NOON)]
    assert len(found) == count
    assert set(found) == {one.id for one in at_noon}
    assert set(found[: len(later)]) == {one.id for one in later}


async def test_nobody_has_no_calls(database: str) -> None:
    with pytest.raises(NotFound):
        await call_log.count_calls(tenant="nobody", since=NOON)
    with pytest.raises(NotFound):
        await anext(call_log.past_calls(tenant="nobody", since=NOON))
