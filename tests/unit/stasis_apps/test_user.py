"""What callers experience when they call a person."""

from __future__ import annotations

import pytest

from stasis_apps.call import CallEnded, Endpoint
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.elements.user import User
from stasis_apps.testing import HangsUpAt, PhoneScript, PickedUp, Rang, ScriptedCall, Verb

DESK, KITCHEN = Endpoint("101@acme.test"), Endpoint("101-kitchen@acme.test")
BORIS = User(devices=(DESK, KITCHEN), ring_s=25.0)


async def test_all_phones_of_a_person_ring_at_once_for_as_long_as_set() -> None:
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER, KITCHEN: LegOutcome.NO_ANSWER})

    await BORIS.run(call)

    assert call.rang == [Rang(endpoints=(DESK, KITCHEN), ring_s=25.0)]


async def test_the_caller_talks_to_the_phone_that_was_picked_up() -> None:
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER, KITCHEN: PickedUp()})

    with pytest.raises(CallEnded) as ended:
        await BORIS.run(call)

    assert call.talked_to == KITCHEN
    assert (ended.value.end.by, ended.value.end.reason) == (EndedBy.CALLEE, Reason.NORMAL)


@pytest.mark.parametrize("outcome", list(LegOutcome))
async def test_the_caller_leaves_by_what_became_of_the_phones(outcome: LegOutcome) -> None:
    call = ScriptedCall(phones={DESK: outcome, KITCHEN: outcome})

    assert await BORIS.run(call) == outcome.value
    assert not call.is_answered


@pytest.mark.parametrize(
    ("desk", "kitchen", "told"),
    [
        (LegOutcome.BUSY, LegOutcome.DECLINED, LegOutcome.DECLINED),
        (LegOutcome.BUSY, LegOutcome.NO_ANSWER, LegOutcome.NO_ANSWER),
        (LegOutcome.UNREGISTERED, LegOutcome.BUSY, LegOutcome.BUSY),
        (LegOutcome.UNREGISTERED, LegOutcome.UNREACHABLE, LegOutcome.UNREACHABLE),
    ],
)
async def test_the_most_telling_of_several_outcomes_counts(
    desk: PhoneScript, kitchen: PhoneScript, told: LegOutcome
) -> None:
    call = ScriptedCall(phones={DESK: desk, KITCHEN: kitchen})

    assert await BORIS.run(call) == told.value


async def test_a_person_without_a_phone_is_not_registered() -> None:
    call = ScriptedCall()

    assert await User().run(call) == "unregistered"
    assert call.rang == []
    assert call.notes == ["the user has no device"]


@pytest.mark.parametrize(
    ("verb", "reason"), [(Verb.DIAL, Reason.CANCELLED), (Verb.TALK, Reason.NORMAL)]
)
async def test_a_caller_may_leave_while_it_rings_and_while_they_talk(
    verb: Verb, reason: Reason
) -> None:
    call = ScriptedCall(phones={DESK: PickedUp()}, hangs_up_at=HangsUpAt(verb))

    with pytest.raises(CallEnded) as ended:
        await BORIS.run(call)

    assert (ended.value.end.by, ended.value.end.reason) == (EndedBy.CALLER, reason)


def test_every_way_of_not_being_answered_is_a_way_out() -> None:
    assert set(BORIS.exits()) == {*LegOutcome, "failed"}
