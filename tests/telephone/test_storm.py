"""Many calls at once, through the greeting and on to a phone, with hang-ups at random moments."""

import pytest

from tests.support.sipp import Callee, Caller, Sipp
from tests.support.tenant import Tenant
from tests.telephone.conftest import let_many_call

RATE = 20.0
"""New calls per second."""

CALLS = 500


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "storm", [1, *(pytest.param(count, marks=pytest.mark.stress) for count in range(2, 21))]
)
async def test_a_storm_of_callers_leaves_nothing_behind(office: Tenant, storm: int) -> None:
    let_many_call(office, "101")
    calls = office.new_calls()
    picks_up = Callee(ring_ms=(0, 1500), refuse_chance=0.1, hangs_up_after_ms=(0, 3000))
    restless = Caller(keys="2", thinks_ms=(0, 2500), leaves_chance=0.2, talks_ms=(0, 3000))
    async with (
        Sipp(office.account("101"), picks_up) as phone,
        Sipp(office.account("100"), restless, number="5000", calls=CALLS, rate=RATE) as callers,
    ):
        score = await callers.finished()
        await office.exchange.nothing_left()
        await office.exchange.no_call_is_run()
        assert score.failed == 0, callers.story()
        assert phone.score().failed == 0, phone.story()

    records = await calls.ended(CALLS)
    assert {record.dialled for record in records} == {"5000"}
    assert None not in {record.reason for record in records}
