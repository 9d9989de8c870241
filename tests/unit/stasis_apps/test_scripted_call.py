"""The caller who follows a script behaves as a live one does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stasis_apps.call import (
    Answered,
    Call,
    CallEnded,
    Endpoint,
    NotAnswered,
    Party,
    SoundName,
)
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.testing import HangsUpAt, PickedUp, ScriptedCall, Verb, a_call_of_alice

CLOCKS = DigitClocks(first_s=5.0, next_s=2.0)
MENU = SoundName("menu")


def three_at_most(pressed: str) -> bool:
    return len(pressed) < 3


async def ask(call: Call, *, barge_in: bool = True) -> str:
    return await call.ask(MENU, wants_more=three_at_most, clocks=CLOCKS, barge_in=barge_in)


async def test_keys_that_were_not_used_count_the_next_time() -> None:
    call = ScriptedCall(presses=["12345", "6"])

    assert [await ask(call), await ask(call), await ask(call)] == ["123", "456", ""]
    assert call.heard == ["menu", "menu"]


async def test_without_barge_in_the_prompt_is_heard_although_keys_were_typed_ahead() -> None:
    call = ScriptedCall(presses=["1234"])

    assert [await ask(call), await ask(call, barge_in=False)] == ["123", "4"]
    assert call.heard == ["menu", "menu"]


async def test_a_caller_who_has_gone_stays_gone() -> None:
    call = ScriptedCall(hangs_up_at=HangsUpAt(Verb.PLAY, nth=2))
    await call.play(MENU)

    for _ in range(2):
        with pytest.raises(CallEnded):
            await call.play(MENU)
    assert call.end is not None
    assert call.end.reason is Reason.CANCELLED


async def test_the_first_phone_that_is_picked_up_answers() -> None:
    desk, kitchen = Endpoint("101@acme.test"), Endpoint("101-kitchen@acme.test")
    call = ScriptedCall(phones={desk: LegOutcome.BUSY, kitchen: PickedUp()})
    one, both = (Party(number="101", phones=phones) for phones in ((desk,), (desk, kitchen)))

    assert await call.dial([one], ring_s=1.0) == NotAnswered(LegOutcome.BUSY, (LegOutcome.BUSY,))
    answered = await call.dial([one, both], ring_s=1.0)

    assert isinstance(answered, Answered)
    assert (answered.endpoint, answered.number) == (kitchen, "101")


async def test_whoever_is_rung_in_anothers_place_may_answer_for_them() -> None:
    mobile = Party(number="+79161234567", must_confirm=True)
    busy = Party(number="101", phones=(Endpoint("101@acme.test"),))
    busy = replace(busy, otherwise={LegOutcome.BUSY: mobile})
    call = ScriptedCall(phones={"101@acme.test": LegOutcome.BUSY, mobile.number: PickedUp()})

    answered = await call.dial([busy], ring_s=1.0)

    assert isinstance(answered, Answered)
    assert answered.number == mobile.number


async def test_an_element_that_never_lets_go_is_caught() -> None:
    call = ScriptedCall()

    async def torment() -> None:
        while True:
            await call.play(MENU)

    with pytest.raises(AssertionError, match="never lets its caller go"):
        await torment()


def test_a_scripted_caller_is_somebody() -> None:
    call = ScriptedCall(facts=a_call_of_alice(dialled="5001"), extensions=["100"])

    assert call.facts.caller.name == "Alice"
    assert call.facts.dialled == "5001"
    assert call.extensions() == ("100",)
    assert call.now().utcoffset() is not None
